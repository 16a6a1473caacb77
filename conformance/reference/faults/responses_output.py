"""Lies about what a Response says: its items, texts, calls and log probabilities, wherever it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from conformance.reference.editing import Answer
from conformance.reference.faults.frame import item_fault, json_fault, part_fault, response_fault, whole_fault

RESPONSES = "/v1/responses"


def _items(response: Any, kind: str) -> Iterator[Any]:
    return (item for item in response["output"] if item["type"] == kind)


def _parts(response: Any) -> Iterator[Any]:
    """The parts of the messages of a Response whose text is free."""
    if response["text"]["format"]["type"] == "text":
        for item in _items(response, "message"):
            yield from (part for part in item["content"] if not part["logprobs"])


def _call(name: str, arguments: str, seed: str) -> Any:
    ids = {"id": f"fc_{seed}", "call_id": f"call_{seed}"}
    return {**ids, "type": "function_call", "status": "completed", "name": name, "arguments": arguments}


def _message(response: Any, text: str) -> Any:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    how = {"status": response["status"], "role": "assistant", "content": [part]}
    return {"id": f"msg_{response['id']}", "type": "message", **how}


# Items


@json_fault(RESPONSES, defects=("D118",))
def nulls_the_output(answer: Answer) -> None:
    """output is null."""
    answer.body["output"] = None


@whole_fault()
def answers_without_output(response: Any) -> None:
    """output is empty although tokens were charged."""
    response["output"] = []


@item_fault("message")
def omits_item_ids(item: Any) -> None:
    """Messages in the output have no id."""
    del item["id"]


@whole_fault()
def repeats_item_ids(response: Any) -> None:
    """All items of a Response have one id."""
    for item in response["output"]:
        item["id"] = f"item_{response['id']}"


@whole_fault()
def numbers_items_for_ids(response: Any) -> None:
    """The id of an item is its place in the output."""
    for place, item in enumerate(response["output"]):
        item["id"] = f"item_{place}"


@whole_fault(defects=("D117",))
def calls_cut_items_completed(response: Any) -> None:
    """The item that the limit cut is completed."""
    for item in response["output"]:
        if "status" in item:
            item["status"] = "completed"


@whole_fault()
def leaves_items_incomplete(response: Any) -> None:
    """The items of a completed Response are incomplete."""
    for item in response["output"]:
        if "status" in item:
            item["status"] = "incomplete"


# Messages


@item_fault("message")
def answers_a_response_as_the_user(item: Any) -> None:
    """The role of the output message is user."""
    item["role"] = "user"


@json_fault(RESPONSES)
def returns_output_text_as_a_string(answer: Answer) -> None:
    """The content of the output message is a string instead of parts."""
    for item in _items(answer.body, "message"):
        item["content"] = "".join(part["text"] for part in item["content"])


@whole_fault()
def answers_without_content(response: Any) -> None:
    """A message of the output has no parts although tokens were charged."""
    for item in _items(response, "message"):
        item["content"] = []


@part_fault()
def calls_output_text_text(part: Any) -> None:
    """The parts of the output message have the type text."""
    part["type"] = "text"


@part_fault()
def omits_annotations(part: Any) -> None:
    """The parts of the output message have no annotations."""
    del part["annotations"]


@whole_fault()
def answers_a_response_with_nothing(response: Any) -> None:
    """The text is empty although tokens were charged."""
    for part in _parts(response):
        part["text"] = ""


@whole_fault()
def ends_texts_with_a_control_token(response: Any) -> None:
    """The text of a Response ends in a token of the model's template."""
    for part in _parts(response):
        part["text"] += "<|im_end|>"


@whole_fault()
def cuts_texts_within_a_character(response: Any) -> None:
    """The text of a Response ends in half of a surrogate pair."""
    for part in _parts(response):
        part["text"] += "\ud83d"


@whole_fault()
def ignores_the_format_of_a_response(response: Any) -> None:
    """The text is prose although JSON was asked for."""
    if response["text"]["format"]["type"] != "text":
        for item in _items(response, "message"):
            for part in item["content"]:
                part["text"] = "Certainly! Here you are."


@whole_fault()
def ignores_the_schema_of_a_response(response: Any) -> None:
    """The text is JSON of another schema than the strict one that was asked for."""
    if response["text"]["format"]["type"] == "json_schema":
        for item in _items(response, "message"):
            for part in item["content"]:
                part["text"] = json.dumps({"result": [1, 2]})


