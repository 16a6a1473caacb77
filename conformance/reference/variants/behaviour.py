"""Targets that behave otherwise over several requests."""

from __future__ import annotations

from conformance.exchange import Exchange, Request
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import (
    refuse,
    status_of,
    with_header,
)
from conformance.reference.state import State
from conformance.reference.variants.frame import configured, wire_variant


@wire_variant
def limits_each_path_once(app: App) -> App:
    """The first request to each path, also a handshake, gets a 429 with Retry-After."""
    seen: set[str] = set()

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        path = request.path.partition("?")[0]
        if path in seen or status_of(exchange) not in (101, 200):
            return exchange
        seen.add(path)
        refusal = errors.Refusal(
            429, "Rate limit reached.", kind="rate_limit_error", code="rate_limit_exceeded"
        )
        return with_header(refuse(exchange, refusal), "retry-after", "1")

    return answer


@configured
def reasons_before_it_answers(state: State) -> None:
    """Every Response begins with a reasoning item."""
    state.always_reasons = True


@configured
def makes_ids_of_another_form(state: State) -> None:
    """Ids are UUIDs without a prefix."""
    drawn = state.new_id

    def new_id(prefix: str) -> str:
        digits = drawn("")
        return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-8{digits[15:18]}-{digits[18:24]}{digits[:6]}"

    state.new_id = new_id


@configured
def takes_longer_for_videos(state: State) -> None:
    """A video needs several looks until it is complete."""
    state.polls_to_complete = 4


@configured
def sends_unknown_events(state: State) -> None:
    """A stream of a Response has an event of a type that nobody knows."""
    state.interlude += ({"type": "response.reference.note", "note": "ignore me"},)


@configured
def keeps_responses_alive(state: State) -> None:
    """A stream of a Response has a keepalive event, which is numbered too."""
    state.interlude += ({"type": "keepalive"},)
