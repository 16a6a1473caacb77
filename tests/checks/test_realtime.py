"""Realtime conversations: legal ones pass every requirement, and each lie is found once, at its place."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.exchange import Chunk, Failure, Frame, Response
from tests.checks.realtime_lies import ITEMS, SESSION, error_event
from tests.checks.realtime_order_lies import ORDER
from tests.checks.realtime_turn_lies import SAYS
from tests.checks.realtime_wire_lies import ERRORS, WIRE
from tests.checks.socket_answers import (
    ACCEPTED,
    CONTRACT,
    Event,
    Lie,
    Told,
    all_of,
    as_answer,
    assert_told,
    closing,
    findings,
    lacking,
    on,
    outcome,
    played,
    setting,
    setting_where,
    spoiled,
    spoken_to,
    without,
)

TURN = "realtime/text/turn"
UPDATE = "realtime/session/update"
LIES = SESSION | ITEMS | ORDER | SAYS | ERRORS | WIRE
CASES = [
    case.id
    for case in CONTRACT.cases.values()
    if case.area == "realtime" and case.script and not case.features & {"may-end", "transcription", "auth"}
]


@pytest.mark.parametrize("case_id", CASES)
def test_what_the_reference_target_says_is_found_right(case_id: str) -> None:
    assert findings(played(case_id)) == {}
    assert spoiled(played(case_id)) == []


@pytest.mark.parametrize("told", LIES.values(), ids=list(LIES))
def test_each_lie_is_found_where_it_is_told(told: Told) -> None:
    assert_told(told)


def test_every_requirement_has_a_lie() -> None:
    lines = [line for _, _, wanted in LIES.values() for line in wanted]
    told = {line.partition(" ")[0] for line in lines}
    here = {rid for rid in CONTRACT.requirements if rid.startswith("RT-")}
    assert here - told == {
        "RT-014",  # of handshakes, below
        "RT-038",  # of an incomplete item, below
        "RT-076",  # of refused models, below
        "RT-077",
    }


# Legal differences


def interleaving() -> Lie:
    """The two ends of an output item in the other order."""
    held: list[Event] = []

    def lie(event: Event) -> Any:
        if event["type"] == "conversation.item.done" and event["item"]["role"] == "assistant":
            held.append(event)
            return None
        if event["type"] == "response.output_item.done":
            return [event, held.pop()]
        return event

    return lie


def with_limits_first(event: Event) -> Any:
    """rate_limits.updated at the beginning of a response, as documented, and not at its end."""
    if event["type"] == "rate_limits.updated":
        return None
    if event["type"] != "response.created":
        return event
    limits = [{"name": "tokens", "limit": 10, "remaining": 9, "reset_seconds": 0.5}]
    return [{"type": "rate_limits.updated", "event_id": "event_limits", "rate_limits": limits}, event]


def with_the_old_name_too(event: Event) -> Any:
    """conversation.item.created beside conversation.item.added."""
    if event["type"] != "conversation.item.added":
        return event
    return [{**event, "type": "conversation.item.created", "event_id": f"{event['event_id']}_old"}, event]


def with_more(event: Event) -> Event:
    """Members that nobody knows, padding, and what later versions may add."""
    return {**event, "obfuscation": "x7", "x_region": {"a": [1, None]}}


def with_unknown_events(event: Event) -> list[Event]:
    """Events of types that nobody knows, without an id of their own."""
    return [event, {"type": "session.heartbeat"}, {"type": "response.output_video.delta", "delta": "AA"}]


def in_other_words(event: Event) -> Event:
    """Ids of another form, none of them with a prefix."""
    text = re.sub(r'"(?:event|item|resp|sess|conv|call)_([0-9a-f]{24})"', r'"0-\1"', json.dumps(event))
    renamed: Event = json.loads(text)
    return {**renamed, "event_id": f"{event['event_id']}.{event['type']}"}


LEGAL: dict[str, Lie] = {
    "conversation created": on(
        "session.created",
        lambda event: [event, {"type": "conversation.created", "event_id": "e", "conversation": {"id": "c"}}],
    ),
    "the old name too": with_the_old_name_too,
    "limits first": with_limits_first,
    "no limits": on("rate_limits.updated", without),
    "more members": with_more,
    "unknown events": with_unknown_events,
    "other ids": in_other_words,
    "pretty JSON": lambda event: json.dumps(event, indent=2, ensure_ascii=False).encode(),
    "empty deltas": on(
        "response.output_text.delta", lambda event: [{**event, "event_id": "e", "delta": ""}, event], nth=0
    ),
    "one delta": all_of(
        on("response.output_text.delta", without),
        lambda event: (
            [
                {
                    **lacking("/text")(event),
                    "type": "response.output_text.delta",
                    "event_id": "e",
                    "delta": event["text"],
                },
                event,
            ]
            if event["type"] == "response.output_text.done"
            else event
        ),
    ),
    "part without its text": on("response.content_part.added", lacking("/part/text")),
    "response without its object": lambda event: (
        lacking("/response/object")(event) if event["type"] == "response.created" else event
    ),
    "usage with more": on("response.done", setting("/response/usage/input_token_details/x_tokens", 1)),
    "a dated model": setting_where("/session/model", "ref-realtime-2026-01-01"),
    "expiry is null": setting_where("/session/expires_at", None),
}


@pytest.mark.parametrize("legal", LEGAL.values(), ids=list(LEGAL))
def test_legal_differences_pass(legal: Lie) -> None:
    assert {key for key in findings(played(TURN, legal)) if _is_must(key)} == set()


def _is_must(requirement: str) -> bool:
    return CONTRACT.requirements[requirement].level == "MUST"


def test_the_ends_of_an_item_come_in_either_order() -> None:
    assert findings(played(TURN, interleaving())) == {}


@pytest.mark.parametrize("code", [1000, 1001, None])
def test_a_close_may_have_any_clean_code(code: int | None) -> None:
    assert findings(played(UPDATE, close=closing(code))) == {}


# What is not shown


def test_a_declined_capability_is_not_shown() -> None:
    declined = played(
        "realtime/session/tools", on("session.updated", lambda _: error_event("conformance_tools"))
    )
    assert findings(declined) == {}
    assert outcome("RT-005", declined) == "not shown: the target declined tools: No."


def test_a_limit_of_rate_is_trouble() -> None:
    limit = {"type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "Slow down."}
    event = {"type": "error", "event_id": "e", "error": {**limit, "param": None, "event_id": None}}
    in_trouble = played(TURN, lambda said: event if said["type"] == "response.created" else said)
    assert outcome("RT-009", in_trouble) == "spoiled: the target was in trouble: Slow down."


def test_a_failure_by_quota_is_trouble() -> None:
    details = {"type": "failed", "error": {"type": "insufficient_quota", "code": "insufficient_quota"}}
    failed = on(
        "response.done",
        lambda event: setting("/response/status_details", details)(
            setting("/response/status", "failed")(event)
        ),
    )
    assert outcome("RT-050", played(TURN, failed)) == "spoiled: the target was in trouble"


@pytest.mark.parametrize("requirement", ["RT-001", "RT-011", "SOCK-005", "SOCK-010"])
def test_a_refused_handshake_shows_nothing(requirement: str) -> None:
    body = {"error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}}
    refused = as_answer(UPDATE, (), response=_json(403, body))
    assert outcome(requirement, refused) == "not shown: it was refused as documented"


def _json(status: int, body: Any) -> Response:
    return Response(status, (("content-type", "application/json"),), (Chunk(0.1, json.dumps(body).encode()),))


@pytest.mark.parametrize(
    "failure",
    [Failure("idle", "no message for 5 s, and left open"), Failure("too_large", "more than 5000 messages")],
    ids=lambda failure: failure.kind,
)
def test_a_broken_conversation_is_told_by_its_answer(failure: Failure) -> None:
    whole = played(UPDATE).exchange.frames[:2]
    broken = as_answer(UPDATE, whole, failure=failure)
    assert findings(broken, also=("STAT-001",)) == {
        "STAT-001": [
            ("101 and a whole conversation", f"101 and 1 messages, then {failure.message}", "status")
        ]
    }


def test_an_ordinary_answer_is_no_upgrade() -> None:
    answer = as_answer(UPDATE, (), response=_json(200, {"object": "list", "data": []}))
    assert findings(answer, also=("STAT-001",)) == {
        "STAT-001": [
            ("101 Switching Protocols", '200 application/json: {"object": "list", "data": []}', "status")
        ]
    }


def test_an_end_behind_an_error_is_told_by_the_error() -> None:
    refused = on("session.updated", lambda event: error_event("conformance_update"))
    dropped = played(UPDATE, refused, stop=spoken_to, close=closing(4000))
    assert set(findings(dropped)) == {"RT-009"}
    assert outcome("SOCK-010", dropped) == "spoiled: an error event came before the end"


# Handshakes and models


@pytest.mark.parametrize(
    ("selected", "seen"), [(None, "none"), ("openai-insecure-api-key.k", '"openai-insecure-api-key.k"')]
)
def test_the_offered_subprotocol_is_selected(selected: str | None, seen: str) -> None:
    head = ACCEPTED.headers + ((("sec-websocket-protocol", selected),) if selected else ())
    answer = played("realtime/subprotocol/offered", response=Response(101, head))
    assert findings(answer)["RT-014"] == [("realtime", seen, "sec-websocket-protocol")]


def test_an_unknown_model_opens_no_session() -> None:
    opened = played("realtime/unknown-model/handshake")
    assert findings(opened) == {
        "RT-076": [("a refusal of the model", 'a session of "ref-realtime"', "message 0 /type")]
    }


@pytest.mark.parametrize("code", ["model_not_found", "invalid_model"])
def test_an_unknown_model_may_be_refused_on_the_socket(code: str) -> None:
    event = setting("/error/code", code)(error_event())
    answer = played("realtime/unknown-model/handshake", lambda _: event, stop=bool, close=closing(4000))
    wanted = (
        {}
        if code == "model_not_found"
        else {"RT-077": [("model_not_found", '"invalid_model"', "message 0 /error/code")]}
    )
    assert findings(answer) == wanted


def test_an_unknown_model_may_be_refused_by_the_handshake() -> None:
    body = {
        "error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": "model_not_found"}
    }
    assert findings(as_answer("realtime/unknown-model/handshake", (), response=_json(404, body))) == {}


def test_a_cut_item_ends_what_it_opened() -> None:
    open_part = all_of(on("response.content_part.done", without))
    assert set(findings(played("realtime/text/limit", open_part))) == {"RT-038"}


def test_no_two_sessions_share_an_id() -> None:
    first, second = (
        played("realtime/session/concurrent", setting("/session/id", "sess_1"), step=step) for step in (0, 1)
    )
    assert findings(first, second) == {
        "SOCK-014": [
            ("an id of its own", "'sess_1' on realtime/session/concurrent too", "message 0 /session/id")
        ]
    }


def test_a_transcription_session_says_so() -> None:
    opened = played("realtime/transcription/intent")
    assert findings(opened) == {"RT-002": [("transcription", '"realtime"', "message 0 /session/type")]}
    assert findings(played("realtime/transcription/intent", setting("/session/type", "transcription"))) == {}


# Nothing that a target may say makes a check raise


def mangling(seed: int) -> Lie:
    """One place of some events is another value, or is not there."""
    rng = random.Random(seed)
    values: list[Any] = [
        None,
        7,
        -1,
        1.5,
        True,
        "",
        "x",
        [],
        {},
        [1],
        {"a": 1},
        [None],
        {"type": []},
        1e400,
        "\ud800",
        10**30,
    ]

    def lie(event: Event) -> Any:
        if rng.random() < 0.15:
            holder, key = rng.choice(list(_places(event)))
            if isinstance(holder, dict) and rng.random() < 0.3:
                del holder[key]
            else:
                holder[key] = rng.choice(values)
        return event

    return lie


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in list(pairs):
        yield value, key
        yield from _places(member)


@pytest.mark.parametrize("seed", range(24))
def test_mangled_events_are_judged(seed: int) -> None:
    for case_id in (TURN, "realtime/tools/required", "realtime/invalid/unknown-type"):
        assert isinstance(findings(played(case_id, mangling(seed))), dict)


@pytest.mark.parametrize(
    "frames",
    [
        (),
        (Frame(1.0, "server", "binary", b"\x00"),),
        (Frame(1.0, "server", "text", b"\xff" * 9),),
        (closing(1006),),
    ],
    ids=["nothing", "binary", "no UTF-8", "a reserved code"],
)
def test_odd_conversations_are_judged(frames: tuple[Frame, ...]) -> None:
    answers: list[Answer] = [as_answer(case_id, frames) for case_id in CASES]
    assert all(isinstance(findings(answer), dict) for answer in answers)
