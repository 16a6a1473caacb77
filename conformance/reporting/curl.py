"""A request as a command to paste into a shell: the same bytes, the key left to ``$OPENAI_API_KEY``."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.exchange import Exchange, Request
from conformance.text import UNSEEN

_REDACTED = re.compile(r"\[key\]\**")
_LEFT_TO_CURL = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}
)
_NOISE = re.compile(r"x-stainless-|sec-websocket-(key|version|extensions)|upgrade$", re.IGNORECASE)
_KEY = "$OPENAI_API_KEY"


def command(exchange: Exchange, base_url: str, *, body_limit: int = 4096) -> str:
    """The request as ``curl``, or ``websocat`` for a WebSocket; a longer body is read from the recording."""
    if exchange.frames or (exchange.request.header("upgrade") or "").lower() == "websocket":
        return _websocat(exchange, base_url, body_limit)
    request = exchange.request
    url = _url(base_url, request.path)
    parts = ["curl -sS -i -N" + _globbing(url) + _method(request), *_headers(request), quoted(url)]
    body, before = _body(request, body_limit, exchange.id)
    return before + " \\\n  ".join([parts[0], parts[-1], *parts[1:-1], *body])


def quoted(text: str) -> str:
    """``text`` as one word of a shell; with bash's ``$'…'`` where a reader would not see all of it."""
    return _ansi_c(text) if UNSEEN.search(text.replace("\n", "")) else shlex.quote(text)


def _ansi_c(text: str) -> str:
    def escape(match: re.Match[str]) -> str:
        code = ord(match[0])
        if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8, as surrogateescape decodes it
            return f"\\x{code - 0xDC00:02x}"
        return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

    plain = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + UNSEEN.sub(escape, plain) + "'"


def _url(base_url: str, path: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{path}"


def _globbing(url: str) -> str:
    return (" -g" if re.search(r"[\[\]{}]", url) else "") + (" --path-as-is" if "/." in url else "")


def _method(request: Request) -> str:
    if request.method == "HEAD":
        return " -I"
    implied = "POST" if request.body else "GET"
    return "" if request.method == implied else f" -X {quoted(request.method)}"


def _headers(request: Request) -> Iterator[str]:
    names = {name.lower() for name, _ in request.headers}
    for name, value in request.headers:
        if name.lower() not in _LEFT_TO_CURL and not _NOISE.match(name):
            yield _header(name, value)
    if request.body and "content-type" not in names:
        yield "-H 'Content-Type:'"


def _header(name: str, value: str) -> str:
    if not value:
        return f"-H {quoted(name + ';')}"
    if _REDACTED.search(value):
        words = _REDACTED.split(f"{name}: {value}")
        return "-H " + f'"{_KEY}"'.join(quoted(word) if word else "" for word in words)
    return f"-H {quoted(f'{name}: {value}')}"


def _body(request: Request, limit: int, exchange_id: str) -> tuple[list[str], str]:
    """The arguments that carry the body, and what must come before ``curl``."""
    if not request.body:
        return ([], "")
    if len(request.body) > limit:
        return ["--data-binary @-"], _from_recording(request.body, exchange_id)
    text = request.body.decode("utf-8", "surrogateescape")
    if "\0" in text or sum(0xDC80 <= ord(c) <= 0xDCFF for c in text) > 16:
        return ["--data-binary @-"], f"printf %s {base64.b64encode(request.body).decode()} | base64 -d | "
    return [f"--data-raw {quoted(text)}"], ""


def _from_recording(body: bytes, exchange_id: str) -> str:
    line = f"select(.id == {json.dumps(exchange_id)}).request.body"
    try:
        body.decode()
    except UnicodeDecodeError:
        return f"jq -r {quoted(line + '.base64')} recording/exchanges.jsonl | base64 -d | "
    return f"jq -j {quoted(line + '.text')} recording/exchanges.jsonl | "


def _websocat(exchange: Exchange, base_url: str, limit: int) -> str:
    url = _url(re.sub("^http", "ws", base_url), exchange.request.path)
    sent = [frame.data for frame in exchange.frames if frame.sender == "client" and frame.kind == "text"]
    small = [data.decode("utf-8", "replace") for data in sent if len(data) <= limit]
    lines = ["websocat -n", *_headers(exchange.request), quoted(url)]
    text = " \\\n  ".join(lines)
    if small:
        text = "printf '%s\\n' " + " \\\n  ".join(quoted(message) for message in small) + " | \\\n" + text
    return (
        text
        if len(small) == len(sent)
        else text + f"\n# {len(sent) - len(small)} longer messages are in the recording"
    )
