"""The official Node client over every row of the reference target. A missing Node or package is a failure."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import serve
from conformance.reference.state import KEY

HERE = Path(__file__).parent
CERTIFY = [
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
    "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
]  # fmt: skip


def driven(script: str, *arguments: str) -> Any:
    """What a script saw of a reference target."""
    with serve() as base_url:
        command = ["node", str(HERE / script), base_url, KEY, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[str, str]:
    """The files of a certificate for 127.0.0.1, which signs itself, and of its key."""
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    subprocess.run([*CERTIFY, "-out", certificate, "-keyout", key], capture_output=True, timeout=60, check=True)
    return certificate, key


def test_the_node_client_converses_on_every_websocket(certificate: tuple[str, str]) -> None:
    assert driven("sockets.mjs", *certificate) == {
        "opened": ["session.created"],
        "updated": ["text"],
        "said": True,
        "status": "completed",
        "errors": [{"name": "OpenAIRealtimeError", "event": "mine"}],
        "closed": 1000,
        "refused": "Unexpected server response: 401",
        "remembered": "It is Ada.",
    }


def test_the_node_client_reads_every_http_row() -> None:
    seen = driven("drive.mjs")
    assert "ref-text" in seen.pop("models")
    assert seen == {
        "model": "ref/text-mini",
        "chat": {"object": "chat.completion", "role": "assistant", "requestId": "string"},
        "stream": {"text": True, "usage": True},
        "completion": "text_completion",
        "response": {"status": "completed", "text": True},
        "responseStream": "completed",
        "retrieved": True,
        "replayedFrom": 3,
        "cancelled": "completed",
        "inputTokens": True,
        "compacted": "response.compaction",
        "embeddings": [True, True],
        "moderation": "boolean",
        "image": True,
        "drawn": ["image_generation.partial_image", "image_generation.completed"],
        "edit": 1,
        "speech": "RIFF",
        "transcription": "string",
        "translation": "string",
        "video": "completed",
        "content": "ftyp",
        "remix": True,
        "refusal": {"name": "NotFoundError", "status": 404, "code": "model_not_found", "requestId": "string"},
    }
