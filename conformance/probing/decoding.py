"""Content-Encoding removed as bytes arrive (RFC 9110 §8.4), never beyond a bound."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

ACCEPTED = "gzip, deflate"

_MOST_CODINGS = 3  # a longer list is an attack: nobody compresses four times
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class DecodingError(ValueError):
    """The bytes are not what Content-Encoding says that they are."""


class TooLargeError(ValueError):
    """The body exceeds a bound; ``partial`` is what still fits."""

    def __init__(self, message: str, partial: bytes) -> None:
        super().__init__(message)
        self.partial = partial


class Decoder:
    """Feeds chunks through every coding of ``content_encoding``; at most ``limit`` bytes come out in all."""

    def __init__(self, content_encoding: Iterable[str], limit: int) -> None:
        names = [name.strip().lower() for value in content_encoding for name in value.split(",")]
        codings = [name for name in names if name not in {"", "identity"}]
        if len(codings) > _MOST_CODINGS:
            raise DecodingError(f"Content-Encoding lists {len(codings)} codings")
        self._stages = [_stage(name) for name in reversed(codings)]
        self._limit = limit
        self._produced = 0

    def feed(self, data: bytes) -> bytes:
        """The decoded bytes of ``data``. Raises DecodingError or TooLargeError."""
        for stage in self._stages:
            data = stage.feed(data, self._limit - self._produced)
        if self._produced + len(data) > self._limit:
            message = f"the body is larger than {self._limit} bytes once decompressed"
            raise TooLargeError(message, data[: self._limit - self._produced])
        self._produced += len(data)
        return data

    def end(self) -> None:
        """Raises DecodingError when a compressed body stops before its own end mark."""
        for stage in self._stages:
            stage.end()


def _stage(name: str) -> _Inflater:
    if name in {"gzip", "x-gzip"}:
        return _Inflater(name, _GZIP_WINDOW)
    if name == "deflate":
        return _Inflater(name, zlib.MAX_WBITS)
    raise DecodingError(f"Content-Encoding {name!r} was not asked for (Accept-Encoding: {ACCEPTED})")


class _Inflater:
    def __init__(self, name: str, window: int) -> None:
        self._name = name
        self._window = window
        self._inflater = zlib.decompressobj(window)
        self._started = False

    def feed(self, data: bytes, room: int) -> bytes:
        """At most ``room`` + 1 bytes, so that the caller sees that there are more."""
        if not data:
            return b""
        self._choose_raw_deflate(data)
        produced = b""
        while data and len(produced) <= room:
            produced += self._inflate(data, room + 1 - len(produced))
            data = self._next_member()
        return produced

    def _inflate(self, data: bytes, most: int) -> bytes:
        try:
            return self._inflater.decompress(data, most)
        except zlib.error as error:
            raise DecodingError(f"the body is not {self._name}: {error}") from None

    def _choose_raw_deflate(self, data: bytes) -> None:
        """Some servers send raw deflate, without the zlib header that RFC 9110 §8.4.1.2 asks for."""
        if not self._started and self._name == "deflate" and data[0] & 0x0F != zlib.DEFLATED:
            self._inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        self._started = True

    def _next_member(self) -> bytes:
        """What follows a finished gzip member is another one (RFC 1952 §2.2)."""
        if not self._inflater.eof:
            return b""
        rest = self._inflater.unused_data
        if rest:
            self._inflater = zlib.decompressobj(self._window)
        return rest

    def end(self) -> None:
        if self._started and not self._inflater.eof:
            raise DecodingError(f"the {self._name} body breaks off before its end mark")
