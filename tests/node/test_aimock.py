"""A server that others wrote, aimock: what it does wrong is found, and what it does right is not called wrong.

Every expectation was read off the bytes that it sends. A missing Node or package is a failure, not a skip.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
FIXTURES = Path(__file__).with_name("aimock.json")
KEY = "sk-aimock-test"


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["node", str(SERVER), "-h", "127.0.0.1", "-p", str(port), "-f", str(FIXTURES), "--log-level", "warn"]
    server = subprocess.Popen(command, env={**os.environ, "AIMOCK_API_KEYS": KEY}, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        _wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(url: str) -> None:
    request = urllib.request.Request(f"{url}/models", headers={"authorization": f"Bearer {KEY}"})
    for _ in range(100):
        try:
            urllib.request.urlopen(request, timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("aimock does not answer")


@pytest.fixture(scope="module")
def outcomes(base_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("aimock")
    command = [sys.executable, "-m", "conformance.cli", "run", "--base-url", base_url, "--api-key", KEY]
    command += ["--operation", "POST /v1/chat/completions", "--unavailable", "none", "--properties", "off"]
    done = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1, done.stderr
    document: dict[str, Any] = json.loads((out / "results.json").read_text("utf-8"))
    return {result["id"]: result["outcome"] for result in document["results"]}


WRONG = [
    "chat/unknown-model/json::BAD-004",  # any model is answered
    "chat/n/three::CHAT-001",  # n is ignored
    "chat/logprobs/plain::CHAT-018",  # so are log probabilities
    "chat/missing/model::BAD-002",
    "chat/every/answer::ERR-003",  # errors have no param
    "chat/every/answer::ERR-004",  # and no code
]
RIGHT = [
    "chat/minimal/json::STAT-001",
    "chat/minimal/json::SHAPE-001",
    "chat/minimal/stream::SSE-007",
    "chat/minimal/stream::CHAT-104",
    "chat/auth/no-key::AUTH-001",
    "chat/auth/wrong-key::AUTH-001",
    "chat/every/answer::HDR-001",
    "chat/every/answer::HDR-003",
]


@pytest.mark.parametrize("result", WRONG)
def test_what_it_does_wrong_is_found(outcomes: dict[str, str], result: str) -> None:
    assert outcomes[result] == "fail"


@pytest.mark.parametrize("result", RIGHT)
def test_what_it_does_right_passes(outcomes: dict[str, str], result: str) -> None:
    assert outcomes[result] == "pass"
