"""A chat or legacy completion as one object, streamed or not, with what checks ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.streams import judged_payloads
from conformance.checks.subject import Spoiled, Subject, request_json
from conformance.wire.assembly import assemble_chat, assemble_completion


@dataclass(frozen=True)
class Choice:
    """One choice, and where it stands."""

    value: dict[str, Any]
    where: str

    @property
    def message(self) -> dict[str, Any]:
        """The message; empty when it is missing or of another type."""
        message = self.value.get("message")
        return message if isinstance(message, dict) else {}

    @property
    def text(self) -> str:
        """The text of the choice; empty when there is none."""
        text = self.value.get("text", self.message.get("content"))
        return text if isinstance(text, str) else ""

    @property
    def finish_reason(self) -> str | None:
        """Why it ended."""
        reason = self.value.get("finish_reason")
        return reason if isinstance(reason, str) else None

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """Its tool calls that are objects."""
        calls = self.message.get("tool_calls")
        return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []

    def functions(self) -> Iterator[tuple[int, str, Any]]:
        """Position, name and arguments of each function call."""
        for position, call in enumerate(self.tool_calls):
            function = call.get("function")
            if isinstance(function, dict):
                yield position, str(function.get("name") or ""), function.get("arguments")


@dataclass(frozen=True)
class Completion:
    """What one answer adds up to, with the request that it answers."""

    answer: Answer
    value: dict[str, Any]
    request: dict[str, Any]

    @property
    def choices(self) -> list[Choice]:
        """The choices that are objects."""
        choices = self.value.get("choices")
        members = enumerate(choices) if isinstance(choices, list) else ()
        return [
            Choice(choice, f"/choices/{position}") for position, choice in members if isinstance(choice, dict)
        ]

    @property
    def usage(self) -> dict[str, Any] | None:
        """Token counts, if any."""
        usage = self.value.get("usage")
        return usage if isinstance(usage, dict) else None

    @property
    def n(self) -> int:
        """How many choices were asked for, of each prompt."""
        n = self.request.get("n")
        return n if isinstance(n, int) else 1


def completions(subject: Subject) -> Iterator[Completion]:
    """Each of the subject's answers as one completion. Raises Spoiled when one cannot be read as such."""
    for answer in subject.answers:
        if answer.state == "answered":
            yield completion(answer)


def completion(answer: Answer) -> Completion:
    """The completion of one answer: the JSON body, or what the chunks add up to."""
    request = request_json(answer)
    value = _assembled(answer) if answer.case.stream else require_json(answer)
    if not isinstance(value.get("choices"), list):
        raise Spoiled("the answer has no list of choices")
    return Completion(answer, value, request if isinstance(request, dict) else {})


def _assembled(answer: Answer) -> dict[str, Any]:
    chunks = [payload for _, payload in judged_payloads(answer) if isinstance(payload, dict)]
    if not chunks:
        raise Spoiled("the answer is not a stream of chunks")
    assemble = assemble_chat if answer.case.operation == "POST /v1/chat/completions" else assemble_completion
    return assemble(chunks)
