"""One exchange as a judge reads it: its state, its JSON, its events, each parsed once and kept."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from conformance.cases import Case
from conformance.contract import Operation
from conformance.exchange import Exchange, Response
from conformance.wire import sse, strict_json

_T = TypeVar("_T")

State = Literal["answered", "refused", "broken", "none"]
"""answered: 2xx (101 for a WebSocket) · refused: the documented refusal · broken: anything else · none: no response"""

JSON_MEDIA_TYPES = ("application/json",)


@dataclass(frozen=True)
class Answer:
    """The last attempt at one step of a case."""

    case: Case
    operation: Operation
    exchange: Exchange
    _memory: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def remembered(self, name: str, compute: Callable[[], _T]) -> _T:
        """What ``compute`` gave the first time, for work that several checks need."""
        if name not in self._memory:
            self._memory[name] = compute()
        value: _T = self._memory[name]
        return value

    @property
    def response(self) -> Response:
        """The response; ask for ``state`` first, as there may be none."""
        if self.exchange.response is None:
            raise LookupError(f"{self.exchange.id} has no response")
        return self.exchange.response

    @property
    def status(self) -> int:
        """The status code; 0 when there was no response."""
        return self.exchange.response.status if self.exchange.response else 0

    @functools.cached_property
    def document(self) -> strict_json.Document | None:
        """The body as JSON with what is odd about it; None when it is not JSON."""
        try:
            return strict_json.loads(self.response.body)
        except (strict_json.JsonError, LookupError):
            return None

    @property
    def json(self) -> Any:
        """The body's JSON value; None when it is not JSON."""
        return self.document.value if self.document else None

    @property
    def is_event_stream(self) -> bool:
        """True when the response says that its body is ``text/event-stream``."""
        return self.exchange.response is not None and self.response.media_type == "text/event-stream"

    @functools.cached_property
    def transcript(self) -> sse.Transcript:
        """The body as server-sent events."""
        return sse.parse(self.exchange.response.body if self.exchange.response else b"")

    @functools.cached_property
    def payloads(self) -> tuple[Any, ...]:
        """The JSON value of each event's data, ``[DONE]`` left out; None in the place of data that is not JSON."""
        return tuple(_payload(event.data) for event in self.transcript.events if event.data != "[DONE]")

    @functools.cached_property
    def messages(self) -> tuple[Any, ...]:
        """The JSON value of each text message that a WebSocket server sent; None for one that is not JSON."""
        frames = (
            frame for frame in self.exchange.frames if frame.sender == "server" and frame.kind == "text"
        )
        return tuple(_payload(frame.data.decode("utf-8", "replace")) for frame in frames)

    @property
    def error(self) -> Any:
        """The ``error`` member of a JSON body; None when there is none."""
        return self.json.get("error") if isinstance(self.json, dict) else None

    @functools.cached_property
    def state(self) -> State:
        """What kind of answer this is."""
        if self.exchange.response is None:
            return "none"
        if self.exchange.failure is not None:
            return "broken"
        if is_documented_refusal(self.response):
            return "refused"
        accepted = 101 if self.operation.transport == "websocket" and self.case.script else None
        return "answered" if 200 <= self.status < 300 or self.status == accepted else "broken"

    @property
    def is_recognisable(self) -> bool:
        """True when it is an answer and carries the member by which its operation is known."""
        if self.state != "answered":
            return False
        hallmark = self.case.recognise or self.operation.hallmark
        if hallmark is None or self.is_event_stream or self.status == 101:
            return bool(self.exchange.response and (self.response.body or self.exchange.frames))
        return isinstance(self.json, dict) and hallmark in self.json

    def blames_the_request(self) -> bool:
        """True when a refusal names a parameter of ours as its cause."""
        return isinstance(self.error, dict) and bool(self.error.get("param"))


def _payload(data: str) -> Any:
    try:
        return strict_json.loads(data).value
    except strict_json.JsonError:
        return None


def is_documented_refusal(response: Response) -> bool:
    """A 4xx or 501 whose JSON body has an ``error`` object with a message (the contract's own refusal)."""
    if not (400 <= response.status < 500 or response.status == 501):
        return False
    try:
        value = strict_json.loads(response.body).value
    except strict_json.JsonError:
        return False
    error = value.get("error") if isinstance(value, dict) else None
    return (
        isinstance(error, dict) and isinstance(error.get("message"), str) and bool(error["message"].strip())
    )


LIVENESS = "liveness"
"""Id of the case under which the question at the end of a run is recorded: is the target still there?"""


def is_failure(exchange: Exchange) -> bool:
    """No whole response, or a 5xx other than 501: what a target in trouble does, and what a broken operation does."""
    if exchange.response is None or exchange.failure is not None:
        return True
    return exchange.response.status >= 500 and exchange.response.status != 501


def is_passing_trouble(exchange: Exchange) -> bool:
    """Worth another attempt: 429, 502, 503, 504, or no response at all."""
    if exchange.response is None:
        return exchange.failure is None or exchange.failure.kind in {"connect", "cut"}
    return exchange.response.status in {429, 502, 503, 504}


def is_outage(answer: Answer) -> bool:
    """Trouble that says nothing of the contract: a 429, or a 503 with the error envelope."""
    if answer.status == 429:
        return True
    return answer.status == 503 and isinstance(answer.error, dict) and bool(answer.error.get("message"))
