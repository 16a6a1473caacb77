"""``conformance doctor``: is the target there, is the key good, which models are there, what could be judged."""

from __future__ import annotations

import dataclasses
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from conformance.contract import Contract, load_contract
from conformance.plan import Plan, make_plan
from conformance.probing.progress import Quiet
from conformance.probing.recording import Recording, read
from conformance.run import send, some_target, target_of
from conformance.settings import Settings, make_settings
from conformance.text import one_line

_ASKED = ("models/list/all", "chat/minimal/json", "model/unknown/plain", "models/unknown-path/nonsense")


def examine(given: Mapping[str, Any]) -> int:
    """Send the first requests of a run alone and say what came of them; exit 3 when nothing could be judged."""
    contract = load_contract()
    with some_target(make_settings(given, contract)) as (base_url, settings):
        plan = make_plan(contract, target_of(settings, base_url), settings.selection)
        recording = _ask(contract, plan, settings, base_url)
    preflight = recording.facts.get("preflight", {})
    click.echo(f"target: {base_url}")
    click.echo(
        f"key: {'given' if settings.key else 'none'}"
        + (f", from {settings.key_env}" if settings.key_env and settings.key else "")
    )
    if preflight.get("status") == "stopped":
        click.echo(one_line(f"not ready: {preflight['reason']}"))
        click.echo(one_line(f"what to do: {preflight['hint']}"))
        return 3
    _print_models(recording, settings)
    _print_scope(contract, plan)
    return 0


def _ask(contract: Contract, plan: Plan, settings: Settings, base_url: str) -> Recording:
    few = Plan({case: plan.cases[case] for case in _ASKED if case in plan.cases}, {})
    with tempfile.TemporaryDirectory() as folder:
        quiet = dataclasses.replace(settings, out=Path(folder), resume=False)
        send(few, contract, target_of(settings, base_url), quiet, Quiet())
        return read(Path(folder) / "recording")


def _print_models(recording: Recording, settings: Settings) -> None:
    models = {**recording.facts.get("models", {}), **settings.models}
    for name, model in sorted(models.items()):
        click.echo(one_line(f"model for {name}: {model}"))


def _print_scope(contract: Contract, plan: Plan) -> None:
    for operation in contract.operations.values():
        if operation.availability not in {"ready", "limited"}:
            continue
        planned = [case for case in plan.cases.values() if case.case.operation == operation.name]
        sent = Counter(case.disposition for case in planned)
        reasons = {case.reason for case in planned if case.disposition != "send"}
        rest = f"; {sum(sent.values()) - sent['send']} not: {'; '.join(sorted(reasons))}" if reasons else ""
        click.echo(f"{operation.availability:8} {operation.name:36} {sent['send']} cases could be sent{rest}")
