"""What a Response says: that there is output, that its text is text, and JSON where JSON was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from conformance.checks.excerpt import shown
from conformance.checks.response_view import (
    ResponseObject,
    completed,
    finished,
    parsed,
    readable,
    responses,
)
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_SLACK = 1e-6  # rounding of a probability of 1
_CONTROL = re.compile(
    r"</?s>|<\|(?:im_start|im_end|im_sep|endoftext|eot_id|eom_id|end_of_text|begin_of_text|start_header_id"
    r"|end_header_id|assistant|user|system|end|return|channel|message|start)\|>|<(?:start|end)_of_turn>"
    r"|\[/?INST\]|<\uff5c[^\uff5c]{1,40}\uff5c>|</?think(?:ing)?>|<(?:bos|eos|pad|unk)>"
)
_CALL = re.compile(
    r"</?tool_calls?>|<\|tool_calls?(?:_begin|_end|_section_begin|_section_end)?\|>|\[TOOL_CALLS\]"
    r"|<\|python_tag\|>|</?function_calls?>|<function[=:]|<\uff5ctool|functools\[\{|<tool_use>|<\|call\|>"
    r"|to=functions\."
)
REPLACEMENT = "\ufffd"
_LONE = re.compile("[\ud800-\udfff]")


def _asked(response: ResponseObject) -> str:
    return json.dumps(response.request, ensure_ascii=False)


@check
def completed_response_has_output(subject: Subject) -> Iterator[Finding]:
    """An item at least, of whatever type."""
    for response in completed(subject):
        if not response.items:
            yield response.finding("a message or a call", "no item", "/output")


@check
def messages_have_content(subject: Subject) -> Iterator[Finding]:
    """A completed message has a part, which callers read by its place."""
    for response in completed(subject):
        messages = response.of_kind("message")
        if not messages:
            raise NotShown("the answer has no message")
        for item in messages:
            if item.value.get("content") == []:
                yield response.finding("at least one part", "[]", f"{item.pointer}/content")


@check
def completed_response_says_something(subject: Subject) -> Iterator[Finding]:
    """A word, a refusal or a call; thoughts alone are no answer."""
    for response in completed(subject):
        if not response.items or any(not item.parts() for item in response.of_kind("message")):
            raise Spoiled("the response has no output, or a message without content")
        kinds = {item.kind for item in response.items}
        if kinds <= {"reasoning"}:
            yield response.finding("a message or a call", "reasoning alone", "/output")
        elif kinds <= {"reasoning", "message"} and not response.refused and not response.text.strip():
            yield response.finding("a text that is not empty", shown(response.text), "/output")


@check
def text_holds_no_control_tokens(subject: Subject) -> Iterator[Finding]:
    """Tokens by which a template marks turns and thoughts are not text."""
    yield from _leaked(subject, _CONTROL, "text without control tokens")


@check
def text_holds_no_tool_call(subject: Subject) -> Iterator[Finding]:
    """A call in the model's own markup is an item of its own, or the caller never runs it."""
    yield from _leaked(subject, _CALL, "a function_call item")


def _leaked(subject: Subject, markup: re.Pattern[str], expected: str) -> Iterator[Finding]:
    for response in finished(subject):
        for where, text in response.texts():
            found = markup.search(text)
            if found and found.group() not in _asked(response):
                yield response.finding(expected, f"{found.group()!r} in the text", where)


@check
def text_holds_no_half_pairs(subject: Subject) -> Iterator[Finding]:
    """Half of a surrogate pair is no character, and no UTF-8 can hold it."""
    for response in responses(subject):
        for where, text in response.texts():
            if half_pair(text):
                yield response.finding("whole characters", f"{half_pair(text)}, half of a pair", where)


def half_pair(text: str) -> str | None:
    """The first unpaired surrogate in ``text``, written as JSON escapes it."""
    lone = _LONE.search(text)
    return f"\\u{ord(lone.group()):04x}" if lone else None


