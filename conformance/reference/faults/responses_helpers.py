"""Lies of continuation, and of the read, compact and counting helpers of Responses."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from conformance.exchange import Exchange
from conformance.reference import errors
from conformance.reference.editing import (
    Answer,
    answer_with,
    edit_json,
    is_call,
    is_json,
    refuse,
    sent_json,
    status_of,
)
from conformance.reference.faults.frame import Alter, fault, json_fault, remembering_fault

RESPONSES = "/v1/responses"
READ = "/v1/responses/resp_*"


def _forgetting(forgets: Callable[[Exchange], bool]) -> Alter:
    forgotten: set[str] = set()

    def alter(exchange: Exchange) -> Exchange:
        previous = sent_json(exchange).get("previous_response_id")
        if previous in forgotten:
            message = f"Previous response with id '{previous}' not found."
            code, param = "previous_response_not_found", "previous_response_id"
            return refuse(exchange, errors.Refusal(400, message, code=code, param=param))
        if forgets(exchange) and exchange.response is not None:
            forgotten.update(_ids(exchange.response.body))
        return exchange

    return alter


def _ids(body: bytes) -> set[str]:
    return {
        piece.partition(b'"')[0].decode() for piece in body.split(b'"id":"')[1:] if piece.startswith(b"resp_")
    }


@remembering_fault(defects=("D115",))
def forgets_streamed_responses() -> Alter:
    """A streamed Response cannot be continued."""
    return _forgetting(lambda exchange: sent_json(exchange).get("stream") is True)


@remembering_fault()
def forgets_every_response() -> Alter:
    """No Response can be continued."""
    return _forgetting(lambda exchange: is_call(exchange, RESPONSES))


@remembering_fault()
def sets_going_what_it_cancels() -> Alter:
    """A completed Response that is cancelled is in progress when it is read again."""
    cancelled: set[str] = set()

    def alter(exchange: Exchange) -> Exchange:
        name = exchange.request.path.removesuffix("/cancel").rpartition("/")[2]
        if exchange.request.path.endswith("/cancel") and status_of(exchange) == 200:
            cancelled.add(name)
        elif name in cancelled and exchange.request.method == "GET":
            return edit_json(exchange, lambda read: read.body.update(status="in_progress"))
        return exchange

    return alter


@remembering_fault()
def keeps_what_was_not_to_be_stored() -> Alter:
    """A Response that was created with store false can be retrieved."""
    kept: dict[str, Any] = {}

    def alter(exchange: Exchange) -> Exchange:
        if sent_json(exchange).get("store") is False and is_call(exchange, RESPONSES) and is_json(exchange):
            body = json.loads(_body(exchange))
            kept[str(body.get("id"))] = body
        name = exchange.request.path.rpartition("/")[2]
        if name in kept and status_of(exchange) == 404:
            return answer_with(exchange, 200, kept[name])
        return exchange

    return alter


@fault()
def refuses_what_it_compacted(exchange: Exchange) -> Exchange:
    """The output of a compaction is refused as the input of a Response."""
    items = sent_json(exchange).get("input")
    kinds = [item.get("type") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if "compaction" not in kinds or not is_call(exchange, RESPONSES):
        return exchange
    return refuse(exchange, errors.invalid_value("input", "Unknown item type: 'compaction'."))


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
def reads_another_temperature(answer: Answer) -> None:
    """What is read has another temperature than was created."""
    answer.body["temperature"] = 0.123


@json_fault(READ, method="GET")
def reads_under_another_id(answer: Answer) -> None:
    """What is read has another id than was asked for."""
    answer.body["id"] = "resp_another"


@json_fault("/v1/responses/resp_*/cancel")
def sets_a_cancelled_response_going(answer: Answer) -> None:
    """A completed Response that is cancelled is in progress again."""
    answer.body["status"] = "in_progress"


COMPACT = "/v1/responses/compact"


@json_fault(COMPACT)
def calls_a_compaction_a_response(answer: Answer) -> None:
    """object of a compaction is response."""
    answer.body["object"] = "response"


@json_fault(COMPACT)
def compacts_to_nothing(answer: Answer) -> None:
    """A compaction has no compaction item."""
    answer.body["output"] = [item for item in answer.body["output"] if item["type"] != "compaction"]


@json_fault(COMPACT)
def empties_the_encrypted_content(answer: Answer) -> None:
    """The compaction item has nothing in it."""
    for item in answer.body["output"]:
        if item["type"] == "compaction":
            item["encrypted_content"] = ""


@json_fault(COMPACT)
def compacts_first(answer: Answer) -> None:
    """The compaction comes before what was kept."""
    answer.body["output"].sort(key=lambda item: item["type"] != "compaction")


@json_fault(COMPACT)
def forgets_what_the_user_said(answer: Answer) -> None:
    """The messages of the user are not kept."""
    answer.body["output"] = [item for item in answer.body["output"] if item["type"] == "compaction"]


@json_fault(COMPACT)
def compacts_in_the_open(answer: Answer) -> None:
    """encrypted_content is the conversation in words."""
    for item in answer.body["output"]:
        if item["type"] == "compaction":
            item["encrypted_content"] = json.dumps(answer.sent.get("input"))


@json_fault(COMPACT)
def finishes_a_compaction(answer: Answer) -> None:
    """A compaction has the status of a Response."""
    answer.body["status"] = "completed"


@json_fault(COMPACT)
def gives_compacted_items_one_id(answer: Answer) -> None:
    """All items of a compaction have one id."""
    for item in answer.body["output"]:
        item["id"] = f"item_{answer.body['id']}"


@json_fault(COMPACT)
def gives_every_compaction_one_id(answer: Answer) -> None:
    """Every compaction has the same id."""
    answer.body["id"] = "resp_compacted"


COUNT = "/v1/responses/input_tokens"


@json_fault(COUNT)
def counts_no_input(answer: Answer) -> None:
    """input_tokens is 0 although there is input."""
    answer.body["input_tokens"] = 0


@remembering_fault()
def counts_more_from_time_to_time() -> Alter:
    """The same input counts more each time."""
    times = itertools.count()

    def edit(answer: Answer) -> None:
        answer.body["input_tokens"] += next(times)

    def alter(exchange: Exchange) -> Exchange:
        here = is_call(exchange, COUNT) and status_of(exchange) == 200
        return edit_json(exchange, edit) if here else exchange

    return alter


@json_fault(COUNT)
def counts_only_the_message(answer: Answer) -> None:
    """Instructions, tools and earlier turns make an input count less."""
    if any(answer.sent.get(name) for name in ("instructions", "tools", "previous_response_id")):
        answer.body["input_tokens"] = 1


@json_fault(COUNT)
def counts_messages_by_their_shape(answer: Answer) -> None:
    """A text counts more when it is sent as a message."""
    if isinstance(answer.sent.get("input"), list):
        answer.body["input_tokens"] += 9


@json_fault(COUNT)
def counts_input_tokens_as_text(answer: Answer) -> None:
    """input_tokens is a string."""
    answer.body["input_tokens"] = str(answer.body["input_tokens"])


@json_fault(COUNT)
def counts_the_same_input_tokens_always(answer: Answer) -> None:
    """input_tokens is the same whatever the input."""
    answer.body["input_tokens"] = 8


@json_fault(COUNT)
def names_the_count_otherwise(answer: Answer) -> None:
    """The count comes as total_tokens."""
    answer.body["total_tokens"] = answer.body.pop("input_tokens")
