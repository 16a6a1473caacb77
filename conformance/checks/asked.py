"""What a request asked that its baseline did not, in a few words for a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.cases import Case
from conformance.checks.excerpt import shown

_LIMIT = 80


def asked(case: Case, baseline: Case) -> str:
    """``metadata: 1000``, ``without model``, ``PATCH``, or the text that was sent as it was."""
    return "; ".join(_differences(case, baseline)) or "the same request"


def _differences(case: Case, baseline: Case) -> Iterator[str]:
    if case.method != baseline.method:
        yield case.method
    yield from _members(case.params, baseline.params)
    yield from _members(case.query, baseline.query)
    yield from _members(case.headers, baseline.headers)
    if case.raw is not None:
        yield _short(case.raw)
    elif isinstance(case.body, Mapping) and isinstance(baseline.body, Mapping):
        yield from _members(case.body, baseline.body)
    elif case.form is not None and baseline.form is not None:
        yield from _members(case.form["fields"], baseline.form["fields"])
        if case.form["files"] != baseline.form["files"]:
            yield f"files: {_short(shown(case.form['files'], 500))}"
    if case.script != baseline.script:
        yield from (_short(step["send_text"]) for step in case.script if "send_text" in step)


def _members(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[str]:
    yield from (
        f"{name}: {_short(shown(value, 500))}"
        for name, value in new.items()
        if name not in old or old[name] != value
    )
    yield from (f"without {name}" for name in old if name not in new)


def _short(text: str) -> str:
    """Both ends of a long text, as what is odd may be at either."""
    return text if len(text) <= _LIMIT else f"{text[: _LIMIT // 2]} … {text[-_LIMIT // 2 :]}"
