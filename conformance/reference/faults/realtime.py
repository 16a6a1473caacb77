"""Lies of GET /v1/realtime upgraded: its handshake, its session, its errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.exchange import Exchange, Frame, Response
from conformance.reference.editing import is_call, status_of, with_header
from conformance.reference.faults.frame import fault, reply_fault, turn_fault
from conformance.reference.faults.realtime_events import REALTIME, drop, failed, rename, typed
from conformance.reference.sockets import Reply, close_frame, text_frame
from conformance.reference.turns import Turn

# The session


@turn_fault(REALTIME, defects=("D158",))
def begins_with_another_session(turn: Turn) -> None:
    """The first event is transcription_session.created."""
    if turn.number == 0:
        rename(turn, lambda name: name.replace("session.created", "transcription_session.created"))


@reply_fault(REALTIME, defects=("D165",))
def closes_before_it_says_anything(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """The socket is accepted and closed without an event."""
    return (close_frame(1000),) if not history else reply


@reply_fault(REALTIME)
def waits_to_be_spoken_to(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """No session.created comes when the socket opens."""
    return () if not history else reply


@turn_fault(REALTIME)
def omits_the_session_id(turn: Turn) -> None:
    """The session has no id."""
    for event in typed(turn, "session.created", "session.updated"):
        del event["session"]["id"]


@turn_fault(REALTIME)
def ignores_updates(turn: Turn) -> None:
    """session.update is answered by a session without the change."""
    for event in typed(turn, "session.updated"):
        event["session"].update(output_modalities=["audio"], instructions="Be helpful and brief.")


@turn_fault(REALTIME)
def updates_only_in_part(turn: Turn) -> None:
    """session.updated holds only what was changed."""
    for event in typed(turn, "session.updated"):
        event["session"] = {"type": "realtime", "output_modalities": event["session"]["output_modalities"]}


@turn_fault(REALTIME)
def never_confirms_an_update(turn: Turn) -> None:
    """session.update is answered by nothing."""
    drop(turn, "session.updated")


@turn_fault(REALTIME)
def omits_event_ids(turn: Turn) -> None:
    """Events have no event_id."""
    for event in turn.events:
        event.pop("event_id", None)


@turn_fault(REALTIME)
def repeats_event_ids(turn: Turn) -> None:
    """Every event has the same event_id."""
    for event in turn.events:
        event["event_id"] = "event_0"


@turn_fault(REALTIME, defects=("D166",))
def strips_nulls(turn: Turn) -> None:
    """Members that are null are left out."""
    turn.events = [_without_nulls(event) for event in turn.events]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return value


@turn_fault(REALTIME, defects=("D160",))
def speaks_the_retired_beta(turn: Turn) -> None:
    """Events have the names of the retired beta."""
    names = {
        "response.output_text.": "response.text.",
        "response.output_audio.": "response.audio.",
        "response.output_audio_transcript.": "response.audio_transcript.",
        "conversation.item.added": "conversation.item.created",
    }

    def old(name: str) -> str:
        for new, retired in names.items():
            name = name.replace(new, retired)
        return name

    rename(turn, old)


@turn_fault(REALTIME)
def opens_a_session_of_another_kind(turn: Turn) -> None:
    """The session is of another type than was asked for."""
    for event in typed(turn, "session.created", "session.updated"):
        kinds = {"realtime": "transcription", "transcription": "realtime"}
        event["session"]["type"] = kinds[event["session"]["type"]]


@turn_fault(REALTIME)
def opens_a_session_with_another_model(turn: Turn) -> None:
    """The session names another model than was asked for."""
    for event in typed(turn, "session.created", "session.updated"):
        if "model" in event["session"]:
            event["session"]["model"] = "vendor-voice"


@turn_fault(REALTIME)
def changes_the_session_id(turn: Turn) -> None:
    """An update gives the session another id."""
    for event in typed(turn, "session.updated"):
        event["session"]["id"] += "x"


@turn_fault(REALTIME)
def resets_the_session_with_an_update(turn: Turn) -> None:
    """An update changes what it does not name."""
    for event in typed(turn, "session.updated"):
        if "instructions" not in turn.asked.get("session", {}):
            event["session"]["instructions"] = "Be someone else."


@turn_fault(REALTIME)
def opens_a_session_that_is_over(turn: Turn) -> None:
    """expires_at of the session is in the past."""
    for event in typed(turn, "session.created", "session.updated"):
        event["session"]["expires_at"] = 1_600_000_000


@turn_fault(REALTIME)
def leaves_more_than_the_limit(turn: Turn) -> None:
    """In rate_limits.updated more remains than the limit."""
    for event in typed(turn, "rate_limits.updated"):
        for entry in event["rate_limits"]:
            entry["remaining"] = entry["limit"] + 1


@turn_fault(REALTIME)
def clears_in_silence(turn: Turn) -> None:
    """input_audio_buffer.clear is answered by nothing."""
    drop(turn, "input_audio_buffer.cleared")


@turn_fault(REALTIME)
def changes_the_model_of_a_session(turn: Turn) -> None:
    """An update that names another model is confirmed with it."""
    wanted = turn.asked.get("session") if turn.asked.get("type") == "session.update" else None
    model = wanted.get("model") if isinstance(wanted, dict) else None
    if model is not None:
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1", "model": model}
        turn.events = [{"type": "session.updated", "event_id": "event_model", "session": session}]


# Errors


@reply_fault(REALTIME, defects=("D159",))
def drops_the_session_on_an_error(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad event closes the session without an error event."""
    return (close_frame(1011, "internal error"),) if failed(reply) else reply


