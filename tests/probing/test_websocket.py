from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from dataclasses import replace

import pytest
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_socket

from conformance.exchange import Failure, Frame, Request
from conformance.probing.transport import DEFLATE, Bounds, Reply
from conformance.probing.websocket import WebSocketTransport
from conformance.reference.server import serve
from conformance.reference.switches import reference_with
from tests.probing.hostile import (
    BINARY,
    CLOSE,
    CONTEXT,
    HANDSHAKE,
    PATIENT,
    PING,
    TEXT,
    Handler,
    accepts,
    converse,
    event,
    frame,
    listening,
    sends,
    soon,
)

UNTIL_DONE = ({"until": ["done"]},)


def transcript(reply: Reply) -> list[tuple[str, str, bytes]]:
    return [(each.sender, each.kind, each.data) for each in reply.frames]


OUR_CLOSE = ("client", "close", struct.pack("!H", 1000))
THEIR_CLOSE = ("server", "close", struct.pack("!H", 1000))


def test_a_script_is_played_and_everything_is_kept() -> None:
    script = (
        {"until": ["hello"]},
        {"send": {"type": "go", "text": "ü"}},
        {"send_text": "not json"},
        {"until": ["done"]},
    )
    reply = converse(
        accepts(event("hello"), frame(BINARY, b"\x00\xff"), event("more"), event("done")), script
    )
    assert reply.failure is None
    assert reply.response is not None
    assert reply.response.status == 101
    assert reply.response.header("x-request-id") == "r1"
    assert transcript(reply) == [
        ("server", "text", b'{"type":"hello"}'),
        ("client", "text", '{"type":"go","text":"ü"}'.encode()),
        ("client", "text", b"not json"),
        ("server", "binary", b"\x00\xff"),
        ("server", "text", b'{"type":"more"}'),
        ("server", "text", b'{"type":"done"}'),
        OUR_CLOSE,
        THEIR_CLOSE,
    ]
    times = [each.at for each in reply.frames]
    assert times == sorted(times)


def test_a_close_is_answered_though_much_was_unread() -> None:
    started = time.monotonic()
    reply = converse(accepts(event("done"), *[event("late")] * 45), UNTIL_DONE)
    assert transcript(reply)[-1] == THEIR_CLOSE
    assert len(reply.frames) == 48
    assert time.monotonic() - started < 2


def test_the_handshake_carries_our_headers_once() -> None:
    heads: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))

    converse(handle, ())
    lines = heads[0].split(b"\r\n")
    assert lines[0] == b"GET /v1/realtime?model=m HTTP/1.1"
    assert lines.count(b"Authorization: Bearer k") == 1
    assert lines.count(b"X-Odd: 1") == 1
    assert sum(line.lower().startswith(b"host:") for line in lines) == 1
    assert not any(line.lower().startswith((b"sec-websocket-extensions", b"user-agent")) for line in lines)


def test_compression_is_offered_where_the_request_says_so() -> None:
    heads: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))

    request = Request("GET", "/v1/realtime", (("Sec-WebSocket-Extensions", DEFLATE),))
    converse(handle, (), request=request)
    lines = heads[0].split(b"\r\n")
    assert lines.count(b"Sec-WebSocket-Extensions: " + DEFLATE.encode()) == 1


@pytest.mark.parametrize("variants", [["compresses_messages"], ["sends_messages_in_fragments"], []])
def test_messages_are_the_same_however_they_are_framed(variants: list[str]) -> None:
    offer = ("Sec-WebSocket-Extensions", DEFLATE)
    request = Request("GET", "/v1/realtime?model=ref-realtime", (("Authorization", "Bearer sk-reference"), offer))
    with serve(reference_with(variants=variants)) as base_url:
        transport = WebSocketTransport(base_url.removesuffix("/v1"), PATIENT, CONTEXT)
        reply = asyncio.run(transport.send(request, ({"until": ["session.created"]},)))
    assert reply.failure is None
    assert reply.response is not None
    assert bool(reply.response.header("sec-websocket-extensions")) == (variants == ["compresses_messages"])
    assert json.loads(reply.frames[0].data)["type"] == "session.created"


def test_a_message_that_grows_beyond_the_bound_is_not_unpacked() -> None:
    async def grow(connection: ServerConnection) -> None:
        await connection.send("x" * 16_000_000)

    async def ask() -> Reply:
        async with serve_socket(grow, "127.0.0.1", 0) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            transport = WebSocketTransport(
                f"http://127.0.0.1:{port}", replace(PATIENT, message=1_000_000), CONTEXT
            )
            request = Request("GET", "/v1/realtime", (("Sec-WebSocket-Extensions", DEFLATE),))
            return await transport.send(request, UNTIL_DONE)

    reply = asyncio.run(ask())
    assert reply.failure is not None
    assert reply.failure.kind == "too_large"


SELECTS = accepts(event("done"), extra=b"Sec-WebSocket-Protocol: realtime\r\n")


