"""Lies in response headers."""

from __future__ import annotations

from conformance.exchange import Exchange, Request
from conformance.reference.app import App
from conformance.reference.editing import is_json, is_stream, status_of, with_header
from conformance.reference.faults.frame import fault, wire_fault

REQUEST_ID = "x-request-id"
EXPOSED = "access-control-expose-headers"


def _request_id(exchange: Exchange) -> str | None:
    return exchange.response.header(REQUEST_ID) if exchange.response else None


@fault()
def omits_request_ids(exchange: Exchange) -> Exchange:
    """No answer has an x-request-id."""
    return with_header(exchange, REQUEST_ID) if _request_id(exchange) is not None else exchange


@fault()
def omits_request_ids_of_refusals(exchange: Exchange) -> Exchange:
    """Refusals have no x-request-id."""
    return with_header(exchange, REQUEST_ID) if status_of(exchange) >= 400 else exchange


@fault(defects=("D280",))
def omits_request_ids_of_streams(exchange: Exchange) -> Exchange:
    """Streams have no x-request-id."""
    return with_header(exchange, REQUEST_ID) if is_stream(exchange) else exchange


@fault()
def empties_request_ids(exchange: Exchange) -> Exchange:
    """x-request-id is empty."""
    return with_header(exchange, REQUEST_ID, "") if _request_id(exchange) is not None else exchange


@fault(defects=("D281",))
def sends_two_request_ids(exchange: Exchange) -> Exchange:
    """x-request-id comes twice with two values."""
    found = _request_id(exchange)
    return with_header(exchange, REQUEST_ID, found, f"{found}-2") if found is not None else exchange


@fault(defects=("D286",))
def renames_request_ids(exchange: Exchange) -> Exchange:
    """The request id comes under a private name."""
    found = _request_id(exchange)
    if found is None:
        return exchange
    return with_header(with_header(exchange, REQUEST_ID), "x-oneapi-request-id", found)


@wire_fault()
def repeats_request_ids(app: App) -> App:
    """Every answer has the same x-request-id."""

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        return with_header(exchange, REQUEST_ID, "req_1") if exchange.response else exchange

    return answer


@fault()
def calls_json_html(exchange: Exchange) -> Exchange:
    """JSON answers have the Content-Type text/html."""
    return with_header(exchange, "content-type", "text/html") if is_json(exchange) else exchange


@fault()
def omits_the_content_type(exchange: Exchange) -> Exchange:
    """JSON answers have no Content-Type."""
    return with_header(exchange, "content-type") if is_json(exchange) else exchange


@fault(defects=("D278",))
def hides_headers_from_browsers(exchange: Exchange) -> Exchange:
    """A browser may read neither retry-after nor x-request-id."""
    if exchange.response is None or exchange.response.header(EXPOSED) is None:
        return exchange
    return with_header(exchange, EXPOSED, "openai-version")


@fault(defects=("D285",))
def allows_an_empty_origin(exchange: Exchange) -> Exchange:
    """Access-Control-Allow-Origin is sent without a value."""
    return with_header(exchange, "access-control-allow-origin", "") if exchange.response else exchange


@fault()
def writes_processing_time_in_words(exchange: Exchange) -> Exchange:
    """openai-processing-ms is not a number."""
    return with_header(exchange, "openai-processing-ms", "7ms") if exchange.response else exchange


@fault()
def allows_more_than_the_limit(exchange: Exchange) -> Exchange:
    """More requests remain than the limit allows."""
    name = "x-ratelimit-remaining-requests"
    limited = exchange.response is not None and exchange.response.header(name) is not None
    return with_header(exchange, name, "999999") if limited else exchange


@fault()
def writes_reset_times_as_dates(exchange: Exchange) -> Exchange:
    """x-ratelimit-reset-requests is a date instead of a duration."""
    name = "x-ratelimit-reset-requests"
    limited = exchange.response is not None and exchange.response.header(name) is not None
    return with_header(exchange, name, "2025-06-15T12:00:00Z") if limited else exchange


@fault()
def discloses_the_upstream_in_headers(exchange: Exchange) -> Exchange:
    """Headers name the server behind the gateway."""
    return (
        with_header(exchange, "x-upstream-url", "http://10.0.3.7:8000/v1") if exchange.response else exchange
    )


@fault()
def writes_request_ids_with_spaces(exchange: Exchange) -> Exchange:
    """x-request-id holds spaces."""
    found = _request_id(exchange)
    return with_header(exchange, REQUEST_ID, f"request {found}") if found is not None else exchange


@fault()
def asks_to_retry_in_words(exchange: Exchange) -> Exchange:
    """Retry-After of a refusal is a word."""
    return with_header(exchange, "retry-after", "soon") if status_of(exchange) in (400, 404) else exchange
