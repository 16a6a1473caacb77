"""Lies about who may ask and what exists: keys, unknown paths, unavailable resources, background mode."""

from __future__ import annotations

from dataclasses import replace

from conformance.exchange import Exchange, Request
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import answer_with, is_call, refuse, sent_json, status_of, with_header
from conformance.reference.faults.frame import fault, wire_fault
from conformance.reference.state import KEY

_ROWS = ("/v1/chat/completions", "/v1/responses", "/v1/videos")


def _with_key(request: Request) -> Request:
    others = tuple(pair for pair in request.headers if pair[0].lower() != "authorization")
    return replace(request, headers=(*others, ("authorization", f"Bearer {KEY}")))


@wire_fault(defects=("D288",))
def asks_for_no_key(app: App) -> App:
    """Requests without a key and with a wrong one are answered."""
    return lambda request: replace(app(_with_key(request)), request=request)


@wire_fault()
def takes_any_key(app: App) -> App:
    """Any key is good, though there must be one."""

    def answer(request: Request) -> Exchange:
        given = request.header("authorization") is not None
        return replace(app(_with_key(request) if given else request), request=request)

    return answer


@wire_fault()
def compares_the_start_of_the_key(app: App) -> App:
    """A key is good that begins with a good one."""

    def answer(request: Request) -> Exchange:
        begins = (request.header("authorization") or "").startswith(f"Bearer {KEY}")
        return replace(app(_with_key(request) if begins else request), request=request)

    return answer


@wire_fault()
def streams_to_anyone(app: App) -> App:
    """Who asks for a stream needs no key."""

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        if status_of(exchange) != 401 or sent_json(exchange).get("stream") is not True:
            return exchange
        return replace(app(_with_key(request)), request=request)

    return answer


@wire_fault()
def lists_models_to_anyone(app: App) -> App:
    """The model list needs no key while everything else does."""

    def answer(request: Request) -> Exchange:
        open_to_all = request.path.startswith("/v1/models")
        return replace(app(_with_key(request) if open_to_all else request), request=request)

    return answer


@wire_fault()
def hands_out_videos_to_anyone(app: App) -> App:
    """A video and its content need no key, only their id."""

    def answer(request: Request) -> Exchange:
        is_read = request.method == "GET" and request.path.startswith("/v1/videos/")
        opened = replace(app(_with_key(request)), request=request) if is_read else None
        return opened if opened is not None and status_of(opened) == 200 else app(request)

    return answer


@wire_fault()
def hands_out_responses_to_anyone(app: App) -> App:
    """A stored response needs no key, only its id, to be read and to be cancelled."""

    def answer(request: Request) -> Exchange:
        is_helper = request.path.startswith("/v1/responses/resp_")
        opened = replace(app(_with_key(request)), request=request) if is_helper else None
        return opened if opened is not None and status_of(opened) == 200 else app(request)

    return answer


def _unknown(exchange: Exchange) -> bool:
    return status_of(exchange) == 404 and b"Invalid URL" in (
        exchange.response.body if exchange.response else b""
    )


@fault()
def blames_the_key_for_what_does_not_exist(exchange: Exchange) -> Exchange:
    """An unknown path, and with it every unavailable operation, is refused as if the key were wrong."""
    return refuse(exchange, errors.wrong_key()) if _unknown(exchange) else exchange


@fault(defects=("D272",))
def answers_unknown_paths_in_silence(exchange: Exchange) -> Exchange:
    """An unknown path is a 404 without body and Content-Type."""
    return with_header(answer_with(exchange, 404, b""), "content-type") if _unknown(exchange) else exchange


@fault(defects=("D294",))
def answers_unknown_paths_with_a_page(exchange: Exchange) -> Exchange:
    """An unknown path gives the page of a web interface, with 200."""
    if not _unknown(exchange):
        return exchange
    page = b'<!DOCTYPE html><html><body><div id="root"></div></body></html>'
    return answer_with(exchange, 200, page, "text/html; charset=utf-8")


@fault()
def answers_unknown_paths_with_detail(exchange: Exchange) -> Exchange:
    """An unknown path is a 404 of the framework's own shape."""
    return answer_with(exchange, 404, {"detail": "Not Found"}) if _unknown(exchange) else exchange


@fault()
def answers_unknown_paths_with_500(exchange: Exchange) -> Exchange:
    """An unknown path is answered 500."""
    if not _unknown(exchange):
        return exchange
    error = {"message": "No route.", "type": "server_error", "param": None, "code": None}
    return answer_with(exchange, 500, {"error": error})


def _grants(exchange: Exchange, *paths: str) -> bool:
    """Whether a refusal of one of ``paths`` is turned into a grant; a POST to a row of the contract is none."""
    row = exchange.request.method == "POST" and any(is_call(exchange, path) for path in _ROWS)
    return (
        status_of(exchange) in (404, 405, 426) and not row and any(is_call(exchange, path) for path in paths)
    )


def _listed(exchange: Exchange) -> Exchange:
    return answer_with(exchange, 200, {"object": "list", "data": [], "has_more": False})


@fault(defects=("D297",))
def grants_files(exchange: Exchange) -> Exchange:
    """Files are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/files*", "/v1/uploads*") else exchange


@fault()
def grants_batches(exchange: Exchange) -> Exchange:
    """Batches are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/batches*") else exchange


@fault()
def grants_vector_stores(exchange: Exchange) -> Exchange:
    """Vector stores are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/vector_stores*") else exchange


@fault()
def grants_stored_chats(exchange: Exchange) -> Exchange:
    """Stored chats are listed although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/chat/completions*") else exchange


@fault()
def grants_assistants(exchange: Exchange) -> Exchange:
    """Assistants and threads are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/assistants*", "/v1/threads*") else exchange


@fault()
def grants_conversations(exchange: Exchange) -> Exchange:
    """Conversations are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/conversations*") else exchange


@fault()
def grants_fine_tuning(exchange: Exchange) -> Exchange:
    """Fine-tuning and evals are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/fine_tuning*", "/v1/evals*") else exchange


@fault()
def grants_administration(exchange: Exchange) -> Exchange:
    """Organization resources are answered although they are not available."""
    return _listed(exchange) if _grants(exchange, "/v1/organization*") else exchange


@fault()
def grants_image_variations(exchange: Exchange) -> Exchange:
    """Image variations are answered although they are not available."""
    if not _grants(exchange, "/v1/images/variations"):
        return exchange
    return answer_with(exchange, 200, {"created": 1750000000, "data": []})


@fault()
def lists_videos(exchange: Exchange) -> Exchange:
    """Videos can be listed although that is not available."""
    return _listed(exchange) if _grants(exchange, "/v1/videos") else exchange


@fault()
def lists_responses(exchange: Exchange) -> Exchange:
    """GET /v1/responses without an upgrade is answered with a list."""
    return _listed(exchange) if _grants(exchange, "/v1/responses") else exchange


@fault()
def runs_in_the_background(exchange: Exchange) -> Exchange:
    """background: true is accepted although background mode is not available."""
    if not is_call(exchange, "/v1/responses") or sent_json(exchange).get("background") is not True:
        return exchange
    return answer_with(
        exchange, 200, {"id": "resp_0", "object": "response", "status": "queued", "output": []}
    )


@fault(defects=("D298",))
def fails_on_unavailable_resources(exchange: Exchange) -> Exchange:
    """An unavailable resource is answered 500."""
    if not _grants(exchange, "/v1/files*", "/v1/batches*", "/v1/assistants*"):
        return exchange
    error = {"message": "Internal server error.", "type": "server_error", "param": None, "code": None}
    return answer_with(exchange, 500, {"error": error})
