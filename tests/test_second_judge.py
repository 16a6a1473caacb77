"""Two judges come to what one comes to, also when the second is lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contract import load_contract
from conformance.judging.results import Results
from conformance.plan import make_plan
from conformance.probing.progress import Quiet
from conformance.reference.server import serve
from conformance.reference.state import KEY
from conformance.reference.switches import reference_with
from conformance.run import judge_recording, send, target_of
from conformance.second_judge import second_judge
from conformance.settings import make_settings

CONTRACT = load_contract()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording of a target that tells a lie, to the official client too."""
    out = tmp_path_factory.mktemp("run")
    given = {"api_key": KEY, "out": out, "workload": ("models",), "unavailable": "none", "properties": "off"}
    with serve(reference_with(("omits_request_ids",), ())) as base_url:
        settings = make_settings({**given, "base_url": base_url}, CONTRACT, {})
        target = target_of(settings, base_url)
        send(make_plan(CONTRACT, target, settings.selection), CONTRACT, target, settings, Quiet())
    return out / "recording"


@pytest.fixture(scope="module")
def alone(folder: Path) -> Results:
    return judge_recording(CONTRACT, folder)


def test_two_judge_as_one(folder: Path, alone: Results) -> None:
    assert {result.requirement[:3] for result in alone.results if result.outcome == "fail"} >= {"SDK"}
    with second_judge() as second:
        assert second.judge_recording(CONTRACT, folder) == alone
        assert second.judge_recording(CONTRACT, folder) == alone, "it can be asked again"


def test_one_does_the_work_of_a_second_that_is_gone(folder: Path, alone: Results) -> None:
    with second_judge() as second:
        pass
    assert second.judge_recording(CONTRACT, folder) == alone
