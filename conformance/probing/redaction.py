"""The key, and every form that it takes on the wire, overwritten in place: offsets and lengths stay true."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote, quote_plus

from conformance.exchange import Chunk, Exchange, Failure, Frame, Headers, Request, Response

_MARK = b"[key]"
_SHORT = 8  # below this a word such as ``null`` may be the key, and replacing it would break answers


class Redactor:
    """Overwrites secrets; one of fewer than eight letters, or digits, only behind ``Bearer``."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._pattern = re.compile(b"|".join(longest_first)) if longest_first else None

    def data(self, data: bytes) -> bytes:
        """``data`` of the same length with every secret overwritten."""
        return self._pattern.sub(lambda match: _mark(len(match[0])), data) if self._pattern else data

    def text(self, text: str) -> str:
        """As ``data``, for text of ours; the length is kept in UTF-8."""
        return self.data(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange as it may be written down."""
        if self._pattern is None:
            return exchange
        failure = exchange.failure
        return replace(
            exchange,
            request=self._request(exchange.request),
            response=self._response(exchange.response) if exchange.response else None,
            frames=tuple(self._frame(frame) for frame in exchange.frames),
            failure=Failure(failure.kind, self.text(failure.message)) if failure else None,
        )

    def _request(self, request: Request) -> Request:
        return Request(
            request.method, self.text(request.path), self._headers(request.headers), self.data(request.body)
        )

    def _response(self, response: Response) -> Response:
        chunks = tuple(self._chunks(response.chunks))
        return replace(response, headers=self._headers(response.headers), chunks=chunks)

    def _headers(self, headers: Headers) -> Headers:
        return tuple((self._latin(name), self._latin(value)) for name, value in headers)

    def _latin(self, text: str) -> str:
        return self.data(text.encode("latin-1")).decode("latin-1")

    def _chunks(self, chunks: tuple[Chunk, ...]) -> Iterator[Chunk]:
        """The body is looked at as a whole, as a secret may lie across two chunks."""
        body = self.data(b"".join(chunk.data for chunk in chunks))
        start = 0
        for chunk in chunks:
            yield Chunk(chunk.at, body[start : start + len(chunk.data)])
            start += len(chunk.data)

    def _frame(self, frame: Frame) -> Frame:
        return replace(frame, data=self.data(frame.data))


def _mark(length: int) -> bytes:
    return _MARK[:length].ljust(length, b"*")


def _forms(secret: str) -> Iterator[bytes]:
    """Patterns of the secret as it is, escaped in JSON, percent-encoded and in base64."""
    if len(secret) < _SHORT and (secret.isalpha() or secret.isdigit()):
        yield rb"(?<=[Bb]earer )" + re.escape(secret.encode()) + rb"(?![0-9A-Za-z])"
        return
    plain = secret.encode()
    quoted = json.dumps(secret)[1:-1]
    in_base64 = {base64.b64encode(plain).rstrip(b"="), base64.urlsafe_b64encode(plain).rstrip(b"=")}
    literal = {plain, quoted.encode(), quoted.replace("/", "\\/").encode(), *in_base64}
    percent = {quote(secret, safe=""), quote_plus(secret), quote(secret)}
    yield from (re.escape(form) for form in literal)
    yield from (_ANY_CASE.sub(_in_any_case, re.escape(form)).encode() for form in percent)


_ANY_CASE = re.compile(r"%[0-9A-F]{2}")  # RFC 3986 §2.1: the hexadecimal digits have no case


def _in_any_case(match: re.Match[str]) -> str:
    return "%" + "".join(f"[{digit}{digit.lower()}]" if digit.isalpha() else digit for digit in match[0][1:])