@check
def text_holds_no_replacement_characters(subject: Subject) -> Iterator[Finding]:
    """They are what decoders leave of a character that was cut; a text that a limit cut may end in one."""
    for response in responses(subject):
        for where, text in response.texts():
            judged = text.rstrip(REPLACEMENT) if response.status == "incomplete" else text
            if REPLACEMENT in judged and REPLACEMENT not in _asked(response):
                yield response.finding("whole characters", "U+FFFD, a replacement character", where)


@check
def output_text_is_the_joined_text(subject: Subject) -> Iterator[Finding]:
    """SDKs compute the member themselves, so most servers leave it out."""
    stated = [r for r in readable(subject) if isinstance(r.value.get("output_text"), str)]
    if not stated:
        raise NotShown("no response has an output_text of its own")
    for response in stated:
        if response.value["output_text"] != response.text:
            seen = shown(response.value["output_text"])
            yield response.finding(shown(response.text), seen, "/output_text")


@check
def text_is_json(subject: Subject) -> Iterator[Finding]:
    """One JSON text, an object."""
    for response in _spoken(subject):
        if not isinstance(parsed(response.text), dict):
            yield response.finding("the text of a JSON object", shown(response.text), response.texts()[0][0])


@check
def text_matches_the_asked_schema(subject: Subject) -> Iterator[Finding]:
    """Valid under the schema of the request's own text.format."""
    for response in _spoken(subject):
        value = parsed(response.text)
        if value is ...:
            raise Spoiled("the text is not JSON")
        schema = response.request["text"]["format"]["schema"]
        error = best_match(Draft202012Validator(schema).iter_errors(value))
        if error is not None:
            expected = "a text valid under the schema"
            yield response.finding(expected, error.message[:200], response.texts()[0][0])


def _spoken(subject: Subject) -> Iterator[ResponseObject]:
    for response in completed(subject):
        if response.refused:
            raise NotShown("the model declined")
        if not response.texts():
            raise Spoiled("no message has a text")
        yield response


@check
def text_has_the_logprobs_asked_for(subject: Subject) -> Iterator[Finding]:
    """Given where they were asked for, of the text and nothing else, none above 0, no more than asked for."""
    for response in finished(subject):
        for item in response.of_kind("message"):
            for pointer, part in item.parts():
                if part.get("type") == "output_text" and part.get("text"):
                    yield from _logprobs(response, f"{pointer}/logprobs", part)


def _logprobs(response: ResponseObject, where: str, part: dict[str, Any]) -> Iterator[Finding]:
    listed = part.get("logprobs")
    tokens = [token for token in listed if isinstance(token, dict)] if isinstance(listed, list) else []
    if not tokens:
        yield response.finding("the log probability of each token", shown(listed), where)
        return
    if joined_tokens(tokens) != part["text"]:
        yield response.finding(shown(part["text"]), shown(joined_tokens(tokens)), where)
    most = response.request.get("top_logprobs") or 0
    for index, token in enumerate(tokens):
        value, tops = token.get("logprob"), token.get("top_logprobs")
        if isinstance(value, int | float) and value > _SLACK:
            yield response.finding("at most 0", shown(value), f"{where}/{index}/logprob")
        if isinstance(tops, list) and len(tops) > most:
            yield response.finding(f"at most {most}", str(len(tops)), f"{where}/{index}/top_logprobs")


def joined_tokens(tokens: list[dict[str, Any]]) -> str:
    """The text of the tokens: by bytes where all have them, as a token may end within a character."""
    lists = [token.get("bytes") for token in tokens]
    values = [byte for listed in lists if isinstance(listed, list) for byte in listed]
    if all(isinstance(listed, list) for listed in lists) and all(_is_byte(value) for value in values):
        return bytes(values).decode("utf-8", "replace")
    return "".join(str(token.get("token")) for token in tokens)


def _is_byte(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 256
