"""One run from beginning to end: probe, judge, write. What the command line and the pytest plugin both call."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.contract import Contract, with_cases
from conformance.errors import OutputError, RecordingError
from conformance.judging.evidence import Evidence
from conformance.judging.judge import judge
from conformance.judging.overview import results_of
from conformance.judging.results import Result, Results
from conformance.plan import Plan, make_plan
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.progress import Progress
from conformance.probing.recording import FILE, Recorder, Recording, read
from conformance.properties.generate import PropertyOptions, with_generated
from conformance.settings import Settings
from conformance.target import Target, selection_from_json

_SECRET_HEADER = re.compile(r"auth|key|cookie|token|secret", re.IGNORECASE)


def target_of(settings: Settings, base_url: str) -> Target:
    """The target as the plan sees it."""
    return Target(base_url, settings.key is not None, settings.models)


def property_options(settings: Settings) -> PropertyOptions:
    """Which requests are generated."""
    return PropertyOptions(settings.properties, settings.max_examples, settings.seed)


def contract_of(contract: Contract, settings: Settings) -> Contract:
    """The contract with the user's cases and the generated ones. Raises DataError."""
    return with_generated(with_cases(contract, settings.cases), property_options(settings))


@dataclass(frozen=True, slots=True)
class Part:
    """How much of the selection a run is about. ``results`` are those that pytest selected; None for all."""

    run: str = ""  # an id by which a recording is known as this run's own
    shard: tuple[int, int] | None = None
    results: frozenset[str] | None = None

    def as_json(self) -> dict[str, Any]:
        """For the recording's header; ``part_of`` reads it back."""
        results = None if self.results is None else sorted(self.results)
        return {"run": self.run, "shard": self.shard and list(self.shard), "results": results}

    def selected(self, plan: Plan) -> frozenset[str] | None:
        """The results that are judged; None for all."""
        dealt = plan.dealt(self.shard) if self.shard else None
        if dealt is None or self.results is None:
            return dealt if self.results is None else self.results
        return dealt & self.results


def whole_of(parts: Sequence[Part], plan: Plan) -> Part:
    """What the shards of one run are together. Raises RecordingError when they are not all there, each once."""
    shards = [part.shard for part in parts if part.shard]
    if len(shards) != len(parts) and shards:
        raise RecordingError("the runs are no shards of one: some were made without --shard")
    if len({number for _, number in shards}) > 1:
        raise RecordingError("the runs are no shards of one: they count a different number of shards")
    missing = {(one, number) for _, number in shards for one in range(1, number + 1)} - set(shards)
    if missing:
        names = ", ".join(f"{one}/{number}" for one, number in sorted(missing))
        raise RecordingError(f"the runs are not the whole of one: shard {names} is missing")
    twice = {shard for shard in shards if shards.count(shard) > 1}
    if twice:
        names = ", ".join(f"{one}/{number}" for one, number in sorted(twice))
        raise RecordingError(f"the runs are not the whole of one: shard {names} is there more than once")
    if all(part.results is None for part in parts):
        return Part()
    selected = (part.selected(plan) for part in parts)
    return Part(results=frozenset().union(*(plan.results if one is None else one for one in selected)))


def part_of(recording: Recording) -> Part:
    """The part that a recording was made for."""
    header = recording.header
    shard, results = header.get("shard"), header.get("results")
    return Part(
        header.get("run", ""),
        (shard[0], shard[1]) if shard else None,
        None if results is None else frozenset(results),
    )


def recording_header(
    contract: Contract, target: Target, settings: Settings, part: Part | None = None
) -> dict[str, Any]:
    """What judging must know of the run besides its exchanges."""
    return {
        **(part or Part()).as_json(),
        "suite": {"version": __version__},
        "contract": contract_identity(contract),
        "target": {"base_url": target.base_url, "has_key": target.has_key, "models": dict(target.models)},
        "selection": settings.selection.as_json(),
        "properties": property_options(settings).as_json(),
        "cases": dict(settings.cases),
    }


def contract_identity(contract: Contract) -> dict[str, str]:
    """Name, version and digest, by which results are compared only with their like."""
    return {"name": contract.name, "version": contract.version, "sha256": contract.sha256}


def send(
    plan: Plan,
    contract: Contract,
    target: Target,
    settings: Settings,
    progress: Progress,
    part: Part | None = None,
) -> None:
    """Probe the target and record it below ``settings.out``.

    Raises OutputError, and KeyboardInterrupt once what was sent is recorded.
    """
    header = recording_header(contract, target, settings, part)
    with Recorder(
        settings.out / "recording", header, secrets_of(settings), resume=settings.resume
    ) as recorder:
        options = probe_options(settings)
        asyncio.run(probe(plan, contract, target, settings.key, recorder, options, progress))


def secrets_of(settings: Settings) -> list[str]:
    """What no recording may hold."""
    secrets = [settings.key] if settings.key else []
    return secrets + [value for name, value in settings.headers if _SECRET_HEADER.search(name)]


def probe_options(settings: Settings) -> ProbeOptions:
    """How the target is asked."""
    return ProbeOptions(
        concurrency=settings.concurrency,
        rate=settings.rate,
        max_requests=settings.max_requests,
        timeout=settings.timeout,
        headers=settings.headers,
        ca=settings.ca,
    )


def judge_recording(
    contract: Contract,
    folder: Path,
    shown: frozenset[str] | None = None,
    judged: Callable[[Evidence], list[Result]] = judge,
) -> Results:
    """Judge a recording offline. Raises RecordingError when it is partial or was made with another contract.

    Results that are not among ``shown`` count as untestable: some process should have presented them.
    ``judged`` does the judging.
    """
    recording = read(folder)
    evidence = evidence_of(contract, recording)
    return results_of(evidence, part_of(recording).selected(evidence.plan), shown, judged)


def is_recorded(folder: Path, run: str) -> bool:
    """True when ``folder`` holds the finished recording of this run, and not of an earlier one."""
    try:
        with (folder / FILE).open("rb") as lines:
            return bool(json.loads(lines.readline()).get("run") == run)
    except (OSError, ValueError):
        return False


def evidence_of(contract: Contract, recording: Recording) -> Evidence:
    """The recording with the plan that it was made by."""
    if recording.header.get("contract") != contract_identity(contract):
        made = recording.header.get("contract", {})
        raise RecordingError(
            f"the recording was made with contract {made.get('version')} ({str(made.get('sha256'))[:12]}), "
            f"and this suite has {contract.version} ({contract.sha256[:12]}): judge it with the suite that made it"
        )
    contract = with_cases(contract, recording.header.get("cases", {}))
    contract = with_generated(contract, PropertyOptions(**recording.header.get("properties", {})))
    named = recording.header["target"]
    target = Target(named["base_url"], named["has_key"], named["models"])
    return Evidence(
        contract, make_plan(contract, target, selection_from_json(recording.header["selection"])), recording
    )


def write_text(path: Path, text: str) -> None:
    """Write a whole UTF-8 file or none. Raises OutputError."""
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file or none: it takes its name only once it is complete. Raises OutputError."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None


def write_json(path: Path, document: Any) -> None:
    """Write one JSON file."""
    write_text(path, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


@contextmanager
def some_target(settings: Settings) -> Iterator[tuple[str, Settings]]:
    """The base URL to test with its settings; without one, the reference target runs meanwhile."""
    if settings.base_url is not None:
        yield settings.base_url, settings
        return
    from conformance.reference.embedded import embedded_target

    with embedded_target(settings) as (base_url, known):
        yield base_url, known
