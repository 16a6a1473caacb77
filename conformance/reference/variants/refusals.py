"""Refusals that differ, and rows and options that are gated."""

from __future__ import annotations

import json
from dataclasses import replace

from conformance.exchange import Exchange, Request, Response
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import (
    Answer,
    edit_json,
    is_call,
    is_stream,
    refuse,
    status_of,
    with_header,
    with_status,
)
from conformance.reference.variants.frame import variant, wire_variant


@variant
def answers_422_to_bad_values(exchange: Exchange) -> Exchange:
    """Bad values are refused with 422 instead of 400."""
    validation = status_of(exchange) == 400 and b'"code":"in' in _body(exchange)
    if not validation or exchange.response is None:
        return exchange
    return replace(exchange, response=replace(exchange.response, status=422))


@variant
def refuses_content_types_with_415(exchange: Exchange) -> Exchange:
    """Another content type is refused with 415 instead of 400."""
    other = b"unsupported_content_type" in _body(exchange) and exchange.response is not None
    return (
        replace(exchange, response=replace(exchange.response or Response(0), status=415))
        if other
        else exchange
    )


@variant
def answers_404_to_a_wrong_method(exchange: Exchange) -> Exchange:
    """A wrong method is refused with 404."""
    if status_of(exchange) != 405:
        return exchange
    return with_header(
        refuse(exchange, errors.unknown_path(exchange.request.method, exchange.request.path)), "allow"
    )


@variant
def answers_400_to_an_unknown_model(exchange: Exchange) -> Exchange:
    """An unknown model is refused with 400 instead of 404."""
    here = status_of(exchange) == 404 and b'"code":"model_not_found"' in _body(exchange)
    return with_status(exchange, 400) if here and exchange.request.method == "POST" else exchange


@variant
def answers_404_where_only_a_websocket_is(exchange: Exchange) -> Exchange:
    """A request without an upgrade is refused with 404 instead of 426."""
    if status_of(exchange) != 426:
        return exchange
    return refuse(exchange, errors.unknown_path(exchange.request.method, exchange.request.path))


UNAVAILABLE = (
    "assistants", "batches", "chatkit", "containers", "conversations", "evals", "files", "fine_tuning",
    "organization", "projects", "skills", "threads", "uploads", "vector_stores",
)  # fmt: skip
"""What the paths of families begin with that the contract has not."""


def _refuses_families(exchange: Exchange, refusal: errors.Refusal) -> Exchange:
    family = exchange.request.path.removeprefix("/v1/").partition("?")[0].partition("/")[0]
    here = status_of(exchange) in (404, 405) and family in UNAVAILABLE
    return refuse(exchange, refusal) if here else exchange


@variant
def refuses_unavailable_families_with_400(exchange: Exchange) -> Exchange:
    """Families that are not available are refused with 400."""
    return _refuses_families(exchange, errors.Refusal(400, _ABSENT, code="unsupported_endpoint"))


@variant
def refuses_unavailable_families_with_403(exchange: Exchange) -> Exchange:
    """Families that are not available are refused with 403."""
    return _refuses_families(exchange, errors.Refusal(403, _ABSENT, kind="permission_error"))


@variant
def refuses_unavailable_families_with_501(exchange: Exchange) -> Exchange:
    """Families that are not available are refused with 501."""
    return _refuses_families(exchange, errors.Refusal(501, _ABSENT, kind="not_implemented_error"))


_ABSENT = "This endpoint is not available."


@variant
def adds_fields_to_errors(exchange: Exchange) -> Exchange:
    """The error object has fields that the contract does not name."""

    def edit(answer: Answer) -> None:
        answer.body["error"]["doc_url"] = "https://example.com/errors"
        answer.body["status"] = status_of(exchange)

    return edit_json(exchange, edit) if status_of(exchange) >= 400 else exchange


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


def _gates(app: App, refusal: errors.Refusal) -> App:
    def answer(request: Request) -> Exchange:
        exchange = app(request)
        gated = status_of(exchange) == 101 or (status_of(exchange) == 200 and _is_limited(exchange))
        return refuse(exchange, refusal) if gated else exchange

    return answer


TEXT = ("/v1/chat/completions", "/v1/completions", "/v1/responses")
LIMITED = (
    "/v1/completions",
    "/v1/responses/compact",
    "/v1/responses/input_tokens",
    "/v1/embeddings",
    "/v1/moderations",
    "/v1/videos*",
    "/v1/audio/*",
    "/v1/realtime",
)
_GATED = "This endpoint is not available for the selected model and account."


def _is_limited(exchange: Exchange) -> bool:
    return any(is_call(exchange, path) for path in LIMITED)


@wire_variant
def gates_limited_rows_with_400(app: App) -> App:
    """Every limited row is refused with 400."""
    return _gates(app, errors.Refusal(400, _GATED, code="unsupported_endpoint"))


@wire_variant
def gates_limited_rows_with_402(app: App) -> App:
    """Every limited row is refused with 402."""
    return _gates(app, errors.Refusal(402, _GATED, code="unsupported_endpoint"))


@wire_variant
def gates_limited_rows_with_422(app: App) -> App:
    """Every limited row is refused with 422."""
    return _gates(app, errors.Refusal(422, _GATED, code="unsupported_endpoint"))


@wire_variant
def gates_limited_rows_with_403(app: App) -> App:
    """Every limited row is refused with 403."""
    return _gates(app, errors.Refusal(403, _GATED, kind="permission_error"))


@wire_variant
def gates_limited_rows_with_404(app: App) -> App:
    """Every limited row is refused with 404."""
    return _gates(app, errors.Refusal(404, _GATED, code="model_not_found"))


@wire_variant
def gates_limited_rows_with_501(app: App) -> App:
    """Every limited row is refused with 501."""
    return _gates(app, errors.Refusal(501, _GATED, kind="not_implemented_error"))


@wire_variant
def gates_limited_rows_unread(app: App) -> App:
    """Every limited row is refused with 403, whatever is asked of it; only the key is looked at before."""

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        refused = errors.Refusal(403, _GATED, code="not_enabled", kind="permission_error")
        return refuse(exchange, refused) if _is_limited(exchange) and status_of(exchange) != 401 else exchange

    return answer


@variant
def gates_options(exchange: Exchange) -> Exchange:
    """Options that not every model has are refused."""
    try:
        sent = json.loads(exchange.request.body)
    except (ValueError, RecursionError):
        return exchange
    text = any(is_call(exchange, path) for path in TEXT)
    if status_of(exchange) != 200 or not text or not isinstance(sent, dict):
        return exchange
    for name in ("tools", "logprobs", "response_format", "best_of", "seed", "text", "reasoning"):
        if sent.get(name):
            return refuse(exchange, errors.unsupported_parameter(name))
    return (
        refuse(exchange, errors.unsupported_value("n", "Only n = 1."))
        if (sent.get("n") or 1) > 1
        else exchange
    )


@variant
def replays_no_streams(exchange: Exchange) -> Exchange:
    """A Response can be read, and its stream cannot be replayed."""
    if not is_stream(exchange) or not is_call(exchange, "/v1/responses/*", "GET"):
        return exchange
    return refuse(exchange, errors.unsupported_parameter("stream"))


@variant
def reads_no_responses(exchange: Exchange) -> Exchange:
    """Responses can be neither read nor cancelled."""
    if status_of(exchange) != 200 or not is_call(exchange, "/v1/responses/resp_*"):
        return exchange
    return refuse(exchange, errors.not_found("Response", "unknown"))
