"""``conformance judge``: the verdict once more, from the recording alone."""

from __future__ import annotations

from pathlib import Path

from conformance.contract import load_contract
from conformance.output import outputs_of, writable, write_outputs
from conformance.second_judge import second_judge
from conformance.summary import print_summary


def judge_again(recording: Path, out: Path | None, waivers: Path | None, *, strict: bool) -> int:
    """Judge ``recording``, a run's folder or the recording in it, and write the reports to ``out``."""
    contract = load_contract()
    folder = recording / "recording" if (recording / "recording").is_dir() else recording
    outputs = outputs_of(contract, out or folder.parent, strict=strict, waivers=waivers)
    with second_judge() as second:
        results = second.judge_recording(contract, folder)
    with writable(outputs.out):
        written = write_outputs(contract, results, folder, outputs)
    print_summary(contract, written.results, outputs.out, written.remarks)
    return written.exit_code
