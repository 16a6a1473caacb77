"""What a check is given, what it returns, and how the ledger finds it."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.answer import Answer
from conformance.cases import Case
from conformance.contract import Contract
from conformance.errors import DataError
from conformance.wire import strict_json


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken promise: what was expected, what was seen, and where in which exchange.

    ``where`` is a header name, a JSON Pointer (``/choices/0``), ``event 3 /choices`` or ``byte 120``.
    """

    expected: str
    seen: str
    where: str = ""
    exchange: str = ""


class NotShown(Exception):  # noqa: N818 - an outcome, not an error
    """The answers hold nothing that the requirement speaks of, so it cannot be judged; the text says what is missing."""


class Spoiled(Exception):  # noqa: N818 - an outcome, not an error
    """Another requirement already tells what is wrong with the answer, and this one cannot be judged because of it."""


class Unequipped(Exception):  # noqa: N818 - an outcome, not an error
    """An optional part of the suite that this requirement is judged with is not installed; the text says which."""


@dataclass(frozen=True)
class Subject:
    """The answers that one requirement is judged on.

    ``answers`` are the last attempts of the subject's cases, in order; ``others`` looks up cases outside the subject
    (a twin) and gives their answers, empty when there are none.
    """

    contract: Contract
    answers: tuple[Answer, ...]
    others: Callable[[str], tuple[Answer, ...]] = field(default=lambda _: ())
    models: Mapping[str, str] = field(default_factory=dict)

    @property
    def answer(self) -> Answer:
        """The only, or the last, answer."""
        return self.answers[-1]

    @property
    def case(self) -> Case:
        """The case of the only answer."""
        return self.answers[-1].case

    def answered(self, case_id: str | None) -> Answer | None:
        """Another case's last answer, if it was answered."""
        found = [answer for answer in self.others(case_id or "") if answer.state == "answered"]
        return found[-1] if found else None

    def request_json(self) -> Any:
        """The JSON body that was sent."""
        return request_json(self.answer)


def request_json(answer: Answer) -> Any:
    """The JSON body that was sent with this answer's request; None when it was not JSON."""
    return answer.remembered("request_json", lambda: _request_json(answer))


def _request_json(answer: Answer) -> Any:
    try:
        return strict_json.loads(answer.exchange.request.body).value
    except strict_json.JsonError:
        return None


Check = Callable[..., Iterable[Finding]]
_C = TypeVar("_C", bound=Check)
_CHECKS: dict[str, Check] = {}


def check(function: _C) -> _C:
    """Register a check under its own name, by which the ledger refers to it."""
    if function.__name__ in _CHECKS:
        raise DataError("conformance/checks", function.__name__, "two checks have this name")
    _CHECKS[function.__name__] = function
    return function


@functools.cache
def registered_checks() -> Mapping[str, Check]:
    """Every check of the package, by name."""
    import conformance.checks

    for module in pkgutil.iter_modules(conformance.checks.__path__):
        importlib.import_module(f"conformance.checks.{module.name}")
    return _CHECKS
