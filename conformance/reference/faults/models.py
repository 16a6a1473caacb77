"""Lies of the model rows."""

from __future__ import annotations

from conformance.exchange import Exchange, Request
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import (
    Answer,
    answer_with,
    edit_json,
    is_call,
    refuse,
    status_of,
    with_header,
)
from conformance.reference.faults.frame import fault, json_fault, wire_fault

LIST = "/v1/models"
ONE = "/v1/models/*"


@json_fault(LIST, defects=("D200",))
def lists_models_as_a_bare_array(answer: Answer) -> None:
    """The list is an array without the object around it."""
    answer.body = answer.body["data"]


@json_fault(LIST)
def omits_the_list_object(answer: Answer) -> None:
    """The list has no object."""
    del answer.body["object"]


@json_fault(LIST)
def lists_models_under_another_name(answer: Answer) -> None:
    """The models are under models instead of data."""
    answer.body["models"] = answer.body.pop("data")


@json_fault(LIST)
def lists_a_model_twice(answer: Answer) -> None:
    """Two entries have one id."""
    answer.body["data"].append(answer.body["data"][0])


@json_fault(LIST)
def lists_no_models(answer: Answer) -> None:
    """The list is empty although models answer."""
    answer.body["data"] = []


@wire_fault()
def lists_models_that_cannot_be_read(app: App) -> App:
    """A listed id cannot be retrieved."""

    def haunt(answer: Answer) -> None:
        answer.body["data"].append({**answer.body["data"][0], "id": "ref-ghost"})

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        return edit_json(exchange, haunt) if status_of(exchange) == 200 and is_call(exchange, LIST) else exchange

    return answer


@json_fault("/v1/models*")
def omits_the_models_owner(answer: Answer) -> None:
    """Models have no owned_by."""
    for entry in answer.body.get("data", [answer.body]):
        del entry["owned_by"]


@json_fault("/v1/models*")
def dates_models_in_text(answer: Answer) -> None:
    """created of a model is a string."""
    for entry in answer.body.get("data", [answer.body]):
        entry["created"] = "2025-01-01"


@json_fault("/v1/models*")
def dates_models_to_the_epoch(answer: Answer) -> None:
    """created of a model is 0."""
    for entry in answer.body.get("data", [answer.body]):
        entry["created"] = 0


@json_fault("/v1/models*")
def calls_models_by_another_object(answer: Answer) -> None:
    """object of a model is engine."""
    for entry in answer.body.get("data", [answer.body]):
        entry["object"] = "engine"


@json_fault("/v1/models*")
def discloses_the_backend_of_models(answer: Answer) -> None:
    """Models carry the address of the server behind the gateway and its own model path."""
    for entry in answer.body.get("data", [answer.body]):
        entry.update(
            root="/srv/models/llama-3-70b", api_base="http://10.0.3.7:8000/v1", api_key="sk-upstream-1"
        )


@json_fault(LIST, defects=("D204",))
def dates_all_models_alike(answer: Answer) -> None:
    """created and owned_by are the same constants for every model."""
    for entry in answer.body["data"]:
        entry.update(created=1677610602, owned_by="openai")


@json_fault(ONE)
def retrieves_another_model(answer: Answer) -> None:
    """The retrieved record has another id than was asked for."""
    answer.body["id"] += "-2025"


@json_fault(ONE)
def retrieves_what_differs_from_the_list(answer: Answer) -> None:
    """The retrieved record differs from the listed one."""
    answer.body["created"] += 1


@json_fault(ONE)
def wraps_a_retrieved_model(answer: Answer) -> None:
    """The retrieved record is wrapped in data."""
    answer.body = {"data": answer.body}


@fault(defects=("D201",))
def lists_models_as_text(exchange: Exchange) -> Exchange:
    """The list has the Content-Type text/plain."""
    here = is_call(exchange, LIST) and status_of(exchange) == 200
    return with_header(exchange, "content-type", "text/plain; charset=utf-8") if here else exchange


@fault(defects=("D202",))
def retrieves_a_dashboard(exchange: Exchange) -> Exchange:
    """Retrieving a model gives the page of a web interface."""
    if not is_call(exchange, ONE, "GET"):
        return exchange
    return answer_with(exchange, 200, b"<!DOCTYPE html><html><title>Console</title></html>", "text/html")


@fault(defects=("D206",))
def fails_to_list_models(exchange: Exchange) -> Exchange:
    """The list is answered 500 while everything else works."""
    if not is_call(exchange, LIST) or status_of(exchange) != 200:
        return exchange
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))


@fault()
def retrieves_models_that_do_not_exist(exchange: Exchange) -> Exchange:
    """Any model id can be retrieved."""
    if not is_call(exchange, ONE, "GET") or status_of(exchange) != 404:
        return exchange
    name = exchange.request.path.removeprefix("/v1/models/")
    return answer_with(exchange, 200, {"id": name, "object": "model", "created": 1750000000, "owned_by": "x"})


@fault()
def forgets_ids_with_a_slash(exchange: Exchange) -> Exchange:
    """A model whose id holds a slash cannot be retrieved."""
    if not is_call(exchange, "/v1/models/*%2[Ff]*"):
        return exchange
    return refuse(exchange, errors.Refusal(404, f"Invalid URL (GET {exchange.request.path})"))