def test_an_offered_subprotocol_may_be_selected() -> None:
    request = Request("GET", "/v1/realtime", (("Sec-WebSocket-Protocol", "realtime, other"),))
    reply = converse(SELECTS, UNTIL_DONE, request=request)
    assert reply.failure is None
    assert reply.response is not None
    assert reply.response.header("sec-websocket-protocol") == "realtime"


def test_a_subprotocol_that_nobody_offered_breaks_the_handshake() -> None:
    reply = converse(SELECTS, UNTIL_DONE)
    assert reply.failure == Failure("protocol", "no subprotocols supported")
    assert reply.response is not None
    assert reply.response.status == 101


def test_an_error_event_ends_every_wait() -> None:
    reply = converse(accepts(event("error")), UNTIL_DONE)
    assert transcript(reply) == [("server", "text", b'{"type":"error"}'), OUR_CLOSE, THEIR_CLOSE]


def test_messages_behind_the_awaited_one_are_kept() -> None:
    reply = converse(accepts(event("done") + event("extra")), UNTIL_DONE)
    assert ("server", "text", b'{"type":"extra"}') in transcript(reply)
    assert transcript(reply)[-1] == THEIR_CLOSE


@pytest.mark.parametrize(
    ("payload", "data"),
    [
        pytest.param(
            struct.pack("!H", 4001) + b"bye", struct.pack("!H", 4001) + b"bye", id="code-and-reason"
        ),
        pytest.param(b"", b"", id="without-code"),
    ],
)
def test_a_close_by_the_target_ends_the_script_without_a_failure(payload: bytes, data: bytes) -> None:
    target = accepts(event("hello"), frame(CLOSE, payload), then="hang")
    reply = converse(target, UNTIL_DONE, soon("idle"))
    assert reply.failure is None
    assert transcript(reply) == [("server", "text", b'{"type":"hello"}'), ("server", "close", data)]


def test_a_target_that_never_answers_our_close_is_left() -> None:
    began = time.perf_counter()
    reply = converse(accepts(event("done"), then="hang"), UNTIL_DONE, soon("idle"))
    assert reply.failure is None
    assert transcript(reply) == [("server", "text", b'{"type":"done"}'), OUR_CLOSE]
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize("body", [b'{"error":{"message":"no"}}', b""], ids=["with-body", "without-body"])
def test_a_refused_handshake_is_kept_whole(body: bytes) -> None:
    head = b"HTTP/1.1 401 Unauthorized\r\nX-Twice: a\r\nx-twice: b\r\nContent-Length: %d\r\n\r\n" % len(body)
    reply = converse(sends(head + body), UNTIL_DONE)
    assert reply.failure is None
    assert reply.frames == ()
    assert reply.response is not None
    assert reply.response.status == 401
    assert reply.response.header_values("x-twice") == ("a", "b")
    assert reply.response.body == body


def test_a_refused_handshake_may_come_in_chunks() -> None:
    head = b"HTTP/1.1 401 Unauthorized\r\nTransfer-Encoding: chunked\r\n\r\n"
    reply = converse(sends(head + b"5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n"), UNTIL_DONE)
    assert reply.failure is None
    assert reply.response is not None
    assert (reply.response.status, reply.response.body) == (401, b'{"a":1}')


def test_what_a_target_said_before_it_closed_on_our_send_is_kept() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accepts(event("error") + frame(CLOSE, struct.pack("!H", 4000)), then="let-go")(reader, writer)

    script = ({"until": ["error"]}, {"send": {}}, {"until": ["done"]})
    for steps in (script, script[1:]):
        reply = converse(handle, steps)
        assert reply.failure is None
        assert [each for each in transcript(reply) if each[0] == "server"] == [
            ("server", "text", b'{"type":"error"}'),
            ("server", "close", struct.pack("!H", 4000)),
        ]


def test_header_values_beyond_ascii_are_kept_as_bytes() -> None:
    reply = converse(sends(b"HTTP/1.1 403 No\r\nX-Odd: caf\xe9\r\nContent-Length: 0\r\n\r\n"), UNTIL_DONE)
    assert reply.response is not None
    assert reply.response.header("x-odd") == "caf\xe9"


def test_messages_are_bounded_together_too() -> None:
    large = frame(TEXT, b"x" * 15_000)
    reply = converse(accepts(large * 20, then="let-go"), UNTIL_DONE)
    assert reply.failure == Failure("too_large", "messages of more than 200000 bytes")


