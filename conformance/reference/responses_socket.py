"""GET /v1/responses upgraded: turns of Responses on one socket, each event a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.exchange import Frame
from conformance.reference import errors
from conformance.reference.answers import JsonObject
from conformance.reference.responses import respond
from conformance.reference.responses_stream import events_of
from conformance.reference.sockets import Reply, message_type, read_message, text_frame, text_frames
from conformance.reference.state import State, StoredResponse, keep

MOST_LANES = 32
_IGNORED = ("type", "stream_id", "generate", "stream")


class ResponsesSession:
    """One socket: its lanes, and the latest Response of each, which may be continued though not stored."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._latest: dict[str | None, StoredResponse] = {}

    def opened(self) -> Reply:
        """Nothing: the client speaks first."""
        return ()

    def receive(self, frame: Frame) -> Reply:
        """A whole turn, or one error event; the socket stays open either way."""
        lane: str | None = None
        try:
            message = read_message(frame)
            lane = self._lane(message)
            return text_frames(self._turn(message, lane))
        except errors.Refusal as refusal:
            return (text_frame(_error_event(refusal, lane)),)

    def _lane(self, message: JsonObject) -> str | None:
        lane = message.get("stream_id")
        if lane is None:
            return None
        if not isinstance(lane, str) or not re.fullmatch(r"[A-Za-z0-9_.-]{1,256}", lane):
            raise errors.Refusal(400, "Invalid 'stream_id'.", code="invalid_stream_id", param="stream_id")
        if lane not in self._latest and len(self._latest) >= MOST_LANES:
            text = f"A connection has at most {MOST_LANES} lanes."
            raise errors.Refusal(400, text, code="websocket_stream_limit_reached", param="stream_id")
        return lane

    def _turn(self, message: JsonObject, lane: str | None) -> Iterator[JsonObject]:
        if message_type(message) != "response.create":
            raise errors.invalid_value("type", "The only message of clients is 'response.create'.")
        body = {name: value for name, value in message.items() if name not in _IGNORED}
        answered = self._answer(body, lane, generate=message.get("generate") is not False)
        named = {} if lane is None else {"stream_id": lane}
        return ({**event, **named} for event in answered.events)

    def _answer(self, body: JsonObject, lane: str | None, *, generate: bool) -> StoredResponse:
        cached = {one.body["id"]: one for one in self._latest.values()}
        try:
            answered = respond(self._state, body, cached)
        except errors.Refusal:
            self._evict(body.get("previous_response_id"))
            raise
        answered = answered if generate else self._warmed(answered)
        self._latest[lane] = answered
        return answered

    def _evict(self, previous: object) -> None:
        """A failed turn loses its parent."""
        self._latest = {lane: one for lane, one in self._latest.items() if one.body["id"] != previous}

    def _warmed(self, answered: StoredResponse) -> StoredResponse:
        """The turn without an answer: what was sent is remembered, and nothing was generated."""
        usage = answered.body["usage"]
        thought = {"output_tokens_details": {"reasoning_tokens": 0}}
        spent = {**usage, **thought, "output_tokens": 0, "total_tokens": usage["input_tokens"]}
        body = {
            **answered.body,
            "output": [],
            "usage": spent,
            "status": "completed",
            "incomplete_details": None,
        }
        sent = answered.conversation[: len(answered.conversation) - len(answered.body["output"])]
        warmed = StoredResponse(body, sent, tuple(events_of(body, self._state.interlude)))
        if body["id"] in self._state.responses:
            keep(self._state.responses, body["id"], warmed)
        return warmed


def _error_event(refusal: errors.Refusal, lane: str | None) -> JsonObject:
    event: JsonObject = {"type": "error", "status": refusal.status, "error": refusal.error()}
    return event if lane is None else {**event, "stream_id": lane}
