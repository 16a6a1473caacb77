"""Tool calls of chat completions."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.completion_view import Choice, Completion, completion, completions
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check


def _calling(subject: Subject) -> Iterator[tuple[Completion, Choice]]:
    """Choices that call tools. Raises NotShown when none does: a model may answer in words."""
    calling = [
        (found, choice) for found in completions(subject) for choice in found.choices if choice.tool_calls
    ]
    if not calling:
        raise NotShown("the model called no tool")
    yield from calling


@check
def finish_reason_tells_of_tool_calls(subject: Subject) -> Iterator[Finding]:
    """``tool_calls`` unless cut; a forced call may end with ``stop`` and is not judged here."""
    for found, choice in _calling(subject):
        if choice.finish_reason in {"stop", "function_call", "content_filter"}:
            where = f"{choice.where}/finish_reason"
            yield Finding("'tool_calls'", shown(choice.finish_reason), where, found.answer.exchange.id)


@check
def tool_arguments_parse(subject: Subject) -> Iterator[Finding]:
    """The text of a JSON object; the schema tells when it is no text at all."""
    for found, choice in _calling(subject):
        for position, _, arguments in choice.functions():
            cut = choice.finish_reason == "length"
            if isinstance(arguments, str) and not cut and not _is_object(arguments):
                where = f"{choice.where}/message/tool_calls/{position}/function/arguments"
                yield Finding("the text of a JSON object", shown(arguments), where, found.answer.exchange.id)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


@check
def tool_calls_name_offered_tools(subject: Subject) -> Iterator[Finding]:
    """A call of a tool that nobody offered cannot be run."""
    for found, choice in _calling(subject):
        offered = {tool["function"]["name"] for tool in found.request.get("tools", [])}
        for position, name, _ in choice.functions():
            if name and name not in offered:
                where = f"{choice.where}/message/tool_calls/{position}/function/name"
                yield Finding(
                    f"one of {shown(sorted(offered))}", shown(name), where, found.answer.exchange.id
                )


@check
def function_calls_say_so(subject: Subject) -> Iterator[Finding]:
    """A call of another kind, such as a custom one, has no function; that a type is there is the schema's."""
    for found, choice in _calling(subject):
        for position, call in enumerate(choice.tool_calls):
            kind = call.get("type")
            if isinstance(call.get("function"), dict) and isinstance(kind, str) and kind != "function":
                where = f"{choice.where}/message/tool_calls/{position}/type"
                yield Finding("'function'", shown(kind), where, found.answer.exchange.id)


@check
def tool_call_ids_differ(subject: Subject) -> Iterator[Finding]:
    """Within one answer."""
    for found, choice in _calling(subject):
        if found.answer.case.stream and any("id" not in call for call in choice.tool_calls):
            raise Spoiled("a call has no id")
        for value, times in Counter(str(call.get("id") or "") for call in choice.tool_calls).items():
            if times > 1 and value:
                where = f"{choice.where}/message/tool_calls"
                yield Finding(
                    "an id for each call", f"{value!r} {times} times", where, found.answer.exchange.id
                )


@check
def tool_call_ids_differ_between_answers(subject: Subject) -> Iterator[Finding]:
    """An id that comes back in another answer makes a longer history ambiguous."""
    holders: dict[str, set[str]] = defaultdict(set)
    for answer in subject.answers:
        for value in _call_ids(answer):
            holders[value].add(answer.exchange.id)
    if not holders:
        raise NotShown("no tool was called")
    for value, exchanges in holders.items():
        if len(exchanges) > 1:
            first, second = sorted(exchanges)[:2]
            yield Finding(
                "an id of its own for each call",
                f"{value!r} in {first} and {second}",
                "tool_calls/id",
                second,
            )


def _call_ids(answer: Answer) -> set[str]:
    if answer.state != "answered":
        return set()
    try:
        choices = completion(answer).choices
    except Spoiled:
        return set()
    return {
        call["id"]
        for choice in choices
        for call in choice.tool_calls
        if isinstance(call.get("id"), str) and call["id"]
    }


@check
def forced_tool_is_called(subject: Subject) -> Iterator[Finding]:
    """tool_choice required, or one tool by its name."""
    for found in completions(subject):
        choice = found.request.get("tool_choice")
        wanted = choice["function"]["name"] if isinstance(choice, dict) else None
        names = [name for one in found.choices for _, name, _ in one.functions()]
        if not names or (wanted and wanted not in names):
            expected = f"a call of {wanted}" if wanted else "a tool call"
            yield Finding(
                expected, shown(names) if names else "none", "/choices/0/message", found.answer.exchange.id
            )


@check
def no_tool_is_called(subject: Subject) -> Iterator[Finding]:
    """tool_choice none."""
    for found in completions(subject):
        for choice in found.choices:
            if choice.tool_calls:
                where = f"{choice.where}/message/tool_calls"
                yield Finding("no tool call", shown(choice.tool_calls), where, found.answer.exchange.id)