def test_a_target_that_reads_nothing_is_left() -> None:
    script = ({"send": {"text": "x" * 8_000_000}},)
    bounds = soon("idle")
    assert converse(accepts(then="hang"), script, bounds).failure == Failure(
        "idle", "nothing was read for 0.15 s, and left open"
    )


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    asked = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    reply = converse(handle, UNTIL_DONE)
    assert reply.response is not None
    assert reply.response.status == 302
    assert len(asked) == 1


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("handler", "kind", "status"),
    [
        pytest.param(sends(then="hang"), "no_head", None, id="never-answers"),
        pytest.param(
            sends(HEAD + b"Content-Length: 9\r\n\r\n", then="hang"), "no_head", None, id="hangs-in-body"
        ),
        pytest.param(sends(), "cut", None, id="closes-at-once"),
        pytest.param(sends(then="reset"), "cut", None, id="resets-at-once"),
        pytest.param(sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol", None, id="not-http"),
        pytest.param(sends(HEAD + b"X-A: b\r\n" * 500 + b"\r\n"), "too_large", None, id="header-flood"),
        pytest.param(sends(HEAD + b"Content-Length: 99999999\r\n\r\n"), "too_large", None, id="huge-refusal"),
        pytest.param(accepts(key=b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="), "protocol", 101, id="wrong-accept-key"),
        pytest.param(accepts(then="hang"), "idle", 101, id="silent"),
        pytest.param(accepts(then="let-go"), "cut", 101, id="ends-without-close"),
        pytest.param(accepts(*[event("more")] * 100, pause=0.02), "too_long", 101, id="drips-without-an-end"),
        pytest.param(accepts(event("more") * 100, then="let-go"), "too_large", 101, id="too-many-messages"),
        pytest.param(
            accepts(frame(TEXT, b"x" * 30_000), then="let-go"), "too_large", 101, id="large-message"
        ),
        pytest.param(
            accepts(frame(TEXT, b"", size=10**9), then="let-go"), "too_large", 101, id="claims-a-gigabyte"
        ),
        pytest.param(
            accepts(frame(TEXT, b"\xff\xfe"), then="let-go"), "protocol", 101, id="text-that-is-not-utf8"
        ),
        pytest.param(accepts(frame(5, b"")), "protocol", 101, id="unknown-opcode"),
        pytest.param(accepts(b"\x81\x85abcdhello"), "protocol", 101, id="masked-frame"),
        pytest.param(accepts(frame(PING, b"") * 3, then="hang"), "idle", 101, id="pings-only"),
        pytest.param(accepts(frame(CLOSE, b"\x01"), then="let-go"), "protocol", 101, id="broken-close"),
    ],
)
def test_a_hostile_target_is_bounded_and_named(handler: Handler, kind: str, status: int | None) -> None:
    began = time.perf_counter()
    reply = converse(handler, UNTIL_DONE, soon(kind))
    assert reply.failure is not None
    assert reply.failure.kind == kind
    assert (reply.response.status if reply.response else None) == status
    assert time.perf_counter() - began < 5


def test_what_came_before_a_failure_is_kept() -> None:
    reply = converse(accepts(event("hello"), then="hang"), UNTIL_DONE, soon("idle"))
    assert reply.failure == Failure("idle", "no message for 0.15 s, and left open")
    assert transcript(reply) == [("server", "text", b'{"type":"hello"}')]


def test_an_endless_fast_stream_is_bounded() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await accepts(then="let-go")(reader, writer)
        while True:
            writer.write(event("more") * 1000)
            await writer.drain()

    reply = converse(handle, UNTIL_DONE)
    assert reply.failure == Failure("too_large", "more than 50 messages")
    assert len(reply.frames) == 51


@pytest.mark.parametrize("message", [b"[]", b"7", b'{"type":7}', b"nonsense", b"[" * 5000])
def test_messages_that_are_no_events_are_kept_and_waited_past(message: bytes) -> None:
    reply = converse(accepts(frame(TEXT, message), event("done")), UNTIL_DONE)
    assert reply.failure is None
    assert reply.frames[0].data == message


def test_a_closed_port_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async def go() -> Reply:
        return await WebSocketTransport(f"http://127.0.0.1:{port}", PATIENT, CONTEXT).send(
            HANDSHAKE, UNTIL_DONE
        )

    reply = asyncio.run(go())
    assert reply.failure is not None
    assert reply.failure.kind == "connect"


def test_plain_http_where_tls_is_expected_is_no_connection() -> None:
    async def go() -> Reply:
        async with listening(accepts()) as plain:
            origin = plain.replace("http:", "https:")
            return await WebSocketTransport(origin, soon("connect"), CONTEXT).send(HANDSHAKE, UNTIL_DONE)

    reply = asyncio.run(go())
    assert reply.failure == Failure("connect", "no connection within 0.15 s")


def test_no_proxy_stands_between_us_and_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("ws_proxy", "http://127.0.0.1:9")
    assert converse(accepts(event("done")), UNTIL_DONE).failure is None


def test_a_dead_proxy_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    async def go() -> Reply:
        transport = WebSocketTransport("http://api.example.test", Bounds.of(2), CONTEXT)
        return await transport.send(HANDSHAKE, UNTIL_DONE)

    reply = asyncio.run(go())
    assert reply.failure is not None
    assert reply.failure.kind == "connect"


def test_an_empty_script_closes_at_once() -> None:
    reply = converse(accepts(), ())
    assert reply.failure is None
    assert [Frame(0.0, each.sender, each.kind, each.data) for each in reply.frames] == [
        Frame(0.0, "client", "close", struct.pack("!H", 1000)),
        Frame(0.0, "server", "close", struct.pack("!H", 1000)),
    ]
