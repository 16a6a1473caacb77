"""Events of a Responses stream beyond their grammar: items that begin and end, texts that come in pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance import pointer
from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.response_view import ResponseObject, answered_response, response_of
from conformance.checks.responses_output import REPLACEMENT, half_pair, joined_tokens
from conformance.checks.shape import mismatches
from conformance.checks.streams import judged_payloads, streams
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_MOST_MISSING = 5
_ENDED = ("completed", "incomplete")
_STREAMED = ("output_text", "refusal", "function_call_arguments")


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
            if item.get("type") in ("message", "function_call") and item.get("status") in _ENDED:
                yield _found(answer, index, "/item/status", "'in_progress'", item["status"])


@check
def ended_items_say_how_they_ended(subject: Subject) -> Iterator[Finding]:
    """Completed or incomplete; of a message without a status the schema tells."""
    for answer in streams(subject):
        for index, item in _items(answer, "response.output_item.done"):
            kind, status = item.get("type"), item.get("status")
            if kind not in ("message", "function_call") or status in _ENDED:
                continue
            if kind == "function_call" or status == "in_progress":
                yield _found(answer, index, "/item/status", "'completed' or 'incomplete'", status)


@check
def ended_items_were_streamed(subject: Subject) -> Iterator[Finding]:
    """What an ended message or call holds was announced with it, or said in events of its own."""
    for answer in streams(subject):
        said: set[tuple[str, Any]] = set()
        for index, payload in _events(answer):
            place, item = shown(payload.get("output_index")), payload.get("item")
            for kind in _said_by(str(payload.get("type"))):
                said.add((kind, place))
            if isinstance(item, dict) and payload["type"] == "response.output_item.added":
                said |= {(kind, place) for kind, text in _texts(item) if text}
            elif isinstance(item, dict) and payload["type"] == "response.output_item.done":
                for kind, text in _texts(item):
                    if text and (kind, place) not in said:
                        yield _found(answer, index, "/item", f"response.{kind} events before it", text)


def _said_by(event: str) -> Iterator[str]:
    return (kind for kind in _STREAMED if event in {f"response.{kind}.delta", f"response.{kind}.done"})


def _texts(item: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The kind of event that says it, and each text of an item."""
    if item.get("type") == "function_call":
        yield "function_call_arguments", item.get("arguments")
    content = item.get("content") if item.get("type") == "message" else None
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and part.get("type") in ("output_text", "refusal"):
            yield part["type"], part.get("text") or part.get("refusal")


@check
def deltas_hold_whole_characters(subject: Subject) -> Iterator[Finding]:
    """A character that is cut between two deltas is lost to whoever shows each as it comes."""
    for answer in streams(subject):
        whole = "".join(_wholes(answer))
        for index, payload in _events(answer):
            delta = payload.get("delta")
            if not isinstance(delta, str):
                continue
            if half_pair(delta):
                seen = f"{half_pair(delta)}, half of a pair"
                yield Finding("whole characters", seen, f"event {index} /delta", answer.exchange.id)
            elif REPLACEMENT in delta and REPLACEMENT not in whole:
                seen = "U+FFFD, which the whole text does not have"
                yield Finding("whole characters", seen, f"event {index} /delta", answer.exchange.id)


def _wholes(answer: Answer) -> Iterator[str]:
    """Every text that an event says whole."""
    for _, payload in _events(answer):
        yield from (
            v for name in ("text", "arguments", "refusal", "input") if isinstance(v := payload.get(name), str)
        )


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
        deltas = list(_events(answer, "response.output_text.delta"))
        tokens = [token for _, payload in deltas for token in _tokens(payload)]
        text = response_of(answer).text
        said = "".join(str(payload.get("delta")) for _, payload in deltas)
        if not tokens:
            raise Spoiled("the deltas have no log probabilities")
        if joined_tokens(tokens) not in (text, said):
            yield _found(answer, deltas[0][0], "/logprobs", shown(text), joined_tokens(tokens))


def _tokens(payload: dict[str, Any]) -> list[dict[str, Any]]:
    listed = payload.get("logprobs")
    return [token for token in listed if isinstance(token, dict)] if isinstance(listed, list) else []


@check
def events_have_the_recommended_members(subject: Subject) -> Iterator[Finding]:
    """Each event of a known type has also what ``x-should-require`` lists; one finding a type and member."""
    for answer in streams(subject):
        missing: dict[tuple[str, str], Finding] = {}
        schemas = subject.contract.schemas.events.get(answer.operation.event_area, {})
        for index, payload in _events(answer):
            schema = schemas.get(str(payload.get("type")))
            for finding in _recommended(subject, answer, schema, index, payload) if schema else ():
                missing.setdefault((str(payload["type"]), finding.expected), finding)
        yield from list(missing.values())[:_MOST_MISSING]


def _recommended(
    subject: Subject, answer: Answer, schema: str, index: int, payload: dict[str, Any]
) -> Iterator[Finding]:
    """Members that are recommended alone; of those that are required, the shape of each event tells."""
    where = f"event {index}"
    wanted = list(mismatches(subject, answer, schema, payload, where=where, recommended=True))
    required = set(mismatches(subject, answer, schema, payload, where=where)) if wanted else set()
    return (found for found in wanted if found not in required and found.expected.startswith("the member"))


@check
def streamed_response_has_the_members_of_its_twin(subject: Subject) -> Iterator[Finding]:
    """The response itself, its usage, and items of a type that both have: no member is missing in either."""
    if subject.case.mirrors is None:
        raise NotShown("it has no unstreamed twin")
    twin, streamed = answered_response(subject, subject.case.mirrors), response_of(subject.answer)
    told = _missing(subject, streamed) | _missing(subject, twin)
    for where, mine, theirs in _pairs(streamed, twin):
        if isinstance(mine, dict) and isinstance(theirs, dict):
            absent = sorted(set(theirs) - set(mine) - told)
            extra = sorted(set(mine) - set(theirs) - told)
            if absent:
                yield streamed.finding(
                    f"the members of {twin.answer.case.id}", f"no {', '.join(absent)}", where
                )
            if extra:
                seen = f"{', '.join(extra)} too"
                yield streamed.finding(f"the members of {twin.answer.case.id}", seen, where)


def _missing(subject: Subject, response: ResponseObject) -> set[str]:
    """Members whose absence the schema tells of."""
    found = subject.contract.schemas.mismatches("Response", response.value, recommended=True)
    return {m.expected.split("'")[1] for m in found if m.expected.startswith("the member '")}


def _pairs(streamed: ResponseObject, twin: ResponseObject) -> Iterator[tuple[str, Any, Any]]:
    yield "", streamed.value, twin.value
    yield "/usage", streamed.usage, twin.usage
    theirs = {item.kind: item.value for item in twin.items}
    for item in streamed.items:
        if item.kind in theirs:
            yield item.pointer, item.value, theirs[item.kind]
