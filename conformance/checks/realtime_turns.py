"""Responses of a realtime session: their events in order, their modality, usage, calls and sound."""

from __future__ import annotations

import base64
import binascii
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.excerpt import shown
from conformance.checks.realtime_view import (
    Response,
    completed,
    differences,
    renamed,
    response_ids,
    responses,
)
from conformance.checks.socket_view import Event, Talk, is_trouble, talks, unopposed
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.contract import Contract
from conformance.wire.grammar import Tracker, Violation

_FILES = (b"RIFF", b"OggS", b"fLaC", b"ID3")
_SOUND = ("response.output_audio.", "response.output_audio_transcript.")
_ALPHABET = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_STATUSES = ("in_progress", "completed", "cancelled", "failed", "incomplete")
_FOLLOWS_FROM_IDS = {
    "exactly_one_terminal", "nothing_after_terminal", "terminal_output_equals_items", "done_equals_deltas",
}  # fmt: skip
_PARTS = (
    ("input_tokens", "input_token_details", ("text_tokens", "audio_tokens", "image_tokens")),
    ("input_tokens", "input_token_details", ("cached_tokens",)),
    ("output_tokens", "output_token_details", ("text_tokens", "audio_tokens")),
)


@check
def realtime_keeps_the_rules(subject: Subject, rules: Sequence[str]) -> Iterator[Finding]:
    """No violation of the named rules of the realtime grammar."""
    for talk in talks(subject):
        violations = _violations(subject.contract, talk)
        if set(rules) <= _FOLLOWS_FROM_IDS and any(v.rule == "response_ids_match" for v in violations):
            raise Spoiled("events name a response that was not announced")
        for violation in violations:
            if violation.rule in rules and not _is_of_shape(talk, violation):
                number = max(violation.index, 0)
                yield talk.finding(violation.expected, violation.seen, number, violation.pointer)


def _is_of_shape(talk: Talk, violation: Violation) -> bool:
    """A status that there is not is a matter of the schema."""
    if violation.rule != "terminal_matches_status":
        return False
    return any(e.number == violation.index and e.at("/response/status") not in _STATUSES for e in talk.events)


def _violations(contract: Contract, talk: Talk) -> tuple[Violation, ...]:
    return talk.answer.remembered("grammar", lambda: _tracked(contract, talk))


def _tracked(contract: Contract, talk: Talk) -> tuple[Violation, ...]:
    """A conversation that the target dropped is told as such, and not by what it left open."""
    events = {event.number: event for event in renamed(talk)}
    tracker = Tracker(contract.grammars["realtime"])
    for number in range(len(talk.said)):
        tracker.feed(number, None, events[number].value if number in events else None)
    tracker.close("cut" if talk.dropped else "complete")
    return tuple(tracker.violations)


@check
def every_response_create_is_answered(subject: Subject) -> Iterator[Finding]:
    """By a response of its own."""
    for talk in unopposed(subject):
        asked, answered = talk.sent("response.create"), response_ids(talk)
        if len(answered) < len(asked):
            if talk.errors or talk.dropped:
                raise Spoiled("the target refused an event, or dropped the conversation")
            expected = f"a response for each response.create, {len(asked)} in all"
            yield talk.finding(expected, str(len(answered)), talk.latest)


@check
def realtime_responses_succeed(subject: Subject) -> Iterator[Finding]:
    """A turn that is supported does not fail; where it was cancelled or cut, the case asked for that."""
    legal = {"completed"} | ({"cancelled"} if "cancel" in subject.case.features else set())
    legal |= {"incomplete"} if "max-tokens" in subject.case.features else set()
    for response in responses(subject):
        status, details = response.value.get("status"), response.value.get("status_details")
        if isinstance(status, str) and status in {"failed", "cancelled", "incomplete"} - legal:
            if is_trouble(Event(0, 0, {"error": details.get("error")} if isinstance(details, dict) else {})):
                raise Spoiled("the target was in trouble")
            seen = f"{status}: {shown(details)}"
            yield response.talk.finding("completed", seen, response.end, "/response/status")


