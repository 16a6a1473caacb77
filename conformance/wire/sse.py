"""Bytes in, events out: server-sent events as the HTML standard parses them, and what a client would not see.

A stream is lines; a blank line ends a block; a block with a ``data`` line is an event. Whatever the standard
lets a client skip or repair is kept as a `Deviation`, because clients in the field do not all skip alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

DeviationKind = Literal[
    "unterminated",  # the stream ended inside a block: a strict client drops it
    "bom",  # a byte order mark before the first line
    "invalid_utf8",
    "unknown_field",  # a line whose field is none of event, data, id, retry, byte for byte
    "id_field",  # an id without data, or behind one a blank line without an event: SDKs see an empty event
    "retry_field",  # a retry without data: SDKs see an empty event
    "no_data",  # fields, but no data line: a strict client dispatches nothing
    "empty_data",
    "multi_line_data",  # legal, but clients that read line by line break on it
    "nul",
    "after_done",  # a field line after the [DONE] event
    "done_with_extra",  # begins like [DONE], yet is not exactly that
    "too_many_events",  # the parser's own bound was reached; the rest was not read
]

DONE = "[DONE]"
_BOM = b"\xef\xbb\xbf"
_EXCERPT = 80  # characters of a line that a message shows
_SLICE = 1 << 16  # measured: twice as fast as splitting a body of 20 MB at once


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched event.

    ``type`` is what a client dispatches (``message`` unless named), ``event_field`` the literal value of the
    ``event`` line. Offsets count bytes of the body: ``start`` at the block's first field, ``end`` behind its
    blank line, ``data_offset`` at the first byte of the first data value.
    """

    data: str
    event_field: str | None = None
    start: int = 0
    end: int = 0
    data_offset: int = 0
    last_event_id: str = ""
    retry: int | None = None

    @property
    def type(self) -> str:
        """The event type that a client dispatches."""
        return self.event_field or "message"

    @property
    def is_done(self) -> bool:
        """Whether this is the ``[DONE]`` marker, byte for byte."""
        return self.data == DONE


