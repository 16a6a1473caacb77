"""What the suite catches: a part of the kill matrix, which ``make selftest`` draws whole, and the field defects."""

from __future__ import annotations

import pytest

from conformance.contract import load_contract
from conformance.datafiles import load_yaml
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.judging.results import INTERNAL_ERROR
from conformance.proof.claims import load_claims
from conformance.proof.kill_matrix import reference_evidence
from conformance.proof.rejudging import Rejudge
from conformance.reference.faults import FAULTS, lie_of

EVERY = 14  # of the faults that are told of a recording, so that this stays a matter of seconds
SAMPLE = sorted(name for name, fault in FAULTS.items() if fault.where == "recording")[::EVERY]


@pytest.fixture(scope="module")
def rejudge() -> Rejudge:
    return Rejudge(reference_evidence(load_contract()))


def test_the_reference_target_conforms(rejudge: Rejudge) -> None:
    wrong = [r.id for r in rejudge.results.values() if r.outcome in {"fail", "untestable"}]
    assert wrong == []


@pytest.mark.parametrize("name", SAMPLE)
def test_a_fault_turns_red_exactly_what_it_claims(rejudge: Rejudge, name: str) -> None:
    changed = rejudge.altered(lie_of(FAULTS[name]))
    red = {result.requirement for result in changed.values() if result.outcome in {"fail", "warn"}}
    assert red == set(load_claims()[name])
    assert not [result for result in changed.values() if result.message.startswith(INTERNAL_ERROR)]


def test_judging_what_was_altered_equals_judging_all(rejudge: Rejudge) -> None:
    from dataclasses import replace

    alter = lie_of(FAULTS["drops_the_done_marker"])

    changed = {rid: result.outcome for rid, result in rejudge.altered(alter).items()}
    evidence = rejudge.evidence
    recording = replace(evidence.recording, exchanges=tuple(map(alter, evidence.recording.exchanges)))
    whole = judge(Evidence(evidence.contract, evidence.plan, recording))
    assert changed == {r.id: r.outcome for r in whole if r.outcome != rejudge.results[r.id].outcome}
    assert changed


def test_every_fault_that_turns_something_red_alters_an_exchange(rejudge: Rejudge) -> None:
    exchanges = rejudge.evidence.recording.exchanges
    told = [fault for fault in FAULTS.values() if fault.where == "recording" and load_claims()[fault.name]]
    idle = [fault.name for fault in told if list(map(lie_of(fault), exchanges)) == list(exchanges)]
    assert idle == []


def test_every_fault_has_its_claims() -> None:
    assert sorted(load_claims()) == sorted(FAULTS)
    known = set(load_contract().requirements)
    assert {rid for ids in load_claims().values() for rid in ids} <= known


def test_field_defects_are_caught() -> None:
    defects = load_yaml(load_contract().root / "fixtures" / "field-defects.yaml", "field-defects")
    judged = [defect["id"] for defect in defects if "out_of_contract" not in defect]
    claims = load_claims()
    caught = {defect for name, fault in FAULTS.items() if claims[name] for defect in fault.defects}
    assert len(caught & set(judged)) / len(judged) >= 0.97
