from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.datafiles import check_against_schema
from conformance.errors import OutputError, RecordingError
from conformance.exchange import Chunk, Exchange, Failure, Frame, Request, Response
from conformance.probing.lines import exchange_line, exchange_of
from conformance.probing.recording import FILE, Recorder, Skip, read

LATIN = st.text(st.characters(max_codepoint=255), max_size=12)
HEADERS = st.lists(st.tuples(LATIN, LATIN), max_size=3).map(tuple)
TIMES = st.floats(0, 1e6)
DATA = st.one_of(
    st.binary(max_size=30), st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))
)
REQUESTS = st.builds(Request, st.sampled_from(["GET", "POST"]), st.text("/a%?=é"), HEADERS, DATA)
RESPONSES = st.builds(
    Response, st.integers(100, 599), HEADERS, st.lists(st.builds(Chunk, TIMES, DATA), max_size=4).map(tuple)
)
FRAMES = st.builds(
    Frame, TIMES, st.sampled_from(["client", "server"]), st.sampled_from(["text", "binary", "close"]), DATA
)
FAILURES = st.builds(Failure, st.sampled_from(["cut", "idle", "connect"]), st.text(max_size=20))
EXCHANGES = st.builds(
    Exchange,
    id=st.just("a/b/c#0.1"),
    case=st.just("a/b/c"),
    request=REQUESTS,
    response=st.none() | RESPONSES,
    frames=st.lists(FRAMES, max_size=3).map(tuple),
    failure=st.none() | FAILURES,
    step=st.integers(0, 9),
    attempt=st.integers(1, 3),
    started_at=TIMES,
    ended_at=TIMES,
)

EXCHANGE = Exchange(
    "models/list/all#0.1",
    "models/list/all",
    Request("GET", "/v1/models", (("Authorization", "Bearer sk-0123456789"),)),
    Response(200, (("X-A", "b"),), (Chunk(0.25, b"\xc3"), Chunk(0.5, b"\xa9\xff"))),
)


def lines_of(folder: Path, name: str = FILE) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def record(folder: Path) -> Path:
    with Recorder(folder, {"target": {"base_url": "http://t/v1"}}, ["sk-0123456789"]) as recorder:
        recorder.exchange(EXCHANGE)
        recorder.skip("chat/minimal/json", "gated", "No, sk-0123456789.")
        recorder.fact({"models": {"text": "m"}})
        recorder.fact({"preflight": {"status": "ok", "reason": "", "hint": ""}})
        recorder.finish()
    return folder / FILE


@given(exchange=EXCHANGES)
def test_an_exchange_survives_its_line(exchange: Exchange) -> None:
    line = json.loads(json.dumps(exchange_line(exchange)))
    check_against_schema(line, "recording", "line")
    back = exchange_of(line)
    assert back == exchange


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(exchanges=st.lists(EXCHANGES, max_size=3))
def test_a_recording_gives_back_what_was_written(tmp_path: Path, exchanges: list[Exchange]) -> None:
    with Recorder(tmp_path, {}) as recorder:
        for exchange in exchanges:
            recorder.exchange(exchange)
        recorder.finish()
    assert read(tmp_path).exchanges == tuple(exchanges)


def test_every_line_keeps_the_schema(tmp_path: Path) -> None:
    record(tmp_path)
    kinds = [line["kind"] for line in lines_of(tmp_path)]
    assert kinds == ["header", "exchange", "skip", "fact", "fact", "footer"]
    for line in lines_of(tmp_path):
        check_against_schema(line, "recording", line["kind"])


def test_what_was_recorded_is_read(tmp_path: Path) -> None:
    record(tmp_path)
    recording = read(tmp_path)
    assert recording.header["target"] == {"base_url": "http://t/v1"}
    assert recording.exchanges[0].response == EXCHANGE.response
    assert recording.skips == {"chat/minimal/json": Skip("chat/minimal/json", "gated", "No, [key]********.")}
    assert recording.facts == {
        "models": {"text": "m"},
        "preflight": {"status": "ok", "reason": "", "hint": ""},
    }
    assert recording.finished_at is not None
    assert recording.finished_at >= recording.header["started_at"]
    assert not recording.interrupted


def test_the_key_is_nowhere_in_the_file(tmp_path: Path) -> None:
    assert b"sk-0123456789" not in record(tmp_path).read_bytes()


def test_while_a_run_goes_on_there_is_only_a_part(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, {})
    recorder.exchange(EXCHANGE)
    assert [path.name for path in tmp_path.iterdir()] == [f"{FILE}.part"]
    assert [line["kind"] for line in lines_of(tmp_path, f"{FILE}.part")] == ["header", "exchange"]
    with pytest.raises(RecordingError, match="has no footer: its run did not end; continue it with --resume"):
        read(tmp_path)
    assert read(tmp_path, partial=True).exchanges == (EXCHANGE,)
    recorder.finish()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_new_run_leaves_no_old_recording_to_be_mistaken_for_it(tmp_path: Path) -> None:
    record(tmp_path)
    Recorder(tmp_path, {}).close()
    with pytest.raises(RecordingError, match="has no footer"):
        read(tmp_path)


