"""JSON as it was received, with white space added for reading: every token stays, so does its order."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(r'[{}\[\],:]|"[^"\\]*(?:\\.[^"\\]*)*"|[^\s{}\[\],:"]+|"', re.DOTALL)
_MOST_TOKENS = 40_000  # about 60 ms; what lies beyond is not laid out
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Layout:
    """The text, and the span of what a pointer names or, for a ``missing`` member, of its nearest parent."""

    text: str
    mark: tuple[int, int] | None = None
    missing: tuple[str, ...] = ()
    whole: bool = True


@dataclass(slots=True)
class _Container:
    opener: str
    key: str = ""
    index: int = 0
    count: int = 0

    @property
    def step(self) -> str:
        return self.key if self.opener == "{" else str(self.index)


@dataclass(slots=True)
class _Writer:
    target: tuple[str, ...]
    string_limit: int
    out: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Container] = field(default_factory=list)
    spans: dict[int, list[int]] = field(default_factory=dict)

    def put(self, text: str) -> None:
        self.out.append(text)
        self.length += len(text)

    def line(self) -> None:
        self.put("\n" + _INDENT * len(self.stack))

    def begin(self) -> None:
        """A value starts here."""
        if self.stack and self.stack[-1].opener == "[":
            self._item()
        if self._on_the_way():
            self.spans[len(self.stack)] = [self.length, self.length]
            for deeper in [depth for depth in self.spans if depth > len(self.stack)]:
                del self.spans[deeper]  # a repeated key: the last one counts, as it does for most parsers

    def end(self) -> None:
        """The value that began last on this level ends here."""
        if self._on_the_way() and len(self.stack) in self.spans:
            self.spans[len(self.stack)][1] = self.length

    def _item(self) -> None:
        container = self.stack[-1]
        container.index = container.count
        container.count += 1
        self.line()

    def _on_the_way(self) -> bool:
        depth = len(self.stack)
        return depth <= len(self.target) and all(
            c.step == t for c, t in zip(self.stack, self.target, strict=False)
        )


def lay_out(text: str, pointer: tuple[str, ...] | None = None, *, string_limit: int = 400) -> Layout | None:
    """``text`` indented, with the span of ``pointer``; None when it is not a JSON object or array.

    Strings longer than ``string_limit`` are cut and counted.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return None
    writer = _Writer(pointer or (), string_limit)
    whole = _write(writer, text)
    if whole is None:
        return None
    mark, missing = _marked(writer, pointer) if pointer is not None else (None, ())
    return Layout("".join(writer.out), mark, missing, whole)


def _marked(writer: _Writer, pointer: tuple[str, ...]) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    depth = max(writer.spans, default=-1)
    if depth < 0:
        return None, pointer
    start, end = writer.spans[depth]
    return (start, max(start + 1, end)), pointer[depth:]


def _write(writer: _Writer, text: str) -> bool | None:
    """True when laid out whole, False when cut, None when the brackets do not match."""
    key_next = False
    for number, match in enumerate(_TOKEN.finditer(text)):
        if number > _MOST_TOKENS:
            return False
        token = match[0]
        if token in "{[":
            writer.begin()
            writer.put(token)
            writer.stack.append(_Container(token))
            key_next = token == "{"
        elif token in "}]":
            if not writer.stack:
                return None
            empty = not writer.stack.pop().count
            if not empty:
                writer.line()
            writer.put(token)
            writer.end()
        elif token == ",":
            writer.put(",")
            key_next = bool(writer.stack) and writer.stack[-1].opener == "{"
        elif token == ":":
            writer.put(": ")
        elif key_next and writer.stack:
            _key(writer, token)
            key_next = False
        else:
            writer.begin()
            writer.put(_cut(token, writer))
            writer.end()
    return not writer.stack


def _key(writer: _Writer, token: str) -> None:
    container = writer.stack[-1]
    container.count += 1
    try:
        container.key = str(json.loads(token))
    except ValueError:
        container.key = token
    writer.line()
    writer.put(token if len(token) <= writer.string_limit else token[: writer.string_limit] + "…")


def _cut(token: str, writer: _Writer) -> str:
    if len(token) <= writer.string_limit:
        return token
    kept = writer.string_limit * 3 // 4
    tail = writer.string_limit - kept
    return f"{token[:kept]}… {len(token) - kept - tail:,} characters cut …{token[-tail:]}"
