"""WebSocket handshakes: who may upgrade, to which session, under which subprotocol."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs, urlsplit

from conformance.exchange import Request, Response, header_values
from conformance.reference import errors
from conformance.reference.auth import authenticate
from conformance.reference.models import model_for
from conformance.reference.realtime import RealtimeSession, RetiredSession
from conformance.reference.responses_socket import ResponsesSession
from conformance.reference.sockets import Session
from conformance.reference.state import State

SOCKETS = ("/v1/responses", "/v1/realtime")
SUBPROTOCOL = "realtime"
_KEY_PREFIX = "openai-insecure-api-key."
_BETA_PROTOCOL = "openai-beta.realtime-v1"


def is_upgrade(request: Request) -> bool:
    """Whether the request is a WebSocket handshake, whole (RFC 6455 §4.2.1)."""
    tokens = ",".join(header_values(request.headers, "connection")).lower().replace(" ", "").split(",")
    upgrade = (request.header("upgrade") or "").strip().lower()
    versioned = request.header("sec-websocket-version") == "13" and _is_key(
        request.header("sec-websocket-key")
    )
    return request.method == "GET" and "upgrade" in tokens and upgrade == "websocket" and versioned


def _is_key(value: str | None) -> bool:
    """Sixteen bytes in base64."""
    try:
        return len(base64.b64decode(value or "", validate=True)) == 16
    except ValueError:
        return False


def accept(state: State, request: Request) -> Response:
    """The answer to a handshake: 101, or the refusal that keeps it HTTP."""
    authenticate(_with_browser_key(request), state.key)
    open_session(state, request)
    chosen = SUBPROTOCOL in offered(request) and request.path.startswith("/v1/realtime")
    return Response(101, (("sec-websocket-protocol", SUBPROTOCOL),) if chosen else ())


def open_session(state: State, request: Request) -> Session:
    """The session behind a handshake."""
    path = request.path.partition("?")[0]
    if path == "/v1/responses":
        return ResponsesSession(state)
    if path != "/v1/realtime":
        raise errors.unknown_path("GET", path[:200])
    if _BETA_PROTOCOL in offered(request) or (request.header("openai-beta") or "").startswith("realtime="):
        return RetiredSession(state)
    return _realtime(state, request)


def _realtime(state: State, request: Request) -> RealtimeSession:
    query = parse_qs(urlsplit(request.path).query)
    for name in ("intent", "call_id"):
        if name in query:
            raise errors.unsupported_parameter(name)
    if "model" not in query:
        raise errors.missing("model")
    return RealtimeSession(state, model_for(state, query["model"][-1], "realtime", "Realtime").id)


def offered(request: Request) -> tuple[str, ...]:
    """The subprotocols that the client offers."""
    joined = ",".join(header_values(request.headers, "sec-websocket-protocol"))
    return tuple(token.strip() for token in joined.split(",") if token.strip())


def _with_browser_key(request: Request) -> Request:
    """A browser cannot set headers: it offers its key as a subprotocol."""
    keys = [name.removeprefix(_KEY_PREFIX) for name in offered(request) if name.startswith(_KEY_PREFIX)]
    if not keys or request.header("authorization") is not None:
        return request
    headers = (*request.headers, ("authorization", f"Bearer {keys[0]}"))
    return Request(request.method, request.path, headers, request.body)
