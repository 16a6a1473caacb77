"""What a generated request has other than its baseline, and the families in which such changes come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hypothesis import strategies as st

from conformance import pointer

Change = Mapping[str, Any]
"""Fields of a case (``body``, ``raw``, ``headers``, ``method``, ``query``, ``params``, ``form``, ``script``), with the
``features`` by which the ledger knows it once it is a written case, ``consent`` where it cannot spend, and the name of
its ``family``."""

Kind = Literal["must-refuse", "should-refuse", "odd", "respelled", "message", "valid"]

Families = Mapping[str, st.SearchStrategy[Change]]
"""Strategies by a name; each kind of request takes its examples from its families in turn."""


def at(document: Any, place: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Copies of ``document`` with one of ``values`` at the JSON Pointer ``place``."""
    return values.map(lambda value: pointer.replace(document, place, value))


def changing(
    part: str, values: st.SearchStrategy[Any], feature: str, **more: Any
) -> st.SearchStrategy[Change]:
    """The change of one part of the request."""
    return values.map(lambda value: {part: value, "features": [feature], **more})


def with_more(families: Families, **more: Any) -> dict[str, st.SearchStrategy[Change]]:
    """Every change of ``families`` with these fields too."""
    return {name: family.map(lambda change: {**more, **change}) for name, family in families.items()}
