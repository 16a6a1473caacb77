"""What a chat completion says: choices, usage, finish reasons, JSON content, log probabilities."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from conformance.answer import Answer
from conformance.checks.completion_view import Choice, Completion, completion, completions
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_YEAR_2015 = 1_420_000_000
_DAY = 86_400
_TEMPLATE_TOKENS = re.compile(
    r"</?s>|<\|(?:im_start|im_end|endoftext|eot_id|end_of_text|start_header_id|end_header_id|eom_id|assistant|user|system"
    r"|end|return|channel|message|start|call)\|>|<end_of_turn>|<start_of_turn>|\[/?INST\]|<｜[^｜]{1,40}｜>|</?tool_call>"
    r"|<\|tool_calls?_(?:begin|end|section_begin|section_end)\|>|\[TOOL_CALLS\]"
)


@check
def choices_are_as_many_as_asked_for(subject: Subject) -> Iterator[Finding]:
    """n asked for, n given."""
    for found in completions(subject):
        if len(found.choices) != found.n:
            seen = f"{len(found.choices)} of them"
            yield Finding(
                f"{found.n} choice{'s' if found.n != 1 else ''}", seen, "/choices", found.answer.exchange.id
            )


@check
def choice_indexes_are_contiguous(subject: Subject) -> Iterator[Finding]:
    """0 to the number of choices less one, in any order."""
    for found in completions(subject):
        indexes = [choice.value.get("index") for choice in found.choices]
        if any(not isinstance(index, int) for index in indexes):
            continue  # the schema tells of it
        if sorted(indexes, key=str) != sorted(range(len(indexes)), key=str):
            expected = shown(list(range(len(indexes))))
            yield Finding(f"the indexes {expected}", shown(indexes), "/choices", found.answer.exchange.id)


def _counts(found: Completion, *names: str) -> list[int] | None:
    usage = found.usage or {}
    values = [usage.get(name) for name in names]
    return (
        [value for value in values if type(value) is int]
        if all(type(value) is int for value in values)
        else None
    )


@check
def usage_adds_up(subject: Subject) -> Iterator[Finding]:
    """total = prompt + completion, exactly."""
    for found in _with_usage(subject):
        counts = _counts(found, "prompt_tokens", "completion_tokens", "total_tokens")
        if counts and counts[0] + counts[1] != counts[2]:
            expected = f"{counts[0] + counts[1]} ({counts[0]} + {counts[1]})"
            yield Finding(expected, str(counts[2]), "/usage/total_tokens", found.answer.exchange.id)


def _with_usage(subject: Subject) -> Iterator[Completion]:
    seen = False
    for found in completions(subject):
        if found.usage is not None:
            seen = True
            yield found
    if not seen:
        raise NotShown("the answer has no usage")


@check
def usage_details_fit(subject: Subject) -> Iterator[Finding]:
    """Cached and audio tokens within the prompt's, reasoning and predicted ones within the completion's."""
    for found in _with_usage(subject):
        for parent in ("prompt_tokens", "completion_tokens"):
            whole = (found.usage or {}).get(parent)
            details = (found.usage or {}).get(f"{parent}_details")
            for name, part in details.items() if isinstance(details, dict) else ():
                if (
                    type(part) is int
                    and type(whole) is int
                    and part > whole
                    and not name.startswith("rejected")
                ):
                    where = f"/usage/{parent}_details/{name}"
                    yield Finding(f"at most {parent}, {whole}", str(part), where, found.answer.exchange.id)


@check
def usage_is_not_zero(subject: Subject) -> Iterator[Finding]:
    """The prompt has at least one token, and so has any text that was made."""
    for found in _with_usage(subject):
        made = any(choice.text or choice.tool_calls for choice in found.choices)
        for name, needed in (("prompt_tokens", True), ("completion_tokens", made)):
            if needed and (found.usage or {}).get(name) == 0:
                yield Finding("at least 1", "0", f"/usage/{name}", found.answer.exchange.id)


@check
def longer_prompt_counts_more(subject: Subject) -> Iterator[Finding]:
    """Compared with the prompt that this one begins with."""
    mine = _prompt_tokens(subject.answer)
    other = subject.answered(subject.case.compare[0])
    theirs = _prompt_tokens(other) if other else None
    if mine is None or theirs is None:
        raise NotShown("the two answers do not both have usage")
    if mine <= theirs:
        yield Finding(f"more than {theirs}", str(mine), "/usage/prompt_tokens", subject.answer.exchange.id)


def _prompt_tokens(answer: Answer) -> int | None:
    count = (completion(answer).usage or {}).get("prompt_tokens")
    return count if isinstance(count, int) else None


def _limit(found: Completion) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = found.request.get(name)
        if isinstance(value, int):
            return value
    return None


@check
def token_limit_is_kept(subject: Subject) -> Iterator[Finding]:
    """completion_tokens ≤ limit × choices."""
    for found in _with_usage(subject):
        limit, count = _limit(found), (found.usage or {}).get("completion_tokens")
        most = (limit or 0) * max(1, len(found.choices))
        if limit is not None and isinstance(count, int) and count > most:
            yield Finding(f"at most {most}", str(count), "/usage/completion_tokens", found.answer.exchange.id)


@check
def finish_reason_tells_of_the_limit(subject: Subject) -> Iterator[Finding]:
    """As many tokens as allowed were made, so the limit ended the text."""
    for found in _with_usage(subject):
        limit, count = _limit(found), (found.usage or {}).get("completion_tokens")
        if limit is None or not isinstance(count, int) or count < limit:
            continue
        for choice in found.choices:
            if choice.finish_reason == "stop":
                yield Finding("'length'", "'stop'", f"{choice.where}/finish_reason", found.answer.exchange.id)


@check
def finish_reason_is_not_length_early(subject: Subject) -> Iterator[Finding]:
    """``length`` with less than half of the allowed tokens made; tokenizers differ by a few, not by half."""
    for found in completions(subject):
        limit, count = _limit(found), (found.usage or {}).get("completion_tokens")
        if not limit or not isinstance(count, int) or len(found.choices) != 1 or count * 2 >= limit:
            continue
        if found.choices[0].finish_reason == "length":
            seen = f"'length' after {count} of {limit} tokens"
            yield Finding("'stop'", seen, "/choices/0/finish_reason", found.answer.exchange.id)


@check
def content_is_json(subject: Subject) -> Iterator[Finding]:
    """Each choice that ended by itself holds one JSON text."""
    for found, choice, value in _json_contents(subject):
        if value is ...:
            yield Finding(
                "a JSON text", shown(choice.text), f"{choice.where}/message/content", found.answer.exchange.id
            )


def _json_contents(subject: Subject) -> Iterator[tuple[Completion, Choice, Any]]:
    for found in completions(subject):
        for choice in found.choices:
            if choice.finish_reason == "stop" and not choice.message.get("refusal"):
                yield found, choice, _parsed(choice.text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return ...


@check
def content_matches_the_asked_schema(subject: Subject) -> Iterator[Finding]:
    """Validated under the schema of the request's own response_format."""
    for found, choice, value in _json_contents(subject):
        if value is ...:
            raise Spoiled("the content is not JSON")
        schema = found.request["response_format"]["json_schema"]["schema"]
        error = best_match(Draft202012Validator(schema).iter_errors(value))
        if error is not None:
            where = f"{choice.where}/message/content"
            yield Finding(
                "content valid under the schema", error.message[:200], where, found.answer.exchange.id
            )


