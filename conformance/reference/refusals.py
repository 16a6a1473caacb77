"""Operations that exist elsewhere and are refused here, beyond what an unknown path gets."""

from __future__ import annotations

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.state import State

_UPGRADE = (("upgrade", "websocket"), ("sec-websocket-version", "13"))  # RFC 9110 §15.5.22, RFC 6455 §4.4


def no_response_list(state: State, request: Request) -> Response:
    """GET /v1/responses without an upgrade: there is no list of Responses (RFC 9110 §15.5.22)."""
    text = "There is no list of responses; this path speaks WebSocket to upgrade requests."
    raise errors.Refusal(426, text, headers=_UPGRADE)


def realtime_needs_upgrade(state: State, request: Request) -> Response:
    """GET /v1/realtime without an upgrade (RFC 9110 §15.5.22)."""
    text = "This endpoint speaks WebSocket; send an upgrade request."
    raise errors.Refusal(426, text, headers=_UPGRADE)
