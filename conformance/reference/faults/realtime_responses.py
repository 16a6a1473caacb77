"""Lies of GET /v1/realtime upgraded: items of its conversation, and its responses."""

from __future__ import annotations

import json

from conformance.exchange import Frame
from conformance.reference.faults.frame import reply_fault, turn_fault
from conformance.reference.faults.realtime_events import (
    REALTIME,
    drop,
    failed,
    finished,
    items,
    put,
    repeat,
    responses,
    typed,
)
from conformance.reference.sockets import Reply, text_frame
from conformance.reference.turns import Turn


@turn_fault(REALTIME)
def never_adds_items_to_the_conversation(turn: Turn) -> None:
    """An item of the client is not confirmed."""
    if turn.asked.get("type") == "conversation.item.create":
        drop(turn, "conversation.item.added", "conversation.item.done")


@turn_fault(REALTIME)
def renames_items_of_the_client(turn: Turn) -> None:
    """An item is confirmed under another id than the client gave it."""
    if turn.asked.get("item", {}).get("id"):
        for event in typed(turn, "conversation.item.added", "conversation.item.done"):
            event["item"]["id"] += "x"


@reply_fault(REALTIME)
def gives_back_deleted_items(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """An item that was deleted can still be retrieved."""
    gone = [frame.data for frame in history if b'"conversation.item.delete"' in frame.data]
    if not gone or not failed(reply):
        return reply
    identifier = json.loads(gone[-1])["item_id"]
    item = {"id": identifier, "object": "realtime.item", "type": "message", "role": "user", "content": []}
    return (text_frame({"type": "conversation.item.retrieved", "event_id": "event_gone", "item": item}),)


@turn_fault(REALTIME)
def commits_another_item(turn: Turn) -> None:
    """input_audio_buffer.committed names another item than the one that joins the conversation."""
    for event in typed(turn, "input_audio_buffer.committed"):
        event["item_id"] = "item_another"


@turn_fault(REALTIME)
def ends_items_in_progress(turn: Turn) -> None:
    """The items of a response are in progress when they are done."""
    for event in typed(turn, "conversation.item.done", "response.output_item.done"):
        event["item"]["status"] = "in_progress"
    for event in typed(turn, "response.done"):
        for item in event["response"]["output"]:
            item["status"] = "in_progress"


@turn_fault(REALTIME)
def retrieves_another_item(turn: Turn) -> None:
    """conversation.item.retrieve is answered by another text than was created."""
    for event in typed(turn, "conversation.item.retrieved"):
        event["item"]["content"][0]["text"] += "!"


@turn_fault(REALTIME)
def deletes_another_item(turn: Turn) -> None:
    """conversation.item.delete is answered with the id of another item."""
    for event in typed(turn, "conversation.item.deleted"):
        event["item_id"] += "x"


@turn_fault(REALTIME)
def keeps_responses_out_of_the_conversation(turn: Turn) -> None:
    """The items of a response do not join the conversation."""
    if turn.asked.get("type") == "response.create":
        drop(turn, "conversation.item.added", "conversation.item.done")


@turn_fault(REALTIME)
def remembers_another_answer(turn: Turn) -> None:
    """The conversation holds another text than the response said."""
    if turn.asked.get("type") == "response.create":
        for event in typed(turn, "conversation.item.done"):
            for part in event["item"].get("content") or ():
                part.update({name: "Nothing." for name in ("text", "transcript") if name in part})


@turn_fault(REALTIME)
def adds_what_was_to_stay_out(turn: Turn) -> None:
    """A response that was asked for out of the conversation joins it."""
    for response in responses(turn):
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
    for response in finished(turn):
        response.update(status="failed", status_details={"type": "failed", "error": error})


@turn_fault(REALTIME)
def completes_with_a_reason(turn: Turn) -> None:
    """status_details of a completed response has a reason."""
    for response in finished(turn):
        if response["status"] == "completed":
            response["status_details"] = {"type": "completed", "reason": "turn_detected"}


@turn_fault(REALTIME)
def counts_realtime_usage_at_the_beginning(turn: Turn) -> None:
    """response.created has its usage already."""
    for event in typed(turn, "response.created"):
        event["response"]["usage"] = {"total_tokens": 2, "input_tokens": 1, "output_tokens": 1}


@turn_fault(REALTIME)
def ends_realtime_items_twice(turn: Turn) -> None:
    """An item of a response is done twice."""
    repeat(turn, "response.output_item.done")


@turn_fault(REALTIME)
def never_ends_realtime_items(turn: Turn) -> None:
    """Items of a response are added and never done."""
    drop(turn, "response.output_item.done")


@turn_fault(REALTIME)
def never_ends_realtime_parts(turn: Turn) -> None:
    """Parts of a response are added and never done."""
    drop(turn, "response.content_part.done")


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
    for item in items(turn, "message"):
        for part in item["content"]:
            part.update({name: "" for name in ("text", "transcript") if name in part})


@turn_fault(REALTIME)
def forgets_what_the_response_is_for(turn: Turn) -> None:
    """The metadata of response.create is not repeated."""
    for response in responses(turn):
        response["metadata"] = None


@turn_fault(REALTIME)
def caches_more_than_it_reads(turn: Turn) -> None:
    """cached_tokens of a realtime response is more than input_tokens."""
    for response in finished(turn):
        usage = response["usage"]
        usage["input_token_details"]["cached_tokens"] = usage["input_tokens"] + 1


@turn_fault(REALTIME)
def counts_every_turn_alike(turn: Turn) -> None:
    """input_tokens of every realtime response is the same, however much was said before."""
    for response in finished(turn):
        usage = response["usage"]
        usage["input_token_details"]["text_tokens"] = usage["input_tokens"] = 9
        usage["total_tokens"] = 9 + usage["output_tokens"]


@turn_fault(REALTIME)
def speaks_beyond_the_limit(turn: Turn) -> None:
    """output_tokens of a realtime response is more than max_output_tokens."""
    for response in finished(turn):
        limit = response["max_output_tokens"]
        if isinstance(limit, int):
            usage = response["usage"]
            usage["output_tokens"] += limit
            usage["total_tokens"] += limit


@turn_fault(REALTIME)
def calls_a_realtime_function_nobody_offered(turn: Turn) -> None:
    """A realtime call names a function that was not offered."""
    for told in (*items(turn, "function_call"), *typed(turn, "response.function_call_arguments.done")):
        told["name"] = "get_news"


@turn_fault(REALTIME)
def talks_where_a_call_is_required(turn: Turn) -> None:
    """A realtime response says something where tool_choice requires a call."""
    part = {"type": "output_text", "text": "Well."}
    for event in typed(turn, "response.function_call_arguments.done"):
        here = {name: event[name] for name in ("response_id", "item_id", "output_index")} | {
            "content_index": 0
        }
        shown = {"type": "text", "text": "Well."}
        put(
            turn,
            {"type": "response.content_part.added", **here, "part": {**shown, "text": ""}},
            {"type": "response.output_text.delta", **here, "delta": "Well."},
            {"type": "response.output_text.done", **here, "text": "Well."},
            {"type": "response.content_part.done", **here, "part": shown},
            before="response.function_call_arguments.done",
        )
    drop(turn, "response.function_call_arguments.delta", "response.function_call_arguments.done")
    for item in items(turn, "function_call"):
        for name in ("name", "arguments", "call_id"):
            item.pop(name)
        content = [] if item["status"] == "in_progress" else [part]
        item.update(type="message", role="assistant", content=content)


@turn_fault(REALTIME)
def cuts_sound_within_a_sample(turn: Turn) -> None:
    """Deltas of sound hold half a sample at their end."""
    for event in typed(turn, "response.output_audio.delta"):
        event["delta"] = "AAAA"


@turn_fault(REALTIME)
def is_never_heard(turn: Turn) -> None:
    """A spoken response has a transcript and no sound."""
    drop(turn, "response.output_audio.delta")


@turn_fault(REALTIME)
def responds_without_created(turn: Turn) -> None:
    """A response begins without response.created."""
    drop(turn, "response.created")


@turn_fault(REALTIME)
def never_finishes_a_response(turn: Turn) -> None:
    """A response ends without response.done."""
    drop(turn, "response.done")


@turn_fault(REALTIME)
def finishes_a_response_twice(turn: Turn) -> None:
    """response.done comes twice."""
    turn.events += typed(turn, "response.done")


@turn_fault(REALTIME)
def finishes_another_response(turn: Turn) -> None:
    """response.done names another response than response.created."""
    for event in typed(turn, "response.done"):
        event["response"]["id"] = "resp_another"


@turn_fault(REALTIME)
def finishes_a_response_in_progress(turn: Turn) -> None:
    """The response of response.done is in progress."""
    for event in typed(turn, "response.done"):
        event["response"]["status"] = "in_progress"


@turn_fault(REALTIME)
def finishes_a_response_without_output(turn: Turn) -> None:
    """The response of response.done has no output although items were sent."""
    for event in typed(turn, "response.done"):
        event["response"]["output"] = []


@turn_fault(REALTIME)
def miscounts_a_realtime_response(turn: Turn) -> None:
    """total_tokens of a response is not the sum of its parts."""
    for event in typed(turn, "response.done"):
        event["response"]["usage"]["total_tokens"] += 1


@turn_fault(REALTIME)
def finishes_a_response_without_usage(turn: Turn) -> None:
    """The response of response.done has no usage."""
    for event in typed(turn, "response.done"):
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
    for event in typed(turn, "response.output_text.delta", "response.output_audio_transcript.delta"):
        event["delta"] *= 2


@turn_fault(REALTIME)
def ends_realtime_text_otherwise(turn: Turn) -> None:
    """The item of a response holds another text than was streamed."""
    for event in typed(turn, "response.output_item.done"):
        for part in event["item"].get("content") or ():
            for name in ("text", "transcript"):
                if name in part:
                    part[name] += "!"


@turn_fault(REALTIME)
def never_ends_realtime_text(turn: Turn) -> None:
    """Realtime text is streamed without its done event."""
    drop(turn, "response.output_text.done", "response.output_audio_transcript.done")


@turn_fault(REALTIME)
def never_adds_realtime_parts(turn: Turn) -> None:
    """Realtime text is streamed into a part that was never added."""
    drop(turn, "response.content_part.added")


@turn_fault(REALTIME)
def never_adds_realtime_items(turn: Turn) -> None:
    """Items of a response get events without having been added."""
    drop(turn, "response.output_item.added")


@turn_fault(REALTIME)
def sends_realtime_items_late(turn: Turn) -> None:
    """An item is added to the response behind its deltas."""
    added = typed(turn, "response.output_item.added")
    if added:
        place = len(turn.events) - 2
        rest = [event for event in turn.events if event not in added]
        turn.events = [*rest[: place - len(added)], *added, *rest[place - len(added) :]]


@turn_fault(REALTIME, defects=("D168",))
def ends_the_transcript_with_every_delta(turn: Turn) -> None:
    """Every delta of the transcript comes as a done event."""
    for event in typed(turn, "response.output_audio_transcript.delta"):
        event["type"] = "response.output_audio_transcript.done"
        event["transcript"] = event.pop("delta")


@turn_fault(REALTIME)
def breaks_realtime_arguments(turn: Turn) -> None:
    """The arguments of a realtime function call are not JSON."""
    for event in typed(turn, "response.function_call_arguments.done"):
        event["arguments"] = event["arguments"][:-1]
