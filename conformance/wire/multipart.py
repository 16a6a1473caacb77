"""multipart/form-data (RFC 7578): fields and files to bytes, and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")  # RFC 2046 §5.1.1
_PARAMETER = re.compile(r';\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_ESCAPES = {'"': "%22", "\r": "%0D", "\n": "%0A"}  # as browsers and the official clients write names


class MultipartError(ValueError):
    """Not multipart/form-data; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to send: the field it belongs to, its own name, media type and bytes."""

    field: str
    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a body. ``filename`` and ``content_type`` are None where the part does not state them."""

    name: str
    data: bytes
    filename: str | None = None
    content_type: str | None = None

    @property
    def text(self) -> str:
        """The content as UTF-8 text, bytes that are none replaced."""
        return self.data.decode("utf-8", "replace")


def encode(
    fields: Iterable[tuple[str, str]], files: Iterable[File] = (), *, boundary: str
) -> tuple[str, bytes]:
    """Content type and body: the fields, then the files, in the order given; a name may repeat.

    ValueError when the boundary is not legal or occurs in the content.
    """
    if not _BOUNDARY.fullmatch(boundary):
        raise ValueError(f"not a boundary: {boundary!r}")
    parts = [(_disposition(name), b"", value.encode()) for name, value in fields]
    parts += [
        (
            _disposition(file.field, file.filename),
            f"Content-Type: {file.content_type}\r\n".encode(),
            file.data,
        )
        for file in files
    ]
    delimiter = b"--" + boundary.encode()
    if any(delimiter in b"\r\n".join(part) for part in parts):
        raise ValueError("the boundary occurs in the content")
    body = b"".join(
        delimiter + b"\r\n" + head + content_type + b"\r\n" + data + b"\r\n"
        for head, content_type, data in parts
    )
    return f"multipart/form-data; boundary={_quoted(boundary)}", body + delimiter + b"--\r\n"


def parse(content_type: str, body: bytes) -> list[Part]:
    """The parts of a body, in order; MultipartError when there is no boundary, end, or name of a part."""
    boundary = _boundary(content_type)
    # A body may open with its delimiter, without the line end that precedes every other one.
    sections = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))
    if len(sections) < 2:
        raise MultipartError("the boundary does not occur in the body")
    *contents, last = sections[1:]
    if not last.startswith(b"--"):
        raise MultipartError("the closing boundary is missing")
    return [_part(content) for content in contents]


def _disposition(name: str, filename: str | None = None) -> bytes:
    line = f'Content-Disposition: form-data; name="{_escape(name)}"'
    if filename is not None:
        line += f'; filename="{_escape(filename)}"'
    return line.encode() + b"\r\n"


def _escape(value: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in value)


def _unescape(value: str) -> str:
    value = re.sub(r'\\(["\\])', r"\1", value)
    for character, escape in _ESCAPES.items():
        value = value.replace(escape, character)
    return value


def _quoted(boundary: str) -> str:
    return boundary if re.fullmatch(r"[0-9A-Za-z'+_.-]+", boundary) else f'"{boundary}"'


def _boundary(content_type: str) -> str:
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise MultipartError(f"not multipart/form-data: {content_type[:80]!r}")
    boundary = _parameters(content_type).get("boundary")
    if not boundary:
        raise MultipartError("the content type names no boundary")
    return boundary


def _parameters(value: str) -> dict[str, str]:
    return {
        match[1].lower(): match[2] if match[2] is not None else match[3]
        for match in _PARAMETER.finditer(value)
    }


def _part(content: bytes) -> Part:
    head, found, data = content.partition(b"\r\n\r\n")
    # White space may follow a delimiter before its line end (RFC 2046 §5.1.1).
    if not found or head.lstrip(b" \t")[:2] != b"\r\n":
        raise MultipartError("a part has no header")
    headers: dict[str, str] = {}
    for line in head.lstrip(b" \t")[2:].split(b"\r\n"):
        name, _, value = line.decode("utf-8", "replace").partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    parameters = _parameters(disposition)
    if disposition.partition(";")[0].strip().lower() != "form-data" or "name" not in parameters:
        raise MultipartError("a part has no name")
    filename = parameters.get("filename")
    return Part(
        _unescape(parameters["name"]),
        data,
        None if filename is None else _unescape(filename),
        headers.get("content-type"),
    )
