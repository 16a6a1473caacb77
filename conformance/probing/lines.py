"""An exchange as a JSON object and back: bodies as text where they are UTF-8, else base64, chunk by chunk."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.exchange import Chunk, Exchange, Failure, Frame, Headers, Request, Response


def exchange_line(exchange: Exchange) -> dict[str, Any]:
    """The object of one ``exchange`` line."""
    response, failure = exchange.response, exchange.failure
    request = exchange.request
    return {
        "kind": "exchange",
        "id": exchange.id,
        "case": exchange.case,
        "step": exchange.step,
        "attempt": exchange.attempt,
        "started_at": exchange.started_at,
        "ended_at": exchange.ended_at,
        "request": {
            "method": request.method,
            "path": request.path,
            "headers": [list(pair) for pair in request.headers],
            "body": _content(request.body),
        },
        "response": _response_object(response) if response else None,
        "frames": [_frame_object(frame) for frame in exchange.frames],
        "failure": {"kind": failure.kind, "message": _printable(failure.message)} if failure else None,
    }


def exchange_of(line: Mapping[str, Any]) -> Exchange:
    """The exchange of one line. Raises KeyError, TypeError or ValueError when the line is broken."""
    request, failure = line["request"], line["failure"]
    return Exchange(
        id=line["id"],
        case=line["case"],
        request=Request(
            request["method"], request["path"], _headers(request["headers"]), _bytes(request["body"])
        ),
        response=_response(line["response"]) if line["response"] else None,
        frames=tuple(_frame(frame) for frame in line["frames"]),
        failure=Failure(failure["kind"], failure["message"]) if failure else None,
        step=line["step"],
        attempt=line["attempt"],
        started_at=line["started_at"],
        ended_at=line["ended_at"],
    )


def _response_object(response: Response) -> dict[str, Any]:
    return {
        "status": response.status,
        "http_version": response.http_version,
        "headers": [list(pair) for pair in response.headers],
        "body": _content(response.body),
        "chunks": [[chunk.at, len(chunk.data)] for chunk in response.chunks],
    }


def _response(document: Mapping[str, Any]) -> Response:
    chunks = tuple(_chunks(_bytes(document["body"]), document["chunks"]))
    return Response(document["status"], _headers(document["headers"]), chunks, document["http_version"])


def _chunks(body: bytes, sizes: list[tuple[float, int]]) -> Iterator[Chunk]:
    start = 0
    for at, size in sizes:
        yield Chunk(at, body[start : start + size])
        start += size
    if start != len(body):
        raise ValueError(f"chunks of {start} bytes for a body of {len(body)}")


def _frame_object(frame: Frame) -> dict[str, Any]:
    return {"at": frame.at, "sender": frame.sender, "kind": frame.kind, "data": _content(frame.data)}


def _frame(document: Mapping[str, Any]) -> Frame:
    return Frame(document["at"], document["sender"], document["kind"], _bytes(document["data"]))


def _headers(pairs: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in pairs)


def _content(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _bytes(content: Mapping[str, str]) -> bytes:
    if "text" in content:
        return content["text"].encode()
    return base64.b64decode(content["base64"], validate=True)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
