from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.wire.legal_streams import STREAMS, Payloads, numbered
from tests.wire.mutations import LEGAL, mutations
from tests.wire.streams import judge

AT_MOST = 60  # mutations of one stream; a long one is sampled, as its mutations take time squared


def renumbered(name: str, payloads: Payloads) -> Payloads:
    """Numbers and ids as if the stream had been written so: what is judged is the order, not the count."""
    if name == "responses":
        return numbered(payloads)
    if name == "realtime":
        return [{**payload, "event_id": f"event_{number}"} for number, payload in enumerate(payloads)]
    return payloads


@pytest.mark.parametrize("name", STREAMS)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_single_mutation_is_caught_or_has_a_reason(name: str, data: st.DataObject) -> None:
    every = list(mutations(data.draw(STREAMS[name])))
    step = 1 + len(every) // AT_MOST
    for mutation in every[data.draw(st.integers(0, step - 1)) :: step]:
        if not judge(name, renumbered(name, mutation.mutated)):
            assert any(legal.covers(name, mutation) for legal in LEGAL), str(mutation)


@pytest.mark.parametrize("name", ["responses"])
@settings(deadline=None)
@given(data=st.data())
def test_a_missing_or_repeated_number_is_caught(name: str, data: st.DataObject) -> None:
    payloads = data.draw(STREAMS[name])
    at = data.draw(st.integers(0, len(payloads) - 2))
    mutated = [dict(payload) for payload in payloads]
    mutated[at]["sequence_number"] += data.draw(st.sampled_from([-1, 1]))
    assert [violation.rule for violation in judge(name, mutated)] == ["sequence_contiguous"]
