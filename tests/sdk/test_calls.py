"""Every row has its method of the official client, and every call is read as the contract says."""

from __future__ import annotations

import pytest

from conformance.contract import load_contract
from conformance.sdk import calls, sockets

CONTRACT = load_contract()
ROWS = [op for op in CONTRACT.operations.values() if op.availability != "unavailable"]
REPLAY = "GET /v1/responses/{response_id}?stream=true"  # it has no answer in one piece


def test_every_row_has_a_method() -> None:
    http = {op.name for op in ROWS if op.transport == "http"}
    assert http - set(calls.READS) == {REPLAY}
    assert all(sockets.is_known(op.name) == (op.name not in http) for op in ROWS)


def test_every_streamed_operation_has_a_method() -> None:
    assert {case.operation for case in CONTRACT.cases.values() if case.stream} == set(calls.STREAMS)


@pytest.mark.parametrize(
    ("case_id", "type_"),
    [
        ("chat/minimal/json", "ChatCompletion"),
        ("models/list/all", "SyncPage[Model]"),
        ("transcriptions/format/text", "str"),
        ("transcriptions/format/verbose-json", "TranscriptionVerbose"),
        ("translations/minimal/form", "Translation"),
    ],
)
def test_a_case_is_read_into_its_type(case_id: str, type_: str) -> None:
    assert calls.type_of_answer(CONTRACT.cases[case_id]).__name__ == type_


@pytest.mark.parametrize("case_id", ["speech/minimal/mp3", "video-content/minimal/video"])
def test_media_are_of_no_type(case_id: str) -> None:
    assert calls.type_of_answer(CONTRACT.cases[case_id]) is None
