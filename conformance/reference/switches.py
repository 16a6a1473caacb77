"""The reference target with named faults and variants switched on."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.reference.app import Reference, reference
from conformance.reference.faults import FAULTS, lying
from conformance.reference.state import State
from conformance.reference.variants import VARIANTS


def reference_with(
    faults: Iterable[str] = (), variants: Iterable[str] = (), state: State | None = None
) -> Reference:
    """The target telling these lies and differing in these ways, whatever the order of their names.

    Raises KeyError for an unknown name.
    """
    state = state or State()
    places = {name: place for place, name in enumerate(VARIANTS)}
    chosen = [VARIANTS[name] for name in sorted(set(variants), key=places.__getitem__)]
    for variant in chosen:
        variant.configure(state)
    target = lying(reference(state), tuple(FAULTS[name] for name in faults))
    for variant in chosen:
        target = variant.wrap(target)
    return target
