from __future__ import annotations

import asyncio
import gzip
import inspect
import socket
import ssl
import time
import zlib
from pathlib import Path

import httpx
import pytest

from conformance.errors import UsageError
from conformance.exchange import Failure, Request
from conformance.probing.http import FAILURE_OF, HttpTransport, failure_of, is_loopback, tls_context
from conformance.probing.transport import Bounds, Reply
from tests.probing.hostile import CONTEXT, GET, PATIENT, Handler, exchange, listening, sends, soon

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def whole(body: bytes, *headers: bytes) -> bytes:
    return HEAD + b"".join(h + b"\r\n" for h in headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def kind(reply: Reply) -> str | None:
    return reply.failure.kind if reply.failure else None


def body(reply: Reply) -> bytes:
    assert reply.response is not None
    return reply.response.body


def test_a_whole_answer_comes_back_as_it_was() -> None:
    head = b"HTTP/1.1 201 Made\r\nX-Twice: a\r\nx-twice: b\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\n\r\n"
    reply = exchange(sends(head + b"{}"))
    assert reply.failure is None
    assert reply.response is not None
    assert reply.response.status == 201
    assert reply.response.headers == (
        ("X-Twice", "a"),
        ("x-twice", "b"),
        ("Content-Length", "2"),
        ("Set-Cookie", "a=b"),
    )
    assert reply.response.http_version == "HTTP/1.1"
    assert reply.response.body == b"{}"


def test_the_request_is_sent_byte_for_byte() -> None:
    seen = bytearray()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.extend(await reader.readuntil(b"\r\n\r\n"))
        seen.extend(await reader.readexactly(4))
        writer.write(whole(b"{}"))

    headers = (("Host", "example.test"), ("X-Odd", "caf\xe9"), ("Content-Length", "4"))
    exchange(handle, Request("POST", "/v1/a%2Fb/../c?x=%20&y[]=1", headers, b"\x00\xff{}"))
    assert bytes(seen) == (
        b"POST /v1/a%2Fb/../c?x=%20&y[]=1 HTTP/1.1\r\nHost: example.test\r\nX-Odd: caf\xe9\r\n"
        b"Content-Length: 4\r\n\r\n\x00\xff{}"
    )


def test_chunks_are_kept_with_the_times_of_their_arrival() -> None:
    parts = [b"2\r\nab\r\n", b"3\r\ncde\r\n", b"0\r\n\r\n"]
    reply = exchange(sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", *parts, pause=0.02))
    assert reply.failure is None
    assert reply.response is not None
    assert [chunk.data for chunk in reply.response.chunks] == [b"ab", b"cde"]
    first, second = (chunk.at for chunk in reply.response.chunks)
    assert 0 < first < second - 0.01


@pytest.mark.parametrize(
    ("handler", "failure", "kept"),
    [
        pytest.param(
            sends(HEAD + b"Content-Length: 50\r\n\r\n{}"), "cut", b"{}", id="content-length-too-long"
        ),
        pytest.param(
            sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"), "cut", b"{}", id="no-last-chunk"
        ),
        pytest.param(
            sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", b"zz\r\nab\r\n", pause=0.02),
            "protocol",
            b"{}",
            id="bad-chunk-size",
        ),
        pytest.param(
            sends(HEAD + b"Content-Length: 9\r\n\r\n{}", then="reset", pause=0.02),
            "cut",
            b"{}",
            id="reset-in-body",
        ),
        pytest.param(
            sends(HEAD + b"Content-Length: 9\r\n\r\n{}", then="hang"), "idle", b"{}", id="silent-in-body"
        ),
        pytest.param(
            sends(HEAD + b"\r\n", *[b"x"] * 100, pause=0.02), "too_long", None, id="drips-without-an-end"
        ),
        pytest.param(sends(HEAD + b"\r\n", *[b"y" * 50_000] * 40), "too_large", None, id="endless-body"),
        pytest.param(
            sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 2000),
            "too_large",
            b"x" * 1001,
            id="dust",
        ),
        pytest.param(sends(whole(b"{}", b"Content-Encoding: br")), "encoding", b"", id="unasked-encoding"),
        pytest.param(
            sends(whole(b"{}", b"Content-Encoding: " + b"gzip, " * 9)), "encoding", b"", id="many-encodings"
        ),
        pytest.param(sends(whole(b"{}", b"Content-Encoding: gzip")), "encoding", b"", id="not-gzip"),
        pytest.param(
            sends(whole(gzip.compress(b"[1,2]", mtime=0)[:-6], b"Content-Encoding: gzip")),
            "encoding",
            b"[1,2]",
            id="cut-gzip",
        ),
    ],
)
def test_a_body_that_breaks_off_keeps_what_arrived(
    handler: Handler, failure: str, kept: bytes | None
) -> None:
    reply = exchange(handler, bounds=soon(failure))
    assert kind(reply) == failure
    assert reply.response is not None
    assert reply.response.status == 200
    assert kept is None or reply.response.body == kept


@pytest.mark.parametrize(
    ("handler", "failure"),
    [
        pytest.param(sends(then="hang"), "no_head", id="never-answers"),
        pytest.param(sends(b"HTTP/1.1 200 OK\r\nX-A:", then="hang"), "no_head", id="head-without-end"),
        pytest.param(sends(*[b"x"] * 40, pause=0.02), "no_head", id="drips-its-head"),
        pytest.param(
            sends(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 40, pause=0.02), "no_head", id="continues-without-end"
        ),
        pytest.param(sends(), "cut", id="closes-at-once"),
        pytest.param(sends(b"HTTP/1.1 200 OK\r\nX-A: b"), "cut", id="closes-in-the-head"),
        pytest.param(sends(then="reset"), "cut", id="resets-at-once"),
        pytest.param(sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "protocol", id="not-http"),
        pytest.param(sends(HEAD + b"Content-Length: x\r\n\r\n{}"), "protocol", id="bad-content-length"),
        pytest.param(
            sends(HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
            "protocol",
            id="two-content-lengths",
        ),
        pytest.param(sends(HEAD + b"X-Flood: a\r\n" * 20_000, then="hang"), "too_large", id="header-flood"),
        pytest.param(
            sends(HEAD + b"X-Long: " + b"a" * 200_000, then="hang"), "too_large", id="header-without-end"
        ),
    ],
)
def test_without_a_head_there_is_no_response(handler: Handler, failure: str) -> None:
    reply = exchange(handler, bounds=soon(failure))
    assert kind(reply) == failure
    assert reply.response is None


def test_a_closed_port_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async def go() -> Reply:
        return await HttpTransport(f"http://127.0.0.1:{port}", PATIENT, CONTEXT).send(GET)

    assert kind(asyncio.run(go())) == "connect"


def test_a_full_backlog_is_no_connection_in_time() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)

        async def go() -> Reply:
            return await HttpTransport(f"http://127.0.0.1:{address[1]}", soon("connect"), CONTEXT).send(GET)

        reply = asyncio.run(go())
        for filler in fillers:
            filler.close()
    assert reply.failure == Failure("connect", "no connection within 0.15 s")


@pytest.mark.parametrize("origin", ["https://127.0.0.1:{port}"])
def test_plain_http_where_tls_is_expected_is_no_connection(origin: str) -> None:
    async def go() -> Reply:
        async with listening(sends(whole(b"{}"))) as plain:
            port = plain.rpartition(":")[2]
            return await HttpTransport(origin.format(port=port), soon("connect"), CONTEXT).send(GET)

    assert kind(asyncio.run(go())) == "connect"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a" * 64 + ".invalid"])
def test_an_unknown_name_is_no_connection(host: str) -> None:
    async def go() -> Reply:
        return await HttpTransport(f"http://{host}", Bounds.of(5), CONTEXT).send(GET)

    assert kind(asyncio.run(go())) == "connect"


def test_redirects_are_answers_and_are_not_followed() -> None:
    asked = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    reply = exchange(handle)
    assert reply.response is not None
    assert reply.response.status == 307
    assert len(asked) == 1


def test_no_cookie_is_sent_back_and_no_connection_is_used_twice() -> None:
    heads: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in range(2):
            heads.append(b"%d " % number + await reader.readuntil(b"\r\n\r\n"))
            writer.write(whole(b"{}", b"Set-Cookie: session=1; Path=/"))

    async def go() -> None:
        async with listening(handle) as origin:
            transport = HttpTransport(origin, PATIENT, CONTEXT)
            await transport.send(GET)
            await transport.send(GET)
            await transport.aclose()

    asyncio.run(go())
    assert [head[:2] for head in heads] == [b"0 ", b"0 "]
    assert all(b"ookie" not in head for head in heads)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        (b"gzip", gzip.compress(b"[1,2]", mtime=0)),
        (b"X-GZIP", gzip.compress(b"[1", mtime=0) + gzip.compress(b",2]", mtime=0)),
        (b"deflate", zlib.compress(b"[1,2]")),
        (b"deflate", zlib.compress(b"[1,2]")[2:-4]),
        (b"identity", b"[1,2]"),
        (b"deflate, gzip", gzip.compress(zlib.compress(b"[1,2]"), mtime=0)),
    ],
)
def test_content_encodings_are_removed(encoding: bytes, data: bytes) -> None:
    reply = exchange(sends(whole(data, b"Content-Encoding: " + encoding)))
    assert reply.failure is None
    assert body(reply) == b"[1,2]"


