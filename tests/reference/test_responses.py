from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference.client import Client

PATH = "/v1/responses"
TOOL = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def ask(given: Any, **options: Any) -> dict[str, Any]:
    return {"model": "ref-text", "input": given, **options}


def text_of(response: Any) -> str:
    messages = [item for item in response["output"] if item["type"] == "message"]
    return "".join(part["text"] for message in messages for part in message["content"])


def test_an_answer_is_complete(client: Client) -> None:
    answer = client.post(PATH, ask("Say hello.", metadata={"a": "b"}, temperature=0.5))
    assert answer["object"] == "response"
    assert answer["status"] == "completed"
    assert answer["completed_at"] >= answer["created_at"]
    assert answer["error"] is None
    assert answer["incomplete_details"] is None
    assert answer["metadata"] == {"a": "b"}
    assert answer["temperature"] == 0.5
    assert text_of(answer) == "Hello! How can I help you today?"
    assert "output_text" not in answer


def test_the_limit_makes_it_incomplete(client: Client) -> None:
    answer = client.post(PATH, ask("Tell a story.", max_output_tokens=16))
    assert answer["status"] == "incomplete"
    assert answer["incomplete_details"] == {"reason": "max_output_tokens"}
    assert answer["completed_at"] is None
    assert answer["output"][-1]["status"] == "incomplete"
    assert answer["usage"]["output_tokens"] == 16


def test_a_conversation_continues(client: Client) -> None:
    first = client.post(PATH, ask("My name is Ada."))
    second = client.post(PATH, ask("What is my name?", previous_response_id=first["id"]))
    assert text_of(second) == "It is Ada."
    assert second["previous_response_id"] == first["id"]
    assert second["usage"]["input_tokens"] > first["usage"]["input_tokens"]


def test_a_streamed_response_can_be_continued_and_read(client: Client) -> None:
    identifier = client.events(PATH, ask("My name is Ada.", stream=True))[0]["response"]["id"]
    assert client.get(f"{PATH}/{identifier}")["id"] == identifier
    assert (
        text_of(client.post(PATH, ask("What is my name?", previous_response_id=identifier))) == "It is Ada."
    )


def test_what_is_not_stored_can_be_neither_read_nor_continued(client: Client) -> None:
    identifier = client.post(PATH, ask("hi", store=False))["id"]
    assert client.refusal("GET", f"{PATH}/{identifier}") == (404, None, None)
    expected = (400, "previous_response_not_found", "previous_response_id")
    assert client.refusal("POST", PATH, ask("hi", previous_response_id=identifier)) == expected


def test_a_tool_is_called_and_its_output_taken(client: Client) -> None:
    first = client.post(PATH, ask("What is the weather in Paris?", tools=[TOOL]))
    (made,) = first["output"]
    assert made["type"] == "function_call"
    assert json.loads(made["arguments"]) == {"city": "Paris"}
    assert made["call_id"] != made["id"]
    result = {"type": "function_call_output", "call_id": made["call_id"], "output": "18 degrees"}
    second = client.post(PATH, ask([result], previous_response_id=first["id"], tools=[TOOL]))
    assert "18 degrees" in text_of(second)


def test_an_output_without_its_call_is_refused(client: Client) -> None:
    result = {"type": "function_call_output", "call_id": "call_x", "output": ""}
    assert client.refusal("POST", PATH, ask([result])) == (400, None, "input")


def test_a_schema_is_obeyed(client: Client) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    form = {"format": {"type": "json_schema", "name": "person", "schema": schema}}
    assert json.loads(text_of(client.post(PATH, ask("Invent a person.", text=form)))) == {"age": 1}


@pytest.mark.parametrize(
    ("options", "code", "param"),
    [
        ({"background": True}, "unsupported_parameter", "background"),
        ({"conversation": "conv_1"}, "unsupported_parameter", "conversation"),
        ({"tools": [{"type": "web_search"}]}, "unsupported_value", "tools[0].type"),
        ({"max_output_tokens": 15}, "integer_below_min_value", "max_output_tokens"),
        ({"include": ["everything"]}, "invalid_value", "include[0]"),
        ({"text": {"format": {"type": "json_schema"}}}, "missing_required_parameter", "text.format.name"),
        ({"input": [{"role": "user"}]}, "missing_required_parameter", "input[0].content"),
        ({"input": [{"type": "item_reference", "id": "x"}]}, "invalid_value", "input[0].type"),
        ({"input": [7]}, "invalid_type", "input[0]"),
    ],
)
def test_a_breach_names_its_field(client: Client, options: Any, code: str, param: str) -> None:
    assert client.refusal("POST", PATH, {**ask("hi"), **options}) == (400, code, param)


def streamed(client: Client, given: Any, **options: Any) -> list[Any]:
    return client.events(PATH, ask(given, stream=True, **options))


