"""Judging: contract and recording in, results out. No I/O and no clock, so the same recording gives the same results.

A case's answer decides what its requirements come to:

    not sent                          not_tested, gated or untestable, with the reason
    an outage                         untestable
    refused, where it may be          gated
    refused or broken, otherwise      its primary requirement fails; the rest is untestable and names the cause, or
                                      gated where the primary one is a SHOULD that asks for a refusal
    answered                          every requirement is judged
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from conformance.answer import Answer
from conformance.cases import Case
from conformance.checks.excerpt import shown_bytes
from conformance.checks.subject import (
    Check,
    Finding,
    NotShown,
    Spoiled,
    Subject,
    Unequipped,
    registered_checks,
)
from conformance.contract import Contract, Operation, Requirement
from conformance.errors import DataError
from conformance.judging.evidence import Evidence
from conformance.judging.results import INTERNAL_ERROR, Outcome, Result
from conformance.plan import PlannedResult
from conformance.target import needs_consent

_NEVER_GATES = frozenset({401, 408, 429})
_MOST_FINDINGS = 20


@dataclass(frozen=True, slots=True)
class Ruling:
    """An outcome with its reason, reached without running a check."""

    outcome: Outcome
    message: str


def judge(evidence: Evidence, only: Iterable[PlannedResult] | None = None) -> list[Result]:
    """One result for each planned one, in the plan's order, or for those of ``only``.

    Raises DataError when the ledger names no check of ours.
    """
    planned_results = evidence.plan.results.values() if only is None else only
    judged = [_judge_one(evidence, planned, _linked(planned.requirement)) for planned in planned_results]
    if evidence.something_works or evidence.stopped:
        return judged
    reason = "no request of this run was answered as its operation is known, so nothing else it shows can be trusted"
    return [_without_pass(result, reason) for result in judged]


def check_ledger(contract: Contract) -> None:
    """Every requirement is judged by a check that exists. Raises DataError, before anything is sent."""
    for requirement in contract.requirements.values():
        _linked(requirement)


def _linked(requirement: Requirement) -> Check:
    name = requirement.check
    if name is None:
        return lambda subject: ()
    checks = registered_checks()
    if name not in checks:
        raise DataError("spec/requirements", requirement.id, f"there is no check {name!r}")
    return functools.partial(checks[name], **(requirement.arguments or {}))


def _judge_one(evidence: Evidence, planned: PlannedResult, check: Check) -> Result:
    answers = tuple(answer for case_id in planned.members for answer in evidence.answers(case_id))
    ruling = _ruling(evidence, planned, answers)
    if ruling is not None:
        findings: tuple[Finding, ...] = ()
        outcome, message = ruling.outcome, ruling.message
    else:
        usable = (
            answers if planned.requirement.applies_to.scope == "case" else _usable(evidence, planned, answers)
        )
        outcome, message, findings = _judged(evidence, planned, usable, check)
        if outcome == "pass" and planned.requirement.applies_to.is_of_generated:
            outcome, message = _without_gaps(evidence, planned, usable) or (outcome, message)
    return _result(evidence, planned, outcome, message, findings)


def _ruling(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> Ruling | None:
    if evidence.stopped:
        return _stopped(evidence, planned)
    if planned.requirement.applies_to.scope != "case":
        return _wide_ruling(evidence, planned, answers)
    if not answers:
        return _unsent(evidence, planned.case)
    trouble = next((answer for answer in answers if evidence.is_outage(answer)), None)
    if trouble is not None and not (planned.requirement.primary and trouble.state == "answered"):
        return Ruling("untestable", f"the target was in trouble: {how_it_ended(trouble)}")
    return _cascade(evidence, answers) or _RULINGS[answers[-1].case.expects](evidence, planned, answers)


def _cascade(evidence: Evidence, answers: tuple[Answer, ...]) -> Ruling | None:
    """Where an operation's baseline fails, so does the rest of it; one failure says it all."""
    answer = next((answer for answer in answers if answer.state in {"broken", "none"}), None)
    if answer is None or answer.case.baseline:
        return None
    baseline = next(
        (one for one in evidence.baseline(answer.operation.name) if one.state in {"broken", "none"}), None
    )
    return Ruling("untestable", f"not judged, as {how_it_ended(baseline)}") if baseline else None


