"""Function calls of Responses: that they can be run, are of what was offered, and come when they must."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from conformance.checks.excerpt import shown
from conformance.checks.response_view import Item, ResponseObject, completed, finished, parsed
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check


def _calls(subject: Subject) -> Iterator[tuple[ResponseObject, Item]]:
    """Every whole function call. NotShown when there is none: a model may answer in words."""
    found = [
        (response, item)
        for response in finished(subject)
        for item in response.of_kind("function_call")
        if item.status != "incomplete" and not (response.status == "incomplete" and item.status is None)
    ]
    if not found:
        raise NotShown("the model called no function")
    yield from found


def _offered(response: ResponseObject) -> dict[str, dict[str, Any]]:
    tools = response.request.get("tools")
    return {tool["name"]: tool for tool in tools or () if isinstance(tool, dict) and "name" in tool}


def _arguments(item: Item) -> Any:
    text = item.value.get("arguments")
    return parsed(text) if isinstance(text, str) else ...


@check
def function_arguments_parse(subject: Subject) -> Iterator[Finding]:
    """The text of a JSON object; the schema tells when it is no text at all."""
    for response, item in _calls(subject):
        text = item.value.get("arguments")
        if isinstance(text, str) and not isinstance(_arguments(item), dict):
            yield response.finding("the text of a JSON object", shown(text), f"{item.pointer}/arguments")


@check
def strict_arguments_match_their_schema(subject: Subject) -> Iterator[Finding]:
    """Valid under the parameters of a tool that was offered as strict."""
    judged = 0
    for response, item in _calls(subject):
        tool = _offered(response).get(str(item.value.get("name")), {})
        value = _arguments(item)
        if not tool.get("strict") or not isinstance(value, dict):
            continue
        judged += 1
        error = best_match(Draft202012Validator(tool["parameters"]).iter_errors(value))
        if error is not None:
            where = f"{item.pointer}/arguments"
            yield response.finding("arguments valid under the parameters", error.message[:200], where)
    if not judged:
        raise NotShown("no call of a strict tool has arguments that parse")


@check
def called_functions_were_offered(subject: Subject) -> Iterator[Finding]:
    """By the very name: a caller finds its function by nothing else."""
    for response, item in _calls(subject):
        name = item.value.get("name")
        if isinstance(name, str) and name not in _offered(response):
            expected = f"one of {shown(sorted(_offered(response)))}"
            yield response.finding(expected, shown(name), f"{item.pointer}/name")


@check
def call_ids_differ(subject: Subject) -> Iterator[Finding]:
    """Within one response."""
    seen: set[tuple[str, str]] = set()
    for response, item in _calls(subject):
        call_id = item.value.get("call_id")
        key = (response.answer.exchange.id, str(call_id))
        if key in seen and isinstance(call_id, str):
            yield response.finding("an id for each call", shown(call_id), f"{item.pointer}/call_id")
        seen.add(key)


@check
def forced_function_is_called(subject: Subject) -> Iterator[Finding]:
    """tool_choice required, or one function by its name."""
    for response in completed(subject):
        if not response.items:
            raise Spoiled("the response has no output")
        if not response.of_kind("function_call"):
            wanted = response.request.get("tool_choice")
            named = wanted.get("name") if isinstance(wanted, dict) else None
            seen = shown(response.text) if response.text else "no call"
            yield response.finding(f"a call of {named}" if named else "a function call", seen, "/output")


@check
def only_the_named_function_is_called(subject: Subject) -> Iterator[Finding]:
    """tool_choice names one function; a call of another runs what nobody asked for."""
    for response, item in _calls(subject):
        wanted, name = response.request["tool_choice"]["name"], item.value.get("name")
        if isinstance(name, str) and name != wanted:
            yield response.finding(shown(wanted), shown(name), f"{item.pointer}/name")


@check
def no_function_is_called(subject: Subject) -> Iterator[Finding]:
    """tool_choice none, or no tool at all."""
    for response in finished(subject):
        for item in response.of_kind("function_call"):
            yield response.finding("no function call", shown(item.value.get("name")), item.pointer)


@check
def one_function_is_called_at_most(subject: Subject) -> Iterator[Finding]:
    """parallel_tool_calls false."""
    for response in finished(subject):
        calls = response.of_kind("function_call")
        if not calls:
            raise NotShown("the model called no function")
        if len(calls) > 1:
            yield response.finding("one function call at most", f"{len(calls)} calls", calls[1].pointer)
