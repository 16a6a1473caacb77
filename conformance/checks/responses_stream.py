"""Events of a Responses stream beyond their grammar: items that begin and end, texts that come in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance import pointer
from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.response_view import ResponseObject, answered_response, response_of
from conformance.checks.responses_output import broken_character, joined_tokens
from conformance.checks.shape import mismatches
from conformance.checks.streams import judged_payloads, streams
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check, request_json

_MOST_MISSING = 5
_ENDED = ("completed", "incomplete")


def _events(answer: Answer, *types: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Index and payload of each event; of the given types, if any are given."""
    for index, payload in judged_payloads(answer):
        if isinstance(payload, dict) and (not types or payload.get("type") in types):
            yield index, payload


def _items(answer: Answer, event: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for index, payload in _events(answer, event):
        if isinstance(payload.get("item"), dict):
            yield index, payload["item"]


def _found(answer: Answer, index: int, path: str, expected: str, seen: Any) -> Finding:
    return Finding(expected, shown(seen), f"event {index} {path}", answer.exchange.id)


@check
def announced_messages_are_empty(subject: Subject) -> Iterator[Finding]:
    """Accumulators append every part that is announced later, so one that is there already comes twice."""
    for answer in streams(subject):
        for index, item in _items(answer, "response.output_item.added"):
            if item.get("type") == "message" and item.get("content"):
                yield _found(answer, index, "/item/content", "[]", item["content"])


@check
def announced_items_are_in_progress(subject: Subject) -> Iterator[Finding]:
    """A message or call that begins is not at its end."""
    for answer in streams(subject):
        for index, item in _items(answer, "response.output_item.added"):
            if item.get("type") in {"message", "function_call"} and item.get("status") in _ENDED:
                yield _found(answer, index, "/item/status", "'in_progress'", item["status"])


@check
def ended_items_say_how_they_ended(subject: Subject) -> Iterator[Finding]:
    """Completed or incomplete; of a message without a status the schema tells."""
    for answer in streams(subject):
        for index, item in _items(answer, "response.output_item.done"):
            kind, status = item.get("type"), item.get("status")
            if kind not in {"message", "function_call"} or status in _ENDED:
                continue
            if kind == "function_call" or status == "in_progress":
                yield _found(answer, index, "/item/status", "'completed' or 'incomplete'", status)


@check
def arguments_of_a_call_are_streamed(subject: Subject) -> Iterator[Finding]:
    """What an ended call holds was announced with it, or said in events of its own."""
    for answer in streams(subject):
        said: dict[Any, Any] = {}
        for index, payload in _events(answer):
            place = shown(payload.get("output_index"))
            item = payload.get("item")
            if str(payload.get("type")).startswith("response.function_call_arguments."):
                said[place] = ...
            elif payload.get("type") == "response.output_item.added" and isinstance(item, dict):
                said.setdefault(place, item.get("arguments"))
            elif payload.get("type") == "response.output_item.done" and isinstance(item, dict):
                text = item.get("arguments")
                if item.get("type") == "function_call" and text and said.get(place) not in (..., text):
                    expected = "response.function_call_arguments.done before it"
                    yield _found(answer, index, "/item/arguments", expected, text)


@check
def deltas_hold_whole_characters(subject: Subject) -> Iterator[Finding]:
    """A character that is cut between two deltas is lost to whoever shows each as it comes."""
    for answer in streams(subject):
        sent = request_json(answer)
        for index, payload in _events(answer):
            delta = payload.get("delta")
            broken = broken_character(delta) if isinstance(delta, str) else None
            if broken and "\ufffd" not in shown(sent, limit=1_000_000):
                yield Finding("whole characters", broken, f"event {index} /delta", answer.exchange.id)


@check
def lifecycle_events_agree(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """What a response says of itself when it begins holds when it ends."""
    for answer in streams(subject):
        final = response_of(answer)
        for index, payload in _events(answer, "response.created", "response.queued", "response.in_progress"):
            response = payload.get("response")
            for path in members if isinstance(response, dict) else ():
                if _differs(response, final.value, path):
                    expected = f"{shown(_at(final.value, path))}, as in the last event"
                    yield _found(answer, index, f"/response{path}", expected, _at(response, path))


def _at(document: Any, path: str) -> Any:
    try:
        return pointer.resolve(document, path)
    except LookupError:
        return None


def _differs(one: Any, other: Any, path: str) -> bool:
    """A member that one of them leaves out is a matter of shape."""
    try:
        mine, theirs = pointer.resolve(one, path), pointer.resolve(other, path)
    except LookupError:
        return False
    return bool(mine != theirs)


@check
def no_obfuscation_where_it_is_switched_off(subject: Subject) -> Iterator[Finding]:
    """include_obfuscation false."""
    for answer in streams(subject):
        for index, payload in _events(answer):
            if "obfuscation" in payload:
                yield _found(answer, index, "/obfuscation", "no obfuscation", payload["obfuscation"])


@check
def delta_logprobs_add_up(subject: Subject) -> Iterator[Finding]:
    """The tokens of all deltas are the text."""
    for answer in streams(subject):
        tokens: list[dict[str, Any]] = []
        for _, payload in _events(answer, "response.output_text.delta"):
            listed = payload.get("logprobs")
            tokens += (
                [token for token in listed if isinstance(token, dict)] if isinstance(listed, list) else []
            )
        text = response_of(answer).text
        if not tokens:
            raise Spoiled("the deltas have no log probabilities")
        if joined_tokens(tokens) != text:
            seen = shown(joined_tokens(tokens))
            yield Finding(shown(text), seen, "response.output_text.delta /logprobs", answer.exchange.id)


@check
def events_have_the_recommended_members(subject: Subject) -> Iterator[Finding]:
    """Each event of a known type has also what ``x-should-require`` lists."""
    for answer in streams(subject):
        missing: dict[tuple[str, str], Finding] = {}
        schemas = subject.contract.schemas.events.get(answer.operation.event_area, {})
        for index, payload in _events(answer):
            schema = schemas.get(str(payload.get("type")))
            if schema is not None:
                for finding in mismatches(
                    subject, answer, schema, payload, where=f"event {index}", recommended=True
                ):
                    if finding.expected.startswith("the member"):
                        missing.setdefault((str(payload["type"]), finding.expected), finding)
        yield from list(missing.values())[:_MOST_MISSING]


@check
def streamed_response_has_the_members_of_its_twin(subject: Subject) -> Iterator[Finding]:
    """The response itself, its usage, and items of a type that both have: no member is missing in either."""
    if subject.case.mirrors is None:
        raise NotShown("it has no unstreamed twin")
    twin, streamed = answered_response(subject, subject.case.mirrors), response_of(subject.answer)
    for where, mine, theirs in _pairs(streamed, twin):
        if isinstance(mine, dict) and isinstance(theirs, dict):
            absent = sorted(set(theirs) - set(mine))
            extra = sorted(set(mine) - set(theirs))
            if absent:
                yield streamed.finding(
                    f"the members of {twin.answer.case.id}", f"no {', '.join(absent)}", where
                )
            if extra:
                seen = f"{', '.join(extra)} too"
                yield streamed.finding(f"the members of {twin.answer.case.id}", seen, where)


def _pairs(streamed: ResponseObject, twin: ResponseObject) -> Iterator[tuple[str, Any, Any]]:
    yield "", streamed.value, twin.value
    yield "/usage", streamed.usage, twin.usage
    theirs = {item.kind: item.value for item in twin.items}
    for item in streamed.items:
        if item.kind in theirs:
            yield item.pointer, item.value, theirs[item.kind]
