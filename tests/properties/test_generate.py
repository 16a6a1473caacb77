"""Generated requests: the same for the same seed, of the kind that they claim, and judged to the point."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.cases import Case
from conformance.checks.properties import (
    every_generated_request_is_answered_or_refused,
    every_generated_request_is_refused,
)
from conformance.checks.subject import Finding, Subject
from conformance.contract import load_contract
from conformance.exchange import Chunk, Exchange, Request, Response
from conformance.properties.generate import PropertyOptions, with_generated
from conformance.properties.schema_types import request_fields

OPTIONS = PropertyOptions("negative", max_examples=6, seed=1)


def generated(options: PropertyOptions = OPTIONS) -> list[Case]:
    return [case for case in with_generated(load_contract(), options).cases.values() if "generated" in case.features]


def sent(case: Case) -> str:
    return case.raw if case.raw is not None else json.dumps(case.body)


def test_the_same_seed_gives_the_same_requests() -> None:
    assert [(c.id, sent(c)) for c in generated()] == [(c.id, sent(c)) for c in generated()]


def test_another_seed_gives_others() -> None:
    other = generated(PropertyOptions("negative", max_examples=6, seed=2))
    assert {sent(case) for case in other} != {sent(case) for case in generated()}


def test_off_generates_nothing() -> None:
    assert generated(PropertyOptions("off")) == []


def test_no_property_has_more_than_its_examples() -> None:
    kinds = {case.id.rpartition("-")[0] for case in generated()}
    assert all(sum(case.id.startswith(f"{kind}-") for case in generated()) <= 6 for kind in kinds)


@pytest.mark.parametrize("case", [c for c in generated() if "generated-must-refuse" in c.features], ids=lambda c: c.id)
def test_what_must_be_refused_is_wrong(case: Case) -> None:
    contract = load_contract()
    operation = contract.operation_of(case)
    schema = operation.document["requestBody"]["content"]["application/json"]["schema"]["$ref"]  # type: ignore[index]
    fields = request_fields(contract.schemas.document(schema.rpartition("/")[2]))
    try:
        body: Any = json.loads(sent(case))
    except ValueError:
        return  # malformed
    missing = [name for name in fields.required if name not in body]
    mismatches = list(contract.schemas.mismatches(schema.rpartition("/")[2], body))
    assert missing or mismatches


def test_valid_requests_are_valid() -> None:
    contract = load_contract()
    options = PropertyOptions("all", max_examples=2)
    cases = [case for case in generated(options) if "generated-valid" in case.features]
    assert {case.operation for case in cases} >= {"POST /v1/embeddings", "POST /v1/chat/completions"}
    for case in cases:
        schema = contract.operation_of(case).document["requestBody"]["content"]["application/json"]["schema"]["$ref"]  # type: ignore[index]
        assert list(contract.schemas.mismatches(schema.rpartition("/")[2], case.body)) == []


def judged(check: Any, status: int, body: bytes, kind: str) -> list[Finding]:
    contract = with_generated(load_contract(), OPTIONS)
    case = next(c for c in contract.cases.values() if f"generated-{kind}" in c.features)
    headers = (("content-type", "application/json"),)
    exchange = Exchange("e", case.id, Request("POST", "/v1/x"), Response(status, headers, (Chunk(0.0, body),)))
    answer = Answer(case, contract.operation_of(case), exchange)
    return list(check(Subject(contract, (answer,))))


REFUSAL = b'{"error": {"message": "no", "type": "invalid_request_error", "param": null, "code": null}}'


def test_a_refusal_is_what_is_expected() -> None:
    assert judged(every_generated_request_is_refused, 400, REFUSAL, "must-refuse") == []
    assert judged(every_generated_request_is_answered_or_refused, 400, REFUSAL, "odd") == []


@pytest.mark.parametrize(("status", "body"), [(200, b"{}"), (500, REFUSAL), (404, b"<html>")])
def test_anything_else_is_found(status: int, body: bytes) -> None:
    (finding,) = judged(every_generated_request_is_refused, status, body, "must-refuse")
    assert finding.seen.startswith(str(status))


@pytest.mark.parametrize(("status", "body", "found"), [(200, b"{}", 0), (500, REFUSAL, 1), (200, b"<html></html>", 1)])
def test_odd_requests_may_be_answered(status: int, body: bytes, found: int) -> None:
    assert len(judged(every_generated_request_is_answered_or_refused, status, body, "odd")) == found
