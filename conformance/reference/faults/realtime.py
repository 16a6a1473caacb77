"""Lies of GET /v1/realtime upgraded."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange, Frame, Response
from conformance.reference.editing import is_call, status_of, with_header
from conformance.reference.faults.frame import fault, reply_fault, turn_fault
from conformance.reference.sockets import Reply, close_frame, text_frame
from conformance.reference.turns import Turn

REALTIME = "/v1/realtime"


def _typed(turn: Turn, *kinds: str) -> list[Any]:
    return [event for event in turn.events if event.get("type") in kinds]


def _drop(turn: Turn, *kinds: str) -> None:
    turn.events = [event for event in turn.events if event.get("type") not in kinds]


def _responses(turn: Turn) -> list[Any]:
    return [event["response"] for event in turn.events if "response" in event]


def _finished(turn: Turn) -> list[Any]:
    return [event["response"] for event in _typed(turn, "response.done")]


def _items(turn: Turn, kind: str) -> list[Any]:
    """Every copy of the items of responses."""
    told = [item for response in _responses(turn) for item in response["output"]]
    told += [event["item"] for event in turn.events if "item" in event and turn.asked.get("item") is None]
    return [item for item in told if item["type"] == kind]


def _repeat(turn: Turn, *kinds: str) -> None:
    """Say events of these types twice."""
    turn.events = [
        again
        for event in turn.events
        for again in ((event, _again(event)) if event.get("type") in kinds else (event,))
    ]


def _again(event: Any) -> Any:
    return {**event, "event_id": f"{event['event_id']}_again"}


def _put(turn: Turn, *events: Any, before: str) -> None:
    """Put events before the first of a type."""
    for place, event in enumerate(turn.events):
        if event.get("type") == before:
            turn.events[place:place] = [{"event_id": f"event_put_{n}", **one} for n, one in enumerate(events)]
            return


def _rename(turn: Turn, names: Callable[[str], str]) -> None:
    for event in turn.events:
        event["type"] = names(event["type"])


# The session


@turn_fault(REALTIME, defects=("D158",))
def begins_with_another_session(turn: Turn) -> None:
    """The first event is transcription_session.created."""
    if turn.number == 0:
        _rename(turn, lambda name: name.replace("session.created", "transcription_session.created"))


@reply_fault(REALTIME, defects=("D165",))
def closes_before_it_says_anything(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """The socket is accepted and closed without an event."""
    return (close_frame(1000),) if not history else reply


@reply_fault(REALTIME)
def waits_to_be_spoken_to(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """No session.created comes when the socket opens."""
    return () if not history else reply


@turn_fault(REALTIME)
def omits_the_session_id(turn: Turn) -> None:
    """The session has no id."""
    for event in _typed(turn, "session.created", "session.updated"):
        del event["session"]["id"]


@turn_fault(REALTIME)
def ignores_updates(turn: Turn) -> None:
    """session.update is answered by a session without the change."""
    for event in _typed(turn, "session.updated"):
        event["session"].update(output_modalities=["audio"], instructions="Be helpful and brief.")


@turn_fault(REALTIME)
def updates_only_in_part(turn: Turn) -> None:
    """session.updated holds only what was changed."""
    for event in _typed(turn, "session.updated"):
        event["session"] = {"type": "realtime", "output_modalities": event["session"]["output_modalities"]}


@turn_fault(REALTIME)
def never_confirms_an_update(turn: Turn) -> None:
    """session.update is answered by nothing."""
    _drop(turn, "session.updated")


@turn_fault(REALTIME)
def omits_event_ids(turn: Turn) -> None:
    """Events have no event_id."""
    for event in turn.events:
        event.pop("event_id", None)


@turn_fault(REALTIME)
def repeats_event_ids(turn: Turn) -> None:
    """Every event has the same event_id."""
    for event in turn.events:
        event["event_id"] = "event_0"


@turn_fault(REALTIME, defects=("D166",))
def strips_nulls(turn: Turn) -> None:
    """Members that are null are left out."""
    turn.events = [_without_nulls(event) for event in turn.events]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return value


@turn_fault(REALTIME, defects=("D160",))
def speaks_the_retired_beta(turn: Turn) -> None:
    """Events have the names of the retired beta."""
    names = {
        "response.output_text.": "response.text.",
        "response.output_audio.": "response.audio.",
        "response.output_audio_transcript.": "response.audio_transcript.",
        "conversation.item.added": "conversation.item.created",
    }

    def old(name: str) -> str:
        for new, retired in names.items():
            name = name.replace(new, retired)
        return name

    _rename(turn, old)


@turn_fault(REALTIME)
def opens_a_session_of_another_kind(turn: Turn) -> None:
    """The session is of another type than was asked for."""
    for event in _typed(turn, "session.created", "session.updated"):
        kinds = {"realtime": "transcription", "transcription": "realtime"}
        event["session"]["type"] = kinds[event["session"]["type"]]


@turn_fault(REALTIME)
def opens_a_session_with_another_model(turn: Turn) -> None:
    """The session names another model than was asked for."""
    for event in _typed(turn, "session.created", "session.updated"):
        if "model" in event["session"]:
            event["session"]["model"] = "vendor-voice"


@turn_fault(REALTIME)
def changes_the_session_id(turn: Turn) -> None:
    """An update gives the session another id."""
    for event in _typed(turn, "session.updated"):
        event["session"]["id"] += "x"


@turn_fault(REALTIME)
def resets_the_session_with_an_update(turn: Turn) -> None:
    """An update changes what it does not name."""
    for event in _typed(turn, "session.updated"):
        if "instructions" not in turn.asked.get("session", {}):
            event["session"]["instructions"] = "Be someone else."


@turn_fault(REALTIME)
def opens_a_session_that_is_over(turn: Turn) -> None:
    """expires_at of the session is in the past."""
    for event in _typed(turn, "session.created", "session.updated"):
        event["session"]["expires_at"] = 1_600_000_000


@turn_fault(REALTIME)
def leaves_more_than_the_limit(turn: Turn) -> None:
    """In rate_limits.updated more remains than the limit."""
    for event in _typed(turn, "rate_limits.updated"):
        for entry in event["rate_limits"]:
            entry["remaining"] = entry["limit"] + 1


@turn_fault(REALTIME)
def clears_in_silence(turn: Turn) -> None:
    """input_audio_buffer.clear is answered by nothing."""
    _drop(turn, "input_audio_buffer.cleared")


# Errors


def _failed(reply: Reply) -> bool:
    return len(reply) == 1 and reply[0].kind == "text" and b'"type":"error"' in reply[0].data


@reply_fault(REALTIME, defects=("D159",))
def drops_the_session_on_an_error(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad event closes the session without an error event."""
    return (close_frame(1011, "internal error"),) if _failed(reply) else reply


