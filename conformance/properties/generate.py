"""From contract, seed and number of examples to cases: a pure function, so that a recording can be judged again.

    request schema + baseline ──▶ Hypothesis, seeded ──▶ cases of the operation, marked ``generated``

Requests that must or should be refused, and odd ones, are made by our own strategies from what the baseline sends;
valid ones by Schemathesis from ``spec/openapi.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from conformance.cases import Case, Expectation
from conformance.contract import Contract, Operation
from conformance.properties import bodies, forms, lookups, messages
from conformance.properties.changes import Change, Families, Kind
from conformance.properties.drawing import changes
from conformance.properties.fields import Field, request_fields
from conformance.properties.valid import valid_requests

Mode = Literal["off", "negative", "all"]

_EXPECTS: Mapping[Kind, Expectation] = {
    "must-refuse": "refusal",
    "should-refuse": "refusal",
    "odd": "robust",
    "respelled": "answer",
    "message": "robust",
    "valid": "either",
}
_DEAR = frozenset({"images", "videos"})
_DEAR_EXAMPLES = 2  # of each kind whose requests may be answered there


@dataclass(frozen=True, slots=True)
class PropertyOptions:
    """How many requests are generated, and from where. ``max_examples`` is for each property of an operation."""

    mode: Mode = "off"
    max_examples: int = 5
    seed: int = 1

    def as_json(self) -> dict[str, Any]:
        """For the recording's header."""
        return {"mode": self.mode, "max_examples": self.max_examples, "seed": self.seed}


@dataclass(frozen=True, slots=True)
class PropertySubject:
    """An operation that requests are generated for, and the written case that they are made from."""

    operation: Operation
    baseline: Case

    @property
    def is_dear(self) -> bool:
        """True where a single answer costs as much as a whole run elsewhere."""
        return self.operation.workload in _DEAR

    def examples_of(self, kind: Kind, options: PropertyOptions) -> int:
        """The most requests of a kind."""
        may_spend = self.is_dear and kind in {"should-refuse", "respelled", "valid"}
        return min(options.max_examples, _DEAR_EXAMPLES) if may_spend else options.max_examples

    def seed_of(self, kind: Kind, options: PropertyOptions) -> str:
        """The seed of the requests of a kind."""
        return f"{options.seed} {self.operation.name} {kind}"


@dataclass(frozen=True, slots=True)
class Generated:
    """A generated case, and what it was made of."""

    case: Case
    subject: PropertySubject
    kind: Kind
    change: Change


_MADE: dict[tuple[str, PropertyOptions], dict[str, Generated]] = {}  # a pure function of both, and slow


def with_generated(contract: Contract, options: PropertyOptions) -> Contract:
    """The contract with the generated cases among its own."""
    if options.mode == "off":
        return contract
    made = {case_id: one.case for case_id, one in generated(contract, options).items()}
    return replace(contract, cases={**contract.cases, **made})


def generated(contract: Contract, options: PropertyOptions) -> Mapping[str, Generated]:
    """Every generated case by its id, made once a process."""
    key = (contract.sha256, options)
    if key not in _MADE:
        _MADE[key] = {
            one.case.id: one for subject in subjects(contract) for one in _made(contract, subject, options)
        }
    return _MADE[key]


def subjects(contract: Contract) -> Iterator[PropertySubject]:
    """Every operation that has a baseline whose body or form needs no other answer."""
    for operation in contract.operations.values():
        baseline = contract.baseline_of(operation.name)
        if baseline is not None and not replace(baseline, params={}).references:
            yield PropertySubject(operation, baseline)


def families_of(contract: Contract, subject: PropertySubject) -> Mapping[Kind, Families]:
    """What is generated for an operation, by kind and family; valid requests are made elsewhere."""
    operation, baseline = subject.operation, subject.baseline
    match operation.kind:
        case "json":
            fields = fields_of(contract, operation, "application/json", baseline.body)
            return bodies.families(baseline.body, fields, is_dear=subject.is_dear)
        case "multipart":
            form = baseline.form or {}
            fields = fields_of(contract, operation, "multipart/form-data", form["fields"])
            return forms.families(form, fields, is_dear=subject.is_dear)
        case "socket":
            return messages.families(operation.path)
    return lookups.families(operation.path)


def fields_of(contract: Contract, operation: Operation, media_type: str, body: Any) -> tuple[Field, ...]:
    """The fields of an operation's request."""
    content = (operation.document or {})["requestBody"]["content"][media_type]
    return request_fields(contract.schemas.document(content["schema"]["$ref"].rpartition("/")[2]), body)


def _made(contract: Contract, subject: PropertySubject, options: PropertyOptions) -> Iterator[Generated]:
    for kind, found in _changes(contract, subject, options).items():
        for number, change in enumerate(found):
            case = case_of(subject, kind, change, f"generated/{kind}-{number}")
            yield Generated(case, subject, kind, change)


def _changes(
    contract: Contract, subject: PropertySubject, options: PropertyOptions
) -> Mapping[Kind, Sequence[Change]]:
    """The changes of each kind, the same for the same options."""
    found: dict[Kind, Sequence[Change]] = {
        kind: changes(families, subject.examples_of(kind, options), subject.seed_of(kind, options))
        for kind, families in families_of(contract, subject).items()
    }
    if options.mode == "all":
        count = subject.examples_of("valid", options)
        seed = subject.seed_of("valid", options)
        found["valid"] = valid_requests(contract, subject.operation, subject.baseline, count, seed)
    return found


def case_of(subject: PropertySubject, kind: Kind, change: Change, name: str) -> Case:
    """The baseline with ``change``, as a case; ``name`` is its id below the area."""
    baseline = subject.baseline
    replaced = {part: change[part] for part in ("method", "params", "form", "raw") if part in change}
    if "raw" in change:
        replaced |= {"body": None, "form": None}
    elif "body" in change:
        replaced["body"] = change["body"]
    case = replace(
        baseline,
        **replaced,
        id=f"{baseline.area}/{name}",
        baseline=False,
        expects=_EXPECTS[kind],
        twin=baseline.id,
        base=baseline.id,
        query={**baseline.query, **change.get("query", {})},
        headers={**baseline.headers, **change.get("headers", {})},
        script=tuple(change.get("script", baseline.script)),
        features=frozenset(
            {"generated", f"generated-{kind}", f"generated-{kind}-{change['family']}", *change["features"]}
        ),
        stream=_streams(change),
        compare=(),
    )
    return replace(case, consent=change.get("consent", baseline.consent) or bool(case.references))


def _streams(change: Change) -> bool:
    body = change.get("body")
    fields = change.get("form", {}).get("fields", {})
    return (isinstance(body, dict) and body.get("stream") is True) or fields.get("stream") in (True, "true")
