"""``conformance merge``: the shards of one run, joined and judged as one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conformance.contract import load_contract
from conformance.errors import RecordingError
from conformance.output import outputs_of, write_outputs
from conformance.probing.recording import Recorder, Recording, read
from conformance.run import judge_recording
from conformance.summary import print_summary

_MUST_AGREE = ("suite", "contract", "target", "selection", "properties")


def merge_runs(runs: Sequence[Path], out: Path) -> int:
    """Join, judge, write. Raises RecordingError when the runs are not shards of one."""
    contract = load_contract()
    recordings = [read(run / "recording") for run in runs]
    join(recordings, out / "recording")
    outputs = outputs_of(contract, out, strict=False, waivers=None)
    written = write_outputs(
        contract, judge_recording(contract, out / "recording"), out / "recording", outputs
    )
    print_summary(contract, written.results, out, written.remarks)
    return written.exit_code


def join(recordings: Sequence[Recording], out: Path) -> None:
    """One recording with the exchanges of all; what several shards sent, such as a baseline, is kept once."""
    first = recordings[0]
    for other in recordings[1:]:
        for part in _MUST_AGREE:
            if other.header.get(part) != first.header.get(part):
                raise RecordingError(f"the runs are no shards of one: their {part} differs")
    header = {part: first.header[part] for part in _MUST_AGREE}
    header["started_at"] = min(recording.header["started_at"] for recording in recordings)
    sent: set[str] = set()
    with Recorder(out, header) as recorder:
        for recording in recordings:
            cases = {exchange.case for exchange in recording.exchanges}
            for exchange in recording.exchanges:
                if exchange.case not in sent:
                    recorder.exchange(exchange)
            sent |= cases
            for name, value in recording.facts.items():
                recorder.fact({name: value})
        for recording in recordings:
            for skip in recording.skips.values():
                if skip.case not in sent:
                    recorder.skip(skip.case, skip.kind, skip.reason)
        recorder.finish(interrupted=any(recording.interrupted for recording in recordings))
