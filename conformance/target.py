"""What is tested and how much of it: the target, the selection, and the spend that the user consented to."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal
from urllib.parse import urlsplit

from conformance.cases import Case
from conformance.contract import WORKLOADS, Contract, Operation
from conformance.errors import UsageError

NO_SUCH_MODEL = "conformance-no-such-model"
WRONG_KEY = "sk-conformance-wrong-key-0000000000000000"

_CONSENT_WORKLOADS = frozenset(WORKLOADS) - {"models", "text"}


@dataclass(frozen=True, slots=True)
class Target:
    """A base URL, whether there is a key (never the key itself), and the model named for each workload or operation."""

    base_url: str
    has_key: bool
    models: Mapping[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """The base URL without its path: ``https://host:port``."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def prefix(self) -> str:
        """The base URL's path, by which ``/v1`` of the contract is replaced."""
        return urlsplit(self.base_url).path.rstrip("/")

    def model_for(self, operation: Operation) -> str | None:
        """The model named for the operation, else for its workload."""
        return self.models.get(operation.name) or self.models.get(operation.workload)


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked to be judged."""

    workloads: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    unavailable: Literal["sample", "all", "none"] = "sample"
    expected: tuple[str, ...] = ()  # OPERATION[#CAPABILITY] that must not be gated
    repeat: int = 1

    def narrows(self) -> bool:
        """True when not everything that has cases is in scope."""
        return bool(self.workloads or self.operations)

    def includes(self, operation: Operation) -> bool:
        """True when ``operation`` is in scope; workload ``models`` always is."""
        if operation.availability == "unavailable":
            return self._includes_unavailable(operation)
        if operation.workload == "models" or not self.narrows():
            return True
        return operation.workload in self.workloads or any(
            fnmatchcase(operation.name, g) for g in self.operations
        )

    def _includes_unavailable(self, operation: Operation) -> bool:
        if self.unavailable == "none":
            return False
        if self.operations:
            return any(fnmatchcase(operation.name, glob) for glob in self.operations)
        return not self.workloads or operation.workload in self.workloads

    def expects_available(self, case: Case) -> bool:
        """True when ``--expect available=…`` names the case's operation, or its capability."""
        named = {case.operation} if case.capability is None else {f"{case.operation}#{case.capability}"}
        return any(fnmatchcase(name, glob) for name in named for glob in self.expected)

    def as_json(self) -> dict[str, Any]:
        """For the recording's header; ``selection_from_json`` reads it back."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in dataclasses.asdict(self).items()}


def selection_from_json(document: Mapping[str, Any]) -> Selection:
    """The selection that a recording was made with."""
    fields: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in document.items()}
    return Selection(**fields)


def parse_models(options: tuple[str, ...], contract: Contract) -> dict[str, str]:
    """``WORKLOAD=ID`` or ``OPERATION=ID``, split at the first ``=``. Raises UsageError on anything else."""
    models: dict[str, str] = {}
    for option in options:
        name, separator, model = option.partition("=")
        if not separator or not model:
            raise UsageError(f"--model takes WORKLOAD=ID or OPERATION=ID, not {option!r}")
        if name not in WORKLOADS and name not in contract.operations:
            known = ", ".join(w for w in WORKLOADS if w != "models")
            raise UsageError(
                f"--model {option!r}: {name!r} is neither a workload ({known}) nor an operation of the contract"
            )
        models[name] = model
    return models


def check_base_url(base_url: str) -> str:
    """The URL without a trailing slash. Raises UsageError when it has no http scheme or host."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError(f"{base_url!r} is not a URL") from None
    if not base_url.isprintable() or " " in base_url:
        raise UsageError(f"the base URL must have no space or line break: {base_url!r}")
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(
            f"the base URL needs http:// or https:// and a host, like https://api.example.com/v1, not {base_url!r}"
        )
    if parts.query or parts.fragment or parts.username:
        raise UsageError("the base URL must have no query, fragment or user name")
    return base_url.rstrip("/")


def needs_consent(operation: Operation) -> bool:
    """True for a workload whose requests are sent only once a model is named for it."""
    return operation.workload in _CONSENT_WORKLOADS
