"""``index.html``: a run as one page, from its results and its recording alone."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import datetime

from conformance.contract import Requirement
from conformance.exchange import Exchange
from conformance.reporting import groups, vocabulary
from conformance.reporting.evidence import Evidence
from conformance.reporting.excerpt import Limits
from conformance.reporting.page import render
from conformance.reporting.vocabulary import Results

_MANY = 120  # results with evidence above which each is cut harder
_VERY_MANY = 400  # cards, above which results broken for one reason become lines


def render_report(
    results: Results,
    exchanges: Mapping[str, Exchange],
    requirements: Mapping[str, Requirement],
    *,
    notes: Mapping[str, str] | None = None,
    installed_sha256: str | None = None,
    command: str | None = None,
) -> str:
    """The report of ``results``, which keep ``results.schema.json``.

    ``notes`` gives each operation's sentence of the contract; ``installed_sha256`` is of the contract that
    ``requirements`` come from; ``command`` repeats the run, without the key.
    """
    evidence = Evidence(exchanges, results["target"]["base_url"], _limits(results))
    most = _most_cards(results)
    return render(
        "report.html.j2",
        styles=("base.css", "report.css"),
        scripts=("base.js", "report.js"),
        results=results,
        sentence=vocabulary.verdict_sentence(results),
        tally=vocabulary.tally(results),
        bar=outcome_bar(results["counts"]),
        failures=groups.broken(results, ("fail",), requirements, evidence, most),
        waived=groups.broken(results, ("waived",), requirements, evidence, most),
        warnings=groups.broken(results, ("warn",), requirements, evidence, most),
        causes={
            outcome: groups.causes(results, outcome, evidence)
            for outcome in ("untestable", "gated", "not_tested")
        },
        areas=groups.areas(results, requirements),
        workloads=groups.operations_by_workload(results),
        per_operation=groups.counts_by_operation(results),
        notes=notes or {},
        other_contract=installed_sha256 not in (None, results["suite"]["contract"]["sha256"]),
        command=command or reproduction(results),
        duration=_duration(results),
        host=results["target"]["base_url"].partition("://")[2],
    )


def reproduction(results: Results) -> str:
    """The command that repeats the run; the key comes from the environment."""
    models = [
        f"--model {shlex.quote(f'{name}={model}')}" for name, model in results["target"]["models"].items()
    ]
    base_url = shlex.quote(results["target"]["base_url"])
    base = f"conformance run --base-url {base_url} --api-key-env OPENAI_API_KEY"
    return " \\\n  ".join([base, *models])


def outcome_bar(counts: Mapping[str, int]) -> list[tuple[str, int, float, float]]:
    """Outcome, number, start and width of 1000 for a bar; what is there is never too thin to see."""
    present = [(name, counts[name]) for name in vocabulary.OUTCOMES if counts[name]]
    total = sum(number for _, number in present)
    widths = [max(12.0, number / total * 1000) for _, number in present]
    scale = 1000 / sum(widths) if widths else 0
    bar, start = [], 0.0
    for (name, number), width in zip(present, widths, strict=True):
        bar.append((name, number, round(start, 1), round(width * scale, 1)))
        start += width * scale
    return bar


def _limits(results: Results) -> Limits:
    shown = sum(1 for entry in results["results"] if entry["findings"])
    limits = Limits()
    if shown > _MANY:
        limits = limits.leaner()
    return limits


def _most_cards(results: Results) -> int:
    """Cards for one reason: all of them, until there are very many."""
    broken = [entry for entry in results["results"] if entry["findings"]]
    if len(broken) <= _VERY_MANY:
        return len(broken) or 1
    reasons = len({(entry["requirement"], groups.signature_of(entry)) for entry in broken})
    return max(3, _VERY_MANY // reasons)


def _duration(results: Results) -> str:
    if results["finished_at"] is None:
        return "broken off"
    start, end = (datetime.fromisoformat(results[key]) for key in ("started_at", "finished_at"))
    seconds = (end - start).total_seconds()
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
