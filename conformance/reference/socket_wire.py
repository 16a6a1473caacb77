"""WebSocket conversations on a connection: the handshake's answer, and the frames of a session."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Exchange, Frame, Response
from conformance.reference.sockets import Reply, Session
from conformance.reference.wire import Receive, Send

FRAGMENT = 512
"""Longest frame when messages are sent in fragments."""


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


async def converse(response: Response, session: Session, receive: Receive, send: Send, protocol: Any) -> None:
    """Accept the handshake, then answer every message until either side closes."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "websocket.accept", "headers": headers})
    reply = session.opened()
    while await _said(reply, send, protocol):
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        reply = session.receive(_frame(message))


def _frame(message: Any) -> Frame:
    if message.get("text") is not None:
        return Frame(0.0, "client", "text", message["text"].encode())
    return Frame(0.0, "client", "binary", message["bytes"])


async def _said(reply: Reply, send: Send, protocol: Any) -> bool:
    """Send a reply; False when it closed the conversation."""
    for frame in reply:
        if frame.kind == "close":
            code = int.from_bytes(frame.data[:2], "big") if frame.data else 1000
            await send({"type": "websocket.close", "code": code, "reason": frame.data[2:].decode()})
            return False
        _write(frame, protocol)
    await protocol.writable.wait()
    return True


def _write(frame: Frame, protocol: Any) -> None:
    """One message past ASGI, which would repair text that is not UTF-8."""
    if protocol.transport.is_closing():
        return
    (protocol.conn.send_text if frame.kind == "text" else protocol.conn.send_binary)(frame.data)
    protocol.transport.write(b"".join(protocol.conn.data_to_send()))
