"""A streamed request beside its unstreamed twin: the same kind of answer, the same counts; and usage in a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.checks.completion_view import Completion, completion
from conformance.checks.excerpt import shown
from conformance.checks.streams import judged_payloads, streams
from conformance.checks.subject import Finding, NotShown, Subject, check


def _twins(subject: Subject) -> tuple[Completion, Completion]:
    other = subject.answered(subject.case.mirrors)
    if other is None:
        raise NotShown("its unstreamed twin was not answered")
    return completion(subject.answer), completion(other)


@check
def twins_agree(subject: Subject) -> Iterator[Finding]:
    """As many choices, tool calls where the twin has them, and then the same finish_reason."""
    streamed, plain = _twins(subject)
    exchange = subject.answer.exchange.id
    if len(streamed.choices) != len(plain.choices):
        seen = f"{len(streamed.choices)} choices"
        yield Finding(f"{len(plain.choices)} choices, as its twin has", seen, "/choices", exchange)
        return
    for mine, theirs in zip(streamed.choices, plain.choices, strict=True):
        same_calls = bool(mine.tool_calls) == bool(theirs.tool_calls)
        reasons = {mine.finish_reason, theirs.finish_reason}
        if mine.tool_calls and same_calls and reasons == {"stop", "tool_calls"}:
            expected = f"{shown(theirs.finish_reason)}, as its twin has"
            yield Finding(expected, shown(mine.finish_reason), f"{mine.where}/finish_reason", exchange)


@check
def twins_count_alike(subject: Subject) -> Iterator[Finding]:
    """The prompt is the same; the text may differ, and then so may its tokens."""
    streamed, plain = _twins(subject)
    if streamed.usage is None or plain.usage is None:
        raise NotShown("the two answers do not both have usage")
    names = ["prompt_tokens"]
    if _said(streamed) == _said(plain):
        names.append("completion_tokens")
    for name in names:
        mine, theirs = streamed.usage.get(name), plain.usage.get(name)
        if isinstance(mine, int) and isinstance(theirs, int) and mine != theirs:
            where = f"/usage/{name}"
            yield Finding(f"{theirs}, as its twin has", str(mine), where, subject.answer.exchange.id)


def _said(found: Completion) -> list[Any]:
    """Everything that was made; reasoning that is not shown counts as unknown, so it never equals."""
    details = (found.usage or {}).get("completion_tokens_details")
    hidden = details.get("reasoning_tokens") if isinstance(details, dict) else 0
    calls = [[(name, arguments) for _, name, arguments in choice.functions()] for choice in found.choices]
    return [[choice.text for choice in found.choices], calls, hidden]


def _usages(subject: Subject) -> Iterator[tuple[str, list[tuple[int, dict[str, Any]]]]]:
    for answer in streams(subject):
        chunks = [(index, payload) for index, payload in judged_payloads(answer) if isinstance(payload, dict)]
        yield answer.exchange.id, chunks


@check
def usage_chunk_ends_the_stream(subject: Subject) -> Iterator[Finding]:
    """One chunk with usage and without choices, behind all others."""
    for exchange, chunks in _usages(subject):
        holders = [(index, chunk) for index, chunk in chunks if isinstance(chunk.get("usage"), dict)]
        if not holders:
            yield Finding("a chunk with usage", "none", f"event {len(chunks) - 1}", exchange)
            continue
        index, last = holders[-1]
        if last.get("choices") != [] and "choices" in last:
            yield Finding("choices []", shown(last.get("choices")), f"event {index} /choices", exchange)
        elif chunks[-1][0] != index:
            yield Finding("the last chunk", "a chunk before the last", f"event {index} /usage", exchange)


@check
def usage_stands_in_the_last_chunk_only(subject: Subject) -> Iterator[Finding]:
    """Clients add up or overwrite what they find, and read choices[0] of a chunk that they did not ask for."""
    asked = bool(((subject.request_json() or {}).get("stream_options") or {}).get("include_usage"))
    for exchange, chunks in _usages(subject):
        holders = [index for index, chunk in chunks if isinstance(chunk.get("usage"), dict)]
        for index in [index for index in holders if not asked or index != chunks[-1][0]][:1]:
            yield Finding("usage null or absent", "counts", f"event {index} /usage", exchange)
