"""What a user of the official client gets for a recorded exchange: a value, an exception, a request id."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import openai
from openai import APIStatusError, BaseModel

from conformance.answer import Answer
from conformance.sdk import calls, sockets
from conformance.sdk.replay import client_for

_CLASSES = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one call. ``call`` is the method as a user writes it."""

    call: str
    value: Any = None
    raised: Exception | None = None
    request_id: str | None = None

    @property
    def complaint(self) -> str:
        """What was raised, as Python prints it; empty when nothing was."""
        return f"{type(self.raised).__name__}: {self.raised}" if self.raised is not None else ""


def read_answer(answer: Answer) -> Reading:
    """The answer as the method of its operation gives it."""
    return answer.remembered("sdk answer", lambda: _read(answer, calls.READS[answer.operation.name]))


def read_stream(answer: Answer) -> Reading:
    """The stream as its method's iterator gives it, and then as the streaming helper does, where there is one."""
    return answer.remembered("sdk stream", lambda: _followed(answer, calls.STREAMS[answer.operation.name]))


def read_refusal(answer: Answer) -> Reading:
    """The error, which depends on the response alone and not on the method."""
    return answer.remembered("sdk refusal", lambda: _refused(answer))


def read_conversation(answer: Answer) -> Reading:
    """The messages of a WebSocket server as the iterator of the SDK's connection gives them."""
    return answer.remembered("sdk conversation", lambda: _listened(answer))


def documented_class(status: int) -> type[APIStatusError]:
    """The exception that openai-python documents for a status."""
    return openai.InternalServerError if status >= 500 else _CLASSES.get(status, APIStatusError)


def _read(answer: Answer, call: calls.Call) -> Reading:
    client = client_for(answer.response)
    with _quiet():
        try:
            value = call.make(client, answer.case)
        except Exception as error:  # whatever it is, a user would get it
            return Reading(call.name, None, error, _id_of(error))
    return Reading(call.name, value, None, _id_of(value))


def _followed(answer: Answer, call: calls.Call) -> Reading:
    if call.follow is None:
        return _iterated(answer, call)
    client = client_for(answer.response)
    with _quiet():
        try:
            call.follow(client, answer.case)
        except Exception as error:
            plain = _iterated(answer, call)
            return plain if plain.raised is not None else Reading(call.helper, None, error)
    return Reading(call.helper)


def _iterated(answer: Answer, call: calls.Call) -> Reading:
    client = client_for(answer.response)
    with _quiet():
        try:
            events = list(call.make(client, answer.case))
        except Exception as error:
            return Reading(call.name, None, error)
    return Reading(call.name, events)


def _refused(answer: Answer) -> Reading:
    client = client_for(answer.response)
    with _quiet():
        try:
            value = client.post("/refused", cast_to=object)
        except Exception as error:
            return Reading("client.post", None, error, _id_of(error))
    return Reading("client.post", value)


def _listened(answer: Answer) -> Reading:
    name = sockets.name_of(answer.operation.name)
    events: list[object] = []
    with _quiet():
        try:
            for event in sockets.conversation(answer.operation.name, answer.exchange.frames):
                events.append(event)
        except Exception as error:
            return Reading(name, events, error)
    return Reading(name, events)


def _id_of(seen: object) -> str | None:
    if isinstance(seen, APIStatusError):
        return seen.request_id
    if isinstance(seen, BaseModel):
        return seen._request_id
    response = getattr(seen, "response", None)
    return response.headers.get("x-request-id") if response is not None else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Nobody's filters may turn what the SDK warns of into an exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield

