"""Lies of GET /v1/responses upgraded. Turn 0 is the opening, turn 1 the answer to the first message."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange, Frame
from conformance.reference.editing import is_call, refuse, status_of, with_header, with_status
from conformance.reference.errors import Refusal
from conformance.reference.faults.frame import fault, reply_fault, turn_fault
from conformance.reference.sockets import Reply, close_frame
from conformance.reference.turns import Turn

SOCKET = "/v1/responses"
BOTH = "/v1/re*"


def _drop(turn: Turn, *kinds: str) -> None:
    kept = [event for event in turn.events if event.get("type") not in kinds]
    if len(kept) < len(turn.events):
        for number, event in enumerate(kept):
            event["sequence_number"] = number
        turn.events = kept


def _errors(turn: Turn) -> list[Any]:
    return [event for event in turn.events if event.get("type") == "error"]


@turn_fault(SOCKET, defects=("D152",))
def flattens_socket_errors(turn: Turn) -> None:
    """An error on the socket has its code and message at the top level."""
    for event in _errors(turn):
        event.update(event.pop("error"), type="error")


@turn_fault(SOCKET, defects=("D156",))
def begins_the_second_turn_without_created(turn: Turn) -> None:
    """The second turn on a socket does not begin with response.created."""
    if turn.number > 1:
        _drop(turn, "response.created")


@reply_fault(SOCKET, defects=("D157",))
def sends_events_as_sse(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """Messages on the socket begin with data: as server-sent events do."""
    return tuple(replace(one, data=b"data: " + one.data) if one.kind == "text" else one for one in reply)


@reply_fault(SOCKET)
def ends_turns_with_the_done_marker(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A turn on the socket ends with a message [DONE]."""
    return (*reply, Frame(reply[-1].at, "server", "text", b"[DONE]")) if reply else reply