@pytest.mark.parametrize("layers", [1, 2])
def test_a_decompression_bomb_never_exceeds_the_bound(layers: int) -> None:
    bomb = bytes(50_000_000)
    for _ in range(layers):
        bomb = gzip.compress(bomb, 9, mtime=0)
    coding = b"Content-Encoding: " + b", ".join([b"gzip"] * layers)
    began = time.perf_counter()
    reply = exchange(sends(whole(bomb, coding)))
    assert kind(reply) == "too_large"
    assert len(body(reply)) == PATIENT.body
    assert time.perf_counter() - began < 5


def test_a_compressed_stream_arrives_piece_by_piece() -> None:
    compressor = zlib.compressobj(wbits=31)
    pieces = [
        compressor.compress(b"data: 1\n\n") + compressor.flush(zlib.Z_SYNC_FLUSH),
        compressor.compress(b"data: 2\n\n") + compressor.flush(zlib.Z_SYNC_FLUSH),
        compressor.flush(),
    ]
    reply = exchange(sends(HEAD + b"Content-Encoding: gzip\r\n\r\n", *pieces, pause=0.02))
    assert reply.failure is None
    assert reply.response is not None
    assert [chunk.data for chunk in reply.response.chunks] == [b"data: 1\n\n", b"data: 2\n\n"]


