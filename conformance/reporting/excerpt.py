"""As much of a body as a reader needs: laid out, cut around what a finding points at, and that marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.reporting.json_layout import lay_out
from conformance.reporting.place import Place
from conformance.text import decode

_HEX_ROW = 16
_MOST_READ = 8 << 20  # bytes of a body that are looked at; more is only counted


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is shown."""

    head: int = 14  # lines when nothing is marked
    around: int = 5
    tail: int = 2
    width: int = 400  # characters of a line or a JSON string
    line: int = 150  # characters of an event or message that is not marked
    events: int = 4  # events or messages at each end, and on each side of a marked one
    curl: int = 4096  # bytes of a request body that a command carries itself

    def leaner(self) -> Limits:
        """About a third of it."""
        return Limits(6, 2, 1, 140, 100, 2, 900)


@dataclass(frozen=True, slots=True)
class Run:
    """Text as received (no kind), what a finding points at (``mark``), or our words for a gap (``cut``)."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Runs to show in order, and a note on how they differ from the bytes."""

    runs: tuple[Run, ...]
    note: str = ""

    @property
    def is_cut(self) -> bool:
        """True when something is left out."""
        return any(run.kind == "cut" or "characters cut …" in run.text for run in self.runs)


def body_excerpt(body: bytes, place: Place, limits: Limits) -> Excerpt:
    """The part of ``body`` that ``place`` needs, or its start."""
    if not body:
        return Excerpt((Run("empty body", "cut"),))
    if place.byte is not None:
        return _around_byte(body, place.byte, limits)
    if _is_binary(body):
        return Excerpt(tuple(_hex_rows(body, 0, len(body), limits.head * _HEX_ROW // 2, None)), "binary")
    text = decode(body[:_MOST_READ])
    layout = lay_out(text, place.pointer, string_limit=limits.width)
    if layout is None:
        return Excerpt(tuple(window(text, None, limits)))
    note = "line breaks added" if layout.text != text else ""
    if layout.missing:
        note = f"there is no /{'/'.join(layout.missing)} in what is marked"
    return Excerpt(tuple(window(layout.text, layout.mark, limits)), note)


def window(text: str, mark: tuple[int, int] | None, limits: Limits) -> Iterator[Run]:
    """The first, the last and the marked lines of ``text``; what lies between is counted."""
    lines = text.split("\n")
    starts = _starts(lines)
    first, last = _marked_lines(starts, mark)
    if last - first > limits.around * 2:  # a whole container: its first line says which
        last = first
    head = limits.head if mark is None else min(limits.head, 2)
    skipped = 0
    for number, line in enumerate(lines):
        near = mark is not None and first - limits.around <= number <= last + limits.around
        if not (near or number < head or number >= len(lines) - limits.tail):
            skipped += 1
            continue
        yield from _gap(skipped)
        skipped = 0
        inside = mark if mark is not None and first <= number <= last else None
        yield from _line(line, starts[number], inside, limits.width * 2)
        if number < len(lines) - 1:
            yield Run("\n")
    yield from _gap(skipped)


def _starts(lines: list[str]) -> list[int]:
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    return starts


def _marked_lines(starts: list[int], mark: tuple[int, int] | None) -> tuple[int, int]:
    if mark is None:
        return 0, 0
    first = max((n for n, start in enumerate(starts) if start <= mark[0]), default=0)
    last = max((n for n, start in enumerate(starts) if start < mark[1]), default=first)
    return first, last


def _gap(lines: int) -> Iterator[Run]:
    if lines:
        yield Run(f"… {lines:,} line{'' if lines == 1 else 's'} cut …\n", "cut")


def _line(line: str, start: int, mark: tuple[int, int] | None, width: int) -> Iterator[Run]:
    if mark is None:
        yield from _cut_line(line, width)
        return
    begin, end = max(0, mark[0] - start), max(0, min(len(line), mark[1] - start))
    indent = len(line) - len(line.lstrip(" "))
    begin = max(begin, min(indent, end))
    yield from _cut_line(line[:begin], width, keep_end=True)
    yield Run(line[begin:end][:width], "mark")
    if end - begin > width:
        yield Run(f"… {end - begin - width:,} characters cut …", "cut")
    yield from _cut_line(line[end:], width)


def _cut_line(text: str, width: int, *, keep_end: bool = False) -> Iterator[Run]:
    if len(text) <= width:
        if text:
            yield Run(text)
        return
    cut = Run(f"… {len(text) - width:,} characters cut …", "cut")
    if keep_end:
        yield cut
        yield Run(text[-width:])
    else:
        yield Run(text[:width])
        yield cut


def _is_binary(body: bytes) -> bool:
    sample = body[:2048]
    strange = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in sample)
    if strange > len(sample) // 20:
        return True
    return decode(sample).count("\\x") > len(sample) // 8


def _around_byte(body: bytes, offset: int, limits: Limits) -> Excerpt:
    offset = min(offset, len(body))
    note = f"bytes as received, from {max(0, offset - limits.width):,} of {len(body):,}"
    if _is_binary(body):
        start = max(0, (offset // _HEX_ROW - 2) * _HEX_ROW)
        return Excerpt(tuple(_hex_rows(body, start, len(body), 6 * _HEX_ROW, offset)), note)
    before = body[max(0, offset - limits.width) : offset]
    marked = body[offset : offset + 48].split(b"\n")[0] or body[offset : offset + 1]
    behind = body[offset + len(marked) : offset + len(marked) + limits.width]
    runs = [Run(decode(before)), Run(decode(marked) or "end of the body", "mark"), Run(decode(behind))]
    if offset > limits.width:
        runs.insert(0, Run(f"… {offset - limits.width:,} bytes cut …", "cut"))
    rest = len(body) - offset - len(marked) - len(behind)
    if rest > 0:
        runs.append(Run(f"… {rest:,} bytes cut …", "cut"))
    return Excerpt(tuple(run for run in runs if run.text), note)


def _hex_rows(body: bytes, start: int, end: int, most: int, marked: int | None) -> Iterator[Run]:
    for position in range(start, min(end, start + most), _HEX_ROW):
        row = body[position : position + _HEX_ROW]
        shown = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        text = f"{position:08x}  {row.hex(' '):<{_HEX_ROW * 3}} {shown}"
        hit = marked is not None and position <= marked < position + _HEX_ROW
        yield Run(text, "mark" if hit else "")
        yield Run("\n")
    if end > start + most:
        yield Run(f"… {end - start - most:,} bytes cut …", "cut")
