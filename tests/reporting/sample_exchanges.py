"""Exchanges of a made-up run: each shows one thing that a report must be able to show."""

from __future__ import annotations

import json
from typing import Any

from conformance.exchange import Chunk, Exchange, Failure, Frame, Request, Response

HOSTILE = (
    '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'
    "<svg/onload=window.pwned=1>'\"`{{7*7}}${7*7}\u202egpj.exe\u202c\x1b[31mred\x1b[0m\x00\x07\u200b]]>"
    "\r\nX-Injected: 1 ::error::owned %0A| `rm -rf` [x](javascript:window.pwned=1) \ud800"
)


def _json(value: Any, **kwargs: Any) -> bytes:
    return json.dumps(value, **kwargs).encode()


_HEADERS = (
    ("Host", "api.example.com"),
    ("Authorization", "Bearer [key]"),
    ("Content-Type", "application/json"),
    ("Accept", "application/json"),
    ("User-Agent", "openai-api-conformance/0.1.0"),
)
_ANSWER_HEADERS = (
    ("content-type", "application/json"),
    ("x-request-id", "req_5f2b9c0e"),
    ("openai-processing-ms", "312"),
    ("date", "Wed, 25 Nov 2026 09:00:01 GMT"),
)


def _post(path: str, body: Any) -> Request:
    return Request("POST", path, _HEADERS, _json(body))


def chat_exchange(case: str, *, number: int = 0, body_size: int = 0, total: int = 27) -> Exchange:
    """A completion whose usage does not add up, padded with ``body_size`` bytes of text."""
    answer = {
        "id": f"chatcmpl-{number:04}",
        "object": "chat.completion",
        "created": 1795600000,
        "model": "example-large",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Hello! " + "lorem " * (body_size // 6),
                    "refusal": None,
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 9, "total_tokens": total},
    }
    request = _post(
        "/v1/chat/completions",
        {
            "model": "example-large",
            "messages": [{"role": "user", "content": "Say hello; it's a test."}],
            "max_completion_tokens": 16,
        },
    )
    return Exchange(
        f"{case}#0.1",
        case,
        request,
        Response(200, _ANSWER_HEADERS, (Chunk(0.31, _json(answer)),)),
        started_at=1795600000.0,
        ended_at=1795600000.32,
    )


def sse_exchange(case: str, *, events: int = 40, broken: int = 23) -> Exchange:
    """A stream in which one chunk has another id."""
    chunks = [Chunk(0.2, b": keep-alive\n\n")]
    for index in range(events):
        cid = "chatcmpl-OTHER" if index == broken else "chatcmpl-77"
        delta = {"role": "assistant", "content": ""} if index == 0 else {"content": f"word{index} "}
        payload = _json(
            {
                "id": cid,
                "object": "chat.completion.chunk",
                "created": 1795600000,
                "model": "example-large",
                "choices": [{"index": 0, "delta": delta, "finish_reason": None}],
            }
        )
        chunks.append(Chunk(0.4 + 0.03 * index + (0.5 if index > 30 else 0), b"data: " + payload + b"\n\n"))
    chunks.append(Chunk(0.5 + 0.03 * events + 0.5, b"data: [DONE]\n\n"))
    headers = (
        ("content-type", "text/event-stream; charset=utf-8"),
        ("x-request-id", "req_77"),
        ("cache-control", "no-cache"),
    )
    request = _post(
        "/v1/chat/completions",
        {"model": "example-large", "stream": True, "messages": [{"role": "user", "content": "Count."}]},
    )
    return Exchange(
        f"{case}#0.1",
        case,
        request,
        Response(200, headers, tuple(chunks)),
        started_at=1795600003.0,
        ended_at=1795600005.1,
    )


def socket_exchange(case: str) -> Exchange:
    """A realtime session that starts with the wrong event and closes with 1011."""
    frames = (
        Frame(0.08, "server", "text", _json({"type": "conversation.created", "event_id": "ev_1"})),
        Frame(
            0.09,
            "client",
            "text",
            _json({"type": "session.update", "session": {"type": "realtime", "instructions": "Be brief."}}),
        ),
        Frame(
            0.14,
            "server",
            "text",
            _json({"type": "session.updated", "event_id": "ev_2", "session": {"id": "sess_1"}}),
        ),
        Frame(0.20, "server", "binary", bytes(range(64))),
        Frame(0.31, "server", "close", b"\x03\xf3upstream went away"),
    )
    headers = (
        ("Host", "api.example.com"),
        ("Authorization", "Bearer [key]"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", "13"),
    )
    answer = (
        ("upgrade", "websocket"),
        ("connection", "Upgrade"),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    )
    return Exchange(
        f"{case}#0.1",
        case,
        Request("GET", "/v1/realtime?model=example-realtime", headers),
        Response(101, answer),
        frames=frames,
        started_at=1795600010.0,
        ended_at=1795600010.4,
    )


def leak_exchange(case: str, text: str) -> Exchange:
    body = _json({"error": {"message": text, "type": "server_error", "param": None, "code": None}}, indent=2)
    headers = (
        ("content-type", "application/json"),
        ("x-request-id", "req_9\nX-Injected: 1"),
        ("x-powered-by", text[:40]),
    )
    request = _post("/v1/responses", {"model": "example-large", "input": text[:60]})
    return Exchange(
        f"{case}#0.1",
        case,
        request,
        Response(500, headers, (Chunk(0.05, body),)),
        failure=None,
        started_at=1795600012.0,
        ended_at=1795600012.1,
    )


def html_exchange(case: str) -> Exchange:
    body = b"<!doctype html><html><body><h1>Files</h1><script>window.pwned=1</script>\xff\xfe</body></html>"
    request = Request("GET", "/v1/files", _HEADERS[:2])
    return Exchange(
        f"{case}#0.1",
        case,
        request,
        Response(200, (("Content-Type", "text/html"),), (Chunk(0.02, body),)),
        started_at=1795600013.0,
        ended_at=1795600013.1,
    )


def cut_exchanges(case: str) -> list[Exchange]:
    request = _post("/v1/responses", {"model": "example-large", "input": "Say hello.", "stream": True})
    busy = Response(
        503, (("content-type", "text/plain"), ("retry-after", "1")), (Chunk(0.01, b"upstream connect error"),)
    )
    cut = Response(
        200,
        (("content-type", "text/event-stream"), ("x-request-id", "req_80")),
        (
            Chunk(
                0.11, b'event: response.created\ndata: {"type":"response.created","sequence_number":0}\n\n'
            ),
            Chunk(
                0.12,
                b'event: response.in_progress\ndata: {"type":"response.in_progress","sequence_number":2}\n\n',
            ),
            Chunk(0.31, b'event: response.output_text.delta\ndata: {"type":"response.outp'),
        ),
    )
    return [
        Exchange(
            f"{case}#0.1", case, request, busy, attempt=1, started_at=1795600020.0, ended_at=1795600020.02
        ),
        Exchange(
            f"{case}#0.2",
            case,
            request,
            cut,
            failure=Failure("cut", "the connection ended before the message did"),
            attempt=2,
            started_at=1795600021.0,
            ended_at=1795600021.4,
        ),
    ]
