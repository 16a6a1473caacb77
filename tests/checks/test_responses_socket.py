"""Turns on a Responses WebSocket: legal ones pass every requirement, and each lie is found once, at its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import registered_checks
from conformance.exchange import Chunk, Frame, Request, Response
from conformance.reference.state import Identifiers, State
from tests.checks.responses_socket_lies import REFUSED, TURNS
from tests.checks.responses_turn_lies import ERRORS, SAYS, WIRE
from tests.checks.socket_answers import (
    CONTRACT,
    NOW,
    Event,
    Lie,
    Told,
    as_answer,
    as_frames,
    assert_told,
    closing,
    findings,
    lacking,
    on,
    outcome,
    played,
    setting,
    spoiled,
)
from tests.checks.test_realtime import mangling, with_more
from tests.reference.client import Client

MINIMAL = "responses-socket/turn/minimal"
TWO = "responses-socket/turn/two"
STORED, NEXT = "responses-socket/continuation/stored", "responses-socket/continuation/next"
LIES = TURNS | SAYS | ERRORS | WIRE
CASES = [
    case.id
    for case in CONTRACT.cases.values()
    if case.area == "responses-socket" and case.script and not case.references and "auth" not in case.features
]


@pytest.mark.parametrize("case_id", CASES)
def test_what_the_reference_target_says_is_found_right(case_id: str) -> None:
    assert findings(played(case_id)) == {}
    assert spoiled(played(case_id)) == []


@pytest.mark.parametrize("told", LIES.values(), ids=list(LIES))
def test_each_lie_is_found_where_it_is_told(told: Told) -> None:
    assert_told(told)


def test_every_requirement_has_a_lie() -> None:
    told = {line.partition(" ")[0] for _, _, wanted in LIES.values() for line in wanted}
    here = {rid for rid in CONTRACT.requirements if rid.startswith("RSOCK-")}
    assert here - told == {
        "RSOCK-014",  # each below
        "RSOCK-035",
        "RSOCK-036",
        "RSOCK-038",
        "RSOCK-046",
        "RSOCK-047",
        "RSOCK-048",
        "RSOCK-050",
        "RSOCK-053",
    }


def test_rules_of_turns_are_checks() -> None:
    rules = [
        r.arguments["rule"]
        for r in CONTRACT.requirements.values()
        if r.check == "every_turn_upholds" and r.arguments
    ]
    assert set(rules) <= set(registered_checks())


# Legal differences


LEGAL: dict[str, Lie] = {
    "more members": with_more,
    "unknown events": lambda event: [event, {"type": "keepalive"}, {"type": "response.steer.accepted"}],
    "pretty JSON": lambda event: json.dumps(event, indent=2, ensure_ascii=False).encode(),
    "no obfuscation": lambda event: {k: v for k, v in event.items() if k != "obfuscation"},
}


@pytest.mark.parametrize("legal", LEGAL.values(), ids=list(LEGAL))
@pytest.mark.parametrize("case_id", [MINIMAL, TWO, "responses-socket/turn/lanes"])
def test_legal_differences_pass(legal: Lie, case_id: str) -> None:
    assert findings(played(case_id, legal)) == {}


def test_progress_is_optional() -> None:
    def lie(event: Event) -> Event | None:
        number = event["sequence_number"]
        return None if number == 1 else {**event, "sequence_number": max(number - 1, 0)}

    assert findings(played(MINIMAL, lie)) == {}


def test_lanes_may_interleave() -> None:
    answer = played("responses-socket/turn/lanes")
    frames = answer.exchange.frames
    sent = [frame for frame in frames if frame.sender == "client" and frame.kind == "text"]
    first, second = (
        [f for f in frames if f.sender == "server" and f'"{lane}"'.encode() in f.data]
        for lane in ("a.1", "b-2")
    )
    shorter = min(len(first), len(second))
    mixed = [frame for pair in zip(first, second, strict=False) for frame in pair]
    mixed += [*first[shorter:], *second[shorter:]]
    assert (
        findings(as_answer(answer.case.id, [*sent, *mixed, closing(1000, "", "client"), closing(1000)])) == {}
    )


@pytest.mark.parametrize(
    "lie",
    [lacking("/status"), setting("/status", None), setting("/sequence_number", 0)],
    ids=["no status", "null", "numbered"],
)
def test_an_error_needs_no_status(lie: Lie) -> None:
    assert findings(played("responses-socket/invalid/not-json", on("error", lie))) == {}


# Against other answers


def posted(case_id: str, change: Any = lambda value: value) -> Answer:
    """The answer to a POST of the same body."""
    case = CONTRACT.cases[case_id]
    body = {**case.body, "model": "ref-text"}
    value = change(Client(State(clock=lambda: NOW, new_id=Identifiers(case_id))).post("/v1/responses", body))
    answer = as_answer(case_id, ())
    response = Response(
        200, (("content-type", "application/json"),), (Chunk(0.1, json.dumps(value).encode()),)
    )
    exchange = type(answer.exchange)(
        case_id, case_id, Request("POST", "/v1/responses", (), json.dumps(body).encode()), response
    )
    return Answer(case, CONTRACT.operation_of(case), exchange)


def test_a_turn_counts_as_the_same_body_over_http() -> None:
    twin = posted(
        "responses/minimal/json", lambda value: {**value, "usage": {**value["usage"], "input_tokens": 99}}
    )
    found = findings(played(MINIMAL), others=[twin])
    assert found == {
        "RSOCK-035": [("99, as in responses/minimal/json", "10", "message 16 /response/usage/input_tokens")]
    }


def test_a_turn_has_the_members_of_the_same_body_over_http() -> None:
    twin = posted("responses/minimal/json")
    assert findings(played(MINIMAL), others=[twin]) == {}
    cut = on("response.completed", lacking("/response/service_tier"))
    (found,) = findings(played(MINIMAL, cut), others=[twin])["RSOCK-036"]
    assert found[1:] == ("no service_tier", "message 16 /response")


def test_what_is_cut_is_ended() -> None:
    def lie(event: Event) -> Event | None:
        number = event["sequence_number"]
        if event["type"] == "response.content_part.done":
            return None
        return {
            **event,
            "sequence_number": number
            - (event["type"] in {"response.output_item.done", "response.incomplete"}),
        }

    assert set(findings(played("responses-socket/turn/limit", lie))) == {"RSOCK-014"}


def _continued(lie: Lie | None = None, told: str = "Your name is Ada.") -> dict[str, Any]:
    stored = played(STORED)
    return findings(played(NEXT, lie, answers={STORED: stored}, state=_knowing(stored)), others=[stored])


def _knowing(stored: Answer) -> State:
    """A state that has the stored response."""
    state = State(clock=lambda: NOW, new_id=Identifiers(f"{STORED}0"))
    again = played(STORED, state=state)
    assert again.messages[0]["response"]["id"] == stored.messages[0]["response"]["id"]
    return state


def test_a_turn_continues_another() -> None:
    assert _continued() == {}


def test_a_forgotten_turn_is_noticed() -> None:
    def lie(event: Event) -> Event:
        text = json.dumps(event).replace("Ada", "someone")
        changed: Event = json.loads(text)
        if event["type"] == "response.completed":
            usage = {**changed["response"]["usage"], "input_tokens": 1}
            changed["response"]["usage"] = {**usage, "total_tokens": 1 + usage["output_tokens"]}
        return changed

    found = _continued(lie)
    assert set(found) == {"RSOCK-047", "RSOCK-048"}


def test_a_continuation_that_works_over_http_works_on_the_socket() -> None:
    stored = played(STORED)
    declined = played(
        NEXT,
        lambda event: REFUSED if event["type"] == "response.created" else None,
        answers={STORED: stored},
        state=_knowing(stored),
    )
    shown = posted("responses/minimal/json")
    other = Answer(CONTRACT.cases["responses/continuation/next"], shown.operation, shown.exchange)
    assert findings(declined, others=[stored, other]) == {
        "RSOCK-053": [("a response, as over HTTP", "an error: No.", "message 0")]
    }
    assert (
        outcome("RSOCK-053", declined, others=[stored])
        == "not shown: responses/continuation/next was not answered"
    )
    assert outcome("RSOCK-001", declined) == "not shown: the target declined continuation: No."


def test_a_warm_up_that_answers_is_noticed() -> None:
    whole = played(MINIMAL)
    sent = played("responses-socket/turn/warm-up").exchange.frames[:1]
    frames = [*sent, *(f for f in whole.exchange.frames if f.sender == "server"), closing(1000)]
    assert set(findings(as_answer("responses-socket/turn/warm-up", frames))) == {"RSOCK-050", "SOCK-010"}


def test_a_forced_function_is_called() -> None:
    whole = played(MINIMAL)
    sent = played("responses-socket/tools/required").exchange.frames[:1]
    said = (f for f in whole.exchange.frames if f.sender == "server" and f.kind == "text")
    frames = [*sent, *said, closing(1000, "", "client"), closing(1000)]
    assert "RSOCK-046" in findings(as_answer("responses-socket/tools/required", frames))


def test_a_silent_turn_is_noticed() -> None:
    def lie(event: Event) -> Event | None:
        if event["type"] == "response.output_text.delta":
            return {**event, "delta": ""}
        changed: Event = json.loads(json.dumps(event))
        _silence(changed)
        return changed

    assert set(findings(played(MINIMAL, lie))) == {"RSOCK-038"}


def _silence(value: Any) -> None:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            value["text"] = ""
        for member in value.values():
            _silence(member)
    elif isinstance(value, list):
        for member in value:
            _silence(member)


def test_no_two_connections_share_a_response() -> None:
    lie = lambda event: setting("/response/id", "resp_9")(event) if "response" in event else event  # noqa: E731
    first, second = (played("responses-socket/turn/concurrent", lie, step=step) for step in (0, 1))
    assert findings(first, second) == {
        "SOCK-014": [
            ("an id of its own", "'resp_9' on responses-socket/turn/concurrent too", "message 0 /response/id")
        ]
    }


def test_a_limit_of_rate_is_trouble() -> None:
    limit = {**REFUSED, "status": 429, "error": {**REFUSED["error"], "code": "rate_limit_exceeded"}}
    limited = played(MINIMAL, lambda event: limit if event["type"] == "response.created" else None)
    assert outcome("RSOCK-001", limited) == "spoiled: the target was in trouble: No."


# Nothing that a target may say makes a check raise


@pytest.mark.parametrize("seed", range(24))
def test_mangled_events_are_judged(seed: int) -> None:
    for case_id in (TWO, "responses-socket/tools/required", "responses-socket/invalid/unknown-model"):
        assert isinstance(findings(played(case_id, mangling(seed))), dict)


@pytest.mark.parametrize(
    "frames",
    [
        (),
        (Frame(1.0, "server", "binary", b"\x00"),),
        tuple(as_frames([b"\xff", b"[DONE]"])),
        (closing(1006),),
    ],
    ids=["nothing", "binary", "no UTF-8", "a reserved code"],
)
def test_odd_conversations_are_judged(frames: tuple[Frame, ...]) -> None:
    assert all(isinstance(findings(as_answer(case_id, frames)), dict) for case_id in CASES)
