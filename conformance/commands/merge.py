"""``conformance merge``: the shards of one run, joined and judged as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.contract import load_contract
from conformance.errors import RecordingError
from conformance.output import outputs_of, writable, write_outputs
from conformance.probing.recording import Recorder, Recording, read
from conformance.run import Part, evidence_of, part_of, whole_of
from conformance.second_judge import second_judge
from conformance.summary import print_summary

_MUST_AGREE = ("suite", "contract", "target", "selection", "properties", "cases")


def merge_runs(runs: Sequence[Path], out: Path) -> int:
    """Join, judge, write. Raises RecordingError when the runs are not the shards of one."""
    contract = load_contract()
    recordings = [read(run / "recording") for run in runs]
    whole = whole_of([part_of(one) for one in recordings], evidence_of(contract, recordings[0]).plan)
    outputs = outputs_of(contract, out, strict=False, waivers=None)
    with writable(out), second_judge() as second:
        join(recordings, whole, out / "recording")
        results = second.judge_recording(contract, out / "recording")
        written = write_outputs(contract, results, out / "recording", outputs)
    print_summary(contract, written.results, out, written.remarks)
    return written.exit_code


def join(recordings: Sequence[Recording], whole: Part, out: Path) -> None:
    """One recording with the exchanges of all; what several shards sent, such as a baseline, is kept once."""
    header = _common(recordings, "header", _MUST_AGREE) | whole.as_json()
    header["started_at"] = min(recording.header["started_at"] for recording in recordings)
    facts = _common(recordings, "facts", ("models",)) | _preflight(recordings)
    with Recorder(out, header) as recorder:
        sent: set[str] = set()
        for recording in recordings:
            for exchange in recording.exchanges:
                if exchange.case not in sent:
                    recorder.exchange(exchange)
            sent |= {exchange.case for exchange in recording.exchanges}
        for name, value in facts.items():
            recorder.fact({name: value})
        for skip in {case: skip for one in recordings for case, skip in one.skips.items()}.values():
            if skip.case not in sent:
                recorder.skip(skip.case, skip.kind, skip.reason)
        recorder.finish(interrupted=any(recording.interrupted for recording in recordings))


def _common(recordings: Sequence[Recording], of: str, names: Sequence[str]) -> dict[str, Any]:
    """What the recordings say of ``names``, where they say it. Raises RecordingError unless they agree."""
    common: dict[str, Any] = {}
    for recording in recordings:
        said: Mapping[str, Any] = getattr(recording, of)
        for name in names:
            if name in said and common.setdefault(name, said[name]) != said[name]:
                raise RecordingError(f"the runs are no shards of one: their {name} differs")
    return common


def _preflight(recordings: Sequence[Recording]) -> dict[str, Any]:
    """Of a shard that was given up, each case says so itself; the whole was given up only if all were."""
    found = [recording.facts["preflight"] for recording in recordings if "preflight" in recording.facts]
    return {"preflight": next((one for one in found if one["status"] == "ok"), found[0])} if found else {}
