"""A Responses answer as the response object it comes to, streamed or not, with what checks ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.streams import judged_payloads
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, request_json
from conformance.wire import strict_json

TERMINAL_EVENTS = frozenset({"response.completed", "response.incomplete", "response.failed"})
FINISHED = frozenset({"completed", "incomplete"})


@dataclass(frozen=True)
class Item:
    """One output item that is an object, and its JSON Pointer within the response."""

    value: dict[str, Any]
    pointer: str

    @property
    def kind(self) -> str:
        """Its type; empty when it has none."""
        kind = self.value.get("type")
        return kind if isinstance(kind, str) else ""

    @property
    def status(self) -> str | None:
        """Its status, where it has one."""
        status = self.value.get("status")
        return status if isinstance(status, str) else None

    def parts(self) -> list[tuple[str, dict[str, Any]]]:
        """Pointer and value of each content part that is an object."""
        content = self.value.get("content")
        members = enumerate(content) if isinstance(content, list) else ()
        return [(f"{self.pointer}/content/{i}", part) for i, part in members if isinstance(part, dict)]


@dataclass(frozen=True)
class ResponseObject:
    """The response that one answer comes to; ``event`` is the index of the event that holds it, if any."""

    answer: Answer
    value: dict[str, Any]
    event: int | None = None

    def finding(self, expected: str, seen: str, pointer: str) -> Finding:
        """A finding at ``pointer`` of the response."""
        where = pointer if self.event is None else f"event {self.event} /response{pointer}"
        return Finding(expected, seen, where, self.answer.exchange.id)

    @property
    def request(self) -> dict[str, Any]:
        """The JSON object that was sent; empty when it was none."""
        sent = request_json(self.answer)
        return sent if isinstance(sent, dict) else {}

    @property
    def status(self) -> str | None:
        """Its status, where it has one."""
        status = self.value.get("status")
        return status if isinstance(status, str) else None

    @property
    def items(self) -> list[Item]:
        """The output items that are objects."""
        output = self.value.get("output")
        members = enumerate(output) if isinstance(output, list) else ()
        return [Item(value, f"/output/{i}") for i, value in members if isinstance(value, dict)]

    def of_kind(self, *kinds: str) -> list[Item]:
        """The items of the given types."""
        return [item for item in self.items if item.kind in kinds]

    def texts(self) -> list[tuple[str, str]]:
        """Pointer and text of every output_text part of the messages."""
        return [
            (f"{pointer}/text", part["text"])
            for item in self.of_kind("message")
            for pointer, part in item.parts()
            if part.get("type") == "output_text" and isinstance(part.get("text"), str)
        ]

    @property
    def text(self) -> str:
        """The text of all messages, joined as SDKs join it."""
        return "".join(text for _, text in self.texts())

    @property
    def refused(self) -> bool:
        """True when the model declined in a refusal part."""
        return any(part.get("type") == "refusal" for item in self.items for _, part in item.parts())

    @property
    def usage(self) -> dict[str, Any] | None:
        """Its token counts, where it has them."""
        usage = self.value.get("usage")
        return usage if isinstance(usage, dict) else None

    def count(self, *path: str) -> int | None:
        """An integer within ``usage``; None when there is none."""
        value: Any = self.usage
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def parsed(text: str) -> Any:
    """The value of a JSON text, Ellipsis when it is none: strict, and safe where a text is nested deeply."""
    try:
        document = strict_json.loads(text)
    except strict_json.JsonError:
        return ...
    loose = any(deviation.kind in {"trailing_bytes", "not_a_number"} for deviation in document.deviations)
    return ... if loose else document.value


def response_of(answer: Answer) -> ResponseObject:
    """The JSON body, or the response in the terminal event. Spoiled when there is none with an output."""
    found = _terminal(answer) if answer.case.stream else ResponseObject(answer, require_json(answer))
    if not isinstance(found.value.get("output"), list):
        raise Spoiled("the response has no list of output")
    return found


def _terminal(answer: Answer) -> ResponseObject:
    for index, payload in judged_payloads(answer):
        if isinstance(payload, dict) and payload.get("type") in TERMINAL_EVENTS:
            if isinstance(payload.get("response"), dict):
                return ResponseObject(answer, payload["response"], index)
            raise Spoiled("the terminal event holds no response")
    raise Spoiled("the stream has no terminal event")


def responses(subject: Subject) -> Iterator[ResponseObject]:
    """The response object of each answer. NotShown when nothing was answered."""
    answered = [answer for answer in subject.answers if answer.state == "answered"]
    if not answered:
        raise NotShown("nothing was answered")
    yield from map(response_of, answered)


def readable(subject: Subject) -> Iterator[ResponseObject]:
    """The answers of the operation that can be read; what is wrong with the others is told elsewhere."""
    for answer in subject.answers:
        if answer.state == "answered":
            try:
                yield response_of(answer)
            except Spoiled:
                continue


def finished(subject: Subject) -> Iterator[ResponseObject]:
    """As ``responses``; Spoiled when one is neither completed nor incomplete, which RESP-001 tells."""
    for response in responses(subject):
        if response.status is not None and response.status not in FINISHED:
            raise Spoiled(f"the response is {response.status}")
        yield response


def completed(subject: Subject) -> Iterator[ResponseObject]:
    """As ``finished``; NotShown when one was cut before its end."""
    for response in finished(subject):
        if response.status == "incomplete":
            raise NotShown("the response was cut before its end")
        yield response


def answered_response(subject: Subject, case_id: str | None) -> ResponseObject:
    """The response object of another case. NotShown when that case has none."""
    other = subject.answered(case_id)
    if other is None:
        raise NotShown(f"{case_id} was not answered")
    try:
        return response_of(other)
    except Spoiled as cause:
        raise NotShown(f"of {case_id}, {cause}") from None
