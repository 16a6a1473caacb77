"""The reference target for a run that names none: started, with its key and its models filled in."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TypeVar

from conformance.beside import beside
from conformance.reference.state import KEY, MODELS

_HOST = "127.0.0.1"
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
    """Base URL, and the settings with the reference's key and, where none is named, its models.

    The target has a process of its own. It may still be starting, but connections to it already wait in line.
    """
    with socket.create_server((_HOST, 0)) as listener:
        base_url = f"http://{_HOST}:{listener.getsockname()[1]}/v1"
        with beside(_serve_on, listener):
            listener.close()  # if the target dies, nobody waits in line for it
            models = reference_models() | dict(settings.models)  # type: ignore[attr-defined]
            yield (
                base_url,
                dataclasses.replace(  # type: ignore[type-var]
                    settings, base_url=base_url, key=KEY, models=models, key_env=None
                ),
            )


def _serve_on(connection: Connection, listener: socket.socket) -> None:
    from conformance.reference.server import serve_on  # only this process needs a web server

    with serve_on(listener):
        connection.recv()