@reply_fault(REALTIME)
def ignores_bad_events(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad event is answered by nothing."""
    return () if _failed(reply) else reply


@turn_fault(REALTIME)
def names_no_event_in_errors(turn: Turn) -> None:
    """An error does not name the event of the client that it is about."""
    for event in _typed(turn, "error"):
        event["error"]["event_id"] = None


@turn_fault(REALTIME)
def flattens_realtime_errors(turn: Turn) -> None:
    """An error has its code and message at the top level."""
    for event in _typed(turn, "error"):
        event.update(event.pop("error"), type="error")


@turn_fault(REALTIME)
def blames_the_server_for_bad_events(turn: Turn) -> None:
    """The error of a bad event is of type server_error."""
    for event in _typed(turn, "error"):
        event["error"]["type"] = "server_error"


@fault()
def opens_a_session_for_any_model(exchange: Exchange) -> Exchange:
    """A session opens with a model that does not exist."""
    refused = is_call(exchange, REALTIME) and status_of(exchange) in (400, 404) and exchange.response
    if not refused or b"model_not_found" not in exchange.response.body:  # type: ignore[union-attr]
        return exchange
    identity = exchange.response.header("x-request-id")  # type: ignore[union-attr]
    session = {
        "type": "realtime",
        "id": f"sess_{identity}",
        "object": "realtime.session",
        "model": "ref-realtime",
    }
    opened = {"type": "session.created", "event_id": "event_0", "session": session}
    accepted = Response(
        101, (("upgrade", "websocket"), ("connection", "Upgrade"), ("x-request-id", str(identity)))
    )
    return replace(exchange, response=accepted, frames=(text_frame(opened), close_frame(1000)))


@turn_fault(REALTIME, defects=("D161",))
def refuses_to_respond(turn: Turn) -> None:
    """response.create is answered by an error about an unknown event type."""
    if turn.asked.get("type") == "response.create":
        message = "Unknown event type: response.create"
        error = {
            "type": "invalid_request_error",
            "code": "invalid_value",
            "message": message,
            "param": "type",
        }
        turn.events = [{"type": "error", "event_id": "event_0", "error": {**error, "event_id": None}}]


# Items and responses


@turn_fault(REALTIME)
def never_adds_items_to_the_conversation(turn: Turn) -> None:
    """An item of the client is not confirmed."""
    if turn.asked.get("type") == "conversation.item.create":
        _drop(turn, "conversation.item.added", "conversation.item.done")


@turn_fault(REALTIME)
def renames_items_of_the_client(turn: Turn) -> None:
    """An item is confirmed under another id than the client gave it."""
    if turn.asked.get("item", {}).get("id"):
        for event in _typed(turn, "conversation.item.added", "conversation.item.done"):
            event["item"]["id"] += "x"


@reply_fault(REALTIME)
def gives_back_deleted_items(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """An item that was deleted can still be retrieved."""
    gone = [frame.data for frame in history if b'"conversation.item.delete"' in frame.data]
    if not gone or not _failed(reply):
        return reply
    identifier = json.loads(gone[-1])["item_id"]
    item = {"id": identifier, "object": "realtime.item", "type": "message", "role": "user", "content": []}
    return (text_frame({"type": "conversation.item.retrieved", "event_id": "event_gone", "item": item}),)


@turn_fault(REALTIME)
def commits_another_item(turn: Turn) -> None:
    """input_audio_buffer.committed names another item than the one that joins the conversation."""
    for event in _typed(turn, "input_audio_buffer.committed"):
        event["item_id"] = "item_another"


@turn_fault(REALTIME)
def ends_items_in_progress(turn: Turn) -> None:
    """The items of a response are in progress when they are done."""
    for event in _typed(turn, "conversation.item.done", "response.output_item.done"):
        event["item"]["status"] = "in_progress"
    for event in _typed(turn, "response.done"):
        for item in event["response"]["output"]:
            item["status"] = "in_progress"


@turn_fault(REALTIME)
def changes_the_model_of_a_session(turn: Turn) -> None:
    """An update that names another model is confirmed with it."""
    wanted = turn.asked.get("session") if turn.asked.get("type") == "session.update" else None
    model = wanted.get("model") if isinstance(wanted, dict) else None
    if model is not None:
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": model}
        turn.events = [{"type": "session.updated", "event_id": "event_model", "session": session}]


@turn_fault(REALTIME)
def retrieves_another_item(turn: Turn) -> None:
    """conversation.item.retrieve is answered by another text than was created."""
    for event in _typed(turn, "conversation.item.retrieved"):
        event["item"]["content"][0]["text"] += "!"


@turn_fault(REALTIME)
def deletes_another_item(turn: Turn) -> None:
    """conversation.item.delete is answered with the id of another item."""
    for event in _typed(turn, "conversation.item.deleted"):
        event["item_id"] += "x"


@turn_fault(REALTIME)
def keeps_responses_out_of_the_conversation(turn: Turn) -> None:
    """The items of a response do not join the conversation."""
    if turn.asked.get("type") == "response.create":
        _drop(turn, "conversation.item.added", "conversation.item.done")


@turn_fault(REALTIME)
def remembers_another_answer(turn: Turn) -> None:
    """The conversation holds another text than the response said."""
    if turn.asked.get("type") == "response.create":
        for event in _typed(turn, "conversation.item.done"):
            for part in event["item"].get("content") or ():
                part.update({name: "Nothing." for name in ("text", "transcript") if name in part})


@turn_fault(REALTIME)
def adds_what_was_to_stay_out(turn: Turn) -> None:
    """A response that was asked for out of the conversation joins it."""
    for response in _responses(turn):
        if response["conversation_id"] is None:
            response["conversation_id"] = "conv_0"


@turn_fault(REALTIME)
def responds_to_nothing(turn: Turn) -> None:
    """response.create is answered by nothing."""
    if turn.asked.get("type") == "response.create":
        turn.events = []


@turn_fault(REALTIME)
def fails_every_realtime_response(turn: Turn) -> None:
    """Every response fails, with an error."""
    error = {"type": "server_error", "code": "server_error"}
    for response in _finished(turn):
        response.update(status="failed", status_details={"type": "failed", "error": error})


@turn_fault(REALTIME)
def completes_with_a_reason(turn: Turn) -> None:
    """status_details of a completed response has a reason."""
    for response in _finished(turn):
        if response["status"] == "completed":
            response["status_details"] = {"type": "completed", "reason": "turn_detected"}


@turn_fault(REALTIME)
def counts_realtime_usage_at_the_beginning(turn: Turn) -> None:
    """response.created has its usage already."""
    for event in _typed(turn, "response.created"):
        event["response"]["usage"] = {"total_tokens": 2, "input_tokens": 1, "output_tokens": 1}


@turn_fault(REALTIME)
def ends_realtime_items_twice(turn: Turn) -> None:
    """An item of a response is done twice."""
    _repeat(turn, "response.output_item.done")


@turn_fault(REALTIME)
def never_ends_realtime_items(turn: Turn) -> None:
    """Items of a response are added and never done."""
    _drop(turn, "response.output_item.done")


@turn_fault(REALTIME)
def never_ends_realtime_parts(turn: Turn) -> None:
    """Parts of a response are added and never done."""
    _drop(turn, "response.content_part.done")


@turn_fault(REALTIME)
def indexes_realtime_output_from_one(turn: Turn) -> None:
    """The first output_index of a response is 1."""
    for event in turn.events:
        if "output_index" in event:
            event["output_index"] += 1


@turn_fault(REALTIME)
def changes_the_realtime_item_id(turn: Turn) -> None:
    """Realtime deltas name another item than was added."""
    for event in turn.events:
        if str(event.get("type")).endswith(".delta"):
            event["item_id"] += "x"


@turn_fault(REALTIME)
def says_nothing_in_a_response(turn: Turn) -> None:
    """The text of a completed response is empty."""
    for event in turn.events:
        for told in (event, event.get("part", {})):
            told.update({name: "" for name in ("text", "transcript") if name in told})
        if "transcript.delta" in str(event.get("type")) or "text.delta" in str(event.get("type")):
            event["delta"] = ""
    for item in _items(turn, "message"):
        for part in item["content"]:
            part.update({name: "" for name in ("text", "transcript") if name in part})


@turn_fault(REALTIME)
def forgets_what_the_response_is_for(turn: Turn) -> None:
    """The metadata of response.create is not repeated."""
    for response in _responses(turn):
        response["metadata"] = None


@turn_fault(REALTIME)
def caches_more_than_it_reads(turn: Turn) -> None:
    """cached_tokens of a realtime response is more than input_tokens."""
    for response in _finished(turn):
        usage = response["usage"]
        usage["input_token_details"]["cached_tokens"] = usage["input_tokens"] + 1


@turn_fault(REALTIME)
def counts_every_turn_alike(turn: Turn) -> None:
    """input_tokens of every realtime response is the same, however much was said before."""
    for response in _finished(turn):
        usage = response["usage"]
        usage["input_token_details"]["text_tokens"] = usage["input_tokens"] = 9
        usage["total_tokens"] = 9 + usage["output_tokens"]


@turn_fault(REALTIME)
def speaks_beyond_the_limit(turn: Turn) -> None:
    """output_tokens of a realtime response is more than max_output_tokens."""
    for response in _finished(turn):
        limit = response["max_output_tokens"]
        if isinstance(limit, int):
            usage = response["usage"]
            usage["output_tokens"] += limit
            usage["total_tokens"] += limit


@turn_fault(REALTIME)
def calls_a_realtime_function_nobody_offered(turn: Turn) -> None:
    """A realtime call names a function that was not offered."""
    for told in (*_items(turn, "function_call"), *_typed(turn, "response.function_call_arguments.done")):
        told["name"] = "get_news"


@turn_fault(REALTIME)
def talks_where_a_call_is_required(turn: Turn) -> None:
    """A realtime response says something where tool_choice requires a call."""
    part = {"type": "output_text", "text": "Well."}
    for event in _typed(turn, "response.function_call_arguments.done"):
        here = {name: event[name] for name in ("response_id", "item_id", "output_index")} | {
            "content_index": 0
        }
        shown = {"type": "text", "text": "Well."}
        _put(
            turn,
            {"type": "response.content_part.added", **here, "part": {**shown, "text": ""}},
            {"type": "response.output_text.delta", **here, "delta": "Well."},
            {"type": "response.output_text.done", **here, "text": "Well."},
            {"type": "response.content_part.done", **here, "part": shown},
            before="response.function_call_arguments.done",
        )
    _drop(turn, "response.function_call_arguments.delta", "response.function_call_arguments.done")
    for item in _items(turn, "function_call"):
        for name in ("name", "arguments", "call_id"):
            item.pop(name)
        content = [] if item["status"] == "in_progress" else [part]
        item.update(type="message", role="assistant", content=content)


@turn_fault(REALTIME)
def cuts_sound_within_a_sample(turn: Turn) -> None:
    """Deltas of sound hold half a sample at their end."""
    for event in _typed(turn, "response.output_audio.delta"):
        event["delta"] = "AAAA"


@turn_fault(REALTIME)
def is_never_heard(turn: Turn) -> None:
    """A spoken response has a transcript and no sound."""
    _drop(turn, "response.output_audio.delta")


@turn_fault(REALTIME)
def responds_without_created(turn: Turn) -> None:
    """A response begins without response.created."""
    _drop(turn, "response.created")


@turn_fault(REALTIME)
def never_finishes_a_response(turn: Turn) -> None:
    """A response ends without response.done."""
    _drop(turn, "response.done")


@turn_fault(REALTIME)
def finishes_a_response_twice(turn: Turn) -> None:
    """response.done comes twice."""
    turn.events += _typed(turn, "response.done")


@turn_fault(REALTIME)
def finishes_another_response(turn: Turn) -> None:
    """response.done names another response than response.created."""
    for event in _typed(turn, "response.done"):
        event["response"]["id"] = "resp_another"


@turn_fault(REALTIME)
def finishes_a_response_in_progress(turn: Turn) -> None:
    """The response of response.done is in progress."""
    for event in _typed(turn, "response.done"):
        event["response"]["status"] = "in_progress"


@turn_fault(REALTIME)
def finishes_a_response_without_output(turn: Turn) -> None:
    """The response of response.done has no output although items were sent."""
    for event in _typed(turn, "response.done"):
        event["response"]["output"] = []


@turn_fault(REALTIME)
def miscounts_a_realtime_response(turn: Turn) -> None:
    """total_tokens of a response is not the sum of its parts."""
    for event in _typed(turn, "response.done"):
        event["response"]["usage"]["total_tokens"] += 1


@turn_fault(REALTIME)
def finishes_a_response_without_usage(turn: Turn) -> None:
    """The response of response.done has no usage."""
    for event in _typed(turn, "response.done"):
        event["response"]["usage"] = None


@turn_fault(REALTIME)
def speaks_where_text_is_wanted(turn: Turn) -> None:
    """Sound comes although only text is wanted."""
    for place, event in enumerate(turn.events):
        if event.get("type") == "response.output_text.done":
            here = {name: event[name] for name in ("response_id", "item_id", "output_index", "content_index")}
            sound = {"type": "response.output_audio.delta", "event_id": "event_s", **here, "delta": "AAAA"}
            turn.events.insert(place, sound)
            break


@turn_fault(REALTIME)
def garbles_realtime_deltas(turn: Turn) -> None:
    """Realtime deltas do not join to the text of their done events."""
    for event in _typed(turn, "response.output_text.delta", "response.output_audio_transcript.delta"):
        event["delta"] *= 2


@turn_fault(REALTIME)
def ends_realtime_text_otherwise(turn: Turn) -> None:
    """The item of a response holds another text than was streamed."""
    for event in _typed(turn, "response.output_item.done"):
        for part in event["item"].get("content") or ():
            for name in ("text", "transcript"):
                if name in part:
                    part[name] += "!"


@turn_fault(REALTIME)
def never_ends_realtime_text(turn: Turn) -> None:
    """Realtime text is streamed without its done event."""
    _drop(turn, "response.output_text.done", "response.output_audio_transcript.done")


@turn_fault(REALTIME)
def never_adds_realtime_parts(turn: Turn) -> None:
    """Realtime text is streamed into a part that was never added."""
    _drop(turn, "response.content_part.added")


@turn_fault(REALTIME)
def never_adds_realtime_items(turn: Turn) -> None:
    """Items of a response get events without having been added."""
    _drop(turn, "response.output_item.added")


@turn_fault(REALTIME)
def sends_realtime_items_late(turn: Turn) -> None:
    """An item is added to the response behind its deltas."""
    added = _typed(turn, "response.output_item.added")
    if added:
        place = len(turn.events) - 2
        rest = [event for event in turn.events if event not in added]
        turn.events = [*rest[: place - len(added)], *added, *rest[place - len(added) :]]


@turn_fault(REALTIME, defects=("D168",))
def ends_the_transcript_with_every_delta(turn: Turn) -> None:
    """Every delta of the transcript comes as a done event."""
    for event in _typed(turn, "response.output_audio_transcript.delta"):
        event["type"] = "response.output_audio_transcript.done"
        event["transcript"] = event.pop("delta")


@turn_fault(REALTIME)
def breaks_realtime_arguments(turn: Turn) -> None:
    """The arguments of a realtime function call are not JSON."""
    for event in _typed(turn, "response.function_call_arguments.done"):
        event["arguments"] = event["arguments"][:-1]


# The handshake


@fault()
def echoes_the_key_as_subprotocol(exchange: Exchange) -> Exchange:
    """The handshake selects the subprotocol that carries the key."""
    if not is_call(exchange, REALTIME) or status_of(exchange) != 101 or exchange.response is None:
        return exchange
    if exchange.response.header("sec-websocket-protocol") is None:
        return exchange
    return with_header(exchange, "sec-websocket-protocol", "openai-insecure-api-key.sk-reference")


@fault()
def selects_no_subprotocol(exchange: Exchange) -> Exchange:
    """The handshake selects none of the subprotocols that a browser offers."""
    if not is_call(exchange, REALTIME) or status_of(exchange) != 101:
        return exchange
    return with_header(exchange, "sec-websocket-protocol")


@turn_fault(REALTIME)
def gives_every_session_one_id(turn: Turn) -> None:
    """Every session has the same id."""
    for event in _typed(turn, "session.created", "session.updated"):
        event["session"]["id"] = "sess_0"
