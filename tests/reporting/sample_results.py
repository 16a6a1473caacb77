"""A made-up run, as realistic as a real one: results.json, its exchanges and the requirements they name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contract import Applicability, Requirement
from conformance.exchange import Chunk, Exchange, Failure, Frame, Request, Response

HOSTILE = (
    '</script><script>window.pwned=1</script><img src=x onerror="window.pwned=1">'
    "<svg/onload=window.pwned=1>'\"`{{7*7}}${7*7}\u202egpj.exe\u202c\x1b[31mred\x1b[0m\x00\x07\u200b]]>"
    "\r\nX-Injected: 1 ::error::owned %0A| `rm -rf` [x](javascript:window.pwned=1) \ud800"
)

OPERATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("GET /v1/models", "ready", "models", "List public model ids available to clients."),
    ("GET /v1/models/{model}", "ready", "models", "Retrieve one public model record."),
    (
        "POST /v1/chat/completions",
        "ready",
        "text",
        "Chat Completions JSON and streaming baseline for common clients.",
    ),
    (
        "POST /v1/completions",
        "limited",
        "text",
        "Legacy Completions, including n, seed, and non-streaming best_of.",
    ),
    (
        "POST /v1/responses",
        "ready",
        "text",
        "Responses JSON and streaming baseline with supported continuation.",
    ),
    (
        "POST /v1/responses/compact",
        "limited",
        "text",
        "Compact Responses request path when configured for the model.",
    ),
    (
        "GET /v1/responses",
        "limited",
        "text",
        "Responses WebSocket runtime only for WebSocket upgrade requests.",
    ),
    (
        "GET /v1/realtime",
        "limited",
        "realtime",
        "Realtime WebSocket relay when model and route are configured.",
    ),
    ("POST /v1/responses/input_tokens", "limited", "text", "Input token count helper."),
    (
        "POST /v1/embeddings",
        "limited",
        "embeddings",
        "Embeddings baseline when a public model is configured.",
    ),
    ("POST /v1/moderations", "limited", "safety", "Moderation baseline with no billable usage charge."),
    ("POST /v1/images/generations", "ready", "images", "Image generation workload, including streaming."),
    ("POST /v1/images/edits", "ready", "images", "Image edit workload with multipart intake."),
    ("POST /v1/videos", "limited", "videos", "Create a video generation task."),
    ("POST /v1/audio/transcriptions", "limited", "audio", "Non-streaming transcription baseline."),
    ("POST /v1/audio/speech", "limited", "audio", "Speech binary passthrough."),
    (
        "GET /v1/responses/{response_id}",
        "helper",
        "text",
        "Completed responses can be read back, within bounds.",
    ),
    ("GET /v1/files", "unavailable", "text", "Resource storage"),
    ("POST /v1/fine_tuning/jobs", "unavailable", "text", "Managed resources"),
)

_VERDICTS: dict[str, tuple[str, str, str]] = {
    "POST /v1/chat/completions": ("violations", "works", "3 requirements broken"),
    "POST /v1/responses": ("violations", "works", "1 requirement broken"),
    "GET /v1/realtime": ("violations", "works", "1 requirement broken"),
    "GET /v1/files": ("violations", "works", "answered 200 where the contract says it is not available"),
    "POST /v1/fine_tuning/jobs": ("conforming", "refused", "refused as documented"),
    "POST /v1/completions": ("gated", "gated", "gated: 404 model_not_found, no completions model"),
    "POST /v1/images/generations": ("incomplete", "unknown", "name a model to test it: --model images=ID"),
    "POST /v1/images/edits": ("incomplete", "unknown", "name a model to test it: --model images=ID"),
    "POST /v1/videos": ("not_tested", "unknown", "no model was named for it: --model videos=ID"),
    "POST /v1/audio/speech": ("not_tested", "unknown", "no model was named for it: --model audio=ID"),
    "POST /v1/audio/transcriptions": ("not_tested", "unknown", "no model was named for it: --model audio=ID"),
}

_REQUIREMENTS: tuple[tuple[str, str, str, str, dict[str, Any]], ...] = (
    (
        "HTTP-001",
        "http",
        "MUST",
        "A successful request is answered with status 200.",
        {"standard": "RFC 9110 §15.3.1"},
    ),
    (
        "HTTP-002",
        "http",
        "MUST",
        "Every response carries a non-empty x-request-id header.",
        {"seed": "Responses include SDK-readable request id headers for support and debugging."},
    ),
    (
        "HTTP-003",
        "http",
        "MUST",
        "A JSON body is sent with media type application/json.",
        {"sdk": "openai-node returns a string otherwise"},
    ),
    (
        "HTTP-004",
        "http",
        "SHOULD",
        "openai-processing-ms is a decimal integer.",
        {"observed": "every upstream answer"},
    ),
    (
        "CHAT-001",
        "chat",
        "MUST",
        "The body is a chat.completion object of the documented shape.",
        {"openapi": "CreateChatCompletionResponse"},
    ),
    (
        "CHAT-003",
        "chat",
        "MUST",
        "usage.total_tokens is the sum of prompt_tokens and completion_tokens.",
        {"openapi": "CompletionUsage"},
    ),
    (
        "CHAT-004",
        "chat",
        "SHOULD",
        "choices are in the order of their index, counted from 0.",
        {"observed": "upstream"},
    ),
    (
        "CHAT-005",
        "chat",
        "MAY",
        "system_fingerprint is present.",
        {"openapi": "CreateChatCompletionResponse"},
    ),
    (
        "SSE-001",
        "stream",
        "MUST",
        "The stream ends with the [DONE] marker.",
        {"openapi": "CreateChatCompletionStreamResponse"},
    ),
    (
        "SSE-007",
        "stream",
        "MUST",
        "Every chunk of one completion has the same id.",
        {"sdk": "openai-python accumulates by id"},
    ),
    ("SSE-009", "stream", "MUST", "Every event ends with a blank line.", {"standard": "WHATWG HTML §9.2.5"}),
    (
        "RESP-002",
        "responses",
        "MUST",
        "sequence_number grows by one from 0.",
        {"openapi": "ResponseStreamEvent"},
    ),
    (
        "ERR-001",
        "errors",
        "MUST",
        "A refusal has an error object with a message.",
        {
            "seed": [
                "Use documented errors as the contract.",
                "Unavailable resources return documented errors.",
            ]
        },
    ),
    (
        "ERR-004",
        "errors",
        "MUST",
        "An error reveals nothing internal.",
        {"seed": "Internal failure details and backend-only identifiers are not exposed to clients."},
    ),
    (
        "RT-002",
        "realtime",
        "MUST",
        "The first server event is session.created.",
        {"openapi": "RealtimeServerEventSessionCreated"},
    ),
    (
        "GATE-001",
        "gating",
        "MUST",
        "An unavailable operation is refused as documented.",
        {"seed": "These surfaces are not promised by the current public API."},
    ),
    ("IMG-001", "images", "MUST", "data holds n images.", {"openapi": "ImagesResponse"}),
)


@dataclass(frozen=True)
class Sample:
    """What a report is rendered from."""

    results: dict[str, Any]
    exchanges: dict[str, Exchange]
    requirements: dict[str, Requirement]
    notes: dict[str, str]


def requirements() -> dict[str, Requirement]:
    """The sample's ledger."""
    return {
        rid: Requirement(
            id=rid, level=level, text=text, source=source, applies_to=Applicability(), check="c", area=area
        )  # type: ignore[arg-type]
        for rid, area, level, text, source in _REQUIREMENTS
    }


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


