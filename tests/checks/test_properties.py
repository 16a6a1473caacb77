"""The checks of generated requests: what is found, what is passed over, and what shows nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.cases import Case
from conformance.checks.asked import asked
from conformance.checks.properties import (
    every_generated_message_is_survived,
    every_generated_request_is_answered_or_refused,
    every_generated_request_is_refused,
    every_spelling_is_answered_alike,
    every_valid_request_is_answered_or_refused,
    generated_answers_keep_the_ledger,
    no_generated_request_is_accepted,
)
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject
from conformance.contract import Contract, load_contract
from conformance.exchange import Chunk, Exchange, Failure, Request, Response
from conformance.properties.generate import PropertyOptions, with_generated

JSON = (("content-type", "application/json"),)
REFUSAL = b'{"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": null}}'
CHAT = (
    b'{"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0, '
    b'"finish_reason": "stop", "message": {"role": "assistant", "content": "Hi.", "refusal": null}}], '
    b'"usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}'
)
PAGE = b"<html><body>Bad gateway</body></html>"
BASELINE = "chat/minimal/json"

Check = Callable[..., Iterable[Finding]]


def contract() -> Contract:
    return with_generated(load_contract(), PropertyOptions("all", max_examples=3))


def generated(kind: str, area: str = "chat") -> Case:
    return next(c for c in contract().cases.values() if c.area == area and f"generated-{kind}" in c.features)


def answer(case: Case, status: int, body: bytes, failure: Failure | None = None) -> Answer:
    response = Response(status, JSON, (Chunk(0.0, body),)) if status else None
    exchange = Exchange(f"{case.id}#0.1", case.id, Request("POST", "/v1/x"), response, failure=failure)
    return Answer(case, contract().operation_of(case), exchange)


def judged(
    check: Check, subject: Answer, *, baseline: tuple[int, bytes] = (200, CHAT), **arguments: Any
) -> list[str]:
    others: Mapping[str, tuple[Answer, ...]] = {BASELINE: (answer(contract().cases[BASELINE], *baseline),)}
    findings = check(Subject(contract(), (subject,), lambda case: others.get(case, ())), **arguments)
    return [finding.seen for finding in findings]


@pytest.mark.parametrize("check", [every_generated_request_is_refused, no_generated_request_is_accepted])
def test_a_documented_refusal_is_what_is_wanted(check: Check) -> None:
    assert judged(check, answer(generated("must-refuse"), 422, REFUSAL)) == []


@pytest.mark.parametrize(
    ("status", "body"), [(200, CHAT), (500, REFUSAL), (404, PAGE), (400, b'{"detail": "no"}')]
)
def test_anything_but_a_refusal_is_found(status: int, body: bytes) -> None:
    (seen,) = judged(every_generated_request_is_refused, answer(generated("must-refuse"), status, body))
    assert seen.startswith(f"{status} application/json")


def test_silence_is_found() -> None:
    silent = answer(generated("must-refuse"), 0, b"", Failure("no_head", "no answer within 5 seconds"))
    (seen,) = judged(every_generated_request_is_refused, silent)
    assert seen.startswith("no response: no answer within 5 seconds")


def test_a_refusal_shows_nothing_where_everything_is_refused() -> None:
    refused = answer(generated("must-refuse"), 400, REFUSAL)
    with pytest.raises(NotShown, match="so was its positive twin"):
        judged(every_generated_request_is_refused, refused, baseline=(403, REFUSAL))


@pytest.mark.parametrize(
    "check", [every_generated_request_is_refused, every_generated_request_is_answered_or_refused]
)
def test_an_operation_that_is_broken_is_told_by_its_baseline(check: Check) -> None:
    with pytest.raises(Spoiled, match="chat/minimal/json: 500"):
        judged(check, answer(generated("must-refuse"), 500, PAGE), baseline=(500, PAGE))


@pytest.mark.parametrize(("status", "body", "found"), [
    (200, CHAT, 1),
    (405, b"Method Not Allowed", 1),
    (500, REFUSAL, 0),
    (200, PAGE, 0),
])  # fmt: skip
def test_what_is_worse_than_acceptance_is_left_to_another(status: int, body: bytes, found: int) -> None:
    assert (
        len(judged(no_generated_request_is_accepted, answer(generated("should-refuse"), status, body)))
        == found
    )


@pytest.mark.parametrize(("kind", "status", "body", "found"), [
    ("odd", 200, CHAT, 0),
    ("odd", 400, REFUSAL, 0),
    ("odd", 501, REFUSAL, 0),
    ("odd", 400, b"Bad Request", 1),
    ("odd", 301, b"", 1),
    ("odd", 500, REFUSAL, 1),
    ("odd", 200, PAGE, 1),
    ("should-refuse", 405, b"Method Not Allowed", 0),
    ("should-refuse", 500, REFUSAL, 1),
    ("should-refuse", 405, PAGE, 1),
])  # fmt: skip
def test_nothing_earns_a_server_error_or_a_page(kind: str, status: int, body: bytes, found: int) -> None:
    assert (
        len(judged(every_generated_request_is_answered_or_refused, answer(generated(kind), status, body)))
        == found
    )


@pytest.mark.parametrize(("status", "body", "found"), [
    (200, CHAT, 0),
    (400, REFUSAL, 0),
    (200, REFUSAL, 1),
    (500, REFUSAL, 1),
    (200, PAGE, 1),
])  # fmt: skip
def test_valid_requests_are_answered_or_refused(status: int, body: bytes, found: int) -> None:
    assert (
        len(judged(every_valid_request_is_answered_or_refused, answer(generated("valid"), status, body)))
        == found
    )


@pytest.mark.parametrize(("status", "body", "found"), [
    (200, CHAT, 0),
    (200, CHAT.replace(b'"id"', b'"extra": null, "id"'), 0),
    (200, CHAT.replace(b'"object": "chat.completion", ', b""), 1),
    (400, REFUSAL, 1),
])  # fmt: skip
def test_a_spelling_is_answered_as_its_document(status: int, body: bytes, found: int) -> None:
    assert (
        len(judged(every_spelling_is_answered_alike, answer(generated("respelled"), status, body))) == found
    )


def test_every_must_on_answers_is_kept() -> None:
    wrong = CHAT.replace(b'"total_tokens": 2', b'"total_tokens": 3')
    found = judged(generated_answers_keep_the_ledger, answer(generated("odd"), 200, wrong))
    assert [seen.partition(" to ")[0] for seen in found] == ["3"]


def test_what_a_written_case_shows_too_is_told_there() -> None:
    wrong = CHAT.replace(b'"total_tokens": 2', b'"total_tokens": 3')
    assert (
        judged(generated_answers_keep_the_ledger, answer(generated("odd"), 200, wrong), baseline=(200, wrong))
        == []
    )


def test_a_conversation_that_breaks_off_is_found() -> None:
    case = generated("message", "realtime")
    broken = answer(case, 101, b"", Failure("cut", "the connection was lost"))
    (seen,) = judged(
        every_generated_message_is_survived, broken, by="invalid_message_leaves_the_session_usable"
    )
    assert seen.startswith("101 and 0 messages, then the connection was lost")


def changed(**fields: Any) -> Case:
    return replace(contract().cases[BASELINE], **fields)


@pytest.mark.parametrize(("fields", "words"), [
    ({"method": "PUT"}, "PUT"),
    ({"query": {"limit": "x"}}, 'limit: "x"'),
    ({"headers": {"accept": "*"}}, 'accept: "*"'),
    ({"raw": "[]"}, "[]"),
    ({"raw": "[" * 200}, f"{'[' * 40} … {'[' * 40}"),
    ({"body": {"model": "$model"}}, "without messages"),
    ({"body": {**load_contract().cases[BASELINE].body, "n": 0}}, "n: 0"),
    ({}, "the same request"),
])  # fmt: skip
def test_a_finding_says_what_was_asked(fields: dict[str, Any], words: str) -> None:
    assert asked(changed(**fields), contract().cases[BASELINE]) == words
