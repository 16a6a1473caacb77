"""``conformance serve``: the reference target in the foreground, with faults and variants switched on by name."""

from __future__ import annotations

from collections.abc import Mapping

import click

from conformance.errors import UsageError
from conformance.reference.faults import FAULTS
from conformance.reference.server import run
from conformance.reference.state import KEY
from conformance.reference.switches import reference_with
from conformance.reference.variants import VARIANTS


def serve_reference(
    host: str, port: int, faults: tuple[str, ...], variants: tuple[str, ...], *, listing: bool
) -> int:
    """Serve until interrupted. Raises UsageError for a name that does not exist."""
    if listing:
        sentences = {name: fault.lies for name, fault in FAULTS.items()}
        _list("faults", sentences)
        _list("variants", {name: variant.differs for name, variant in VARIANTS.items()})
        return 0
    for kind, names, known in (("fault", faults, FAULTS), ("variant", variants, VARIANTS)):
        for name in names:
            if name not in known:
                raise UsageError(
                    f"--{kind} {name}: there is no such {kind}; conformance serve --list names them"
                )
    click.echo(f"reference target on http://{host}:{port}/v1, key {KEY}; end it with Ctrl-C", err=True)
    run(reference_with(faults, variants), host=host, port=port)
    return 0


def _list(title: str, sentences: Mapping[str, str]) -> None:
    click.echo(f"{title}:")
    for name, sentence in sorted(sentences.items()):
        click.echo(f"  {name:45} {sentence}")
