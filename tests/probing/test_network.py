"""The prober against the reference target: HTTP, streams and WebSockets on real sockets."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from conformance.contract import load_contract
from conformance.plan import make_plan
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.recording import Recorder, Recording, read
from conformance.reference.embedded import reference_models
from conformance.reference.server import serve
from conformance.reference.state import KEY
from conformance.target import Selection, Target

CHOSEN = Selection(operations=("POST /v1/chat/completions", "* /v1/videos*"), unavailable="none")


def probed(folder: Path, base_url: str, key: str = KEY, selection: Selection = CHOSEN) -> Recording:
    contract = load_contract()
    target = Target(base_url, True, reference_models())
    plan = make_plan(contract, target, selection)
    with Recorder(folder, {}, [key]) as recorder:
        asyncio.run(probe(plan, contract, target, key, recorder, ProbeOptions(timeout=10)))
    return read(folder)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    with serve() as base_url:
        return probed(tmp_path_factory.mktemp("recording"), base_url)


def test_every_planned_case_is_answered(recording: Recording) -> None:
    assert recording.skips == {}
    assert recording.facts["preflight"]["status"] == "ok"
    assert [exchange.id for exchange in recording.exchanges if exchange.failure] == []


def test_no_exchange_has_the_id_of_another(recording: Recording) -> None:
    ids = [exchange.id for exchange in recording.exchanges]
    assert len(ids) == len(set(ids))


def test_streams_arrive_in_pieces(recording: Recording) -> None:
    (exchange,) = recording.of("chat/minimal/stream")
    assert exchange.response is not None
    assert exchange.response.media_type == "text/event-stream"
    assert exchange.response.body.endswith(b"data: [DONE]\n\n")
    times = [chunk.at for chunk in exchange.response.chunks]
    assert times == sorted(times)


def test_the_key_is_sent_and_not_recorded(recording: Recording) -> None:
    (exchange,) = recording.of("chat/minimal/json")
    assert exchange.request.header("authorization") == "Bearer [key]*******"
    assert KEY not in repr(recording)


def test_a_wrong_key_stops_the_run(tmp_path: Path) -> None:
    with serve() as base_url:
        recording = probed(tmp_path, base_url, "sk-of-someone-else")
    assert recording.facts["preflight"]["reason"].startswith("the key is refused: ")
    assert len(recording.exchanges) < 10


def test_a_port_without_a_target_stops_the_run(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    recording = probed(tmp_path, base_url)
    assert recording.facts["preflight"]["reason"].startswith(f"nothing answers at {base_url}: ")