def _stopped(evidence: Evidence, planned: PlannedResult) -> Ruling:
    dispositions = [evidence.plan.cases[case_id] for case_id in planned.members]
    if all(case.disposition == "not_tested" for case in dispositions):
        return Ruling("not_tested", dispositions[0].reason)
    return Ruling("untestable", evidence.stopped or "")


def _unsent(evidence: Evidence, case_id: str) -> Ruling:
    planned = evidence.plan.cases.get(case_id)
    skip = evidence.skip(case_id)
    if planned is not None and planned.disposition != "send":
        return Ruling(planned.disposition, planned.reason)
    if skip is not None and skip.kind == "gated":
        return _gated(evidence, case_id, skip.reason)
    return Ruling("untestable", skip.reason if skip else "it was not sent")


def _gated(evidence: Evidence, case_id: str, reason: str) -> Ruling:
    if evidence.selection.expects_available(evidence.contract.cases[case_id]):
        return Ruling("untestable", f"expected to be available, and {reason}")
    return Ruling("gated", reason)


def _wide_ruling(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> Ruling | None:
    if _usable(evidence, planned, answers):
        return None
    rulings = [_unsent(evidence, case_id) for case_id in planned.members if not evidence.answers(case_id)]
    if answers:
        return Ruling("untestable", f"the target was in trouble: {how_it_ended(answers[0])}")
    return _mildest(rulings)


def _mildest(rulings: Iterable[Ruling]) -> Ruling:
    order: tuple[Outcome, ...] = ("untestable", "gated", "not_tested")
    return min(rulings, key=lambda ruling: order.index(ruling.outcome) if ruling.outcome in order else 0)


def _usable(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """What is no outage; silence is told by the case's own results, which a generated request has none of."""
    silence = planned.requirement.applies_to.is_of_generated
    return tuple(a for a in answers if (silence or a.state != "none") and not evidence.is_outage(a))


def _without_gaps(
    evidence: Evidence, planned: PlannedResult, usable: tuple[Answer, ...]
) -> tuple[Outcome, str] | None:
    """A property does not hold of requests that were to be sent and could not be judged; None when there are none."""
    judged = {answer.case.id for answer in usable}
    gaps = [case_id for case_id in planned.members if case_id not in judged]
    sent = next((answer for case_id in gaps for answer in evidence.answers(case_id)), None)
    rulings = [_unsent(evidence, case_id) for case_id in gaps]
    untestable = [ruling.message for ruling in rulings if ruling.outcome == "untestable"]
    if not untestable:
        return None
    reason = f"the target was in trouble: {how_it_ended(sent)}" if sent else untestable[0]
    return "untestable", f"{len(untestable)} of {len(planned.members)} requests could not be judged: {reason}"


def _answer_ruling(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> Ruling | None:
    refused = next((answer for answer in answers if answer.state == "refused"), None)
    if refused is not None and _may_refuse(evidence, refused):
        return Ruling("gated", how_it_ended(refused))
    if answers[-1].status == 401 and not evidence.accepted_key():
        return Ruling("untestable", f"the key was refused: {how_it_ended(answers[-1])}")
    if refused is not None and refused.case.baseline and _names_no_model(evidence, refused.operation):
        return Ruling("untestable", f"no model was named for it: {how_it_ended(refused)}")
    return _secondary(planned, answers, "answered")


def _may_refuse(evidence: Evidence, answer: Answer) -> bool:
    """A documented refusal gates a Limited operation's baseline, and any capability, unless either is expected."""
    if answer.status in _NEVER_GATES or evidence.selection.expects_available(answer.case):
        return False
    if answer.case.capability is not None:
        return not _is_shown(evidence, answer.case)
    return answer.operation.availability == "limited" and answer.case.baseline


def _is_shown(evidence: Evidence, case: Case) -> bool:
    """True when a case that this one builds on, or asks for less than, was answered with the same capability."""
    others = (evidence.contract.cases[other] for other in (*case.references, *case.compare))
    return any(
        answer.state == "answered"
        for other in others
        if other.capability == case.capability
        for answer in evidence.answers(other.id)
    )


def _names_no_model(evidence: Evidence, operation: Operation) -> bool:
    return needs_consent(operation) and evidence.target.model_for(operation) is None


def _secondary(planned: PlannedResult, answers: tuple[Answer, ...], wanted: str) -> Ruling | None:
    """Requirements on the content of an answer that did not come say why they were not judged."""
    if planned.requirement.primary or all(answer.state == wanted for answer in answers):
        return None
    culprit = next(answer for answer in answers if answer.state != wanted)
    return Ruling("untestable", f"not judged, as {how_it_ended(culprit)}")


def _refusal_ruling(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> Ruling | None:
    if any(answer.state != "refused" for answer in answers):
        return _unrecommended(evidence, planned, answers) or _secondary(planned, answers, "refused")
    return _twin_ruling(evidence, answers[-1])


def _unrecommended(
    evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]
) -> Ruling | None:
    """Where a refusal is no duty, its absence is told by the warning alone; nothing is left open that a MUST needs."""
    if planned.requirement.primary or planned.case not in evidence.recommended:
        return None
    other = next(answer for answer in answers if answer.state != "refused")
    if other.state == "none" or other.exchange.failure is not None:
        return None
    return Ruling("gated", f"there is no refusal to judge, as {how_it_ended(other)}")


def _twin_ruling(evidence: Evidence, answer: Answer) -> Ruling | None:
    """A refusal shows nothing when its positive twin, which differs in one thing, was not answered either."""
    twins = evidence.answers(answer.case.twin) if answer.case.twin else ()
    if not twins:
        return _gated_with_twin(evidence, answer)
    twin = twins[-1]
    if twin.state == "answered":
        return None
    if twin.state == "refused" and (twin.case.expects == "either" or _may_refuse(evidence, twin)):
        return Ruling("gated", f"its positive twin {twin.case.id} is gated: {how_it_ended(twin)}")
    return Ruling("untestable", f"refused, but so was its positive twin {twin.case.id}: {how_it_ended(twin)}")


def _gated_with_twin(evidence: Evidence, answer: Answer) -> Ruling | None:
    skip = evidence.skip(answer.case.twin) if answer.case.twin else None
    if skip is not None and skip.kind == "gated":
        return Ruling("gated", f"its positive twin {answer.case.twin} is gated: {skip.reason}")
    return None


def _either_ruling(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> Ruling | None:
    if answers[-1].state == "refused" and not planned.requirement.primary:
        return Ruling("gated", how_it_ended(answers[-1]))
    return _secondary(planned, answers, "answered")


def _robust_ruling(evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...]) -> Ruling | None:
    return None


_RULINGS: Mapping[str, Callable[[Evidence, PlannedResult, tuple[Answer, ...]], Ruling | None]] = {
    "answer": _answer_ruling,
    "refusal": _refusal_ruling,
    "either": _either_ruling,
    "robust": _robust_ruling,
}


def _judged(
    evidence: Evidence, planned: PlannedResult, answers: tuple[Answer, ...], check: Check
) -> tuple[Outcome, str, tuple[Finding, ...]]:
    subject = Subject(evidence.contract, answers, evidence.answers, evidence.models)
    try:
        findings = tuple(check(subject))
    except NotShown as reason:
        return _not_shown(evidence, planned, str(reason))
    except Spoiled as cause:
        return "untestable", f"not judged, as {cause}", ()
    except Unequipped as lack:
        return "not_tested", str(lack), ()
    except Exception as error:  # a target's oddest answer must not cost the user all other results
        name = planned.requirement.check
        return "untestable", f"{INTERNAL_ERROR}: the check {name} raised {type(error).__name__}: {error}", ()
    if not findings:
        return "pass", _passed(evidence, planned), ()
    outcome: Outcome = {"MUST": "fail", "SHOULD": "warn", "MAY": "pass"}[planned.requirement.level]  # type: ignore[assignment]
    return outcome, _message(findings), findings[:_MOST_FINDINGS]


def _not_shown(
    evidence: Evidence, planned: PlannedResult, reason: str
) -> tuple[Outcome, str, tuple[Finding, ...]]:
    """What the answers never showed is gated for one case; for all of an operation, what its unsent cases came to."""
    unsent = [_unsent(evidence, case_id) for case_id in planned.members if not evidence.answers(case_id)]
    if planned.requirement.applies_to.scope == "case" or not unsent:
        return "gated", reason, ()
    ruling = _mildest(unsent)
    return ruling.outcome, ruling.message, ()


def _passed(evidence: Evidence, planned: PlannedResult) -> str:
    attempts = max((e.attempt for c in planned.members for e in evidence.exchanges.get(c, ())), default=1)
    return (
        f"passed on attempt {attempts}"
        if attempts > 1 and planned.requirement.applies_to.scope == "case"
        else ""
    )


def _message(findings: tuple[Finding, ...]) -> str:
    first = findings[0]
    where = f" at {first.where}" if first.where else ""
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    return f"expected {first.expected}{where}, saw {first.seen}{more}"


def _result(
    evidence: Evidence, planned: PlannedResult, outcome: Outcome, message: str, findings: tuple[Finding, ...]
) -> Result:
    exchanges = _shown_exchanges(evidence, planned, findings)
    operation = planned.operation
    if findings and findings[0].exchange and planned.requirement.applies_to.scope != "case":
        operation = _operation_of(evidence, findings[0].exchange) or operation
    return Result(
        id=planned.id,
        requirement=planned.requirement.id,
        level=planned.requirement.level,
        operation=operation,
        case=planned.case,
        outcome=outcome,
        message=message,
        findings=findings,
        exchanges=exchanges,
        attempts=sum(len(evidence.exchanges.get(case_id, ())) for case_id in planned.members),
    )


def _shown_exchanges(
    evidence: Evidence, planned: PlannedResult, findings: tuple[Finding, ...]
) -> tuple[str, ...]:
    if planned.requirement.applies_to.scope == "case":
        return tuple(exchange.id for exchange in evidence.exchanges.get(planned.case, ()))
    return tuple(dict.fromkeys(finding.exchange for finding in findings if finding.exchange))


def _operation_of(evidence: Evidence, exchange_id: str) -> str | None:
    found = next((e for e in evidence.recording.exchanges if e.id == exchange_id), None)
    return (
        evidence.contract.cases[found.case].operation
        if found and found.case in evidence.contract.cases
        else None
    )


def _without_pass(result: Result, reason: str) -> Result:
    if result.outcome not in {"pass", "gated"}:
        return result
    return Result(
        result.id,
        result.requirement,
        result.level,
        result.operation,
        result.case,
        "untestable",
        reason,
        (),
        result.exchanges,
        result.attempts,
    )


def how_it_ended(answer: Answer) -> str:
    """How a request that was not answered ended, in half a sentence."""
    exchange = answer.exchange
    if exchange.response is None:
        failure = exchange.failure
        return f"{answer.case.id} got no response ({failure.message if failure else 'none'})"
    if answer.state == "refused":
        return f"{answer.case.id} was refused with {answer.status}: {str(answer.error['message'])[:200]}"
    if exchange.failure is not None:
        return f"{answer.case.id} was answered {answer.status} and broke off: {exchange.failure.message}"
    return f"{answer.case.id} was answered {answer.status}: {shown_bytes(exchange.response.body, 80)}"
