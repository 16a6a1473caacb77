"""The reference target for a run that names none: started, with its key and its models filled in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from conformance.reference.server import serve
from conformance.reference.state import KEY, MODELS

_S = TypeVar("_S")


_OPERATIONS = {  # the reference has a model for each of these, as most providers do
    "transcription": ("POST /v1/audio/transcriptions", "POST /v1/audio/translations"),
    "speech": ("POST /v1/audio/speech",),
}


def reference_models() -> dict[str, str]:
    """The first reference model of each workload, or of each operation where a workload needs several."""
    models: dict[str, str] = {}
    for model in MODELS:
        for purpose in sorted(model.workloads):
            for name in _OPERATIONS.get(purpose, (purpose,)):
                models.setdefault(name, model.id)
    return models


@contextmanager
def embedded_target(settings: _S) -> Iterator[tuple[str, _S]]:
    """Base URL, and the settings with the reference's key and, where none is named, its models."""
    with serve() as base_url:
        models = reference_models() | dict(settings.models)  # type: ignore[attr-defined]
        yield base_url, dataclasses.replace(settings, base_url=base_url, key=KEY, models=models, key_env=None)  # type: ignore[type-var]
