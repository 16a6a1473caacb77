"""The grammars, and a short way to hold a list of payloads to one."""

from __future__ import annotations

from typing import Any

from conformance.datafiles import data_root, load_yaml
from conformance.wire.grammar import Ended, Tracker, Violation, load_grammars
from tests.wire.legal_streams import Payloads

DATA = load_yaml(data_root() / "spec" / "streams.yaml", "streams")
GRAMMARS = load_grammars(DATA)


def judge(name: str, payloads: Payloads, ended: Ended = "complete", **options: Any) -> list[Violation]:
    """The violations of a stream whose frames are named as the grammar wants them."""
    named = GRAMMARS[name].names == "required"
    tracker = Tracker(GRAMMARS[name], **options)
    for index, payload in enumerate(payloads):
        kind = payload.get("type") if named and isinstance(payload, dict) else None
        tracker.feed(index, kind if isinstance(kind, str) else None, payload)
    tracker.close(ended)
    return tracker.violations


def rules(name: str, payloads: Payloads, ended: Ended = "complete", **options: Any) -> list[str]:
    """The rules that a stream breaks, in the order of discovery."""
    return [violation.rule for violation in judge(name, payloads, ended, **options)]
