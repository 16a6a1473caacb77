"""A change made smaller for as long as it fails, by Hypothesis."""

from __future__ import annotations

from collections.abc import Callable

from conformance.contract import Contract
from conformance.properties.changes import Change
from conformance.properties.drawing import key_of, visit_rows
from conformance.properties.generate import Generated, PropertyOptions, families_of
from conformance.properties.valid import visit_valid


class Enough(KeyboardInterrupt):
    """No more may be tried. An interrupt is all that Hypothesis does not take for a failure of what it tries."""


class _StillFailsError(Exception):
    """What Hypothesis makes smaller."""


def smallest(
    contract: Contract, found: Generated, options: PropertyOptions, fails: Callable[[Change], bool]
) -> Change:
    """The smallest change found that fails as ``found.change`` does.

    The draws of the run are made again from their seed, without sending anything, until they come to the change that
    failed; from there Hypothesis simplifies, and ``fails`` is asked of each different change. It may raise Enough, and
    then the shortest that failed is taken.
    """
    search = _Search(found.change, fails)
    try:
        if found.kind == "valid":
            _visit_valid(contract, found, options, search)
        else:
            subject, kind = found.subject, found.kind
            count, seed = subject.examples_of(kind, options), subject.seed_of(kind, options)
            families = families_of(contract, subject)[kind]
            visit_rows(families, count, seed, search.row, shrink=True)
    except _StillFailsError:
        return search.failed[-1]  # Hypothesis ends with its smallest
    except Enough:
        pass
    return min(search.failed, key=lambda change: len(key_of(change)))


def _visit_valid(contract: Contract, found: Generated, options: PropertyOptions, search: _Search) -> None:
    subject = found.subject
    count, seed = subject.examples_of("valid", options), subject.seed_of("valid", options)
    visit_valid(
        contract,
        subject.operation,
        subject.baseline,
        count,
        seed,
        lambda change: search.row((change,)),
        shrink=True,
    )


class _Search:
    """Looks at one slot of each row: the one in which the failure was first seen."""

    def __init__(self, wanted: Change, fails: Callable[[Change], bool]) -> None:
        self.failed = [wanted]
        self._wanted = key_of(wanted)
        self._fails = fails
        self._known = {self._wanted: True}
        self._passed: set[tuple[str, ...]] = set()
        self._slot: int | None = None

    def row(self, row: tuple[Change, ...]) -> None:
        """Raise where the row's slot still fails."""
        keys = [key_of(change) for change in row]
        if self._slot is None:
            if self._wanted not in keys:
                self._passed.add(tuple(keys))
                return
            self._slot = keys.index(self._wanted)
        if tuple(keys) in self._passed:  # Hypothesis must not see the same row pass and fail
            return
        change, key = row[self._slot], keys[self._slot]
        if key not in self._known:
            self._known[key] = self._fails(change)
        if self._known[key]:
            self.failed.append(change)
            raise _StillFailsError
