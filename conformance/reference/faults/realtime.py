"""Lies of GET /v1/realtime upgraded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from conformance.exchange import Exchange, Frame
from conformance.reference.editing import is_call, status_of, with_header
from conformance.reference.faults.frame import fault, reply_fault, turn_fault
from conformance.reference.sockets import Reply, close_frame, text_frame
from conformance.reference.turns import Turn

REALTIME = "/v1/realtime"


def _typed(turn: Turn, *kinds: str) -> list[Any]:
    return [event for event in turn.events if event.get("type") in kinds]


def _drop(turn: Turn, *kinds: str) -> None:
    turn.events = [event for event in turn.events if event.get("type") not in kinds]


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