def _leak_exchange(case: str, text: str) -> Exchange:
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


def _html_exchange(case: str) -> Exchange:
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


def _cut_exchanges(case: str) -> list[Exchange]:
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


def finding(expected: str, seen: str, where: str, exchange: str = "") -> dict[str, str]:
    """One finding as results.json has it."""
    return {"expected": expected, "seen": seen, "where": where, "exchange": exchange}


def result(
    case: str,
    requirement: str,
    level: str,
    operation: str,
    outcome: str = "pass",
    message: str = "",
    findings: list[dict[str, str]] | None = None,
    exchanges: list[str] | None = None,
    attempts: int = 1,
) -> dict[str, Any]:
    """One result as results.json has it."""
    return {
        "id": f"{case}::{requirement}",
        "requirement": requirement,
        "level": level,
        "operation": operation,
        "case": case,
        "outcome": outcome,
        "message": message,
        "findings": findings or [],
        "exchanges": exchanges or [],
        "attempts": attempts,
    }


def _telling(hostile: str) -> tuple[list[dict[str, Any]], list[Exchange]]:
    """The results that are not plain passes, and what they were judged on."""
    chat, other = chat_exchange("chat/minimal/json"), chat_exchange("chat/tools/auto", number=2, total=99)
    stream, socket = sse_exchange("chat/minimal/stream"), socket_exchange("realtime/session/minimal")
    leak = _leak_exchange(
        "responses/unknown/previous",
        hostile or 'File "/srv/gateway/app.py", line 88, in route: KeyError upstream-7',
    )
    files = _html_exchange("unavailable/files/list")
    cut = _cut_exchanges("responses/minimal/stream")
    op_chat, op_resp, op_files = "POST /v1/chat/completions", "POST /v1/responses", "GET /v1/files"
    sums = "expected 21 at /usage/total_tokens, saw {}"
    refused = "completions/minimal/json was refused with 404: no such model"
    results = [
        result(
            chat.case,
            "CHAT-003",
            "MUST",
            op_chat,
            "fail",
            sums.format(27),
            [finding("21", "27", "/usage/total_tokens", chat.id)],
            [chat.id],
        ),
        result(
            other.case,
            "CHAT-003",
            "MUST",
            op_chat,
            "fail",
            sums.format(99),
            [finding("21", "99", "/usage/total_tokens", other.id)],
            [other.id],
        ),
        result(
            stream.case,
            "SSE-007",
            "MUST",
            op_chat,
            "fail",
            "expected the id of the first chunk, saw another",
            [finding("'chatcmpl-77'", "'chatcmpl-OTHER'", "event 23 /id", stream.id)],
            [stream.id],
        ),
        result(
            stream.case,
            "HTTP-004",
            "SHOULD",
            op_chat,
            "warn",
            "expected openai-processing-ms, saw none",
            [finding("an integer", "no such header", "openai-processing-ms", stream.id)],
            [stream.id],
        ),
        result(
            chat.case,
            "CHAT-004",
            "SHOULD",
            op_chat,
            "warn",
            "expected a member, saw none",
            [finding("the member 'order'", "no such member", "/choices/0/order", chat.id)],
            [chat.id],
        ),
        result(
            socket.case,
            "RT-002",
            "MUST",
            "GET /v1/realtime",
            "fail",
            "expected session.created, saw conversation.created",
            [finding("session.created", "conversation.created", "message 0 /type", socket.id)],
            [socket.id],
        ),
        result(
            leak.case,
            "ERR-004",
            "MUST",
            op_resp,
            "waived",
            f"waived until 2027-01-31 by ops: {hostile or 'gateway fix is on its way'}",
            [finding("nothing internal", hostile or "a file path of the server", "/error/message", leak.id)],
            [leak.id],
        ),
        result(
            leak.case,
            "HTTP-002",
            "MUST",
            op_resp,
            "fail",
            f"expected a plain id, saw {hostile or 'a line feed'}",
            [finding("a printable id", hostile or "req_9\\nX-Injected: 1", "x-request-id", leak.id)],
            [leak.id],
        ),
        result(
            files.case,
            "GATE-001",
            "MUST",
            op_files,
            "fail",
            "expected a documented refusal, saw 200",
            [
                finding("a 4xx with an error object", "200", "status", files.id),
                finding("JSON", hostile or "<!doctype html>", "byte 0", files.id),
            ],
            [files.id],
        ),
        result(
            cut[0].case,
            "RESP-002",
            "MUST",
            op_resp,
            "fail",
            "expected 1, saw 2; the stream broke off",
            [
                finding("1", "2", "event 1 /sequence_number", cut[1].id),
                finding("a blank line", "the end of the stream", "byte 182", cut[1].id),
            ],
            [e.id for e in cut],
            attempts=2,
        ),
        result("completions/minimal/json", "HTTP-001", "MUST", "POST /v1/completions", "gated", refused),
        result("completions/minimal/json", "HTTP-002", "MUST", "POST /v1/completions", "gated", refused),
        result(
            "images/minimal/json",
            "IMG-001",
            "MUST",
            "POST /v1/images/generations",
            "untestable",
            "name a model to test it: --model images=ID",
        ),
        result(
            "images/edit/minimal",
            "IMG-001",
            "MUST",
            "POST /v1/images/edits",
            "untestable",
            "name a model to test it: --model images=ID",
        ),
        result(
            "videos/minimal/json",
            "HTTP-001",
            "MUST",
            "POST /v1/videos",
            "not_tested",
            "name a model to test it: --model videos=ID",
        ),
        result(
            "audio/speech/mp3",
            "HTTP-001",
            "MUST",
            "POST /v1/audio/speech",
            "not_tested",
            "name a model to test it: --model audio=ID",
        ),
        result("chat/retried/json", "HTTP-001", "MUST", op_chat, "pass", "passed on attempt 2", attempts=2),
    ]
    return results, [chat, other, stream, socket, leak, files, *cut]


