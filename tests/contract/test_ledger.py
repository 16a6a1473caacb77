"""The ledger: every sentence of the reference is in it, ids are permanent, and nothing in it hangs loose."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from conformance.checks.subject import registered_checks
from conformance.contract import Contract, load_contract
from conformance.datafiles import load_yaml
from conformance.plan import Plan, make_plan
from conformance.target import Selection, Target

IDS = Path(__file__).with_name("ids.txt")


@pytest.fixture(scope="module")
def contract() -> Contract:
    return load_contract()


def quotes(contract: Contract) -> set[str]:
    found: set[str] = set()
    for requirement in contract.requirements.values():
        seed = requirement.source.get("seed", [])
        found.update([seed] if isinstance(seed, str) else seed)
    families = load_yaml(contract.root / "spec" / "unavailable.yaml")["families"].values()
    return found | {family["seed"] for family in families if family["seed"]}


def sentences(contract: Contract) -> list[str]:
    text = (contract.root / "spec" / "source" / "api-reference.txt").read_text("utf-8")
    return [line.strip() for line in text.splitlines() if line.strip().endswith(".")]


def test_every_sentence_of_the_reference_is_in_the_ledger(contract: Contract) -> None:
    quoted = quotes(contract)
    missing = [line for line in sentences(contract) if not any(q in line or line in q for q in quoted)]
    assert missing == []


def test_every_quote_stands_in_the_reference(contract: Contract) -> None:
    text = (contract.root / "spec" / "source" / "api-reference.txt").read_text("utf-8")
    assert [quote for quote in quotes(contract) if quote not in text] == []


def test_the_twenty_rows_are_those_of_the_reference(contract: Contract) -> None:
    text = (contract.root / "spec" / "source" / "api-reference.txt").read_text("utf-8")
    rows = re.findall(r"Method\n(\w+)\nPath\n(\S+)\nWorkload\n(\w+)\nStatus\n(\w+)\nNotes\n(.+)", text)
    assert len(rows) == 20
    for method, path, workload, status, note in rows:
        operation = contract.operations[f"{method} {path}"]
        assert operation.availability == status.lower()
        assert operation.workload == workload.lower()
        assert operation.note == note


def test_ids_are_permanent(contract: Contract) -> None:
    """A new requirement is appended to ids.txt; none ever leaves it."""
    assert sorted(contract.requirements) == sorted(IDS.read_text("utf-8").split())


def test_every_check_is_used_and_every_requirement_has_one(contract: Contract) -> None:
    used = {requirement.check for requirement in contract.requirements.values() if requirement.check}
    assert used == set(registered_checks())


def everything(contract: Contract) -> Plan:
    models = {operation.name: "some-model" for operation in contract.operations.values()}
    return make_plan(contract, Target("http://target/v1", True, models), Selection(unavailable="all"))


def test_every_case_has_one_primary_requirement(contract: Contract) -> None:
    plan = everything(contract)
    primary = Counter(
        case for planned in plan.results.values() if planned.requirement.primary for case in planned.members
    )
    assert {case: primary[case] for case in plan.cases if primary[case] != 1} == {}


def test_every_checked_requirement_is_judged_on_some_case(contract: Contract) -> None:
    judged = {planned.requirement.id for planned in everything(contract).results.values()}
    checked = {rid for rid, requirement in contract.requirements.items() if requirement.check}
    checked -= {rid for rid in checked if rid.startswith("PROP-")}  # on generated cases, which this plan has none of
    assert checked - judged == set()


def test_every_operation_of_the_reference_has_one_baseline(contract: Contract) -> None:
    baselines = Counter(case.operation for case in contract.cases.values() if case.baseline)
    rows = [op.name for op in contract.operations.values() if op.availability in {"ready", "limited"}]
    assert {row: baselines[row] for row in rows if baselines[row] != 1} == {}


def test_negative_cases_have_a_positive_twin(contract: Contract) -> None:
    """But for ids that nobody made and operations that are not there, of which there is no positive."""
    without = [
        case.id
        for case in contract.cases.values()
        if case.expects == "refusal"
        and case.twin is None
        and not case.features & {"unavailable", "unknown-id"}
        and case.area != "response-list"  # its positive is the upgrade to a WebSocket
    ]
    assert without == []


def test_twins_are_positive(contract: Contract) -> None:
    wrong = [
        case.id
        for case in contract.cases.values()
        if case.twin is not None and contract.cases[case.twin].expects not in {"answer", "either"}
    ]
    assert wrong == []
