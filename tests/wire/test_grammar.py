from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.datafiles import data_root, load_yaml
from conformance.wire.grammar import DONE, Tracker, Violation, load_grammars
from tests.wire.legal_streams import STREAMS, Payloads, image_stream

GRAMMARS = load_grammars(load_yaml(data_root() / "spec" / "streams.yaml", "streams"))


def judge(name: str, payloads: Payloads, ended: str = "complete", **options: Any) -> list[Violation]:
    named = GRAMMARS[name].names == "required"
    tracker = Tracker(GRAMMARS[name], **options)
    for index, payload in enumerate(payloads):
        kind = payload.get("type") if named and isinstance(payload, dict) else None
        tracker.feed(index, kind, payload)
    tracker.close("cut" if ended == "cut" else "complete")
    return tracker.violations


@pytest.mark.parametrize("name", STREAMS)
@given(data=st.data())
def test_every_legal_stream_is_accepted(name: str, data: st.DataObject) -> None:
    payloads = data.draw(STREAMS[name])
    assert judge(name, payloads) == []
