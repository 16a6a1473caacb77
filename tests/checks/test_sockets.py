"""What holds on every WebSocket, beyond the lies about conversations: handshakes, recommended members, upgrades."""

from __future__ import annotations

import json

import pytest

from conformance.exchange import Chunk, Headers, Response
from tests.checks.responses_socket_lies import TURNS
from tests.checks.responses_turn_lies import ERRORS, SAYS
from tests.checks.responses_turn_lies import WIRE as RESPONSES_WIRE
from tests.checks.socket_answers import CONTRACT, as_answer, findings, lacking, on, outcome, played
from tests.checks.test_realtime import LIES

OLD = "realtime/handshake/old-version"
PLAIN = "realtime/no-upgrade/get"


def test_every_requirement_has_a_lie() -> None:
    tables = (LIES, TURNS, SAYS, ERRORS, RESPONSES_WIRE)
    told = {line.partition(" ")[0] for table in tables for _, _, wanted in table.values() for line in wanted}
    here = {rid for rid in CONTRACT.requirements if rid.startswith("SOCK-")}
    assert here - told == {
        "SOCK-006",
        "SOCK-014",
        "SOCK-015",
        "SOCK-016",
        "SOCK-017",
    }  # below; 014 with the rows


@pytest.mark.parametrize("member", ["id", "object", "status", "output"])
def test_recommended_members_are_recommended(member: str) -> None:
    found = findings(played("realtime/text/turn", on("response.done", lacking(f"/response/{member}"))))
    assert ("SOCK-006" in found) or member == "output"
    assert "SOCK-005" not in found


def answered(case_id: str, status: int, headers: Headers = (), body: object = None) -> Response:
    error = {"error": {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}}
    data = json.dumps(error if body is None else body).encode()
    return Response(status, (("content-type", "application/json"), *headers), (Chunk(0.1, data),))


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ((), "no Sec-WebSocket-Version"),
        ((("Sec-WebSocket-Version", "8"),), "8"),
    ],
    ids=["none", "another"],
)
def test_the_right_version_is_named(headers: Headers, seen: str) -> None:
    answer = as_answer(OLD, (), response=answered(OLD, 426, headers))
    assert findings(answer) == {"SOCK-017": [("Sec-WebSocket-Version: 13", seen, "sec-websocket-version")]}


@pytest.mark.parametrize("versions", ["13", "8, 13", "13,7"])
def test_the_right_version_may_be_one_of_several(versions: str) -> None:
    answer = as_answer(OLD, (), response=answered(OLD, 426, (("Sec-WebSocket-Version", versions),)))
    assert findings(answer) == {}


def test_another_refusal_names_no_version() -> None:
    assert outcome("SOCK-017", as_answer(OLD, (), response=answered(OLD, 400))).startswith("not shown")


@pytest.mark.parametrize(("case_id", "requirement"), [(PLAIN, "SOCK-015"), (OLD, "SOCK-016")])
def test_what_is_no_handshake_is_refused(case_id: str, requirement: str) -> None:
    listed = as_answer(case_id, (), response=answered(case_id, 200, body={"object": "list"}))
    assert set(findings(listed)) == {requirement}
    assert findings(as_answer(case_id, (), response=answered(case_id, 404))) == {}


def test_an_upgrade_of_an_old_version_is_no_refusal() -> None:
    assert set(findings(as_answer(OLD, (), response=Response(101)))) == {"SOCK-016"}
