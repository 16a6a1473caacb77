"""What a reader is shown of a result: its findings with their places marked, and each exchange once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conformance.exchange import Exchange
from conformance.reporting.curl import command
from conformance.reporting.excerpt import Excerpt, Limits, body_excerpt
from conformance.reporting.place import Place, read_place
from conformance.reporting.timeline import Timeline, is_stream, timeline
from conformance.text import shorten

_MOST_FINDINGS = 5  # of one result that are shown with their excerpt
_MOST_HEADERS = 40
_MISSING = re.compile(r"the member '([^']{1,80})'")  # how a check says which member it looked for


@dataclass(frozen=True, slots=True)
class Header:
    """One response header as received; ``missing`` is one that a finding looked for in vain."""

    name: str
    value: str
    marked: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers."""

    line: str
    marked: bool
    headers: tuple[Header, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class FindingView:
    """A finding and the part of the response that shows it."""

    expected: str
    seen: str
    where: str
    exchange: str
    head: Head | None = None
    excerpt: Excerpt | None = None
    timeline: Timeline | None = None


@dataclass(frozen=True, slots=True)
class ExchangeView:
    """One exchange: the command that repeats it, and what came back."""

    id: str
    anchor: str
    attempt: int
    step: int
    request_line: str
    command: str
    seconds: float
    size: int
    failure: str
    head: Head | None
    body: Excerpt | None
    timeline: Timeline | None


@dataclass(frozen=True, slots=True)
class ResultView:
    """One result as a card."""

    entry: Mapping[str, Any]
    findings: tuple[FindingView, ...]
    more_findings: tuple[Mapping[str, Any], ...]
    exchanges: tuple[ExchangeView, ...]
    elsewhere: tuple[tuple[str, str], ...]  # id and anchor of exchanges that an earlier card shows
    absent: tuple[str, ...]  # ids that the recording does not hold


class Evidence:
    """Makes views; remembers which exchanges it has shown, so that each is in the report once."""

    def __init__(self, exchanges: Mapping[str, Exchange], base_url: str, limits: Limits) -> None:
        self._exchanges = exchanges
        self._base_url = base_url
        self._limits = limits
        self._anchors: dict[str, str] = {}

    def result(self, entry: Mapping[str, Any]) -> ResultView:
        """The card of one result."""
        ids = _exchange_ids(entry)
        known = [i for i in ids if i in self._exchanges]
        earlier = tuple((i, self._anchors[i]) for i in known if i in self._anchors)
        return ResultView(
            entry=entry,
            findings=tuple(self._finding(f, known) for f in entry["findings"][:_MOST_FINDINGS]),
            more_findings=tuple(entry["findings"][_MOST_FINDINGS:]),
            exchanges=_without_repeated_commands(
                [self._exchange(self._exchanges[i]) for i in known if i not in self._anchors]
            ),
            elsewhere=earlier,
            absent=tuple(i for i in ids if i not in self._exchanges),
        )

    def _finding(self, finding: Mapping[str, Any], known: Sequence[str]) -> FindingView:
        shown_by = finding.get("exchange") or (known[-1] if known else "")
        texts = (
            shorten(finding["expected"], 1000),
            shorten(finding["seen"], 2000),
            finding["where"],
            shown_by,
        )
        exchange = self._exchanges.get(shown_by)
        if exchange is None or exchange.response is None:
            return FindingView(*texts)
        place = read_place(finding["where"])
        if place.header or place.status:
            return FindingView(*texts, head=_head(exchange, place, self._limits))
        if place.byte is None and is_stream(exchange):
            return FindingView(*texts, timeline=timeline(exchange, place, self._limits))
        excerpt = body_excerpt(exchange.response.body, place, self._limits)
        missing = _MISSING.match(finding["expected"])
        if missing and place.pointer is not None and not excerpt.note.startswith("there is no"):
            excerpt = replace(excerpt, note=f"there is no {missing[1]} in what is marked")
        return FindingView(*texts, excerpt=excerpt)

    def _exchange(self, exchange: Exchange) -> ExchangeView:
        anchor = f"exchange-{len(self._anchors) + 1}"
        self._anchors[exchange.id] = anchor
        response, nowhere = exchange.response, Place()
        stream = is_stream(exchange)
        return ExchangeView(
            id=exchange.id,
            anchor=anchor,
            attempt=exchange.attempt,
            step=exchange.step,
            request_line=f"{exchange.request.method} {exchange.request.path}",
            command=command(exchange, self._base_url, body_limit=self._limits.curl),
            seconds=max(0.0, exchange.ended_at - exchange.started_at),
            size=len(response.body) if response else 0,
            failure=f"{exchange.failure.kind}: {exchange.failure.message}" if exchange.failure else "",
            head=_head(exchange, nowhere, self._limits) if response else None,
            body=body_excerpt(response.body, nowhere, self._limits) if response and not stream else None,
            timeline=timeline(exchange, nowhere, self._limits) if stream else None,
        )


def _without_repeated_commands(views: Sequence[ExchangeView]) -> tuple[ExchangeView, ...]:
    """An attempt that sent the same request again needs no second command."""
    seen: set[str] = set()
    shown = []
    for view in views:
        shown.append(replace(view, command="") if view.command in seen else view)
        seen.add(view.command)
    return tuple(shown)


def _exchange_ids(entry: Mapping[str, Any]) -> list[str]:
    """The exchanges that show a finding, else all that were judged."""
    shown = [finding["exchange"] for finding in entry["findings"] if finding.get("exchange")]
    attempts = entry["exchanges"] if len(entry["exchanges"]) <= _MOST_FINDINGS else []
    return list(dict.fromkeys([*attempts, *shown] or entry["exchanges"][-1:]))[: 2 * _MOST_FINDINGS]


def _head(exchange: Exchange, place: Place, limits: Limits) -> Head:
    response = exchange.response
    assert response is not None
    headers = [
        Header(name, shorten(value, limits.width), name.lower() == place.header)
        for name, value in response.headers
    ]
    left_out = max(0, len(headers) - _MOST_HEADERS)
    shown = [h for h in headers if h.marked] + headers if left_out else headers
    if place.header and not any(header.marked for header in headers):
        shown = [Header(place.header, "", missing=True), *shown]
    return Head(
        f"{response.http_version} {response.status}", place.status, tuple(shown[:_MOST_HEADERS]), left_out
    )
