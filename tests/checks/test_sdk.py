"""What the official Python client makes of hand-made answers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.sdk import client_reads_every_answer
from conformance.checks.subject import NotShown, Spoiled, Subject
from conformance.exchange import Exchange, Frame, Request, Response
from tests.checks.media_answers import CONTRACT, answer, findings, refused

CHAT = "chat/minimal/json"
CHAT_STREAM = "chat/minimal/stream"
STREAM = "responses/minimal/stream"
ID = (("x-request-id", "req_1"),)
MESSAGE = {"role": "assistant", "content": "Hello.", "refusal": None}
CHOICE = {"index": 0, "message": MESSAGE, "logprobs": None, "finish_reason": "stop"}
COMPLETION = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE]}
RESPONSE: dict[str, Any] = {
    "id": "resp_1", "object": "response", "created_at": 1, "status": "in_progress", "model": "m", "output": [],
    "tools": [], "tool_choice": "auto", "parallel_tool_calls": True, "error": None, "incomplete_details": None,
    "instructions": None, "metadata": {}, "temperature": 1.0, "top_p": 1.0,
}  # fmt: skip


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    made = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    return {**made, **more}


def item(text: str = "Hello.", **more: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    made = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    return {**made, **more}


def turn(*, added: bool = True) -> list[dict[str, Any]]:
    """The events of one short response."""
    here = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    done = {**RESPONSE, "status": "completed", "output": [item()]}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    events = [
        {"type": "response.created", "response": RESPONSE},
        {"type": "response.output_item.added", "output_index": 0, "item": item(status="in_progress", content=[])},
        {"type": "response.content_part.added", **here, "part": part},
        {"type": "response.output_text.delta", **here, "delta": "Hello.", "logprobs": []},
        {"type": "response.output_item.done", "output_index": 0, "item": item()},
        {"type": "response.completed", "response": done},
    ]
    kept = events if added else [events[0], *events[2:]]
    return [{**event, "sequence_number": number} for number, event in enumerate(kept)]


def streamed(case_id: str, *events: Any, done: bool = False) -> Answer:
    lines = [f"data: {event if isinstance(event, str) else json.dumps(event)}\n\n" for event in events]
    return answer(case_id, "".join(lines) + ("data: [DONE]\n\n" if done else ""), "text/event-stream", headers=ID)


def conversation(case_id: str, *messages: Any, kind: Any = "text") -> Answer:
    case = CONTRACT.cases[case_id]
    data = [message if isinstance(message, bytes) else json.dumps(message).encode() for message in messages]
    frames = (*(Frame(0.1, "server", kind, each) for each in data), Frame(0.2, "client", "close", b"\x03\xe8"))
    exchange = Exchange("e1", case_id, Request("GET", "/v1/realtime"), Response(101), frames)
    return Answer(case, CONTRACT.operation_of(case), exchange)


@pytest.mark.parametrize("requirement", ["SDK-001", "SDK-004", "SDK-005"])
def test_a_legal_answer_is_read(requirement: str) -> None:
    assert findings(requirement, answer(CHAT, COMPLETION, headers=ID)) == []


def test_an_answer_of_another_type_is_found() -> None:
    page = answer(CHAT, "<html>Hello</html>", "text/html")
    wanted = "client.chat.completions.create gives a ChatCompletion"
    assert findings("SDK-001", page) == [(wanted, "str: <html>Hello</html>", "")]


def test_what_the_client_raises_is_quoted() -> None:
    broken = answer(CHAT, '{"id": ')
    [(wanted, seen, _)] = findings("SDK-001", broken)
    assert wanted == "client.chat.completions.create gives the answer"
    assert seen.startswith("JSONDecodeError: Expecting value: line 1 column 8")


def test_the_text_of_a_response_is_asked_for() -> None:
    nothing = answer("responses/minimal/json", {**RESPONSE, "output": None})
    [(_, seen, _)] = findings("SDK-001", nothing)
    assert seen == "TypeError: 'NoneType' object is not iterable"


def test_base64_is_decoded_where_the_client_would_have_asked_for_it() -> None:
    entry = {"object": "embedding", "index": 0, "embedding": "AAAAPw=="}
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    whole = {"object": "list", "model": "m", "data": [entry], "usage": usage}
    case_id = "embeddings/format/base64"
    assert findings("SDK-001", answer(case_id, whole)) == []
    assert findings("SDK-005", answer(case_id, whole)) == []
    [(_, seen, _)] = findings("SDK-001", answer(case_id, {**whole, "data": []}))
    assert seen == "ValueError: No embedding data received"


@pytest.mark.parametrize("format_", ["text", "srt", "vtt"])
def test_a_plain_transcript_is_a_text(format_: str) -> None:
    case_id = f"transcriptions/format/{format_}"
    assert findings("SDK-001", answer(case_id, "Hello.", "text/plain")) == []
    assert findings("SDK-004", answer(case_id, "Hello.", "text/plain")) == []


def test_streams_are_followed_by_the_helpers() -> None:
    chat = streamed(CHAT_STREAM, chunk({"role": "assistant", "content": "Hi"}), chunk({}, "stop"), done=True)
    assert findings("SDK-002", chat, streamed(STREAM, *turn())) == []


@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_an_answer_cut_by_the_model_is_no_fault(finish: str) -> None:
    assert findings("SDK-002", streamed(CHAT_STREAM, chunk({"content": "Hi"}), chunk({}, finish), done=True)) == []


def test_a_response_without_an_end_that_succeeds_is_followed() -> None:
    events = [*turn()[:-1], {"type": "response.incomplete", "sequence_number": 5, "response": RESPONSE}]
    assert findings("SDK-002", streamed(STREAM, *events)) == []


def test_what_the_helper_raises_is_told_of_the_helper() -> None:
    [(wanted, seen, _)] = findings("SDK-002", streamed(STREAM, *turn(added=False)))
    assert wanted == "client.responses.stream comes to the stream's end"
    assert seen.startswith("RuntimeError: Received a content event for output index 0 before")


@pytest.mark.parametrize(
    ("event", "seen"),
    [
        ("{", "JSONDecodeError: Expecting property name"),
        ({"error": {"message": "Out of luck.", "code": "bad"}}, "APIError: Out of luck."),
    ],
)
def test_what_the_iterator_raises_is_told_of_the_iterator(event: Any, seen: str) -> None:
    [(wanted, raised, _)] = findings("SDK-002", streamed(CHAT_STREAM, chunk({"content": "Hi"}), event))
    assert wanted == "client.chat.completions.create(stream=True) comes to the stream's end"
    assert raised.startswith(seen)


def error(status: int, **members: Any) -> Answer:
    given = {"message": "No.", "type": "invalid_request_error", "param": None, "code": None, **members}
    return answer("chat/missing/messages", {"error": given}, status=status, headers=ID)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 409, 413, 415, 422, 501])
def test_refusals_become_documented_errors(status: int) -> None:
    told = error(status, param="messages", code="missing_required_parameter")
    assert findings("SDK-003", told, error(status)) == []
    assert findings("SDK-004", told) == []


def test_a_code_that_is_a_number_becomes_another_value() -> None:
    wanted = "openai.NotFoundError.code is the envelope's text or None"
    assert findings("SDK-003", error(404, code=404)) == [(wanted, "'404' for 404", "/error/code")]


def test_a_param_must_be_a_text() -> None:
    wanted = "openai.BadRequestError.param is the envelope's text or None"
    assert findings("SDK-003", error(400, param=["a"])) == [(wanted, "['a'] for [\"a\"]", "/error/param")]


def test_an_envelope_that_the_client_cannot_read_is_found() -> None:
    marked = b"\xef\xbb\xbf" + error(400).response.body
    told = answer("chat/missing/messages", marked, status=400, headers=ID)
    [(wanted, _, _)] = findings("SDK-003", told)
    assert wanted == "openai.BadRequestError with the error as its body"


def test_a_request_id_that_is_not_there_is_found() -> None:
    lost = [answer(CHAT, COMPLETION), refused("chat/missing/messages")]
    told = [("_request_id of the answer: a text", "None", "x-request-id")]
    told += [("request_id of the exception: a text", "None", "x-request-id")]
    assert findings("SDK-004", *lost) == told


@pytest.mark.parametrize(
    "legal",
    [
        {**COMPLETION, "extra": {"a": [1]}, "service_tier": "one-of-tomorrow"},
        {**COMPLETION, "choices": [{**CHOICE, "finish_reason": "one of tomorrow"}]},
        {**COMPLETION, "usage": None, "system_fingerprint": None},
    ],
)
def test_what_the_types_do_not_know_yet_fits(legal: Any) -> None:
    assert findings("SDK-005", answer(CHAT, legal)) == []


def test_items_and_events_that_the_types_do_not_know_fit() -> None:
    news = {"type": "response.weather", "sequence_number": 9, "sun": True}
    made = {**RESPONSE, "output": [{"type": "weather", "id": "w_1"}]}
    assert findings("SDK-005", answer("responses/minimal/json", made), streamed(STREAM, *turn(), news)) == []


def test_a_value_of_another_type_is_found_at_its_place() -> None:
    wrong = {**COMPLETION, "choices": [{**CHOICE, "message": {**MESSAGE, "content": 5}}]}
    told = [("text (ChatCompletionMessage.content of the SDK)", "5", "/choices/0/message/content")]
    assert findings("SDK-005", answer(CHAT, wrong)) == told
    wrong_event = chunk({"content": ["Hi"]})
    told = [("text (ChoiceDelta.content of the SDK)", '["Hi"]', "event 0 /choices/0/delta/content")]
    assert findings("SDK-005", streamed(CHAT_STREAM, wrong_event)) == told


def test_a_member_that_contract_and_client_require_is_found() -> None:
    lacking = {name: value for name, value in COMPLETION.items() if name != "model"}
    [(wanted, _, where)] = findings("SDK-005", answer(CHAT, lacking))
    assert (wanted, where) == ("the member 'model' (ChatCompletion of the SDK requires it)", "/")


def test_a_member_that_the_contract_lets_be_null_is_passed_over() -> None:
    piece = {"text": "Hi", "index": 0, "logprobs": None, "finish_reason": None}
    legal = {"id": "cmpl-1", "object": "text_completion", "created": 1, "model": "m", "choices": [piece]}
    assert findings("SDK-005", streamed("completions/minimal/stream", legal, done=True)) == []


@pytest.mark.parametrize("case_id", ["realtime/session/created", "responses-socket/turn/minimal"])
def test_messages_become_events(case_id: str) -> None:
    event = {"type": "error", "event_id": "event_1", "error": {"type": "invalid_request_error", "message": "No."}}
    assert findings("SDK-006", conversation(case_id, event, {"type": "news.of.tomorrow"})) == []


@pytest.mark.parametrize("case_id", ["realtime/session/created", "responses-socket/turn/minimal"])
def test_a_message_that_is_no_event_is_found(case_id: str) -> None:
    told = findings("SDK-006", conversation(case_id, {"type": "session.created"}, [1], b"{"))
    assert [(seen.partition(":")[0], where) for _, seen, where in told] == [
        ("JSONDecodeError", "message 2"),
        ("[1]", "message 1"),
    ]


def test_without_an_answer_nothing_is_claimed() -> None:
    with pytest.raises(NotShown, match="no answer of this kind was given"):
        findings("SDK-001", refused(CHAT))
    with pytest.raises(Spoiled, match="no request of it was answered as it should be"):
        findings("SDK-001", answer(CHAT, "oops", "text/plain", status=500))


def test_odd_requests_may_be_answered_oddly() -> None:
    odd = next(case for case in CONTRACT.cases.values() if case.area == "chat" and case.expects == "robust")
    assert findings("SDK-001", answer(CHAT, COMPLETION), answer(odd.id, "Hello.", "text/plain")) == []


def test_nothing_of_the_environment_reaches_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    subject = Subject(CONTRACT, (answer(CHAT, COMPLETION, headers=ID),))
    assert list(client_reads_every_answer(subject)) == []


WITHOUT = """
import sys
sys.modules["openai"] = None
from conformance.checks.subject import Subject, Unequipped, registered_checks
from conformance.contract import load_contract
for requirement in load_contract().requirements.values():
    if requirement.id.startswith("SDK-"):
        try:
            list(registered_checks()[requirement.check](Subject(load_contract(), ())))
        except Unequipped as lack:
            print(requirement.id, lack)
"""


def test_without_the_extra_it_is_said_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True)
    sentence = "install openai-api-conformance[sdk] to see what the official client makes of it"
    assert done.stdout.splitlines() == [f"SDK-00{number} {sentence}" for number in range(1, 7)]
