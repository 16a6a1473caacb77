"""What the sources leave open is settled by requirements and variants that exist."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import load_contract
from conformance.datafiles import load_yaml
from conformance.reference.variants import VARIANTS

SETTLED: list[dict[str, Any]] = load_yaml(load_contract().root / "spec" / "ambiguities.yaml", "ambiguities")


@pytest.mark.parametrize("one", SETTLED, ids=[one["question"][:40] for one in SETTLED])
def test_a_question_is_settled_by_what_exists(one: dict[str, Any]) -> None:
    checked = {rid for rid, requirement in load_contract().requirements.items() if requirement.check}
    assert set(one["requirements"]) <= checked
    assert set(one.get("variants", ())) <= set(VARIANTS)
