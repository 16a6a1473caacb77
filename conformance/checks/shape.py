"""Whether an answer, and each event of a stream, is of its documented shape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check
from conformance.errors import DataError

_MOST_MISMATCHES = 5


@check
def matches_its_schema(subject: Subject) -> Iterator[Finding]:
    """The JSON body is valid under the operation's response schema."""
    yield from _against_schema(subject, recommended=False)


@check
def has_the_recommended_members(subject: Subject) -> Iterator[Finding]:
    """The JSON body has also what ``x-should-require`` lists."""
    required = set(_against_schema(subject, recommended=False))
    for finding in _against_schema(subject, recommended=True):
        if finding.expected.startswith("the member") and finding not in required:
            yield finding


def _against_schema(subject: Subject, *, recommended: bool) -> Iterator[Finding]:
    for answer in subject.answers:
        name = answer.operation.response_schema("application/json")
        if name is None:
            raise DataError("openapi.yaml", answer.operation.name, "has no JSON schema for its answer")
        if answer.state == "refused":
            raise NotShown("it was refused as documented")
        if answer.document is None:
            raise Spoiled("the body is not JSON")
        yield from islice(
            mismatches(subject, answer, name, answer.json, recommended=recommended), _MOST_MISMATCHES
        )


def mismatches(
    subject: Subject, answer: Answer, schema: str, value: Any, *, where: str = "", recommended: bool = False
) -> Iterator[Finding]:
    """A finding for each place where ``value`` breaks ``schema``; ``where`` goes before its JSON Pointer."""
    for mismatch in subject.contract.schemas.mismatches(schema, value, recommended=recommended):
        place = f"{where} {mismatch.pointer}".strip() or "/"
        yield Finding(mismatch.expected, shown(mismatch.seen), place, answer.exchange.id)