@whole_fault()
def returns_no_logprobs_of_a_response(response: Any) -> None:
    """Log probabilities are asked for, and none come."""
    for item in _items(response, "message"):
        for part in item["content"]:
            part["logprobs"] = []


@response_fault()
def sums_the_text_up_wrongly(response: Any) -> None:
    """A Response has an output_text of its own, which is not its text."""
    response["output_text"] = "Something else."


# Calls


@whole_fault()
def breaks_the_arguments_of_a_response(response: Any) -> None:
    """The arguments of a function call are not JSON."""
    for item in _items(response, "function_call"):
        item["arguments"] = item["arguments"][:-1]


@json_fault(RESPONSES)
def returns_response_arguments_as_an_object(answer: Answer) -> None:
    """The arguments of a function call are an object."""
    for item in _items(answer.body, "function_call"):
        item["arguments"] = {"city": "Paris"}


@whole_fault()
def ignores_the_parameters_of_a_function(response: Any) -> None:
    """The arguments of a call of a strict function are not valid under its parameters."""
    for item in _items(response, "function_call"):
        item["arguments"] = '{"town":7}'


@item_fault("function_call")
def omits_the_call_id_of_a_response(item: Any) -> None:
    """A function call has no call_id, and cannot be answered."""
    del item["call_id"]


@json_fault(RESPONSES)
def nests_the_function_as_chat_does(answer: Answer) -> None:
    """A function call has name and arguments under function."""
    for item in _items(answer.body, "function_call"):
        item["function"] = {"name": item.pop("name"), "arguments": item.pop("arguments")}


@whole_fault()
def calls_a_function_that_was_not_offered(response: Any) -> None:
    """A Response calls a function that the request does not offer."""
    if not isinstance(response["tool_choice"], dict):
        for item in _items(response, "function_call"):
            item["name"] = "get_news"


@whole_fault()
def calls_another_function_than_the_named(response: Any) -> None:
    """A Response calls another function than the one that tool_choice names."""
    wanted = response["tool_choice"]
    others = [tool["name"] for tool in response["tools"] if tool["name"] != response["tool_choice"]]
    if isinstance(wanted, dict):
        other = next(name for name in others if name != wanted["name"])
        for item in _items(response, "function_call"):
            item["name"] = other


@whole_fault()
def calls_a_function_though_told_not_to(response: Any) -> None:
    """A Response calls a function although tool_choice is none."""
    if response["tool_choice"] == "none" and response["tools"]:
        response["output"] = [_call(response["tools"][0]["name"], '{"city":"Paris"}', response["id"])]


@whole_fault()
def calls_functions_side_by_side(response: Any) -> None:
    """A Response calls two functions although parallel_tool_calls is false."""
    for item in list(_items(response, "function_call")):
        if response["parallel_tool_calls"] is False:
            response["output"].append(_call(item["name"], item["arguments"], response["id"]))


@whole_fault()
def answers_in_words_where_a_function_is_required(response: Any) -> None:
    """A Response says something where tool_choice requires a call."""
    if any(_items(response, "function_call")) and response["tool_choice"] != "auto":
        response["output"] = [_message(response, "Let me see.")]


@whole_fault(defects=("D141",))
def writes_calls_as_text(response: Any) -> None:
    """A call comes as marked-up text instead of a function call."""
    calls = list(_items(response, "function_call"))
    if calls:
        text = "".join(f'<tool_call>{{"name": "{call["name"]}"}}</tool_call>' for call in calls)
        response["output"] = [_message(response, text)]


@whole_fault()
def gives_every_call_of_a_response_one_id(response: Any) -> None:
    """All calls of a Response have one call_id."""
    for item in _items(response, "function_call"):
        item["call_id"] = f"call_{response['id']}"


@whole_fault()
def numbers_calls_of_a_response_for_ids(response: Any) -> None:
    """The call_id of a function call is its place in the output."""
    for place, item in enumerate(_items(response, "function_call")):
        item["call_id"] = f"call_{place}"


@whole_fault()
def names_calls_by_their_items(response: Any) -> None:
    """The call_id of a function call is the id of its item."""
    for item in _items(response, "function_call"):
        item["call_id"] = item["id"]


@whole_fault()
def knows_nothing_of_the_earlier_turn(response: Any) -> None:
    """A Response that continues another has not read it."""
    if response["previous_response_id"]:
        usage = response["usage"]
        usage.update(input_tokens=5, total_tokens=5 + usage["output_tokens"])
        for part in _parts(response):
            part["text"] = "I do not know that."
