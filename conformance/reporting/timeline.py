"""A stream or a WebSocket as rows with times and offsets, cut to its ends and to what findings point at."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conformance.exchange import Exchange, Frame, Response
from conformance.reporting.excerpt import Limits, Run, window
from conformance.reporting.json_layout import lay_out
from conformance.reporting.place import Place
from conformance.text import decode
from conformance.wire import sse

_MOST_EVENTS = 100_000
_MOST_TICKS = 160


@dataclass(frozen=True, slots=True)
class Row:
    """One event or message; ``gap`` counts rows left out in its place."""

    number: int = 0
    at: float = 0.0
    offset: int | None = None
    size: int = 0
    label: str = ""
    sender: str = "server"
    runs: tuple[Run, ...] = ()
    marked: bool = False
    gap: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Rows, and when each came as a share of the time from the first to the last (0 to 1000)."""

    kind: str
    rows: tuple[Row, ...]
    ticks: tuple[int, ...]
    marked_tick: int | None
    count: int
    first: float
    last: float
    ending: str = ""


def is_stream(exchange: Exchange) -> bool:
    """True when the exchange is shown as a timeline: server-sent events, or a WebSocket."""
    return bool(exchange.frames) or (
        exchange.response is not None and exchange.response.media_type == "text/event-stream"
    )


def timeline(exchange: Exchange, place: Place, limits: Limits) -> Timeline:
    """The transcript of ``exchange``, with the row that ``place`` names marked."""
    if exchange.frames:
        return _socket(exchange, place, limits)
    return _events(exchange, place, limits)


def _events(exchange: Exchange, place: Place, limits: Limits) -> Timeline:
    response = exchange.response or Response(0)
    parsed = sse.parse(response.body, max_events=_MOST_EVENTS)
    blocks = [*parsed.events, *([parsed.unterminated] if parsed.unterminated else [])]
    times = _arrivals(response, [block.end for block in blocks])
    marked = _marked_event(blocks, place)
    ending = "; ".join(deviation.message for deviation in parsed.of_kind("unterminated"))
    if exchange.failure is not None:
        ending = f"{exchange.failure.kind}: {exchange.failure.message}" + (f"; {ending}" if ending else "")
    rows = [
        row
        if isinstance(row, Row)
        else _event_row(blocks[row], row, times[row], row == marked, place, limits)
        for row in _chosen(len(blocks), marked, limits.events)
    ]
    return _timeline("events", rows, times, marked, ending)


def _timeline(
    kind: str, rows: Iterable[Row], times: Sequence[float], marked: int | None, ending: str
) -> Timeline:
    first, last = min(times, default=0.0), max(times, default=0.0)
    spots = [round((at - first) / (last - first) * 1000) if last > first else 0 for at in times]
    ticks = tuple(sorted(set(spots)))
    ticks = ticks[:: len(ticks) // _MOST_TICKS + 1]
    marked_tick = spots[marked] if marked is not None else None
    return Timeline(kind, tuple(rows), ticks, marked_tick, len(times), first, last, ending)


def _arrivals(response: Response, ends: Sequence[int]) -> list[float]:
    """When the last byte before each of ``ends`` arrived."""
    totals = list(itertools.accumulate(len(chunk.data) for chunk in response.chunks))
    if not totals:
        return [0.0] * len(ends)
    last = len(totals) - 1
    return [response.chunks[min(last, bisect.bisect_left(totals, end))].at for end in ends]


def _marked_event(blocks: Sequence[sse.Event], place: Place) -> int | None:
    if place.event is not None:
        return min(place.event, len(blocks) - 1) if blocks else None
    if place.byte is None:
        return None
    return next((n for n, block in enumerate(blocks) if block.start <= place.byte < block.end), None)


def _chosen(count: int, marked: int | None, each: int) -> Iterator[int | Row]:
    """Indexes to show in order; a Row with only a gap where some are left out."""
    skipped = 0
    for index in range(count):
        near = marked is not None and abs(index - marked) <= each // 2
        if near or index < each or index >= count - each:
            if skipped:
                yield Row(gap=skipped)
            skipped = 0
            yield index
        else:
            skipped += 1


def _event_row(event: sse.Event, number: int, at: float, marked: bool, place: Place, limits: Limits) -> Row:
    runs = _payload(event.data, place if marked else None, limits)
    return Row(
        number, at, event.start, event.end - event.start, event.event_field or "", "server", runs, marked
    )


def _payload(data: str, place: Place | None, limits: Limits) -> tuple[Run, ...]:
    """One line of the payload; laid out with its mark when a place in it is named."""
    if place is not None and place.pointer is not None:
        layout = lay_out(data, place.pointer, string_limit=limits.width)
        if layout is not None:
            runs = tuple(window(layout.text, layout.mark, limits))
            missing = f"\nthere is no /{'/'.join(layout.missing)}" if layout.missing else ""
            return (*runs, Run(missing, "cut")) if missing else runs
    text = data if len(data) <= limits.line else data[: limits.line] + "…"
    return (Run(text, "mark" if place is not None else ""),)


def _socket(exchange: Exchange, place: Place, limits: Limits) -> Timeline:
    frames = exchange.frames
    marked = _marked_frame(frames, place)
    rows = [
        row if isinstance(row, Row) else _frame_row(frames[row], row, row == marked, place, limits)
        for row in _chosen(len(frames), marked, limits.events)
    ]
    ending = f"{exchange.failure.kind}: {exchange.failure.message}" if exchange.failure else ""
    return _timeline("messages", rows, [frame.at for frame in frames], marked, ending)


def _marked_frame(frames: Sequence[Frame], place: Place) -> int | None:
    """``message N`` counts the text messages of the server."""
    number = place.message if place.message is not None else place.event
    if number is None:
        return None
    texts = [n for n, frame in enumerate(frames) if frame.sender == "server" and frame.kind == "text"]
    return texts[min(number, len(texts) - 1)] if texts else None


def _frame_row(frame: Frame, number: int, marked: bool, place: Place, limits: Limits) -> Row:
    if frame.kind == "close":
        code = int.from_bytes(frame.data[:2], "big") if len(frame.data) >= 2 else None
        runs: tuple[Run, ...] = (Run(f"{code or 'no code'} {decode(frame.data[2:])[:120]}".strip()),)
    elif frame.kind == "binary":
        runs = (Run(frame.data[:24].hex(" ") + (" …" if len(frame.data) > 24 else "")),)
    else:
        runs = _payload(decode(frame.data), place if marked else None, limits)
    return Row(number, frame.at, None, len(frame.data), frame.kind, frame.sender, runs, marked)