def test_an_early_answer_to_a_large_upload_is_kept() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        await asyncio.sleep(0.05)

    reply = exchange(handle, Request("POST", "/v1/x", (("Content-Length", "50000"),), bytes(50_000)))
    assert reply.failure is None
    assert reply.response is not None
    assert reply.response.status == 413


def test_a_switch_of_protocols_that_nobody_asked_for_breaks_http() -> None:
    reply = exchange(
        sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc")
    )
    assert kind(reply) == "protocol"


EXCEPTIONS = [
    member
    for _, member in inspect.getmembers(httpx, inspect.isclass)
    if issubclass(member, Exception) and member.__module__.startswith("httpx")
]
NEVER_RAISED_BY_A_SEND = {
    httpx.HTTPStatusError,  # only raise_for_status raises it
    httpx.CookieConflict,  # no cookies are kept
    httpx.StreamError,  # misuse of a response by ourselves
    httpx.StreamConsumed,
    httpx.StreamClosed,
    httpx.ResponseNotRead,
    httpx.RequestNotRead,
    httpx.HTTPError,  # bases without raisers of their own
    httpx.RequestError,
    httpx.TransportError,
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.ProtocolError,
}


@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: error.__name__)
def test_every_exception_of_httpx_is_mapped_or_cannot_be_raised(error: type[Exception]) -> None:
    assert (error in FAILURE_OF) != (error in NEVER_RAISED_BY_A_SEND)


def test_a_failure_without_words_is_named_by_its_exception() -> None:
    assert failure_of(httpx.ReadError("")) == Failure("cut", "ReadError")
    assert failure_of(ssl.SSLError("bad record")).kind == "cut"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("api.localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback_is_recognised(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_no_proxy_stands_between_us_and_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert exchange(sends(whole(b"{}"))).failure is None


def test_a_proxy_is_used_for_other_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readline())
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(b"{}"))

    async def go() -> Reply:
        async with listening(proxy) as origin:
            monkeypatch.setenv("http_proxy", origin)
            return await HttpTransport("http://api.example.test", PATIENT, CONTEXT).send(GET)

    assert body(asyncio.run(go())) == b"{}"
    assert asked == [b"GET http://api.example.test/v1/models HTTP/1.1\r\n"]


def test_an_unreadable_ca_file_is_a_usage_error(tmp_path: Path) -> None:
    nonsense = tmp_path / "ca.pem"
    nonsense.write_text("no certificate")
    with pytest.raises(UsageError, match=r"--ca .*ca\.pem: no certificates can be read from it"):
        tls_context(nonsense)
    with pytest.raises(UsageError):
        tls_context(tmp_path / "missing.pem")
