"""A reference target put together by name: what it lies about, and how it legally differs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

from conformance.errors import UsageError
from conformance.reference.app import Reference, reference
from conformance.reference.faults import FAULTS, lying
from conformance.reference.state import State
from conformance.reference.variants import VARIANTS

T = TypeVar("T")


def assemble(
    faults: Iterable[str] = (), variants: Iterable[str] = (), state: State | None = None
) -> Reference:
    """The reference target with these faults and variants. Raises UsageError for an unknown name."""
    state = state or State()
    chosen = [_named(name, VARIANTS, "variant") for name in variants]
    for variant in chosen:
        variant.configure(state)
    target = reference(state)
    for variant in chosen:
        target = variant.wrap(target)
    return lying(target, tuple(_named(name, FAULTS, "fault") for name in faults))


def _named(name: str, known: Mapping[str, T], kind: str) -> T:
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=3)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"There is no {kind} named {name!r}.{hint}")
