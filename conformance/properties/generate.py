"""From contract, seed and number of examples to cases: a pure function, so that a recording can be judged again.

    request schema + baseline ──▶ Hypothesis, seeded ──▶ cases of the operation, marked ``generated``

Requests that must or should be refused, and odd ones, are made by our own strategies from the baseline's body; valid
ones by Schemathesis from ``spec/openapi.yaml``.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from conformance.cases import Case
from conformance.contract import Contract, Operation
from conformance.properties import strategies
from conformance.properties.schema_types import request_fields
from conformance.properties.valid import valid_bodies

Mode = Literal["off", "negative", "all"]

_MADE: dict[tuple[str, PropertyOptions], dict[str, Case]] = {}  # a pure function of both, and slow


@dataclass(frozen=True, slots=True)
class PropertyOptions:
    """How many requests are generated, and from where. ``max_examples`` is for each property of an operation."""

    mode: Mode = "off"
    max_examples: int = 5
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        """For the recording's header."""
        return {"mode": self.mode, "max_examples": self.max_examples, "seed": self.seed}


def with_generated(contract: Contract, options: PropertyOptions) -> Contract:
    """The contract with the generated cases among its own."""
    if options.mode == "off":
        return contract
    key = (contract.sha256, options)
    if key not in _MADE:
        _MADE[key] = {
            case.id: case for operation in _targets(contract) for case in _cases(contract, operation, options)
        }
    return replace(contract, cases={**contract.cases, **_MADE[key]})


def _targets(contract: Contract) -> Iterator[Operation]:
    """Operations that take a JSON object and have a baseline without values of other answers."""
    for operation in contract.operations.values():
        baseline = contract.baseline_of(operation.name)
        if (
            operation.kind == "json"
            and baseline is not None
            and isinstance(baseline.body, dict)
            and not baseline.references
        ):
            yield operation


def _cases(contract: Contract, operation: Operation, options: PropertyOptions) -> Iterator[Case]:
    baseline = contract.baseline_of(operation.name)
    assert baseline is not None
    body: dict[str, Any] = baseline.body
    fields = request_fields(contract.schemas.document(_request_schema(operation)))
    kinds: list[tuple[str, st.SearchStrategy[strategies.Change] | None]] = [
        ("must-refuse", strategies.must_be_refused(body, fields)),
        ("should-refuse", strategies.should_be_refused(body, fields)),
        ("odd", strategies.odd(body)),
    ]
    for kind, strategy in kinds:
        if strategy is not None:
            for number, change in enumerate(drawn(strategy, options, f"{operation.name} {kind}")):
                yield _case(baseline, kind, number, change)
    if options.mode == "all":
        bodies = valid_bodies(contract, operation, options.max_examples, options.seed)
        for number, valid in enumerate(bodies):
            yield _case(baseline, "valid", number, {"body": {**valid, "model": "$model"}})


def _request_schema(operation: Operation) -> str:
    content = (operation.document or {})["requestBody"]["content"]["application/json"]
    return str(content["schema"]["$ref"].rpartition("/")[2])


def _case(baseline: Case, kind: str, number: int, change: Mapping[str, Any]) -> Case:
    raw = change.get("raw")
    return replace(
        baseline,
        id=f"{baseline.area}/generated/{kind}-{number}",
        baseline=False,
        expects="refusal" if kind.endswith("refuse") else "robust",
        twin=baseline.id,
        base=baseline.id,
        body=None if raw is not None else change.get("body", baseline.body),
        raw=raw,
        headers={**baseline.headers, **change.get("headers", {})},
        features=frozenset({"generated", f"generated-{kind}"}),
        stream=bool((change.get("body") or {}).get("stream"))
        if isinstance(change.get("body"), dict)
        else False,
        consent=kind in {"valid", "odd"},
        compare=(),
    )


def drawn(strategy: st.SearchStrategy[Any], options: PropertyOptions, label: str) -> list[Any]:
    """Distinct examples of ``strategy``, the same for the same seed and label; fewer where it has no more."""
    found: dict[str, Any] = {}

    @hypothesis.seed(f"{options.seed} {label}")
    @settings(
        max_examples=options.max_examples * 3,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(example: Any) -> None:
        found.setdefault(json.dumps(example, sort_keys=True), example)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collect()
    return list(found.values())[: options.max_examples]
