"""Which events follow which: streams held to the grammars of ``spec/streams.yaml``, a rule at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conformance.answer import Answer
from conformance.checks.streams import streams
from conformance.checks.subject import Finding, NotShown, Subject, check, request_json
from conformance.contract import Contract
from conformance.wire.grammar import DONE, Tracker, Violation

_GRAMMARS = {
    "POST /v1/chat/completions": "chat",
    "POST /v1/completions": "completions",
    "POST /v1/responses": "responses",
    "GET /v1/responses/{response_id}?stream=true": "responses",
    "POST /v1/images/generations": "image-generation",
    "POST /v1/images/edits": "image-edit",
}


@check
def stream_keeps_the_rules(subject: Subject, rules: Sequence[str]) -> Iterator[Finding]:
    """No violation of the named rules of the operation's grammar."""
    for answer in streams(subject):
        for violation in _violations(subject.contract, answer):
            if violation.rule in rules:
                where = f"event {violation.index} {violation.pointer}".strip()
                yield Finding(violation.expected, violation.seen, where, answer.exchange.id)


def _violations(contract: Contract, answer: Answer) -> tuple[Violation, ...]:
    return answer.remembered("grammar", lambda: _tracked(contract, answer))


def _tracked(contract: Contract, answer: Answer) -> tuple[Violation, ...]:
    grammar = contract.grammars.get(_GRAMMARS.get(answer.operation.name, ""))
    if grammar is None:
        raise NotShown("the contract has no grammar for this stream")
    tracker = Tracker(grammar, resumed_after=_resumed_after(answer), repeats=_images(answer))
    payloads = iter(answer.payloads)
    for index, event in enumerate(answer.transcript.events):
        tracker.feed(index, event.event_field, DONE if event.data == "[DONE]" else next(payloads, None))
    tracker.close("cut" if answer.exchange.failure else "complete")
    return tuple(tracker.violations)


def _resumed_after(answer: Answer) -> int | None:
    after = answer.case.query.get("starting_after")
    return int(after) if after is not None and after.isdigit() else None


def _images(answer: Answer) -> int:
    request = request_json(answer)
    n = request.get("n") if isinstance(request, dict) else (answer.case.form or {}).get("fields", {}).get("n")
    return int(n) if isinstance(n, int) or (isinstance(n, str) and n.isdigit()) else 1
