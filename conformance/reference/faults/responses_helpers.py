"""Lies of continuation, and of the read, compact and counting helpers of Responses."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Exchange, Request
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import (
    Answer,
    answer_with,
    is_call,
    refuse,
    sent_json,
    status_of,
)
from conformance.reference.faults.frame import fault, json_fault, wire_fault

RESPONSES = "/v1/responses"
READ = "/v1/responses/resp_*"


def _forgetting(app: App, forgets: Any) -> App:
    forgotten: set[str] = set()

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        previous = sent_json(exchange).get("previous_response_id")
        if previous in forgotten:
            message = f"Previous response with id '{previous}' not found."
            code, param = "previous_response_not_found", "previous_response_id"
            return refuse(exchange, errors.Refusal(400, message, code=code, param=param))
        if forgets(exchange) and exchange.response is not None:
            forgotten.update(_ids(exchange.response.body))
        return exchange

    return answer


def _ids(body: bytes) -> set[str]:
    return {
        piece.partition(b'"')[0].decode() for piece in body.split(b'"id":"')[1:] if piece.startswith(b"resp_")
    }


@wire_fault(defects=("D115",))
def forgets_streamed_responses(app: App) -> App:
    """A streamed Response cannot be continued."""
    return _forgetting(app, lambda exchange: sent_json(exchange).get("stream") is True)


@wire_fault()
def forgets_every_response(app: App) -> App:
    """No Response can be continued."""
    return _forgetting(app, lambda exchange: is_call(exchange, RESPONSES))


@fault()
def continues_from_nowhere(exchange: Exchange) -> Exchange:
    """An unknown previous_response_id is answered as if it were none."""
    unknown = status_of(exchange) == 400 and b"previous_response_not_found" in _body(exchange)
    return answer_with(exchange, 200, {"id": "resp_0", "object": "response"}) if unknown else exchange


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


@json_fault(READ, method="GET")
def reads_another_response(answer: Answer) -> None:
    """What is read differs from what was created."""
    answer.body["output"] = []


@json_fault(READ, method="GET")
def reads_under_another_id(answer: Answer) -> None:
    """What is read has another id than was asked for."""
    answer.body["id"] = "resp_another"


@json_fault("/v1/responses/compact")
def calls_a_compaction_a_response(answer: Answer) -> None:
    """object of a compaction is response."""
    answer.body["object"] = "response"


@json_fault("/v1/responses/compact")
def compacts_to_nothing(answer: Answer) -> None:
    """A compaction has no compaction item."""
    answer.body["output"] = [item for item in answer.body["output"] if item["type"] != "compaction"]


@json_fault("/v1/responses/compact")
def empties_the_encrypted_content(answer: Answer) -> None:
    """The compaction item has nothing in it."""
    for item in answer.body["output"]:
        if item["type"] == "compaction":
            item["encrypted_content"] = ""


@json_fault("/v1/responses/input_tokens")
def counts_input_tokens_as_text(answer: Answer) -> None:
    """input_tokens is a string."""
    answer.body["input_tokens"] = str(answer.body["input_tokens"])


@json_fault("/v1/responses/input_tokens")
def counts_the_same_input_tokens_always(answer: Answer) -> None:
    """input_tokens is the same whatever the input."""
    answer.body["input_tokens"] = 8


@json_fault("/v1/responses/input_tokens")
def names_the_count_otherwise(answer: Answer) -> None:
    """The count comes as total_tokens."""
    answer.body["total_tokens"] = answer.body.pop("input_tokens")