@dataclass(frozen=True, slots=True)
class Deviation:
    """Something at ``offset`` that clients skip, repair or trip over."""

    kind: DeviationKind
    message: str
    offset: int


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole parsed body. ``unterminated`` is the block that lacked its blank line, if it had data."""

    events: tuple[Event, ...]
    deviations: tuple[Deviation, ...]
    unterminated: Event | None = None

    def of_kind(self, kind: DeviationKind) -> tuple[Deviation, ...]:
        """The deviations of one kind, in wire order."""
        return tuple(deviation for deviation in self.deviations if deviation.kind == kind)


@dataclass(slots=True)
class _Block:
    """The fields read since the last blank line."""

    start: int
    event_field: str | None = None
    retry: int | None = None
    data: list[str] = field(default_factory=list)
    data_offset: int = 0
    known: bool = False  # holds a field that the standard knows
    alone: list[Deviation] = field(default_factory=list)  # id and retry fields, should no data follow


class Parser:
    """Incremental parser: any division of the bytes into chunks gives the same events and deviations.

    Reading stops behind ``max_events`` events; of each kind at most ``max_deviations`` deviations are kept.
    """

    def __init__(self, *, max_events: int = 1_000_000, max_deviations: int = 100) -> None:
        self.deviations: list[Deviation] = []
        self.unterminated: Event | None = None
        self._max_events = max_events
        self._max_deviations = max_deviations
        self._counts: dict[str, int] = {}
        self._held: list[bytes] = []  # an unfinished line, in pieces so that tiny chunks stay linear
        self._offset = 0  # of the first held byte
        self._block: _Block | None = None
        self._event_id = ""
        self._dispatched = 0
        self._done = False
        self._full = False
        self._closed = False

    def feed(self, data: bytes) -> list[Event]:
        """Take the next bytes; return the events they complete.

        A CR in the last place waits for the next byte, which may be the LF that belongs to it.
        """
        if self._closed:
            raise ValueError("the parser is closed")
        if self._full or not data:
            return []
        open_cr = bool(self._held) and self._held[-1].endswith(b"\r")
        self._held.append(data)
        if not open_cr and b"\n" not in data and b"\r" not in data:
            return []
        lines = b"".join(self._held).splitlines(keepends=True)
        self._held = [] if lines[-1].endswith(b"\n") else [lines.pop()]
        return self._read(lines)

    def close(self) -> list[Event]:
        """Take the end of the stream; return an event that waited for a CR to be complete."""
        if self._closed:
            return []
        self._closed = True
        rest = b"".join(self._held)
        events = self._read([rest]) if rest.endswith(b"\r") else []
        if self._full:
            return events
        if rest and not rest.endswith(b"\r"):
            self._cut_line(rest)
        self._cut_block()
        return events

    def _read(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            content = line.rstrip(b"\r\n")
            if not content:
                if self._block is not None:
                    event = self._dispatch(self._block, self._offset + len(line))
                    if event is not None:
                        events.append(event)
                elif self._event_id and not self._done:
                    self._report("id_field", "a blank line without an event, behind an id", self._offset)
            elif self._dispatched >= self._max_events:
                self._stop()
                break
            else:
                self._field(content, self._offset)
            self._offset += len(line)
        return events

    def _stop(self) -> None:
        self._full = True
        message = f"more than {self._max_events} events; the rest was not read"
        self._report("too_many_events", message, self._offset)

    def _field(self, line: bytes, offset: int, *, complete: bool = True) -> None:
        """Take one line that is not blank."""
        if offset == 0 and line.startswith(_BOM):
            self._report("bom", "a byte order mark before the first line", 0)
            line, offset = line[3:], 3
            if not line:
                return
        if line[0] == 0x3A:  # a comment is legal anywhere
            return
        if self._done:
            self._report("after_done", f"{_excerpt(line)} after {DONE}", offset)
        self._inspect(line, offset)
        if self._block is None:
            self._block = _Block(offset)
        name, colon, value = line.partition(b":")
        skipped = len(name) + len(colon)
        if value.startswith(b" "):
            value, skipped = value[1:], skipped + 1
        self._apply(self._block, name, value.decode("utf-8", "replace"), offset, offset + skipped, complete)

    def _inspect(self, line: bytes, offset: int) -> None:
        if b"\0" in line:
            self._report("nul", f"a NUL byte in {_excerpt(line)}", offset + line.index(b"\0"))
        if not line.isascii():
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                self._report("invalid_utf8", f"{error.reason} in {_excerpt(line)}", offset + error.start)

    def _apply(
        self, block: _Block, name: bytes, value: str, offset: int, value_offset: int, complete: bool
    ) -> None:
        if name == b"data":
            if not block.data:
                block.data_offset = value_offset
            block.data.append(value)
        elif name == b"event":
            block.event_field = value
        elif name == b"id":
            block.alone.append(Deviation("id_field", f"id: {value[:_EXCERPT]!r} without data", offset))
            if "\0" not in value:
                self._event_id = value
        elif name == b"retry":
            block.alone.append(Deviation("retry_field", f"retry: {value[:_EXCERPT]!r} without data", offset))
            if value.isascii() and value.isdigit():
                block.retry = int(value[:18])  # bounded: a longer wait means nothing
        else:
            if complete:
                self._report("unknown_field", f"{_excerpt(name)} is not a field name", offset)
            return
        block.known = True

    def _dispatch(self, block: _Block, end: int) -> Event | None:
        """End the block: an event, or a deviation when it holds no data."""
        self._block = None
        if not block.data:
            self._report_alone(block)
            if block.known:
                self._report("no_data", f"a block{_named(block)} without a data line", block.start)
            return None
        event = self._event(block, end)
        if len(block.data) > 1:
            self._report("multi_line_data", f"{len(block.data)} data lines in one event", block.start)
        if not event.data:
            self._report("empty_data", f"an event{_named(block)} whose data is empty", block.start)
        elif event.data.lstrip().startswith(DONE):
            if not event.is_done:
                message = f"{event.data[:_EXCERPT]!r} is not exactly {DONE}"
                self._report("done_with_extra", message, block.start)
            self._done = True
        self._dispatched += 1
        return event

    def _report_alone(self, block: _Block) -> None:
        for deviation in block.alone:
            self._report(deviation.kind, deviation.message, deviation.offset)

    def _event(self, block: _Block, end: int) -> Event:
        data = block.data[0] if len(block.data) == 1 else "\n".join(block.data)
        return Event(
            data, block.event_field, block.start, end, block.data_offset, self._event_id, block.retry
        )

    def _cut_line(self, line: bytes) -> None:
        """Take a last line without its line end; what its name might have become is unknown."""
        self._field(line, self._offset, complete=False)
        self._offset += len(line)

    def _cut_block(self) -> None:
        block, self._block = self._block, None
        if block is None:
            return
        if not block.data:
            self._report_alone(block)
        self._report("unterminated", f"the stream ends inside a block{_named(block)}", block.start)
        if block.data:
            self.unterminated = self._event(block, self._offset)

    def _report(self, kind: DeviationKind, message: str, offset: int) -> None:
        count = self._counts.get(kind, 0)
        self._counts[kind] = count + 1
        if count < self._max_deviations:
            self.deviations.append(Deviation(kind, message, offset))


def parse(body: bytes, *, max_events: int = 1_000_000) -> Transcript:
    """Parse a whole body."""
    parser = Parser(max_events=max_events)
    events: list[Event] = []
    for start in range(0, len(body), _SLICE):
        events += parser.feed(body[start : start + _SLICE])
    events += parser.close()
    return Transcript(tuple(events), tuple(parser.deviations), parser.unterminated)


def encode(events: Iterable[Event]) -> bytes:
    """The bytes of ``events``: LF line ends, ``field: value``, ``id`` where the last event id changes.

    ValueError when a value holds a line end that the format cannot carry.
    """
    out: list[str] = []
    event_id = ""
    for event in events:
        if event.event_field is not None:
            out.append(f"event: {_one_line(event.event_field)}\n")
        if event.last_event_id != event_id:
            event_id = event.last_event_id
            out.append(f"id: {_one_line(event_id)}\n")
        if event.retry is not None:
            out.append(f"retry: {event.retry}\n")
        out += [f"data: {_without_cr(line)}\n" for line in event.data.split("\n")]
        out.append("\n")
    return "".join(out).encode()


def _one_line(value: str) -> str:
    if "\n" in value:
        raise ValueError(f"a field value cannot hold a line end: {value[:_EXCERPT]!r}")
    return _without_cr(value)


def _without_cr(value: str) -> str:
    if "\r" in value:
        raise ValueError(f"a field value cannot hold a carriage return: {value[:_EXCERPT]!r}")
    return value


def _excerpt(line: bytes) -> str:
    return repr(line[:_EXCERPT].decode("utf-8", "replace"))


def _named(block: _Block) -> str:
    return f" of event {block.event_field[:_EXCERPT]!r}" if block.event_field else ""