@check
def status_details_tell_why(subject: Subject) -> Iterator[Finding]:
    """An incomplete or cancelled response names a reason, a failed one an error; a completed one neither."""
    for response in responses(subject):
        status, details = response.value.get("status"), response.value.get("status_details")
        wanted = {"incomplete": "reason", "cancelled": "reason", "failed": "error"}.get(str(status))
        told = details.get(wanted) if isinstance(details, dict) and wanted else None
        if wanted and not told:
            seen = shown(details)
            yield response.talk.finding(f"the {wanted}", seen, response.end, "/response/status_details")
        if (
            status == "completed"
            and isinstance(details, dict)
            and (details.get("error") or details.get("reason"))
        ):
            yield response.talk.finding("null", shown(details), response.end, "/response/status_details")


@check
def text_responses_make_no_sound(subject: Subject) -> Iterator[Finding]:
    """Where text was asked for, the response says so and nothing of it is sound."""
    for response in responses(subject):
        if not _asked_for_text(response):
            raise Spoiled("the session did not take the modality")
        for event in [response.created, *([response.done] if response.done else [])]:
            named = event.at("/response/output_modalities")
            if named is not None and named != ["text"]:
                yield response.talk.finding('["text"]', shown(named), event, "/response/output_modalities")
        sound = next((event for event in response.events() if _is_sound(event)), None)
        if sound is not None:
            yield response.talk.finding("text", sound.type, sound, "/type")


def _asked_for_text(response: Response) -> bool:
    if response.asked.get("output_modalities") == ["text"]:
        return True
    updated = [event for event in renamed(response.talk) if event.type == "session.updated"]
    return bool(updated) and updated[0].at("/session/output_modalities") in (None, ["text"])


def _is_sound(event: Event) -> bool:
    part = event.at("/part/type") if event.type.startswith("response.content_part.") else None
    return event.type.startswith(_SOUND) or part in ("audio", "output_audio")


@check
def realtime_response_says_something(subject: Subject) -> Iterator[Finding]:
    """A word, or a call."""
    for response in completed(subject):
        if not response.items and any(e.type == "response.output_item.added" for e in response.events()):
            raise Spoiled("the output lacks what was announced")
        said = [text for _, item in response.items for text in _words(item) if text.strip()]
        if not said and not any(item.get("type") == "function_call" for _, item in response.items):
            seen = shown(response.value.get("output"))
            yield response.talk.finding("a text that is not empty", seen, response.end, "/response/output")


def _words(item: dict[str, Any]) -> Iterator[str]:
    content = item.get("content")
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict):
            yield from (part[name] for name in ("text", "transcript") if isinstance(part.get(name), str))


@check
def realtime_response_repeats_what_was_asked(subject: Subject) -> Iterator[Finding]:
    """Metadata and modality, where the response has them."""
    for response in responses(subject):
        asked = {n: response.asked[n] for n in ("metadata", "max_output_tokens") if n in response.asked}
        had = {n: value for n, value in asked.items() if response.value.get(n) is not None or n == "metadata"}
        for path, expected, seen in differences(had, response.value, "/response"):
            yield response.talk.finding(shown(expected), seen, response.end, path)


@check
def response_stays_out_of_the_conversation(subject: Subject) -> Iterator[Finding]:
    """With conversation none, nothing is added to it and no conversation is named."""
    for response in responses(subject):
        if response.value.get("conversation_id") is not None:
            seen = shown(response.value["conversation_id"])
            yield response.talk.finding("null", seen, response.end, "/response/conversation_id")
        own = [item.get("id") for _, item in response.items]
        for event in response.talk.of("conversation.item.added", "conversation.item.created")[:1]:
            if event.at("/item/id") in own:
                yield response.talk.finding("no item of the conversation", event.type, event, "/type")


