"""Model records: what the list says, and what a single record says of the same model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Subject, check

_YEAR_2015 = 1_420_000_000
_DAY = 86_400


def _listed(answer: Answer) -> list[dict[str, Any]]:
    data = require_json(answer).get("data")
    return [entry for entry in data if isinstance(entry, dict)] if isinstance(data, list) else []


@check
def models_are_listed(subject: Subject) -> Iterator[Finding]:
    """An empty list leaves clients nothing to call."""
    for answer in subject.answers:
        if require_json(answer).get("data") == []:
            yield Finding("at least one model", "[]", "/data", answer.exchange.id)


@check
def model_ids_are_unique(subject: Subject) -> Iterator[Finding]:
    """One record an id."""
    for answer in subject.answers:
        ids = Counter(entry["id"] for entry in _listed(answer) if isinstance(entry.get("id"), str))
        for model, times in ids.items():
            if times > 1:
                yield Finding("each id once", f"{model!r} {times} times", "/data", answer.exchange.id)


@check
def retrieved_model_is_the_one_asked_for(subject: Subject) -> Iterator[Finding]:
    """The id in the path is the id in the record."""
    for answer in subject.answers:
        asked = unquote(answer.exchange.request.path.partition("?")[0].rpartition("/models/")[2])
        seen = require_json(answer).get("id")
        if isinstance(seen, str) and seen != asked:
            yield Finding(repr(asked), shown(seen), "/id", answer.exchange.id)


@check
def retrieved_model_equals_the_listed_one(subject: Subject) -> Iterator[Finding]:
    """Two views of one record."""
    record = require_json(subject.answer)
    models = subject.answered("models/list/all")
    if models is None:
        raise NotShown("the model list was not answered")
    listed = next((entry for entry in _listed(models) if entry.get("id") == record.get("id")), None)
    if listed is None:
        raise NotShown("the model is not in the list")
    for member in sorted(set(listed) & set(record)):
        if listed[member] != record[member]:
            seen, expected = shown(record[member]), f"{shown(listed[member])}, as in the list"
            yield Finding(expected, seen, f"/{member}", subject.answer.exchange.id)


@check
def model_created_is_plausible(subject: Subject) -> Iterator[Finding]:
    """Seconds since 1970, not zero, not milliseconds."""
    for answer in subject.answers:
        record = require_json(answer)
        for entry in _listed(answer) or [record]:
            created = entry.get("created")
            latest = answer.exchange.started_at + _DAY
            if isinstance(created, int) and not _YEAR_2015 < created < latest:
                yield Finding("seconds since 1970", shown(created), "/created", answer.exchange.id)
