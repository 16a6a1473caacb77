"""Each leak told by a hand-made answer, in every place where an answer speaks of errors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import Finding, NotShown, Subject, registered_checks
from conformance.contract import load_contract
from conformance.exchange import Chunk, Exchange, Frame, Headers, Request, Response
from conformance.target import WRONG_KEY

CONTRACT = load_contract()
CHAT, STREAM, WRONG = "chat/minimal/json", "chat/minimal/stream", "chat/auth/wrong-key"
MODELS, MODEL = "models/list/all", "model/retrieve/known"
REALTIME = next(c.id for c in CONTRACT.cases.values() if c.operation == "GET /v1/realtime" and c.script)
UNAVAILABLE = next(
    c.id for c in CONTRACT.cases.values() if CONTRACT.operation_of(c).availability == "unavailable"
)
BY_KIND = {
    "SAFE-001": "list index out of range",
    "SAFE-002": "cannot open /opt/gateway/config.yaml",
    "SAFE-003": "dial tcp 10.0.0.3:8080: connect: connection refused",
    "SAFE-004": "Incorrect API key provided: sk-proj-abc...xyz",
    "SAFE-005": "Error code: 400 - {'error': {'message': 'no'}}",
    "SAFE-006": 'relation "keys" does not exist',
    "SAFE-007": "deployment_id: azure-gpt4-eastus-2 is unhealthy",
}
KEY = ("Authorization", "Bearer [key]*****************")


def answer(
    case_id: str,
    body: Any = b"",
    *,
    status: int = 200,
    media_type: str = "application/json",
    headers: Headers = (),
    key: tuple[str, str] = KEY,
    frames: tuple[Frame, ...] = (),
) -> Answer:
    case = CONTRACT.cases[case_id]
    data = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    sent = b"" if case.body is None else json.dumps(case.body).encode()
    request = Request(case.method or "POST", case.path or "/v1/x", (("Host", "api.example.com"), key), sent)
    response = Response(status, (("Content-Type", media_type), *headers), (Chunk(0.1, data),) if data else ())
    exchange = Exchange(f"{case_id}#1", case_id, request, response, frames)
    return Answer(case, CONTRACT.operation_of(case), exchange)


def refused(
    case_id: str, message: str, *, status: int = 400, key: tuple[str, str] = KEY, **more: Any
) -> Answer:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}
    return answer(case_id, {"error": error}, status=status, key=key)


def findings(requirement_id: str, *answers: Answer, others: tuple[Answer, ...] = ()) -> list[Finding]:
    requirement = CONTRACT.requirements[requirement_id]
    assert all(requirement.applies_to.covers(one.case, one.operation) for one in answers)
    subject = Subject(CONTRACT, answers, lambda case_id: tuple(o for o in others if o.case.id == case_id))
    return list(registered_checks()[requirement.check or ""](subject, **(requirement.arguments or {})))


def red(*answers: Answer) -> list[str]:
    """The requirements of this file that find something."""
    found = []
    for requirement in CONTRACT.requirements.values():
        covers = requirement.area == "safety" and all(
            requirement.applies_to.covers(a.case, a.operation) for a in answers
        )
        if covers:
            try:
                found += [requirement.id] if findings(requirement.id, *answers) else []
            except NotShown:
                continue
    return found


@pytest.mark.parametrize(("requirement", "message"), BY_KIND.items(), ids=list(BY_KIND))
@pytest.mark.parametrize("case_id", [CHAT, MODELS, UNAVAILABLE])
def test_one_leak_turns_one_requirement_red(requirement: str, message: str, case_id: str) -> None:
    assert red(refused(case_id, message)) == [requirement]


def test_a_refusal_that_says_only_what_is_wrong_turns_none_red() -> None:
    assert (
        red(
            refused(CHAT, "Invalid type for 'messages[0].content'."), answer(CHAT, {"id": "x", "choices": []})
        )
        == []
    )


def test_a_finding_says_what_was_seen_where_and_in_which_exchange() -> None:
    [finding] = findings("SAFE-001", refused(CHAT, "list index out of range"))
    assert finding.where == "/error/message"
    assert finding.seen == f'"list index out of range" on {CHAT}'
    assert finding.exchange == f"{CHAT}#1"


def test_the_same_leak_is_told_once() -> None:
    leak = "list index out of range"
    assert (
        len(findings("SAFE-001", refused(CHAT, leak), refused(STREAM, leak), refused(CHAT, "KeyError: 'x'")))
        == 2
    )


def test_a_credential_is_shown_in_part() -> None:
    [finding] = findings("SAFE-004", refused(CHAT, "key sk-abcdefgh1234567890abcd refused", status=403))
    assert "1234567890" not in finding.seen
    assert "sk-abcdefgh1" in finding.seen


# Places


def event(data: Any, name: str | None = None) -> str:
    text = data if isinstance(data, str) else json.dumps(data)
    return (f"event: {name}\n" if name else "") + f"data: {text}\n\n"


def stream(*events: str, status: int = 200) -> Answer:
    return answer(STREAM, "".join(events), status=status, media_type="text/event-stream")


LEAK = {"message": "KeyError: 'x'", "type": "server_error"}
IN_PLACES = {
    "any-json": (answer(CHAT, {"detail": [{"msg": "KeyError: 'x'"}]}, status=422), "/detail/0/msg"),
    "json-as-text": (answer(CHAT, {"error": LEAK}, status=500, media_type="text/plain"), "/error/message"),
    "array": (answer(CHAT, [{"error": LEAK}], status=400), "/0/error/message"),
    "text": (answer(CHAT, "KeyError: 'x'", status=500, media_type="text/plain"), ""),
    "no-type": (answer(CHAT, "KeyError: 'x'", status=500, media_type=""), ""),
    "page": (
        answer(
            CHAT,
            "<html><body><h1>KeyError: &#39;x&#39;</h1></body></html>",
            status=500,
            media_type="text/html",
        ),
        "",
    ),
    "page-for-a-success": (answer(CHAT, "<html><pre>KeyError: 'x'</pre></html>", media_type="text/html"), ""),
    "redirect": (answer(CHAT, "KeyError: 'x'", status=307, media_type="text/plain"), ""),
    "success-that-is-an-error": (answer(CHAT, {"error": LEAK}), "/error/message"),
    "success-beside-an-error": (answer(CHAT, {"choices": [], "error": LEAK}), "/error/message"),
    "event-of-an-error": (stream(event({"error": LEAK}), event("[DONE]")), "event 0 /error/message"),
    "named-event": (stream(event({"message": "KeyError: 'x'"}, "error")), "event 0 /message"),
    "named-event-of-text": (stream(event("KeyError: 'x'", "error")), "event 0"),
    "unterminated-event": (
        stream(event({"id": "x", "choices": []}), 'data: {"error": "KeyError: 1"}'),
        "event 1 /error",
    ),
    "typed-event": (stream(event({"type": "error", "message": "KeyError: 'x'"})), "event 0 /message"),
    "failed-response": (
        stream(event({"type": "response.failed", "response": {"error": LEAK}})),
        "event 0 /response/error/message",
    ),
    "stream-of-a-refusal": (stream(event({"detail": "KeyError: 'x'"}), status=500), "event 0 /detail"),
}


@pytest.mark.parametrize(("told", "where"), IN_PLACES.values(), ids=list(IN_PLACES))
def test_every_place_of_an_error_is_looked_at(told: Answer, where: str) -> None:
    assert [finding.where for finding in findings("SAFE-001", told)] == [where]


def socket(*messages: Any, close: bytes = b"") -> Answer:
    frames = [Frame(0.1, "server", "text", json.dumps(message).encode()) for message in messages]
    frames += [Frame(0.2, "server", "close", close)] if close else []
    return answer(REALTIME, status=101, frames=tuple(frames))


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (socket({"type": "x"}, {"type": "error", "error": LEAK}), "message 1 /error/message"),
        (
            socket({"type": "response.done", "response": {"status_details": {"error": LEAK}}}),
            "message 0 /response/status_details/error/message",
        ),
        (socket(close=b"\x03\xf3KeyError: 'x'"), "close"),
    ],
    ids=["error", "failed-response", "close"],
)
def test_every_place_of_an_error_in_a_socket_is_looked_at(told: Answer, where: str) -> None:
    assert [finding.where for finding in findings("SAFE-001", told)] == [where]


SAYS = "Traceback (most recent call last): KeyError: 'x' at 10.0.0.3"
SILENT = {
    "content": answer(CHAT, {"choices": [{"message": {"content": SAYS}}]}),
    "event": stream(
        event({"choices": [{"delta": {"content": SAYS}}]}), event({"error": None}), event("[DONE]")
    ),
    "message": socket({"type": "response.output_text.delta", "delta": SAYS}),
    "null-error": answer(CHAT, {"choices": [], "error": None, "text": SAYS}),
    "sound": answer(CHAT, b"\0\1KeyError: 'x'", status=200, media_type="audio/mpeg"),
}


@pytest.mark.parametrize("told", SILENT.values(), ids=list(SILENT))
def test_what_a_model_says_is_not_looked_at(told: Answer) -> None:
    with pytest.raises(NotShown):
        findings("SAFE-001", told)


def test_a_refusal_that_is_sound_is_passed_over() -> None:
    with pytest.raises(NotShown):
        findings("SAFE-001", answer(CHAT, b"\0\1KeyError: 'x'", status=500, media_type="audio/mpeg"))


def test_an_exchange_without_a_response_is_passed_over() -> None:
    whole = answer(CHAT)
    none = Answer(whole.case, whole.operation, replace(whole.exchange, response=None))
    assert findings("SAFE-004", none) == findings("SAFE-009", none) == findings("SAFE-010", none) == []


def test_what_the_request_said_is_no_leak() -> None:
    told = refused(CHAT, "Unknown model '/opt/x/y.json'")
    assert findings("SAFE-002", told) != []
    request = replace(told.exchange.request, body=b'{"model": "/opt/x/y.json"}')
    echoed = Answer(told.case, told.operation, replace(told.exchange, request=request))
    assert findings("SAFE-002", echoed) == []


# Keys

BAD_KEY = ("Authorization", f"Bearer {WRONG_KEY}")


def test_the_wrong_key_may_come_back_masked() -> None:
    told = refused(WRONG, "Incorrect API key provided: sk-conf***0000.", status=401, key=BAD_KEY)
    assert red(told) == []


def test_a_key_that_comes_back_whole_is_an_echo_and_no_leak() -> None:
    told = refused(WRONG, f"Incorrect API key provided: {WRONG_KEY}.", status=401, key=BAD_KEY)
    assert red(told) == ["SAFE-009"]
    assert [finding.where for finding in findings("SAFE-009", told)] == ["body"]


def test_the_callers_own_key_is_known_by_its_mark() -> None:
    told = refused(CHAT, "Incorrect API key provided: [key]*****************.", status=401)
    assert red(told) == ["SAFE-009"]
    header = answer(CHAT, {}, headers=(("X-Echo", "[key]*****************"),))
    assert [finding.where for finding in findings("SAFE-009", header)] == ["x-echo"]


def test_a_short_key_is_not_looked_for() -> None:
    assert findings("SAFE-009", refused(CHAT, "EMPTY", key=("Authorization", "Bearer EMPTY"))) == []


def test_a_masked_key_in_answer_to_an_accepted_one_is_the_operators() -> None:
    told = refused(CHAT, BY_KIND["SAFE-004"], status=401)
    accepted = answer(MODELS, {"object": "list", "data": []})
    guarded = refused("models/auth/wrong-key", "no", status=401, key=BAD_KEY)
    assert len(findings("SAFE-004", told, others=(told, accepted, guarded))) == 1


def test_a_masked_key_is_the_callers_where_it_was_refused_throughout() -> None:
    told = refused(CHAT, BY_KIND["SAFE-004"], status=401)
    open_to_all = answer(MODELS, {"object": "list", "data": []})
    assert findings("SAFE-004", told, others=(told, open_to_all)) == []
    whole = refused(CHAT, "key sk-abcdefgh1234567890abcd", status=401)
    assert len(findings("SAFE-004", whole, others=(whole, open_to_all))) == 1


@pytest.mark.parametrize("shown", ["sk-li***0000", "sk-live-********************0000", "***0000"])
def test_a_key_with_more_behind_it_may_come_back_masked(shown: str) -> None:
    longer = ("Authorization", "Bearer [key]*****************0000")
    told = refused("chat/auth/longer-key", f"Incorrect API key provided: {shown}.", status=401, key=longer)
    assert findings("SAFE-004", told, others=(told,)) == []


def test_a_key_in_a_header_is_a_leak() -> None:
    told = answer(
        CHAT, {"id": "x", "choices": []}, headers=(("X-Debug", "Bearer sk-live-9f8e7d6c5b4a39281706"),)
    )
    assert red(told) == ["SAFE-004"]
    assert [finding.where for finding in findings("SAFE-004", told)] == ["x-debug"]


# Models, headers, successes


def record(**more: Any) -> dict[str, Any]:
    return {"id": "m", "object": "model", "created": 1, "owned_by": "acme", **more}


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"api_base": "https://relay.example.com"}, "api_base"),
        ({"api_key": None}, "api_key"),
        ({"root": "/data/models/x"}, "root"),
        ({"description": "Served at http://10.0.0.3:8000"}, "description"),
        ({"info": {"channel_id": 3}}, "info/channel_id"),
    ],
)
def test_model_records_hold_only_what_clients_may_see(more: dict[str, Any], where: str) -> None:
    assert [f.where for f in findings("SAFE-008", answer(MODEL, record(**more)))] == [f"/{where}"]
    listed = answer(MODELS, {"object": "list", "data": [record(), record(**more)]})
    assert [f.where for f in findings("SAFE-008", listed)] == [f"/data/1/{where}"]
    assert red(listed) == ["SAFE-008"]


def test_prices_limits_and_capabilities_are_a_clients_to_see() -> None:
    more = {
        "pricing": {"prompt": "0.1"},
        "context_length": 8,
        "permission": [{"group": None}],
        "root": "m",
        "parent": None,
    }
    assert findings("SAFE-008", answer(MODEL, record(**more, top_provider={"is_moderated": True}))) == []


def test_a_refused_model_shows_no_record() -> None:
    with pytest.raises(NotShown):
        findings("SAFE-008", refused(MODEL, "no", status=404))


def test_headers_may_not_name_the_back_end() -> None:
    told = answer(
        CHAT,
        {"choices": []},
        headers=(("X-Litellm-Model-Api-Base", "http://10.0.0.3"), ("Server", "uvicorn")),
    )
    assert red(told) == ["SAFE-010"]
    assert [finding.where for finding in findings("SAFE-010", told)] == ["x-litellm-model-api-base"]


@pytest.mark.parametrize(
    ("told", "where"),
    [
        (answer(CHAT, {"id": "x", "choices": [], "provider": "vertex"}), "/provider"),
        (stream(event({}), event({"extra_fields": {"provider": "x"}})), "event 1 /extra_fields/provider"),
        (socket({"type": "session.created", "session": {"upstream_model": "x"}}), "message 0 /session/upstream_model"),
    ],
    ids=["json", "event", "message"],
)  # fmt: skip
def test_successes_may_not_name_who_answered(told: Answer, where: str) -> None:
    assert [finding.where for finding in findings("SAFE-011", told)] == [where]
    assert red(told) == ["SAFE-011"]


def test_unknown_members_of_a_success_are_legal() -> None:
    told = answer(
        CHAT, {"id": "x", "choices": [], "extra_fields": {"latency": 3}, "metadata": {"provider": "mine"}}
    )
    assert findings("SAFE-011", told) == []
