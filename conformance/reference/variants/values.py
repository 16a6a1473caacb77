"""JSON that says the same otherwise, or more."""

from __future__ import annotations

import json
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.editing import (
    Answer,
    Stream,
    edit_events,
    edit_json,
    is_call,
    is_json,
    status_of,
    with_body,
)
from conformance.reference.turns import Turn
from conformance.reference.variants.frame import variant, variant_of_turns


def _extend_turn(turn: Turn) -> None:
    turn.events = [_with_extras(event) for event in turn.events]


@variant_of_turns(_extend_turn)
def adds_fields(exchange: Exchange) -> Exchange:
    """Objects have fields that the contract does not name."""

    def edit(answer: Answer) -> None:
        answer.body = _with_extras(answer.body)

    def edit_stream(stream: Stream) -> None:
        for event in stream.events:
            event.data = _with_extras(event.data) if isinstance(event.data, dict) else event.data

    return edit_events(edit_json(exchange, edit), edit_stream)


_FREE = frozenset({"metadata", "parameters", "schema", "logit_bias", "categories", "category_scores"})
"""Objects that repeat what was sent, or whose keys are the answer."""


def _with_extras(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_with_extras(item, name) for item in value]
    if not isinstance(value, dict) or name in _FREE or name.startswith(("category_", "top_logprobs")):
        return value
    extended = {key: _with_extras(item, key) for key, item in value.items()}
    return (
        {**extended, "x_extra": {"note": "ignore me"}} if "type" not in value or "id" in value else extended
    )


@variant
def dates_responses_in_fractions(exchange: Exchange) -> Exchange:
    """created_at of a Response is a number with a fraction."""

    def edit(answer: Answer) -> None:
        if answer.body.get("object") == "response":
            for name in ("created_at", "completed_at"):
                if answer.body[name] is not None:
                    answer.body[name] += 0.25

    return (
        edit_json(exchange, edit)
        if status_of(exchange) == 200 and is_call(exchange, "/v1/responses*")
        else exchange
    )


@variant
def answers_in_another_order_of_keys(exchange: Exchange) -> Exchange:
    """The keys of JSON objects come in alphabetical order."""
    if not is_json(exchange) or exchange.response is None or not exchange.response.body:
        return exchange
    return with_body(exchange, json.dumps(json.loads(exchange.response.body), sort_keys=True).encode())