def _bulk(count: int, fail_share: int, body_size: int) -> Iterator[tuple[dict[str, Any], list[Exchange]]]:
    """Plain passes, and one failure in every ``fail_share`` (0: none) with an exchange of its own."""
    ledger = [r for r in _REQUIREMENTS if r[0] not in {"IMG-001", "RT-002"}]
    open_rows = [
        op for op in OPERATIONS if _VERDICTS.get(op[0], ("conforming",))[0] in {"conforming", "violations"}
    ]
    for number in range(count):
        rid, _, level, _, _ = ledger[number % len(ledger)]
        operation, _, workload, _ = open_rows[(number // len(ledger)) % len(open_rows)]
        case = f"{workload}/bulk-{number // len(ledger)}/json"
        if fail_share and number % fail_share == 0 and level == "MUST":
            exchange = chat_exchange(case, number=number, body_size=body_size)
            found = [finding("21", "27", "/usage/total_tokens", exchange.id)]
            yield (
                result(
                    case,
                    rid,
                    level,
                    operation,
                    "fail",
                    "expected 21 at /usage/total_tokens, saw 27",
                    found,
                    [exchange.id],
                ),
                [exchange],
            )
        else:
            yield result(case, rid, level, operation, exchanges=[f"{case}#0.1"]), []


def sample(
    results: int = 200,
    *,
    fail_share: int = 0,
    body_size: int = 0,
    hostile: bool = False,
    telling: bool = True,
    base_url: str = "https://api.example.com/v1",
) -> Sample:
    """A run of about ``results`` results; a ``hostile`` target attacks whoever reads its answers."""
    found, exchanges = _telling(HOSTILE if hostile else "") if telling else ([], [])
    for entry, more in _bulk(max(0, results - len(found)), fail_share, body_size):
        found.append(entry)
        exchanges += more
    rows = [_row(op, telling) for op in OPERATIONS]
    document = document_of(found, rows, base_url=base_url)
    if hostile:
        document["target"]["models"]["images"] = HOSTILE
        document["notes"] = [f"The target said {HOSTILE}"]
        rows[3]["message"] = HOSTILE
    notes = {name: note for name, _, _, note in OPERATIONS}
    return Sample(document, {e.id: e for e in exchanges}, requirements(), notes)


def _row(operation: tuple[str, str, str, str], telling: bool) -> dict[str, Any]:
    name, availability, workload, _ = operation
    verdict, observed, message = (
        _VERDICTS.get(name, ("conforming", "works", "")) if telling else ("conforming", "works", "")
    )
    return {
        "operation": name,
        "availability": availability,
        "workload": workload,
        "verdict": verdict,
        "observed": observed,
        "message": message,
        "requests": 0 if verdict in {"not_tested", "incomplete"} else 14,
    }


def document_of(
    results: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    *,
    base_url: str = "https://api.example.com/v1",
    sha256: str = "ab" * 32,
) -> dict[str, Any]:
    """A results.json around ``results``."""
    counts = Counter(entry["outcome"] for entry in results)
    verdict = (
        "violations"
        if counts["fail"] or counts["waived"]
        else "incomplete"
        if counts["untestable"]
        else "conforming"
    )
    outcomes = ("pass", "fail", "warn", "gated", "untestable", "not_tested", "waived")
    return {
        "schema": "conformance-results/1",
        "suite": {
            "version": "0.1.0",
            "contract": {"name": "Public OpenAI-compatible API", "version": "1.0.0", "sha256": sha256},
        },
        "target": {
            "base_url": base_url,
            "models": {"text": "example-large"},
            "scope": "every operation that has cases",
        },
        "started_at": "2026-11-25T09:00:00Z",
        "finished_at": "2026-11-25T09:01:12Z",
        "requests": 231,
        "verdict": verdict,
        "counts": {name: counts[name] for name in outcomes},
        "notes": [],
        "operations": rows,
        "results": results,
    }


def with_outcomes(changes: Mapping[str, str], base: Sample | None = None) -> dict[str, Any]:
    """The sample's results.json with the outcomes of some results replaced, by result id."""
    document: dict[str, Any] = json.loads(json.dumps((base or sample(60)).results))
    for entry in document["results"]:
        if entry["id"] in changes:
            entry["outcome"] = changes[entry["id"]]
            entry["findings"] = (
                [finding("yes", "no", "/x")] if entry["outcome"] in {"fail", "warn", "waived"} else []
            )
            entry["message"] = entry["message"] or f"made {entry['outcome']}"
    return document_of(document["results"], document["operations"])
