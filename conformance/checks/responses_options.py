"""What a Response repeats of its request: the options that took effect, and none that nobody set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance import pointer
from conformance.checks.excerpt import shown
from conformance.checks.response_view import ResponseObject, responses
from conformance.checks.subject import Finding, NotShown, Subject, check

_MISSING = object()


def _at(document: Any, path: str) -> Any:
    try:
        return pointer.resolve(document, path)
    except LookupError:
        return _MISSING


def _sent(response: ResponseObject, members: Sequence[str]) -> list[tuple[str, Any]]:
    """Pointer and value of each member that the request sets. NotShown when it sets none."""
    pairs = [(path, _at(response.request, path)) for path in members]
    found = [(path, value) for path, value in pairs if value is not _MISSING and value is not None]
    if not found:
        raise NotShown("the request sets none of these options")
    return found


@check
def response_contradicts_no_option(
    subject: Subject, members: Sequence[str], may_be_null: Sequence[str] = ()
) -> Iterator[Finding]:
    """What is repeated is what was sent; a member that is not repeated at all is passed over."""
    for response in responses(subject):
        for path, value in _sent(response, members):
            seen = _at(response.value, path)
            if seen is _MISSING or (seen is None and path in may_be_null):
                continue
            if not _same(path, value, seen):
                yield response.finding(shown(_shape(path, value)), shown(_shape(path, seen)), path)


def _same(path: str, sent: Any, seen: Any) -> bool:
    return bool(_shape(path, sent) == _shape(path, seen))


def _shape(path: str, value: Any) -> Any:
    """The part of an option that must come back: of tools, type and name; servers may fill in the rest."""
    if path == "/tools" and isinstance(value, list):
        return [[tool.get("type"), tool.get("name")] if isinstance(tool, dict) else tool for tool in value]
    if path == "/tool_choice" and isinstance(value, dict):
        return {name: value.get(name) for name in ("type", "name")}
    return value


@check
def response_repeats_every_option(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """None of the options that were sent is left out."""
    for response in responses(subject):
        for path, value in _sent(response, members):
            if _at(response.value, path) is _MISSING:
                yield response.finding(shown(value), "no such member", path)


@check
def response_repeats_tool_definitions(subject: Subject) -> Iterator[Finding]:
    """Everything that was said of a tool is said again; more may be."""
    for response in responses(subject):
        tools = response.value.get("tools")
        sent = response.request.get("tools")
        if not isinstance(tools, list) or not isinstance(sent, list) or len(tools) != len(sent):
            raise NotShown("the response does not repeat the tools")
        for index, (mine, theirs) in enumerate(zip(sent, tools, strict=True)):
            if not _holds(theirs, mine):
                yield response.finding(shown(mine), shown(theirs), f"/tools/{index}")


def _holds(whole: Any, part: Any) -> bool:
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(name in whole and _holds(whole[name], value) for name, value in part.items())
    return bool(whole == part)


@check
def response_shows_no_option_that_was_not_sent(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """An option that the request leaves out is null or empty in the response."""
    for response in responses(subject):
        for path in members:
            seen = _at(response.value, path)
            if _at(response.request, path) in (_MISSING, None) and seen is not _MISSING and seen:
                yield response.finding("null, as none was sent", shown(seen), path)


@check
def response_names_the_model(subject: Subject) -> Iterator[Finding]:
    """The model that was asked for, a dated or shortened form of its name, or another that is listed."""
    listed = _listed(subject)
    for response in responses(subject):
        asked, named = response.request.get("model"), response.value.get("model")
        if not isinstance(asked, str) or not isinstance(named, str):
            raise NotShown("the request or the response names no model")
        if named not in listed and not _related(asked, named):
            yield response.finding(f"{asked!r} or a listed model", shown(named), "/model")


def _listed(subject: Subject) -> set[str]:
    answer = subject.answered("models/list/all")
    data = answer.json.get("data") if answer is not None and isinstance(answer.json, dict) else None
    records = [record for record in data if isinstance(record, dict)] if isinstance(data, list) else []
    return {record["id"] for record in records if isinstance(record.get("id"), str)}


def _related(one: str, other: str) -> bool:
    mine, theirs = (name.rsplit("/", 1)[-1].partition(":")[0].lower() for name in (one, other))
    return bool(mine) and bool(theirs) and (mine.startswith(theirs) or theirs.startswith(mine))
