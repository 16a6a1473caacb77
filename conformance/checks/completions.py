"""Legacy completions: prompts, choices, echo."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.checks.completion_view import Completion, completions
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, Subject, check


def _prompts(found: Completion) -> int:
    prompt = found.request.get("prompt")
    if isinstance(prompt, list) and prompt and not isinstance(prompt[0], int):
        return len(prompt)
    return 1


@check
def completion_choices_are_as_many_as_asked_for(subject: Subject) -> Iterator[Finding]:
    """prompts × n of them, each index once."""
    for found in completions(subject):
        due = _prompts(found) * found.n
        indexes = [choice.value.get("index") for choice in found.choices]
        if len(indexes) != due:
            yield Finding(f"{due} choices", f"{len(indexes)} of them", "/choices", found.answer.exchange.id)
        elif _is_shuffled(indexes, due):
            yield Finding(f"the indexes 0 to {due - 1}", shown(indexes), "/choices", found.answer.exchange.id)


def _is_shuffled(indexes: list[object], due: int) -> bool:
    """True when the indexes are integers and not 0 to ``due`` - 1; of another type the schema tells."""
    numbers = [index for index in indexes if isinstance(index, int)]
    return len(numbers) == len(indexes) and sorted(numbers) != list(range(due))


@check
def echo_gives_the_prompt_back(subject: Subject) -> Iterator[Finding]:
    """Leading white space aside, which some tokenizers add or drop."""
    for found in completions(subject):
        prompt = found.request.get("prompt")
        for choice in found.choices:
            if isinstance(prompt, str) and not choice.text.lstrip().startswith(prompt.lstrip()):
                expected = f"a text that starts with {prompt!r}"
                yield Finding(expected, shown(choice.text), f"{choice.where}/text", found.answer.exchange.id)
