"""Lies of HTTP itself: lengths, encodings, connections, methods, redirects and outages."""

from __future__ import annotations

from dataclasses import replace

from conformance.exchange import Exchange, Failure, Request
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import (
    answer_with,
    is_call,
    is_json,
    refuse,
    status_of,
    with_body,
    with_chunks,
    with_header,
    with_status,
)
from conformance.reference.faults.frame import fault, wire_fault

CHAT = "/v1/chat/completions"


def _works(exchange: Exchange) -> bool:
    return status_of(exchange) == 200 and is_json(exchange) and exchange.response is not None


def _length(exchange: Exchange) -> int:
    return len(exchange.response.body) if exchange.response else 0


@fault(defects=("D306",))
def promises_more_bytes_than_it_sends(exchange: Exchange) -> Exchange:
    """Content-Length is one more than the bytes that come."""
    if not _works(exchange):
        return exchange
    longer = with_header(exchange, "content-length", str(_length(exchange) + 1))
    return replace(longer, failure=Failure("cut", "the body is shorter than its Content-Length"))


@fault()
def promises_fewer_bytes_than_it_has(exchange: Exchange) -> Exchange:
    """Content-Length is less than the body, whose end is lost."""
    if not _works(exchange) or exchange.response is None:
        return exchange
    return with_body(exchange, exchange.response.body[:-1])


@fault(defects=("D312",))
def sends_a_length_and_chunks(exchange: Exchange) -> Exchange:
    """Content-Length and Transfer-Encoding come together."""
    return with_header(exchange, "transfer-encoding", "chunked") if _works(exchange) else exchange


@fault()
def claims_gzip(exchange: Exchange) -> Exchange:
    """Content-Encoding says gzip, and the bytes are not."""
    if not _works(exchange):
        return exchange
    packed = with_header(with_header(exchange, "content-encoding", "gzip"), "content-length")
    return replace(with_body(packed, b""), failure=Failure("encoding", "not a gzip stream"))


@fault()
def cuts_bodies_off(exchange: Exchange) -> Exchange:
    """The connection closes in the middle of a JSON body."""
    if not _works(exchange) or exchange.response is None:
        return exchange
    half = exchange.response.body[: _length(exchange) // 2]
    cut = with_header(with_chunks(exchange, [half]), "content-length", str(_length(exchange)))
    return replace(cut, failure=Failure("cut", "closed in the middle of the body"))


@fault()
def hangs_up_on_chats(exchange: Exchange) -> Exchange:
    """The connection closes without an answer."""
    if not is_call(exchange, CHAT):
        return exchange
    return replace(exchange, response=None, failure=Failure("cut", "closed without an answer"))


@fault()
def never_answers_a_chat(exchange: Exchange) -> Exchange:
    """No answer ever comes."""
    if not is_call(exchange, CHAT):
        return exchange
    return replace(exchange, response=None, failure=Failure("no_head", "no answer in time"))


@fault()
def appends_garbage_to_json(exchange: Exchange) -> Exchange:
    """Bytes follow the JSON value."""
    if not _works(exchange) or exchange.response is None:
        return exchange
    return with_body(exchange, exchange.response.body + b"\n<!-- cached -->")


@fault()
def writes_nan(exchange: Exchange) -> Exchange:
    """A number in the JSON is NaN."""
    if not _works(exchange) or exchange.response is None or not is_call(exchange, CHAT):
        return exchange
    return with_body(exchange, exchange.response.body.replace(b'"usage":{', b'"usage":{"cost":NaN,', 1))


@fault()
def writes_a_key_twice(exchange: Exchange) -> Exchange:
    """A key comes twice in one object, with two values."""
    if not _works(exchange) or exchange.response is None or not is_call(exchange, CHAT):
        return exchange
    return with_body(exchange, exchange.response.body.replace(b'"model":', b'"model":"another","model":', 1))


@fault()
def writes_latin_1(exchange: Exchange) -> Exchange:
    """JSON answers are Latin-1 instead of UTF-8."""
    if not _works(exchange) or exchange.response is None:
        return exchange
    body = exchange.response.body.decode().encode("latin-1", "replace")
    return with_body(exchange, body.replace(b'"reference"', b'"r\xe9f\xe9rence"'))


@fault()
def answers_with_nothing(exchange: Exchange) -> Exchange:
    """A 200 has no body."""
    return with_body(exchange, b"") if _works(exchange) else exchange


@fault()
def answers_with_an_empty_object(exchange: Exchange) -> Exchange:
    """A 200 is an empty object."""
    return answer_with(exchange, 200, {}) if _works(exchange) else exchange


@fault()
def creates_where_it_should_answer(exchange: Exchange) -> Exchange:
    """Answers have the status 201."""
    return with_status(exchange, 201) if _works(exchange) else exchange


@fault(defects=("D304",))
def refuses_preflights(exchange: Exchange) -> Exchange:
    """A browser's preflight is answered 405."""
    if exchange.request.method != "OPTIONS":
        return exchange
    return answer_with(exchange, 405, {"detail": "Method Not Allowed"})


@fault(defects=("D314",))
def answers_a_wrong_method_in_html(exchange: Exchange) -> Exchange:
    """A wrong method is answered 404 with a page of HTML."""
    if status_of(exchange) != 405:
        return exchange
    page = b"<html><body>Not Found</body></html>"
    return with_header(answer_with(exchange, 404, page, "text/html"), "allow")


@fault()
def accepts_any_method(exchange: Exchange) -> Exchange:
    """A wrong method is answered 200."""
    return answer_with(exchange, 200, {"status": "ok"}) if status_of(exchange) == 405 else exchange


@fault()
def names_no_allowed_methods(exchange: Exchange) -> Exchange:
    """A 405 has no Allow header."""
    return with_header(exchange, "allow") if status_of(exchange) == 405 else exchange


@fault()
def redirects_elsewhere(exchange: Exchange) -> Exchange:
    """Chats are redirected to another host."""
    if not is_call(exchange, CHAT):
        return exchange
    moved = answer_with(exchange, 307, b"", "text/plain")
    return with_header(moved, "location", "http://elsewhere.invalid/v1/chat/completions")


@fault()
def fails_every_chat(exchange: Exchange) -> Exchange:
    """Chats are answered 500 while everything else works."""
    if not is_call(exchange, CHAT) or status_of(exchange) != 200:
        return exchange
    return refuse(exchange, errors.Refusal(500, "The server had an error.", kind="server_error"))


@fault()
def answers_chats_with_a_gateway_page(exchange: Exchange) -> Exchange:
    """Chats are answered 502 with a proxy's page."""
    if not is_call(exchange, CHAT):
        return exchange
    return answer_with(exchange, 502, b"<html><h1>502 Bad Gateway</h1><hr>nginx</html>", "text/html")


@wire_fault()
def limits_every_request(app: App) -> App:
    """Every request but the model list is answered 429."""

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        if is_call(exchange, "/v1/models"):
            return exchange
        refusal = errors.Refusal(
            429, "Rate limit reached.", kind="rate_limit_error", code="rate_limit_exceeded"
        )
        return with_header(refuse(exchange, refusal), "retry-after", "1")

    return answer