@reply_fault(REALTIME)
def ignores_bad_events(history: tuple[Frame, ...], reply: Reply) -> Reply:
    """A bad event is answered by nothing."""
    return () if failed(reply) else reply


@turn_fault(REALTIME)
def names_no_event_in_errors(turn: Turn) -> None:
    """An error does not name the event of the client that it is about."""
    for event in typed(turn, "error"):
        event["error"]["event_id"] = None


@turn_fault(REALTIME)
def flattens_realtime_errors(turn: Turn) -> None:
    """An error has its code and message at the top level."""
    for event in typed(turn, "error"):
        event.update(event.pop("error"), type="error")


@turn_fault(REALTIME)
def blames_the_server_for_bad_events(turn: Turn) -> None:
    """The error of a bad event is of type server_error."""
    for event in typed(turn, "error"):
        event["error"]["type"] = "server_error"


@fault()
def opens_a_session_for_any_model(exchange: Exchange) -> Exchange:
    """A session opens with a model that does not exist."""
    refused = is_call(exchange, REALTIME) and status_of(exchange) in (400, 404) and exchange.response
    if not refused or b"model_not_found" not in exchange.response.body:  # type: ignore[union-attr]
        return exchange
    identity = exchange.response.header("x-request-id")  # type: ignore[union-attr]
    session = {
        "type": "realtime",
        "id": f"sess_{identity}",
        "object": "realtime.session",
        "model": "ref-realtime",
    }
    opened = {"type": "session.created", "event_id": "event_0", "session": session}
    accepted = Response(
        101, (("upgrade", "websocket"), ("connection", "Upgrade"), ("x-request-id", str(identity)))
    )
    return replace(exchange, response=accepted, frames=(text_frame(opened), close_frame(1000)))


@turn_fault(REALTIME, defects=("D161",))
def refuses_to_respond(turn: Turn) -> None:
    """response.create is answered by an error about an unknown event type."""
    if turn.asked.get("type") == "response.create":
        message = "Unknown event type: response.create"
        error = {
            "type": "invalid_request_error",
            "code": "invalid_value",
            "message": message,
            "param": "type",
        }
        turn.events = [{"type": "error", "event_id": "event_0", "error": {**error, "event_id": None}}]


# The handshake


@fault()
def echoes_the_key_as_subprotocol(exchange: Exchange) -> Exchange:
    """The handshake selects the subprotocol that carries the key."""
    if not is_call(exchange, REALTIME) or status_of(exchange) != 101 or exchange.response is None:
        return exchange
    if exchange.response.header("sec-websocket-protocol") is None:
        return exchange
    return with_header(exchange, "sec-websocket-protocol", "openai-insecure-api-key.sk-reference")


@fault()
def selects_no_subprotocol(exchange: Exchange) -> Exchange:
    """The handshake selects none of the subprotocols that a browser offers."""
    if not is_call(exchange, REALTIME) or status_of(exchange) != 101:
        return exchange
    return with_header(exchange, "sec-websocket-protocol")


@turn_fault(REALTIME)
def gives_every_session_one_id(turn: Turn) -> None:
    """Every session has the same id."""
    for event in typed(turn, "session.created", "session.updated"):
        event["session"]["id"] = "sess_0"
