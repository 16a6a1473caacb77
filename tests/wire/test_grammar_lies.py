from __future__ import annotations

import pytest

from conformance.wire.grammar import DONE, RULES
from tests.wire.chat_lies import CHAT_LIES, CHAT_TOLERATED, COMPLETION_LIES, FIRST, TEXT, Lies
from tests.wire.legal_streams import Payloads
from tests.wire.realtime_lies import REALTIME_LIES, realtime
from tests.wire.responses_lies import ENDED, ITEM, QUIET, RESPONSE_LIES, SOCKET_LIES, TOLERATED, E, message
from tests.wire.streams import judge, rules

LIES: dict[str, Lies] = {
    "chat": CHAT_LIES,
    "completions": COMPLETION_LIES,
    "responses": RESPONSE_LIES,
    "responses-websocket": SOCKET_LIES,
    "realtime": REALTIME_LIES,
}
ALL = [(name, *lie) for name, lies in LIES.items() for lie in lies.values()]
IDS = [f"{name}: {title}" for name, lies in LIES.items() for title in lies]
ELSEWHERE = {"partial_index", "one_completed", "event_named", "event_unnamed", "event_name_matches_type"}


@pytest.mark.parametrize(("name", "payloads", "rule"), ALL, ids=IDS)
def test_one_lie_breaks_one_rule(name: str, payloads: Payloads, rule: str) -> None:
    assert rules(name, payloads) == [rule]


def test_every_rule_is_broken_by_some_lie() -> None:
    assert RULES.keys() - ELSEWHERE == {rule for _, _, rule in ALL}


@pytest.mark.parametrize("payloads", CHAT_TOLERATED.values(), ids=CHAT_TOLERATED.keys())
def test_what_is_tolerated_in_a_chat_stream(payloads: Payloads) -> None:
    assert rules("chat", payloads) == []


@pytest.mark.parametrize("payloads", TOLERATED.values(), ids=TOLERATED.keys())
def test_what_is_tolerated_in_a_responses_stream(payloads: Payloads) -> None:
    assert rules("responses", payloads) == []


@pytest.mark.parametrize("payloads", QUIET.values(), ids=QUIET.keys())
def test_what_the_schema_reports_has_no_consequences(payloads: Payloads) -> None:
    assert rules("responses", payloads) == []


def test_a_violation_says_where_and_what() -> None:
    (violation,) = judge("responses", message(text={**E["text"], "text": "help"}))
    assert (violation.index, violation.pointer) == (6, "/text")
    assert (violation.expected, violation.seen) == ("'hello'", "'help'")
    (violation,) = judge("chat", [FIRST, TEXT, DONE])
    assert violation.index == 2
    assert violation.seen == "choice 0 is open"


def test_the_old_name_of_an_added_item_is_tolerated() -> None:
    old = {"type": "conversation.item.created", "item": ITEM}
    done = {"type": "conversation.item.done", "item": ENDED}
    payloads = realtime(added=old, done=None)
    payloads += [done, realtime()[-1] | {"event_id": "last"}]
    assert rules("realtime", payloads) == []


def test_a_cancelled_response_may_leave_things_open() -> None:
    cancelled = {
        "type": "response.done",
        "response": {"id": "resp_1", "status": "cancelled", "output": [ITEM]},
    }
    assert rules("realtime", realtime(text=None, part_done=None, item_done=None, done=cancelled)) == []
