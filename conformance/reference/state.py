"""What the reference target knows between requests: its key, models, clock, id source and created objects."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from conformance.reference.answers import JsonObject

KEY = "sk-reference"
KEPT = 2000
"""Created objects kept of each kind; the oldest go first, so that a long run does not grow."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Model:
    """One public model and the workloads it serves."""

    id: str
    workloads: frozenset[str]
    created: int
    owned_by: str

    def record(self) -> JsonObject:
        """The model as clients see it."""
        return {"id": self.id, "object": "model", "created": self.created, "owned_by": self.owned_by}


MODELS = (
    Model("ref-text", frozenset({"text"}), 1735689600, "reference"),
    Model("ref/text-mini", frozenset({"text"}), 1738368000, "reference-labs"),
    Model("ref-embed", frozenset({"embeddings"}), 1740787200, "reference"),
    Model("ref-moderation", frozenset({"safety"}), 1743465600, "reference"),
    Model("ref-image", frozenset({"images"}), 1746057600, "reference"),
    Model("ref-video", frozenset({"videos"}), 1748736000, "reference"),
    Model("ref-audio-transcribe", frozenset({"transcription"}), 1751328000, "reference"),
    Model("ref-tts", frozenset({"speech"}), 1754006400, "reference"),
    Model("ref-realtime", frozenset({"realtime"}), 1756684800, "reference"),
)


class Identifiers:
    """A reproducible id source: unlike ids within one server, the same ids on every start."""

    def __init__(self, seed: str = "reference") -> None:
        self._seed = seed
        self._drawn = 0

    def __call__(self, prefix: str) -> str:
        """A fresh id: ``prefix`` and 24 hexadecimal digits."""
        self._drawn += 1
        digest = hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).hexdigest()
        return prefix + digest[:24]


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A Response that was kept: what it answered, the whole conversation, and its events for replay."""

    body: JsonObject
    conversation: tuple[JsonObject, ...]
    events: tuple[JsonObject, ...]


@dataclass(slots=True)
class State:
    """Everything mutable, and every source of chance, in one place that a caller can set."""

    key: str = KEY
    models: tuple[Model, ...] = MODELS
    clock: Callable[[], float] = time.time
    new_id: Callable[[str], str] = field(default_factory=Identifiers)
    always_reasons: bool = False
    polls_to_complete: int = 2
    interlude: tuple[
        JsonObject, ...
    ] = ()  # events that every Response stream has behind response.in_progress
    responses: OrderedDict[str, StoredResponse] = field(default_factory=OrderedDict)
    videos: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(self.clock())


def keep(objects: OrderedDict[str, T], identifier: str, value: T) -> None:
    """Remember ``value``, forgetting the oldest beyond the bound."""
    objects[identifier] = value
    while len(objects) > KEPT:
        objects.popitem(last=False)