@reply_fault(SOCKET)
def sends_binary_messages(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """Messages on the socket are binary."""
    return tuple(replace(one, kind="binary") if one.kind == "text" else one for one in reply)


@reply_fault(SOCKET)
def sends_several_events_in_a_message(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """The events of a turn come as lines of one message."""
    if len(reply) < 2:
        return reply
    return (Frame(reply[-1].at, "server", "text", b"\n".join(one.data for one in reply)),)


@reply_fault(SOCKET)
def closes_after_each_turn(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """The socket is closed once a turn is over."""
    return (*reply, close_frame(1000)) if history and reply and reply[-1].kind != "close" else reply


@reply_fault(SOCKET)
def closes_on_an_error(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad message closes the socket, with an error before it."""
    return (*reply, close_frame(1008, "policy")) if _failed(reply) else reply


@reply_fault(SOCKET)
def closes_without_an_error(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad message closes the socket without an error."""
    return (close_frame(1011, "internal error"),) if _failed(reply) else reply


@reply_fault(SOCKET)
def ignores_bad_messages(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad message is answered by nothing."""
    return () if _failed(reply) else reply


def _failed(reply: Reply) -> bool:
    return len(reply) == 1 and reply[0].kind == "text" and b'"type":"error"' in reply[0].data


@turn_fault(SOCKET)
def goes_on_numbering_on_the_socket(turn: Turn) -> None:
    """The sequence numbers of a second turn go on where those of the first ended."""
    if turn.number > 1:
        for event in turn.events:
            if "sequence_number" in event:
                event["sequence_number"] += 20


@turn_fault(SOCKET)
def ends_turns_without_a_terminal_event(turn: Turn) -> None:
    """A turn on the socket ends without response.completed."""
    _drop(turn, "response.completed", "response.incomplete")


@turn_fault(SOCKET)
def garbles_deltas_on_the_socket(turn: Turn) -> None:
    """The deltas of a turn do not join to its text."""
    for event in turn.events:
        if event.get("type") == "response.output_text.delta":
            event["delta"] *= 2


@turn_fault(SOCKET)
def loses_the_lane(turn: Turn) -> None:
    """Events do not name the lane that the client named."""
    for event in turn.events:
        event.pop("stream_id", None)


@turn_fault(SOCKET)
def forgets_on_the_socket(turn: Turn) -> None:
    """A Response of the same socket cannot be continued."""
    if turn.asked.get("previous_response_id"):
        message = "Previous response not found."
        refusal = Refusal(400, message, code="previous_response_not_found", param="previous_response_id")
        turn.events = [{"type": "error", "status": 400, "error": refusal.error()}]


@turn_fault(SOCKET)
def generates_while_warming_up(turn: Turn) -> None:
    """generate: false is ignored, and an answer comes."""
    if turn.asked.get("generate") is False and turn.events:
        part = {"type": "output_text", "text": "Hello!", "annotations": [], "logprobs": []}
        item = {
            "id": "msg_0",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [part],
        }
        turn.events[-1]["response"]["output"] = [item]


@turn_fault(SOCKET)
def answers_only_the_first_turn(turn: Turn) -> None:
    """A second response.create on a socket is answered by nothing."""
    if turn.number > 1 and not _errors(turn):
        turn.events = []


@turn_fault(SOCKET)
def omits_members_of_socket_errors(turn: Turn) -> None:
    """An error on the socket has no code and no param."""
    for event in _errors(turn):
        for name in ("code", "param"):
            event["error"].pop(name, None)


@turn_fault(SOCKET)
def nulls_the_code_of_socket_errors(turn: Turn) -> None:
    """The code of every error on the socket is null."""
    for event in _errors(turn):
        event["error"]["code"] = None


@turn_fault(SOCKET)
def blames_the_server_on_the_socket(turn: Turn) -> None:
    """The error of a bad message on the socket is of type server_error."""
    for event in _errors(turn):
        event["error"]["type"] = "server_error"


@fault()
def refuses_upgrades(exchange: Exchange) -> Exchange:
    """A handshake is answered 500."""
    if not is_call(exchange, BOTH) or status_of(exchange) != 101:
        return exchange
    return _unframed(refuse(exchange, Refusal(500, "Internal server error.", kind="server_error")))


def _unframed(exchange: Exchange) -> Exchange:
    return replace(exchange, frames=())


@reply_fault(BOTH)
def sends_text_that_is_no_json(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """The first message of a reply is no JSON."""
    if not reply or reply[0].kind != "text":
        return reply
    return (Frame(reply[0].at, "server", "text", b"hello"), *reply)


@reply_fault(BOTH)
def quotes_the_traceback_on_the_socket(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """An error on the socket has a traceback in its message."""
    if not _failed(reply):
        return reply
    event = json.loads(reply[0].data)
    trace = 'Traceback (most recent call last): File "/app/server.py", line 3'
    event["error"]["message"] += f" {trace}"
    return (Frame(reply[0].at, "server", "text", json.dumps(event).encode()),)


@turn_fault(BOTH)
def sends_events_without_a_type(turn: Turn) -> None:
    """A message on the socket has no type."""
    turn.events += [{"event_id": f"event_{turn.number}_bare"}] if turn.events else []


@fault()
def leaves_the_close_unanswered(exchange: Exchange) -> Exchange:
    """The client's close is answered by another code."""
    if not is_call(exchange, BOTH) or status_of(exchange) != 101:
        return exchange
    frames = tuple(
        replace(one, data=(1011).to_bytes(2, "big"))
        if one.kind == "close" and one.sender == "server"
        else one
        for one in exchange.frames
    )
    return replace(exchange, frames=frames)


@fault()
def names_no_version(exchange: Exchange) -> Exchange:
    """A handshake of an old version is refused with 426 and without the right one."""
    old = exchange.request.header("sec-websocket-version") not in (None, "13")
    return with_header(with_status(exchange, 426), "sec-websocket-version") if old else exchange
