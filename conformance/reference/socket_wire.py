"""WebSocket conversations on a connection: the handshake's answer, and the frames of a session."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Exchange, Frame, Response
from conformance.reference.sockets import Framing, Reply, Session
from conformance.reference.wire import Receive, Send


async def deny(exchange: Exchange, send: Send, protocol: Any) -> None:
    """Answer a handshake with HTTP; without a response the connection just ends."""
    response = exchange.response
    if response is None:
        protocol.handshake_complete = True  # keeps uvicorn from answering 500
        protocol.transport.close()
        return
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "websocket.http.response.start", "status": response.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": response.body})


async def converse(
    response: Response, session: Session, framing: Framing, receive: Receive, send: Send, protocol: Any
) -> None:
    """Accept the handshake, then answer every message until either side closes."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "websocket.accept", "headers": headers})
    reply = session.opened()
    while await _said(reply, framing, send, protocol):
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        reply = session.receive(_frame(message))


def _frame(message: Any) -> Frame:
    if message.get("text") is not None:
        return Frame(0.0, "client", "text", message["text"].encode())
    return Frame(0.0, "client", "binary", message["bytes"])


async def _said(reply: Reply, framing: Framing, send: Send, protocol: Any) -> bool:
    """Send a reply; False when it closed the conversation."""
    for frame in reply:
        if frame.kind == "close":
            code = int.from_bytes(frame.data[:2], "big") if frame.data else 1000
            await send({"type": "websocket.close", "code": code, "reason": frame.data[2:].decode()})
            return False
        _write(frame, framing, protocol)
    await protocol.writable.wait()
    return True


def _write(frame: Frame, framing: Framing, protocol: Any) -> None:
    """One message past ASGI, which would repair text that is not UTF-8, and send it in one frame."""
    if protocol.transport.is_closing():
        return
    connection = protocol.conn
    first, *more = _pieces(frame.data, framing.longest)
    (connection.send_text if frame.kind == "text" else connection.send_binary)(first, fin=not more)
    for place, piece in enumerate(more, 1):
        connection.send_ping(b"between")
        connection.send_continuation(piece, fin=place == len(more))
    protocol.transport.write(b"".join(connection.data_to_send()))


def _pieces(data: bytes, longest: int | None) -> list[bytes]:
    """At least one piece; a piece may end within a character, as only the whole message must be UTF-8."""
    size = longest or len(data) or 1
    return [data[start : start + size] for start in range(0, len(data), size)] or [b""]
