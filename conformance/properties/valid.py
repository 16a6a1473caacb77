"""Valid request bodies, by Schemathesis from the OpenAPI document, cheap as its ``x-thrift`` bounds make them."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings

from conformance.contract import Contract, Operation


def valid_bodies(contract: Contract, operation: Operation, count: int, seed: int) -> list[dict[str, Any]]:
    """Up to ``count`` JSON bodies that the operation's request schema allows; the same for the same seed."""
    found: list[dict[str, Any]] = []
    strategy = _schema(contract)[operation.path][operation.method].as_strategy()

    @hypothesis.seed(f"{seed} {operation.name} valid")
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(strategy)
    def collect(case: Any) -> None:
        if isinstance(case.body, dict):
            found.append(dict(case.body))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        collect()
    return found[:count]


@functools.lru_cache(maxsize=2)
def _bundled(root: str) -> Any:
    from pathlib import Path

    import schemathesis

    from conformance.datafiles import load_yaml
    from conformance.schemas import SchemaSet, bundled_references

    spec = Path(root) / "spec"
    document = bundled_references(load_yaml(spec / "openapi.yaml"))
    known = SchemaSet(spec / "components")
    document["components"]["schemas"] = known.all_documents()
    return schemathesis.openapi.from_dict(document)


def _schema(contract: Contract) -> Any:
    return _bundled(str(contract.root))
