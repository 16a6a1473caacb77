"""GitHub Actions: the step summary, and annotations that say nothing but what was found."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.contract import Requirement, load_contract
from conformance.reporting import groups
from conformance.reporting.summary import render_summary
from conformance.reporting.vocabulary import Results, verdict_sentence
from conformance.text import one_line

_SUMMARY_LIMIT = 1_000_000  # bytes; GitHub refuses a step summary above 1 MiB whole
_PER_KIND = 9  # GitHub shows ten annotations of a kind for each step; one is the verdict's


def step_summary(results: Results, requirements: Mapping[str, Requirement], *, report: str = "") -> str:
    """What belongs into the file that ``GITHUB_STEP_SUMMARY`` names."""
    text = render_summary(results, requirements, report=report)
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= _SUMMARY_LIMIT:
        return text
    kept = data[:_SUMMARY_LIMIT].decode("utf-8", "ignore").rpartition("\n")[0]
    return f"{kept}\n\n… cut; the whole summary is in `summary.md`.\n"


def workflow_commands(results: Results, requirements: Mapping[str, Requirement]) -> list[str]:
    """Workflow commands, one line each: the verdict first, then broken requirements, a line for each."""
    kind = {"conforming": "notice", "incomplete": "warning", "violations": "error"}[results["verdict"]]
    lines = [_command(kind, "API conformance", verdict_sentence(results))]
    for outcome, kind in (("fail", "error"), ("warn", "warning")):
        lines += list(_broken(results, outcome, kind, requirements))[:_PER_KIND]
    return lines


def _broken(
    results: Results, outcome: str, kind: str, requirements: Mapping[str, Requirement]
) -> Iterator[str]:
    grouped: dict[str, list[Mapping[str, str]]] = {}
    for entry in results["results"]:
        if entry["outcome"] == outcome:
            grouped.setdefault(entry["requirement"], []).append(entry)
    for rid, entries in sorted(grouped.items(), key=lambda item: (-len(item[1]), item[0])):
        sentence = groups.sentence_of(rid, requirements)
        more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
        yield _command(kind, f"{rid}: {sentence}", f"{entries[0]['case']}{more}: {entries[0]['message']}")


def _command(kind: str, title: str, message: str) -> str:
    """A workflow command; what could start another one is percent-encoded, as the runner decodes it."""
    encoded_title = _encoded(one_line(title, 200)).replace(":", "%3A").replace(",", "%2C")
    return f"::{kind} title={encoded_title}::{_encoded(one_line(message, 500))}"


def _encoded(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def outputs(results: Results, folder: Path) -> dict[str, str]:
    """What the action gives to the steps after it."""
    return {
        "verdict": results["verdict"],
        "sentence": one_line(verdict_sentence(results)),
        "failures": str(results["counts"]["fail"]),
        "results": str(folder / "results.json"),
        "report": str(folder / "index.html"),
    }


def main(arguments: Sequence[str]) -> int:
    """``python -m conformance.reporting.github DIR``: print annotations, and fill the step's outputs."""
    folder = Path(arguments[0])
    results = json.loads((folder / "results.json").read_text("utf-8"))
    for line in workflow_commands(results, load_contract().requirements):
        print(line)
    path = os.environ.get("GITHUB_OUTPUT")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in outputs(results, folder).items())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
