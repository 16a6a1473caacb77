"""Realtime sessions that lie once."""

from __future__ import annotations

from typing import Any

from tests.wire.chat_lies import Lies
from tests.wire.legal_streams import Payloads
from tests.wire.responses_lies import ENDED, ITEM, E


def realtime(**changes: Any) -> Payloads:
    """A session with one text response, made of the message above; events may be replaced or left out."""
    shell = {"id": "resp_1", "object": "realtime.response"}
    part, whole = {"type": "text", "text": ""}, {"type": "text", "text": "hello"}
    of = {"response_id": "resp_1"}
    events: dict[str, Any] = {
        "session": {"type": "session.created", "session": {}},
        "created": {"type": "response.created", "response": {**shell, "status": "in_progress", "output": []}},
        "item": {**E["item"], **of},
        "added": {"type": "conversation.item.added", "item": ITEM},
        "part": {**E["part"], **of, "part": part},
        "he": {**E["he"], **of},
        "llo": {**E["llo"], **of},
        "text": {**E["text"], **of},
        "part_done": {**E["part done"], **of, "part": whole},
        "item_done": {**E["item done"], **of},
        "done": {"type": "response.done", "response": {**shell, "status": "completed", "output": [ENDED]}},
    }
    events |= changes
    return [{"event_id": f"event_{n}", **event} for n, event in enumerate(e for e in events.values() if e)]


REALTIME = realtime()
REALTIME_LIES: Lies = {
    "no session": (realtime(session=None), "first_event"),
    "session alone missing": ([], "first_event"),
    "response never created": (realtime(created=None), "response_ids_match"),
    "response never done": (realtime(done=None), "exactly_one_terminal"),
    "response done twice": ([*REALTIME, {**REALTIME[-1], "event_id": "x"}], "exactly_one_terminal"),
    "event id twice": (
        [*REALTIME[:2], {**REALTIME[2], "event_id": "event_1"}, *REALTIME[3:]],
        "event_ids_unique",
    ),
    "text never ended": (realtime(text=None), "done_before_close"),
    "delta lost": (realtime(he=None), "done_equals_deltas"),
    "old names": (realtime(he=None, llo=None, text=None), "done_before_close"),
    "status unknown": (
        realtime(done={"type": "response.done", "response": {"id": "resp_1", "status": "in_progress"}}),
        "terminal_matches_status",
    ),
}
