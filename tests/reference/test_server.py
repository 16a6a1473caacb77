from __future__ import annotations

import socket
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from conformance.exchange import Chunk, Exchange, Failure, FailureKind, Headers, Request, Response
from conformance.reference.app import application
from conformance.reference.server import serve
from conformance.reference.state import State

KEY = {"Authorization": "Bearer sk-reference"}
CHAT = {"model": "ref-text", "messages": [{"role": "user", "content": "Say hello."}]}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(headers=KEY, trust_env=False, timeout=5) as client:
        yield client


def test_json_crosses_the_wire(base: str, http: httpx.Client) -> None:
    response = http.post(f"{base}/chat/completions", json=CHAT)
    assert response.json()["choices"][0]["message"]["content"] == "Hello! How can I help you today?"
    assert len(response.headers.get_list("x-request-id")) == 1
    assert int(response.headers["content-length"]) == len(response.content)


def test_a_stream_crosses_the_wire_event_by_event(base: str, http: httpx.Client) -> None:
    with http.stream("POST", f"{base}/chat/completions", json={**CHAT, "stream": True}) as response:
        lines = [line for line in response.iter_lines() if line]
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["transfer-encoding"] == "chunked"
    assert lines[-1] == "data: [DONE]"
    assert all(line.startswith("data: ") for line in lines)


def test_an_encoded_slash_stays_in_its_segment(base: str, http: httpx.Client) -> None:
    assert http.get(f"{base}/models/ref%2Ftext-mini").json()["id"] == "ref/text-mini"


def test_head_has_a_length_and_no_body(base: str, http: httpx.Client) -> None:
    response = http.head(f"{base}/models")
    assert response.status_code == 200
    assert int(response.headers["content-length"]) > 0
    assert response.content == b""


def test_what_is_not_http_gets_an_envelope_too(base: str) -> None:
    host, port = base.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(b"GET /v1/models HTTP/1.1\r\nno colon\r\n\r\n")
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"x-request-id: req_" in head
    assert b'"error":{"message"' in body


def answering(response: Response | None, failure: Failure | None = None) -> Any:
    """An application that always answers alike."""
    return lambda request: Exchange("x", "", request, response, failure=failure)


def text(*chunks: bytes, headers: Headers = ()) -> Response:
    return Response(200, (("content-type", "text/plain"), *headers), tuple(Chunk(0, data) for data in chunks))


@pytest.mark.parametrize("kind", ["cut", "protocol"])
def test_a_cut_ends_the_connection_in_the_body(http: httpx.Client, kind: FailureKind) -> None:
    with serve(answering(text(b"one", b"two"), Failure(kind, ""))) as base:
        with pytest.raises(httpx.RemoteProtocolError), http.stream("GET", f"{base}/x") as response:
            seen = list(response.iter_raw())
        assert response.status_code == 200
    assert "seen" not in locals() or b"".join(seen) == b"onetwo"


def test_idle_holds_the_connection_open(http: httpx.Client) -> None:
    with (
        serve(answering(text(b"one"), Failure("idle", ""))) as base,
        http.stream("GET", f"{base}/x", timeout=0.3) as response,
    ):
        pieces = response.iter_raw()
        assert next(pieces) == b"one"
        with pytest.raises(httpx.ReadTimeout):
            next(pieces)


def test_no_head_is_never_answered(http: httpx.Client) -> None:
    with serve(answering(None, Failure("no_head", ""))) as base, pytest.raises(httpx.ReadTimeout):
        http.get(f"{base}/x", timeout=0.3)


def test_a_connection_can_close_without_a_head(http: httpx.Client) -> None:
    with serve(answering(None, Failure("cut", ""))) as base, pytest.raises(httpx.RemoteProtocolError):
        http.get(f"{base}/x")


def received(base: str, path: str = "/x") -> bytes:
    host, port = base.removeprefix("http://").removesuffix("/v1").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: raw.recv(65536), b""))


@pytest.mark.parametrize(
    "lies",
    [
        (("content-length", "99"),),
        (("content-length", "2"),),
        (("content-length", "3"), ("content-length", "4")),
        (("content-length", "3"), ("transfer-encoding", "chunked")),
    ],
)
def test_lengths_that_lie_are_sent_as_they_are(lies: Headers) -> None:
    with serve(answering(text(b"abc", headers=lies))) as base:
        answer = received(base)
    head, _, body = answer.partition(b"\r\n\r\n")
    for name, value in lies:
        assert f"{name}: {value}".encode() in head
    assert b"abc" in body


def test_header_case_is_kept() -> None:
    with serve(answering(text(b"abc", headers=(("X-Request-ID", "1"),)))) as base:
        assert b"\r\nX-Request-ID: 1\r\n" in received(base)


def test_gzip_is_applied_on_the_wire(http: httpx.Client) -> None:
    packed = text(b"abc", b"def", headers=(("content-encoding", "gzip"), ("content-length", "6")))
    with serve(answering(packed)) as base:
        with http.stream("GET", f"{base}/x") as response:
            raw = b"".join(response.iter_raw())
        assert zlib.decompress(raw, wbits=31) == b"abcdef"
        assert http.get(f"{base}/x").text == "abcdef"


def test_a_slow_answer_arrives_whole(http: httpx.Client) -> None:
    slow = replace(text(), chunks=(Chunk(0.02, b"a"), Chunk(0.04, b"b")))
    with serve(answering(slow)) as base:
        assert http.get(f"{base}/x").text == "ab"


def test_requests_reach_the_application_as_they_were_sent(http: httpx.Client) -> None:
    seen: list[Request] = []
    app = application(State())

    def spy(request: Request) -> Exchange:
        seen.append(request)
        return app(request)

    with serve(spy) as base:
        http.post(f"{base}/models/a%2Fb?x=1&x=%20", content=b"\x00body", headers={"X-Probe": "1"})
    (request,) = seen
    assert (request.method, request.path, request.body) == ("POST", "/v1/models/a%2Fb?x=1&x=%20", b"\x00body")
    assert request.header("X-Probe") == "1"
