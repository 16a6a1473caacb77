"""``conformance plan``: what a run would send, and the most that it can send; nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from conformance.contract import Contract, load_contract
from conformance.plan import ATTEMPTS, Plan, PlannedCase, make_plan
from conformance.properties.freezing import MOST_REQUESTS
from conformance.run import contract_of, target_of
from conformance.settings import make_settings
from conformance.target import needs_consent
from conformance.text import one_line


def print_plan(given: Mapping[str, Any]) -> int:
    """A line for each case that would be sent, then the bounds, then what would not be sent and why."""
    contract = load_contract()
    settings = make_settings(given, contract)
    contract = contract_of(contract, settings)
    plan = make_plan(
        contract, target_of(settings, settings.base_url or "http://reference/v1"), settings.selection
    )
    console = Console(highlight=False, soft_wrap=True)
    for planned in plan.to_send():
        console.print(Text(_line(contract, planned)))
    _print_bounds(console, contract, plan, settings.max_requests)
    for reason, count in _unsent(plan).items():
        console.print(Text(f"not sent: {count} cases: {one_line(reason)}"))
    return 0


def _line(contract: Contract, planned: PlannedCase) -> str:
    case = planned.case
    operation = contract.operation_of(case)
    times = f" ×{planned.requests}" if planned.requests > 1 and not case.poll else ""
    polls = f" polled at most {planned.requests} times" if case.poll else ""
    spends = (
        "" if operation.workload == "models" or not case.consent or case.expects == "refusal" else "  spends"
    )
    method = case.method or operation.method
    return f"{method:6} {case.path or operation.path}{times}{polls}  {case.id}{spends}"


def _print_bounds(console: Console, contract: Contract, plan: Plan, most: int | None) -> None:
    sent = sum(planned.requests for planned in plan.to_send() if not planned.case.poll)
    polls = sum(planned.requests for planned in plan.to_send() if planned.case.poll)
    costly = [p for p in plan.to_send() if needs_consent(contract.operation_of(p.case)) and p.case.consent]
    console.print()
    console.print(f"{len(plan.to_send())} cases, {len(plan.results)} results")
    console.print(f"{sent} requests when all goes well, and at most {polls} polls")
    console.print(
        f"at most {plan.bound} requests with {ATTEMPTS} attempts each" + (f", cut at {most}" if most else "")
    )
    made = [planned for planned in plan.to_send() if "generated" in planned.case.features]
    if made:
        console.print(
            f"{len(made)} cases, {sum(planned.requests for planned in made)} requests of them are generated; what "
            f"fails of those is made smaller with at most {MOST_REQUESTS} requests more"
            + (f", within the {most}" if most else "")
        )
    console.print(f"{len(costly)} cases of workloads that are sent only because a model is named for them")


def _unsent(plan: Plan) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for planned in plan.cases.values():
        if planned.disposition != "send":
            reasons[planned.reason] = reasons.get(planned.reason, 0) + 1
    return reasons