@check
def output_items_join_the_conversation(subject: Subject) -> Iterator[Finding]:
    """Each item of a response is announced and ended in the conversation too, under its id."""
    for response in responses(subject):
        for path, item in response.items:
            for kind in ("conversation.item.added", "conversation.item.done"):
                if not _in_conversation(response.talk, kind, item.get("id")):
                    expected = f"{kind} of the item"
                    yield response.talk.finding(expected, "no such event", response.end, path)


def _in_conversation(talk: Talk, kind: str, identity: Any) -> list[Event]:
    kinds = (kind, "conversation.item.created")  # whoever uses the old name is told so elsewhere
    return [event for event in talk.of(*kinds) if event.at("/item/id") == identity]


@check
def conversation_holds_the_items_of_responses(subject: Subject) -> Iterator[Finding]:
    """What the conversation has under the id of an ended item is that item."""
    for response in responses(subject):
        for event in response.talk.of("conversation.item.done"):
            same = [item for item in _ended(response) if item.get("id") == event.at("/item/id")]
            differing = [list(differences(_said(item), event.at("/item"), "/item")) for item in same]
            for path, expected, seen in differing[0] if differing and all(differing) else ():
                yield response.talk.finding(shown(expected), seen, event, path)


def _ended(response: Response) -> list[dict[str, Any]]:
    """The items as their end and the end of the response have them; where those differ is told elsewhere."""
    ends = [e.at("/item") for e in response.events() if e.type == "response.output_item.done"]
    return [item for item in (*ends, *(item for _, item in response.items)) if isinstance(item, dict)]


def _said(item: dict[str, Any]) -> dict[str, Any]:
    """What an item says, without what only one of two events may carry."""
    names = ("type", "role", "status", "content", "name", "arguments", "call_id")
    return {name: item[name] for name in names if name in item}


# Usage


def _used(subject: Subject) -> Iterator[Response]:
    for response in responses(subject):
        if not isinstance(response.value.get("usage"), dict):
            raise NotShown("the response has no usage")
        yield response


@check
def realtime_usage_is_told(subject: Subject) -> Iterator[Finding]:
    """A completed response counts what it read and wrote."""
    for response in completed(subject):
        usage = response.value.get("usage")
        counts = usage if isinstance(usage, dict) else {}
        for name in ("input_tokens", "output_tokens"):
            if counts.get(name) in (None, 0):
                expected = f"{name}, at least 1"
                yield response.talk.finding(expected, shown(usage), response.end, "/response/usage")
                break


@check
def realtime_usage_adds_up(subject: Subject) -> Iterator[Finding]:
    """total = input + output, exactly."""
    for response in _used(subject):
        read, written = response.count("input_tokens"), response.count("output_tokens")
        total = response.count("total_tokens")
        if read is None or written is None or total is None:
            raise NotShown("usage lacks a count")
        if total != read + written:
            expected = f"{read + written} ({read} + {written})"
            yield response.talk.finding(expected, str(total), response.end, "/response/usage/total_tokens")


@check
def realtime_usage_details_fit(subject: Subject) -> Iterator[Finding]:
    """The parts are not more than their whole."""
    for response in _used(subject):
        for whole_name, details, names in _PARTS:
            whole = response.count(whole_name)
            parts = [count for name in names if (count := response.count(details, name)) is not None]
            if whole is not None and sum(parts) > whole:
                path = f"/response/usage/{details}"
                expected = f"at most {whole_name}, {whole}"
                yield response.talk.finding(expected, str(sum(parts)), response.end, path)


@check
def later_responses_read_the_earlier(subject: Subject) -> Iterator[Finding]:
    """The conversation grows, and with it what is read."""
    counted = [(response, response.count("input_tokens")) for response in _used(subject)]
    for (_, earlier), (response, later) in itertools.pairwise(counted):
        if earlier is None or later is None:
            raise NotShown("the responses do not both count their input")
        if later <= earlier:
            path = "/response/usage/input_tokens"
            expected = f"more than {earlier}, those of the response before"
            yield response.talk.finding(expected, str(later), response.end, path)