def test_events_are_numbered_and_framed_by_name(client: Client) -> None:
    response = client.send("POST", PATH, ask("Say hello.", stream=True))
    events = streamed(client, "Say hello.")
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert response.chunks[0].data.startswith(b"event: response.created\ndata: {")
    assert [event["type"] for event in events[:4]] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert [event["type"] for event in events[-4:]] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


def test_deltas_and_done_events_agree_with_the_response(client: Client) -> None:
    events = streamed(client, "Say hello.")
    final = events[-1]["response"]
    deltas = "".join(event["delta"] for event in events if event["type"] == "response.output_text.delta")
    assert deltas == text_of(final)
    assert [event["item"] for event in events if event["type"] == "response.output_item.done"] == final[
        "output"
    ]
    assert events[0]["response"]["output"] == []
    assert events[0]["response"]["usage"] is None
    assert {event["response"]["id"] for event in events if "response" in event} == {final["id"]}


def test_a_cut_stream_ends_incomplete(client: Client) -> None:
    events = streamed(client, "Tell a story.", max_output_tokens=16)
    assert events[-1]["type"] == "response.incomplete"
    assert events[-2]["item"]["status"] == "incomplete"


def test_calls_and_reasoning_stream_in_their_parts(client: Client) -> None:
    events = streamed(
        client, "What is the weather in Paris?", tools=[TOOL], reasoning={"effort": "low", "summary": "auto"}
    )
    kinds = [event["type"] for event in events]
    assert kinds.index("response.reasoning_summary_part.done") < kinds.index(
        "response.function_call_arguments.delta"
    )
    done = next(event for event in events if event["type"] == "response.function_call_arguments.done")
    deltas = [event["delta"] for event in events if event["type"] == "response.function_call_arguments.delta"]
    assert "".join(deltas) == done["arguments"] == '{"city": "Paris"}'
    assert events[-1]["response"]["usage"]["output_tokens_details"]["reasoning_tokens"] > 0


def test_a_stream_can_be_replayed_from_any_event(client: Client) -> None:
    events = streamed(client, "Say hello.")
    path = f"{PATH}/{events[0]['response']['id']}?stream=true"
    assert client.replay(path) == events
    assert client.replay(f"{path}&starting_after=3") == events[4:]
    assert client.replay(f"{path}&starting_after=999") == []


@pytest.mark.parametrize(
    "query", ["stream=true&starting_after=-1", "stream=true&starting_after=x", "stream=maybe"]
)
def test_a_replay_with_a_bad_query_is_refused(client: Client, query: str) -> None:
    identifier = client.post(PATH, ask("hi"))["id"]
    assert client.refusal("GET", f"{PATH}/{identifier}?{query}")[0] == 400


def test_a_completed_response_survives_its_cancellation(client: Client) -> None:
    answer = client.post(PATH, ask("hi"))
    assert client.post(f"{PATH}/{answer['id']}/cancel", None) == answer
    assert client.refusal("POST", f"{PATH}/resp_nope/cancel") == (404, None, None)


def test_input_tokens_are_those_of_the_answer(client: Client) -> None:
    body = ask("What is the weather in Paris?", tools=[TOOL], instructions="Be brief.")
    counted = client.post(f"{PATH}/input_tokens", body)
    assert counted == {
        "object": "response.input_tokens",
        "input_tokens": client.post(PATH, body)["usage"]["input_tokens"],
    }


def test_a_compaction_can_be_the_next_input(client: Client) -> None:
    items = [{"role": "user", "content": "My name is Ada."}, {"role": "assistant", "content": "Noted."}]
    compacted = client.post(f"{PATH}/compact", ask(items))
    assert compacted["object"] == "response.compaction"
    assert [item["type"] for item in compacted["output"]] == ["message", "compaction"]
    question = {"role": "user", "content": "What is my name?"}
    assert text_of(client.post(PATH, ask([*compacted["output"], question]))) == "It is Ada."


@pytest.mark.parametrize("path", ["compact", "input_tokens"])
def test_helpers_need_a_model_and_an_input(client: Client, path: str) -> None:
    assert client.refusal("POST", f"{PATH}/{path}", {"input": "hi"})[2] == "model"
    assert client.refusal("POST", f"{PATH}/{path}", {"model": "ref-text"})[2] == "input"


def test_another_compaction_is_not_trusted(client: Client) -> None:
    item = {"type": "compaction", "encrypted_content": "not base64!"}
    assert client.refusal("POST", PATH, ask([item])) == (400, "invalid_value", "input[0].encrypted_content")


def test_logprobs_are_included_on_request(client: Client) -> None:
    answer = client.post(PATH, ask("Say hello.", include=["message.output_text.logprobs"], top_logprobs=1))
    entries = answer["output"][0]["content"][0]["logprobs"]
    assert "".join(entry["token"] for entry in entries) == text_of(answer)