@check
def content_holds_no_template_tokens(subject: Subject) -> Iterator[Finding]:
    """Tokens by which a template marks turns and calls are not content."""
    for found in completions(subject):
        for choice in found.choices:
            leaked = _TEMPLATE_TOKENS.search(choice.text)
            if leaked and leaked.group() not in json.dumps(found.request, ensure_ascii=False):
                where = f"{choice.where}/message/content"
                yield Finding("text", f"the token {leaked.group()!r}", where, found.answer.exchange.id)


@check
def stop_sequence_is_left_out(subject: Subject) -> Iterator[Finding]:
    """No stop sequence of the request in any choice."""
    for found in completions(subject):
        stop = found.request.get("stop")
        for sequence in [stop] if isinstance(stop, str) else stop or []:
            for choice in found.choices:
                if sequence in choice.text:
                    yield Finding(
                        f"text without {sequence!r}",
                        shown(choice.text),
                        choice.where,
                        found.answer.exchange.id,
                    )


@check
def message_is_not_empty(subject: Subject) -> Iterator[Finding]:
    """finish_reason stop, and nothing said."""
    for found in completions(subject):
        for choice in found.choices:
            said = (
                choice.text
                or choice.tool_calls
                or any(choice.message.get(k) for k in ("refusal", "audio", "function_call"))
            )
            if choice.finish_reason == "stop" and not said:
                yield Finding(
                    "content, a refusal or a call",
                    "none",
                    f"{choice.where}/message",
                    found.answer.exchange.id,
                )


@check
def answer_ids_differ(subject: Subject) -> Iterator[Finding]:
    """One id, one answer; an id is read from the body or, streamed, from the first event that has one."""
    holders: dict[str, list[Answer]] = defaultdict(list)
    for answer in subject.answers:
        if answer.state == "answered" and answer.case.expects == "answer":
            holders[_own_id(answer)].append(answer)
    holders.pop("", None)
    if not holders:
        raise NotShown("no answer with an id was seen")
    for value, answers in holders.items():
        if len(answers) > 1:
            cases = ", ".join(answer.case.id for answer in answers[:3])
            yield Finding(
                "an id of its own",
                f"{value!r} on {len(answers)} answers ({cases})",
                "/id",
                answers[1].exchange.id,
            )


def _own_id(answer: Answer) -> str:
    first = (
        answer.json
        if not answer.case.stream
        else next((p for p in answer.payloads if isinstance(p, dict)), None)
    )
    if isinstance(first, dict) and isinstance(first.get("response"), dict):
        first = first["response"]
    value = first.get("id") if isinstance(first, dict) else None
    return value if isinstance(value, str) else ""


@check
def created_is_plausible(subject: Subject) -> Iterator[Finding]:
    """Not 0, not milliseconds, not tomorrow."""
    for found in completions(subject):
        created = found.value.get("created")
        if isinstance(created, int) and not _YEAR_2015 < created < found.answer.exchange.started_at + _DAY:
            yield Finding("seconds since 1970", shown(created), "/created", found.answer.exchange.id)


@check
def same_seed_gives_the_same_text(subject: Subject) -> Iterator[Finding]:
    """Only while both answers name the same system_fingerprint, as the promise is best effort."""
    found = list(completions(subject))
    prints = {str(one.value.get("system_fingerprint")) for one in found}
    if len(found) < 2 or len(prints) != 1 or prints == {"None"}:
        raise NotShown("the answers do not name one system_fingerprint")
    texts = [[choice.text for choice in one.choices] for one in found]
    if any(text != texts[0] for text in texts):
        yield Finding(shown(texts[0]), shown(texts[1]), "/choices", found[1].answer.exchange.id)
