"""What each fault must turn red: ``fixtures/claims.yaml``, fault → requirement ids, held by the kill matrix."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from conformance.datafiles import data_root, load_yaml


@functools.cache
def load_claims(root: Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """The requirement ids by the fault's name."""
    document = load_yaml((root or data_root()) / "fixtures" / "claims.yaml", "claims")
    return {fault: tuple(ids) for fault, ids in document.items()}