def without_line(data: bytes) -> bytes:
    first, _, *rest = data.splitlines(True)
    return first + b"".join(rest)


DAMAGES = {
    "empty": (lambda data: b"", "it is empty"),
    "cut-in-the-footer": (lambda data: data[:-10], "its last line is broken off"),
    "without-footer": (lambda data: data[: data.rindex(b'{"kind":"footer"')], "has no footer"),
    "edited": (lambda data: data.replace(b'"status":200', b'"status":500'), "SHA-256 differs"),
    "line-lost": (without_line, "3 of 4 lines"),
    "other-version": (lambda data: data.replace(b"recording/1", b"recording/9"), "'conformance-recording/9'"),
    "without-header": (lambda data: b"{}\n" + data, "is not a recording"),
    "not-objects": (lambda data: b"[]\n", "line 1 is not an object"),
    "not-json": (lambda data: b"nonsense\n" + data, "line 1 is not JSON"),
    "footer-off-schema": (
        lambda data: data.replace(b'"interrupted":false', b'"interrupted":0'),
        "interrupted",
    ),
}


@pytest.mark.parametrize(("damage", "message"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_recording_is_refused(tmp_path: Path, damage: Any, message: str) -> None:
    path = record(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RecordingError) as error:
        read(tmp_path)
    assert message in str(error.value)


def odd_exchange(body: dict[str, str], chunks: list[list[int]]) -> bytes:
    line = exchange_line(EXCHANGE)
    line["response"] |= {"body": body, "chunks": chunks}
    return json.dumps(line).encode()


ODD_LINES = {
    "unknown-kind": b'{"kind":"poem"}',
    "half-an-exchange": b'{"kind":"exchange","id":"a"}',
    "chunks-short-of-the-body": odd_exchange({"text": "ab"}, [[0, 1]]),
    "bad-base64": odd_exchange({"base64": "%"}, []),
}


@pytest.mark.parametrize("line", ODD_LINES.values(), ids=ODD_LINES)
def test_a_line_that_means_nothing_is_refused(tmp_path: Path, line: bytes) -> None:
    Recorder(tmp_path, {}).close()
    with (tmp_path / f"{FILE}.part").open("ab") as file:
        file.write(line + b"\n")
    with pytest.raises(RecordingError, match="is damaged: line 2"):
        read(tmp_path, partial=True)


def test_no_recording_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="there is no recording in"):
        read(tmp_path / "nowhere")


def test_a_file_can_be_named_in_place_of_its_folder(tmp_path: Path) -> None:
    assert len(read(record(tmp_path)).exchanges) == 1


def test_an_interrupted_run_says_so(tmp_path: Path) -> None:
    with Recorder(tmp_path, {}) as recorder:
        recorder.finish(interrupted=True)
    assert read(tmp_path).interrupted


@pytest.mark.parametrize("torn", [b"", b'{"kind":"exch', b"\xff\xfe"])
def test_a_killed_run_is_resumed_with_its_answers_and_without_its_skips(tmp_path: Path, torn: bytes) -> None:
    header = {"target": {"base_url": "http://t/v1"}}
    killed = Recorder(tmp_path, header)
    killed.exchange(EXCHANGE)
    killed.skip("chat/minimal/json", "budget", "It is used up.")
    killed.fact({"models": {"text": "m"}})
    killed.close()
    with (tmp_path / f"{FILE}.part").open("ab") as file:
        file.write(torn)
    with Recorder(tmp_path, header, resume=True) as recorder:
        assert recorder.earlier is not None
        assert recorder.earlier.exchanges == (EXCHANGE,)
        assert recorder.header["started_at"] == killed.header["started_at"]
        recorder.finish()
    recording = read(tmp_path)
    assert recording.exchanges == (EXCHANGE,)
    assert recording.skips == {}
    assert recording.facts == {"models": {"text": "m"}}


def test_an_ended_run_can_be_resumed_too(tmp_path: Path) -> None:
    record(tmp_path)
    with Recorder(tmp_path, {"target": {"base_url": "http://t/v1"}}, resume=True) as recorder:
        assert recorder.earlier is not None
        assert len(recorder.earlier.exchanges) == 1
        recorder.finish()
    assert len(read(tmp_path).exchanges) == 1


def test_with_nothing_to_resume_a_run_begins(tmp_path: Path) -> None:
    with Recorder(tmp_path, {}, resume=True) as recorder:
        assert recorder.earlier is None


@pytest.mark.parametrize("name", ["contract", "target", "selection", "shard"])
def test_a_run_of_something_else_is_not_resumed(tmp_path: Path, name: str) -> None:
    Recorder(tmp_path, {name: {"a": 1}}).close()
    with pytest.raises(RecordingError, match=f"its run had another {name}"):
        Recorder(tmp_path, {name: {"a": 2}}, resume=True)
    assert read(tmp_path, partial=True).header[name] == {"a": 1}


def test_nowhere_to_write_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="Not a directory"):
        Recorder(tmp_path / "file" / "recording", {})


def test_a_full_disk_is_an_output_error(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full on this system")
    (tmp_path / f"{FILE}.new").symlink_to(full)
    with pytest.raises(OutputError, match="No space left on device"):
        Recorder(tmp_path, {})
