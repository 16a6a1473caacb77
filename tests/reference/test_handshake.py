from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from conformance.exchange import Headers
from conformance.reference.server import serve
from tests.reference.client import Client

KEY = {"Authorization": "Bearer sk-reference"}
UPGRADE: Headers = (
    ("Connection", "keep-alive, Upgrade"),
    ("Upgrade", "WebSocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve() as address:
        yield address.replace("http://", "ws://")


def opened(url: str, **options: Any) -> ClientConnection:
    return connect(url, proxy=None, compression=None, **options)


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/realtime?model=ref-realtime"])
def test_a_handshake_is_answered_101(client: Client, path: str) -> None:
    response = client.send("GET", path, headers=UPGRADE)
    assert response.status == 101
    assert response.header("x-request-id")
    assert response.header("sec-websocket-protocol") is None


@pytest.mark.parametrize("missing", ["Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"])
def test_half_a_handshake_is_a_plain_request(client: Client, missing: str) -> None:
    headers = tuple(pair for pair in UPGRADE if pair[0] != missing)
    assert client.refusal("GET", "/v1/responses", headers=headers)[0] == 426
    assert client.refusal("GET", "/v1/realtime?model=ref-realtime", headers=headers)[0] == 426


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/realtime", (400, "missing_required_parameter", "model")),
        ("/v1/realtime?model=nope", (404, "model_not_found", "model")),
        ("/v1/realtime?model=ref-text", (400, "unsupported_value", "model")),
        ("/v1/realtime?model=ref-realtime&intent=transcription", (400, "unsupported_parameter", "intent")),
    ],
)
def test_a_handshake_can_be_refused(client: Client, path: str, expected: Any) -> None:
    assert client.refusal("GET", path, headers=UPGRADE) == expected


def test_a_handshake_needs_the_key(client: Client) -> None:
    assert client.refusal("GET", "/v1/responses", headers=UPGRADE, key=None) == (401, None, None)
    assert client.refusal("GET", "/v1/responses", headers=UPGRADE, key="x") == (401, "invalid_api_key", None)


def test_a_browser_offers_its_key_as_a_subprotocol(client: Client) -> None:
    offer = ("Sec-WebSocket-Protocol", "realtime, openai-insecure-api-key.sk-reference")
    response = client.send("GET", "/v1/realtime?model=ref-realtime", headers=(*UPGRADE, offer), key=None)
    assert response.status == 101
    assert response.header("sec-websocket-protocol") == "realtime"


def test_two_turns_cross_the_wire(base: str) -> None:
    with opened(f"{base}/responses", additional_headers=KEY) as socket:
        for _ in range(2):
            socket.send(json.dumps({"type": "response.create", "model": "ref-text", "input": "Say hello."}))
            events = [json.loads(socket.recv(timeout=5)) for _ in range(17)]
            assert events[-1]["type"] == "response.completed"
    assert socket.close_code == 1000


def test_a_refused_handshake_has_its_envelope(base: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        opened(f"{base}/responses")
    assert caught.value.response.status_code == 401
    assert json.loads(caught.value.response.body or b"")["error"]["type"] == "invalid_request_error"
    assert caught.value.response.headers["x-request-id"]


def test_a_session_opens_under_its_subprotocol(base: str) -> None:
    offered = ["realtime", "openai-insecure-api-key.sk-reference"]
    with opened(f"{base}/realtime?model=ref-realtime", subprotocols=offered) as socket:
        assert socket.subprotocol == "realtime"
        assert json.loads(socket.recv(timeout=5))["type"] == "session.created"


def test_the_retired_beta_is_closed(base: str) -> None:
    headers = {**KEY, "OpenAI-Beta": "realtime=v1"}
    with opened(f"{base}/realtime?model=ref-realtime", additional_headers=headers) as socket:
        assert json.loads(socket.recv(timeout=5))["error"]["code"] == "beta_api_shape_disabled"
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
    assert socket.close_code == 4000
