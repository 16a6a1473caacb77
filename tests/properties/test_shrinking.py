"""Failing changes are made smaller without another request than are needed, and kept as case files."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Contract, load_contract, with_cases
from conformance.datafiles import check_against_schema, parse_yaml
from conformance.properties.changes import Change
from conformance.properties.drawing import key_of
from conformance.properties.frozen import Frozen, _writable, case_files, frozen_case
from conformance.properties.generate import Generated, PropertyOptions, generated
from conformance.properties.shrinking import Enough, smallest

OPTIONS = PropertyOptions("all", max_examples=4, seed=1)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


def found(contract: Contract, area: str, kind: str, family: str) -> Generated:
    return next(
        one
        for one in generated(contract, OPTIONS).values()
        if one.case.area == area and one.kind == kind and one.change["family"] == family
    )


class Target:
    """Fails where ``fails`` says, and remembers what it was asked."""

    def __init__(self, fails: Any, most: int = 1000) -> None:
        self.asked: list[Change] = []
        self._fails = fails
        self._most = most

    def __call__(self, change: Change) -> bool:
        if len(self.asked) == self._most:
            raise Enough
        self.asked.append(change)
        return bool(self._fails(change))


def test_the_smallest_request_that_fails_is_found(contract: Contract) -> None:
    one = found(contract, "embeddings", "odd", "deep")
    target = Target(lambda change: change["raw"].count("[") >= 20)
    change = smallest(contract, one, OPTIONS, target)
    assert change["raw"].count("[") == 20
    assert len(target.asked) < 40


def test_no_change_is_asked_of_twice_nor_the_one_that_failed(contract: Contract) -> None:
    one = found(contract, "embeddings", "odd", "deep")
    target = Target(lambda change: change["raw"].count("[") >= 20)
    smallest(contract, one, OPTIONS, target)
    keys = [key_of(change) for change in target.asked]
    assert len(set(keys)) == len(keys)
    assert key_of(one.change) not in keys


def test_what_fails_whatever_is_asked_becomes_simplest(contract: Contract) -> None:
    one = found(contract, "embeddings", "must-refuse", "cut")
    assert smallest(contract, one, OPTIONS, Target(lambda change: True))["raw"] == "{"


def test_what_nothing_smaller_shows_is_kept(contract: Contract) -> None:
    one = found(contract, "embeddings", "must-refuse", "cut")
    change = smallest(contract, one, OPTIONS, Target(lambda change: False))
    assert key_of(change) == key_of(one.change)


def test_the_search_ends_when_no_more_may_be_asked(contract: Contract) -> None:
    one = found(contract, "embeddings", "odd", "deep")
    target = Target(lambda change: True, most=1)
    change = smallest(contract, one, OPTIONS, target)
    assert len(target.asked) == 1
    assert len(change["raw"]) <= len(one.change["raw"])


def test_a_valid_request_is_made_smaller_and_stays_valid(contract: Contract) -> None:
    one = found(contract, "embeddings", "valid", "schema")
    change = smallest(contract, one, OPTIONS, Target(lambda change: True))
    assert set(change["body"]) == {"model", "input"}
    assert list(contract.schemas.mismatches("CreateEmbeddingRequest", change["body"])) == []


def test_every_generated_request_can_be_frozen_and_read_back(contract: Contract) -> None:
    made = [
        *generated(contract, OPTIONS).values(),
        *generated(contract, PropertyOptions("negative", max_examples=8, seed=7)).values(),
    ]
    kept = [Frozen(frozen_case(one, one.change), ("PROP-001: \x1b[31m odd\nnote",)) for one in made]
    documents = {}
    for area, text in case_files(contract, kept).items():
        documents[area] = parse_yaml(text, area)
        check_against_schema(documents[area], "cases", area)
    again = with_cases(contract, documents).cases
    assert [one.case.id for one in kept if again[one.case.id] != _writable(one.case)] == []
    assert all(again[one.case.id].is_frozen for one in kept)


def test_a_row_that_passed_before_the_failure_does_not_fail_later(contract: Contract) -> None:
    options = PropertyOptions("negative", max_examples=5, seed=1)
    for one in generated(contract, options).values():
        if one.case.area == "input-tokens":
            target = Target(lambda change: True, most=3)
            change = smallest(contract, one, options, target)
            assert key_of(change) in map(key_of, [one.change, *target.asked])
