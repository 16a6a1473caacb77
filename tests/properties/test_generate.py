"""Generated requests: the same for the same seed, of the kind that they claim, and bounded."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from conformance.cases import Case
from conformance.contract import Contract, load_contract
from conformance.plan import make_plan
from conformance.probing.requests import MissingValueError, RequestBuilder
from conformance.properties.generate import PropertyOptions, with_generated
from conformance.reference.embedded import reference_models
from conformance.target import Selection, Target, needs_consent

OPTIONS = PropertyOptions("negative", max_examples=6, seed=1)


def contract_with(options: PropertyOptions = OPTIONS) -> Contract:
    return with_generated(load_contract(), options)


def generated(options: PropertyOptions = OPTIONS) -> list[Case]:
    return [case for case in contract_with(options).cases.values() if "generated" in case.features]


def kind_of(case: Case) -> str:
    return case.id.rpartition("/")[2].rpartition("-")[0]


def of_kind(*kinds: str, options: PropertyOptions = OPTIONS) -> list[Case]:
    return [case for case in generated(options) if kind_of(case) in kinds]


def named(case: Case) -> str:
    return case.id


def test_the_same_seed_gives_the_same_requests() -> None:
    first = generated(PropertyOptions("negative", max_examples=3, seed=5))
    load_contract.cache_clear()
    with_generated.__globals__["_MADE"].clear()
    assert generated(PropertyOptions("negative", max_examples=3, seed=5)) == first


def test_another_seed_gives_others() -> None:
    assert generated(PropertyOptions("negative", max_examples=6, seed=2)) != generated()


def test_off_generates_nothing() -> None:
    assert generated(PropertyOptions("off")) == []


def test_every_row_has_generated_requests() -> None:
    contract = load_contract()
    rows = {op.name for op in contract.operations.values() if op.availability in {"ready", "limited"}}
    assert {case.operation for case in generated()} == rows


@pytest.mark.parametrize(("operation", "kinds"), [
    ("POST /v1/chat/completions", {"must-refuse", "should-refuse", "odd", "respelled"}),
    ("POST /v1/images/edits", {"must-refuse", "should-refuse", "odd"}),
    ("GET /v1/models", {"should-refuse", "odd"}),
    ("GET /v1/models/{model}", {"must-refuse", "should-refuse", "odd"}),
    ("GET /v1/realtime", {"message"}),
    ("GET /v1/responses", {"message"}),
])  # fmt: skip
def test_kinds_fit_the_operation(operation: str, kinds: set[str]) -> None:
    assert {kind_of(case) for case in generated() if case.operation == operation} == kinds


def test_no_property_has_more_than_its_examples() -> None:
    counts = Counter(case.id.rpartition("-")[0] for case in generated())
    assert max(counts.values()) == 6
    dear = [
        f"{area}/generated/{kind}" for area in ("images", "videos") for kind in ("should-refuse", "respelled")
    ]
    assert [counts[kind] for kind in dear] == [2, 2, 2, 2]


def test_no_request_is_generated_twice() -> None:
    requests = Counter(f"{kind_of(case)} {replace(case, id='')}" for case in generated())
    assert [request for request, count in requests.items() if count > 1] == []


def test_every_request_can_be_sent() -> None:
    options = PropertyOptions("all", max_examples=12, seed=3)
    contract = contract_with(options)
    builder = RequestBuilder(contract, Target("http://target/v1", True, {"text": "a-model"}), "sk-key")
    for case in generated(options):
        try:
            assert builder.request(case, unanswered).path.startswith("/v1/")
            assert builder.script(case, unanswered) is None or case.script
        except MissingValueError:
            assert case.references


def unanswered(case_id: str) -> Any:
    raise LookupError(case_id)


@pytest.mark.parametrize("case", [c for c in of_kind("must-refuse") if c.raw is not None], ids=named)
def test_raw_bodies_that_must_be_refused_are_no_valid_document(case: Case) -> None:
    assert not isinstance(parsed(case.raw or ""), dict) or "multipart" in str(case.headers)
    assert case.consent is bool(case.references)


def parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except ValueError:
        return None


@pytest.mark.parametrize("case", [c for c in of_kind("must-refuse") if c.body is not None], ids=named)
def test_bodies_that_must_be_refused_break_their_schema(case: Case) -> None:
    assert list(load_contract().schemas.mismatches(schema_name(case), case.body)) != []
    assert case.features & {"missing-field", "wrong-type"}


def schema_name(case: Case) -> str:
    content = (load_contract().operation_of(case).document or {})["requestBody"]["content"][
        "application/json"
    ]
    return str(content["schema"]["$ref"].rpartition("/")[2])


@pytest.mark.parametrize("case", of_kind("respelled"), ids=named)
def test_a_spelling_is_the_same_document(case: Case) -> None:
    assert json.loads(case.raw or "") == load_contract().cases[case.base or ""].body
    assert case.expects == "answer"


def test_valid_requests_are_valid() -> None:
    cases = of_kind("valid", options=PropertyOptions("all", max_examples=2))
    assert {case.area for case in cases} >= {
        "embeddings",
        "chat",
        "responses",
        "image-edits",
        "transcriptions",
    }
    with_bodies = [case for case in cases if case.body is not None]
    broken = [
        m for case in with_bodies for m in load_contract().schemas.mismatches(schema_name(case), case.body)
    ]
    assert broken == []
    assert {case.body["model"] for case in with_bodies if "model" in case.body} == {"$model"}


def test_a_valid_form_carries_the_files_of_its_baseline() -> None:
    contract = load_contract()
    forms = [
        case
        for case in of_kind("valid", options=PropertyOptions("all", max_examples=2))
        if case.form is not None
    ]
    assert all(case.form["files"] == contract.cases[case.base or ""].form["files"] for case in forms)  # type: ignore[index]


def test_what_is_sent_without_a_named_model_cannot_spend() -> None:
    contract = contract_with()
    target = Target("http://target/v1", True, {})
    sent = [
        p.case for p in make_plan(contract, target, Selection()).to_send() if "generated" in p.case.features
    ]
    unnamed = [case for case in sent if needs_consent(contract.operation_of(case))]
    assert {kind_of(case) for case in unnamed} == {"must-refuse", "should-refuse", "odd"}
    assert [case.id for case in unnamed if not is_harmless(case)] == []


def is_harmless(case: Case) -> bool:
    malformed = case.features & {"malformed", "malformed-form", "unknown-id"}
    nameless = "$no_such_model" in f"{case.raw} {case.body} {case.form}"
    return bool(malformed) or nameless or case.params.get("video_id", "").endswith("conformance-none")


def test_generated_requests_are_planned_and_counted() -> None:
    contract = contract_with()
    plan = make_plan(contract, Target("http://target/v1", True, reference_models()), Selection())
    assert {case.id for case in generated()} <= {planned.case.id for planned in plan.to_send()}
    assert {result.requirement.id for result in plan.results.values() if result.requirement.area == "properties"} == {
        "PROP-001", "PROP-002", "PROP-003", "PROP-005", "PROP-006", "PROP-007", "PROP-008",
    }  # fmt: skip