@check
def realtime_response_keeps_the_limit(subject: Subject) -> Iterator[Finding]:
    """max_output_tokens: what is longer is cut, and says so."""
    for response in responses(subject):
        limit, written = response.asked.get("max_output_tokens"), response.count("output_tokens")
        if isinstance(limit, int) and written is not None and written > limit:
            seen = str(written)
            yield response.talk.finding(
                f"at most {limit}", seen, response.end, "/response/usage/output_tokens"
            )
        if response.value.get("status") == "incomplete":
            reason = response.end.at("/response/status_details/reason")
            if isinstance(reason, str) and reason != "max_output_tokens":
                path = "/response/status_details/reason"
                yield response.talk.finding("max_output_tokens", shown(reason), response.end, path)


# Calls and sound


@check
def realtime_calls_can_be_made(subject: Subject) -> Iterator[Finding]:
    """A call names a function that was offered, has a call_id, and its arguments are a JSON object."""
    calls = [
        (response, path, item)
        for response in responses(subject)
        for path, item in response.items
        if item.get("type") == "function_call"
    ]
    if not calls:
        raise NotShown("no function was called")
    for response, path, item in calls:
        if item.get("name") not in _offered(response.talk):
            yield response.talk.finding(
                "a function that was offered", shown(item.get("name")), response.end, f"{path}/name"
            )
        if not isinstance(_object(item.get("arguments")), dict):
            yield response.talk.finding(
                "the text of a JSON object", shown(item.get("arguments")), response.end, f"{path}/arguments"
            )
        if not item.get("call_id"):
            yield response.talk.finding(
                "a call_id", shown(item.get("call_id")), response.end, f"{path}/call_id"
            )


def _offered(talk: Talk) -> list[Any]:
    sent = [message.payload["session"] for message in talk.sent("session.update")]
    return [tool["name"] for session in sent for tool in session.get("tools", ())]


def _object(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


@check
def realtime_call_is_forced(subject: Subject) -> Iterator[Finding]:
    """tool_choice required: a function is called, as an item of its own."""
    for response in completed(subject):
        kinds = [item.get("type") for _, item in response.items]
        if not kinds:
            raise Spoiled("the response has no output")
        if "function_call" not in kinds:
            yield response.talk.finding("a function_call", shown(kinds), response.end, "/response/output")


@check
def sound_deltas_decode(subject: Subject) -> Iterator[Finding]:
    """Each is base64 of its own, of whole samples of 16 bits and no file of them where the format is audio/pcm."""
    for response in responses(subject):
        deltas = [event for event in response.events() if event.type == "response.output_audio.delta"]
        if not deltas:
            raise Spoiled("no sound was sent")
        for event in deltas:
            trouble = _undecodable(event.value.get("delta"), _is_pcm(response.talk))
            if trouble is not None:
                yield response.talk.finding("base64 of whole samples", trouble, event, "/delta")
                break


def _is_pcm(talk: Talk) -> bool:
    kinds = [event.at("/session/audio/output/format/type") for event in talk.events]
    return next((kind for kind in reversed(kinds) if kind is not None), None) == "audio/pcm"


def _undecodable(delta: Any, pcm: bool) -> str | None:
    if not isinstance(delta, str) or not _ALPHABET.fullmatch(delta):
        return None  # a matter of the schema
    try:
        data = base64.b64decode(delta, validate=True)
    except binascii.Error:
        return shown(delta, 60)
    if pcm and data.startswith(_FILES):
        return f"a file, {data[:4]!r}"
    return f"{len(data)} bytes" if pcm and len(data) % 2 else None


@check
def spoken_responses_are_heard(subject: Subject) -> Iterator[Finding]:
    """Where audio was asked for, a message is heard; that its words are told is a matter of order."""
    for response in completed(subject):
        if not any(item.get("type") == "message" for _, item in response.items):
            raise NotShown("the response has no message")
        sound = [event for event in response.events() if event.type == "response.output_audio.delta"]
        if not any(event.value.get("delta") for event in sound):
            seen = "nothing but empty ones" if sound else "no such event"
            yield response.talk.finding("response.output_audio.delta", seen, response.end, "/response/output")
