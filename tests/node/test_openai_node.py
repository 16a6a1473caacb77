"""The official Node client over every HTTP row of the reference target. A missing Node or package is a failure."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from conformance.reference.server import serve
from conformance.reference.state import KEY

DRIVE = Path(__file__).with_name("drive.mjs")


def test_the_node_client_reads_every_row() -> None:
    with serve() as base_url:
        done = subprocess.run(
            ["node", str(DRIVE), base_url, KEY], capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert "ref-text" in seen.pop("models")
    assert seen == {
        "model": "ref/text-mini",
        "chat": {"object": "chat.completion", "role": "assistant", "requestId": "string"},
        "stream": {"text": True, "usage": True},
        "completion": "text_completion",
        "response": {"status": "completed", "text": True},
        "responseStream": "completed",
        "retrieved": True,
        "inputTokens": True,
        "compacted": "response.compaction",
        "embeddings": [True, True],
        "moderation": "boolean",
        "image": True,
        "edit": 1,
        "speech": "RIFF",
        "transcription": "string",
        "translation": "string",
        "video": "completed",
        "content": "ftyp",
        "remix": True,
        "refusal": {"name": "NotFoundError", "status": 404, "code": "model_not_found", "requestId": "string"},
    }
