"""The wire schemas of text, models and errors: what they accept and what they refuse."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.datafiles import data_root, load_yaml

HOST = "https://spec.invalid/components/"
OWN = ("models", "errors", "chat", "completions", "responses")
ALL = (*OWN, "embeddings", "moderations", "images", "videos", "audio", "realtime")

Value = dict[str, Any]


# -- the documents, read plainly


@functools.cache
def component(area: str) -> Value:
    document: Value = load_yaml(data_root() / "spec" / "components" / f"{area}.yaml")
    return document


def schemas_of(area: str) -> Value:
    return {name: schema for name, schema in component(area).items() if not name.startswith("x-")}


@functools.cache
def area_of(name: str) -> str:
    (area,) = [area for area in ALL if name in schemas_of(area)]
    return area


def bundled(value: Any) -> Any:
    """References between files become references into one document."""
    if isinstance(value, dict):
        return {
            key: f"#/components/schemas/{member.rpartition('#/')[2]}"
            if key == "$ref" and not member.startswith("#/components/")
            else bundled(member)
            for key, member in value.items()
        }
    return [bundled(member) for member in value] if isinstance(value, list) else value


@functools.cache
def one_document() -> Value:
    return {name: schema for area in ALL for name, schema in bundled(schemas_of(area)).items()}


@functools.cache
def explainer(name: str) -> Draft202012Validator:
    """jsonschema, over the files as they are."""
    files = [(f"{HOST}{area}.yaml", DRAFT202012.create_resource(component(area))) for area in ALL]
    registry: Registry[Any] = Registry().with_resources(files)
    return Draft202012Validator({"$ref": f"{HOST}{area_of(name)}.yaml#/{name}"}, registry=registry)


@functools.cache
def gate(name: str) -> Any:
    """jsonschema-rs, over the bundled document."""
    document = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": one_document()}}
    return jsonschema_rs.Draft202012Validator(document)


def is_valid(name: str, value: Any) -> bool:
    """The verdict of both engines, which must not differ."""
    verdict = bool(gate(name).is_valid(value))
    assert explainer(name).is_valid(value) == verdict
    return verdict


def subschemas(value: Any) -> Iterator[Value]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from subschemas(member)
    elif isinstance(value, list):
        for member in value:
            yield from subschemas(member)


# -- what a conforming server sends

USAGE = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
TOKEN = {"token": "Hi", "logprob": -0.1, "bytes": [72, 105], "top_logprobs": []}
CHAT: Value = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi", "refusal": None},
            "finish_reason": "stop",
            "logprobs": {"content": [TOKEN], "refusal": None},
        }
    ],
    "usage": USAGE,
}
CHAT_TOOLS: Value = {
    **CHAT,
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": None,
                "refusal": None,
                "annotations": [],
                "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                    {"id": "call_2", "type": "custom", "custom": {"name": "g", "input": "x"}},
                ],
            },
            "finish_reason": "tool_calls",
            "logprobs": None,
        }
    ],
}
CHUNK: Value = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None, "logprobs": None}
    ],
}
USAGE_CHUNK: Value = {**CHUNK, "choices": [], "usage": USAGE}
TOOL_CHUNK: Value = {
    **CHUNK,
    "choices": [
        {
            "index": 0,
            "delta": {
                "tool_calls": [
                    {
                        "index": 0,
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "f", "arguments": ""},
                    },
                    {"index": 0, "function": {"arguments": "{}"}},
                ]
            },
            "finish_reason": None,
        }
    ],
    "usage": None,
    "obfuscation": "xxxx",
}
AUDIO_EXPIRY_CHUNK: Value = {
    **CHUNK,
    "choices": [{"index": 0, "delta": {"audio": {"expires_at": 1_700_000_600}}}],
}
COMPLETION: Value = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1_700_000_000,
    "model": "m",
    "choices": [{"text": "Hi", "index": 0, "logprobs": None, "finish_reason": "length"}],
    "usage": USAGE,
}
COMPLETION_LOGPROBS = {"tokens": ["Hi"], "token_logprobs": [None], "top_logprobs": None, "text_offset": [0]}
TEXT_PART: Value = {"type": "output_text", "text": "Hi", "annotations": [], "logprobs": []}
MESSAGE: Value = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [TEXT_PART],
}
CALL: Value = {
    "type": "function_call",
    "id": "fc_1",
    "call_id": "call_1",
    "name": "f",
    "arguments": "{}",
    "status": "completed",
}
RESPONSE_USAGE: Value = {
    "input_tokens": 9,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 2,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 11,
}
RESPONSE: Value = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1_700_000_000,
    "completed_at": 1_700_000_001,
    "status": "completed",
    "model": "m",
    "output": [{"type": "reasoning", "id": "rs_1", "summary": []}, MESSAGE, CALL],
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": 1.0,
    "top_p": None,
    "tool_choice": "auto",
    "tools": [{"type": "function", "name": "f", "parameters": {}, "strict": True}],
    "usage": RESPONSE_USAGE,
}
UNFINISHED: Value = {**RESPONSE, "status": "in_progress", "completed_at": None, "output": [], "usage": None}
FAILED: Value = {
    **UNFINISHED,
    "status": "failed",
    "error": {"code": "insufficient_quota", "message": "You exceeded your current quota."},
}
CREATED: Value = {"type": "response.created", "sequence_number": 0, "response": UNFINISHED}
DELTA: Value = {
    "type": "response.output_text.delta",
    "sequence_number": 4,
    "item_id": "msg_1",
    "output_index": 0,
    "content_index": 0,
    "delta": "Hi",
    "logprobs": [],
}
ITEM_ADDED: Value = {
    "type": "response.output_item.added",
    "sequence_number": 2,
    "output_index": 0,
    "item": {**MESSAGE, "status": "in_progress", "content": []},
}
ITEM_DONE: Value = {**ITEM_ADDED, "type": "response.output_item.done", "item": CALL}
COMPLETED: Value = {"type": "response.completed", "sequence_number": 9, "response": RESPONSE}
SUMMARY_DONE: Value = {
    "type": "response.reasoning_summary_text.done",
    "sequence_number": 5,
    "item_id": "rs_1",
    "output_index": 0,
    "summary_index": 0,
    "text": "So.",
}
MODEL: Value = {"id": "org/m:1", "object": "model", "created": 1_700_000_000, "owned_by": "org"}
ERROR: Value = {
    "message": "No such model.",
    "type": "invalid_request_error",
    "param": None,
    "code": "model_not_found",
}
COMPACTION: Value = {
    "id": "resp_2",
    "object": "response.compaction",
    "created_at": 1_700_000_000,
    "output": [
        {
            "type": "message",
            "id": "msg_1",
            "role": "user",
            "status": "completed",
            "content": [{"type": "input_text", "text": "Hi"}],
        },
        {"type": "compaction", "id": "cmp_1", "encrypted_content": "gAAA"},
    ],
    "usage": RESPONSE_USAGE,
}

LEGAL: dict[str, tuple[str, Any]] = {
    "model": ("Model", MODEL),
    "model with details": ("Model", {**MODEL, "shutdown_date": None, "context_window": 8192}),
    "model list": ("ModelList", {"object": "list", "data": [MODEL]}),
    "empty model list with paging": ("ModelList", {"object": "list", "data": [], "has_more": False}),
    "error": ("ErrorEnvelope", {"error": ERROR}),
    "error with siblings": (
        "ErrorEnvelope",
        {"error": {**ERROR, "param": "messages[0].role", "code": None, "doc": "x"}, "usage": {}},
    ),
    "chat": ("ChatCompletion", CHAT),
    "chat with tool calls": ("ChatCompletion", CHAT_TOOLS),
    "chat without usage": ("ChatCompletion", {k: v for k, v in CHAT.items() if k != "usage"}),
    "chat with extras": (
        "ChatCompletion",
        {**CHAT, "service_tier": "unheard-of", "system_fingerprint": None, "x": 1},
    ),
    "chunk": ("ChatCompletionStreamItem", CHUNK),
    "chunk with null usage": ("ChatCompletionStreamItem", {**CHUNK, "usage": None}),
    "chunk with null error": ("ChatCompletionStreamItem", {**CHUNK, "error": None}),
    "chunk with tool fragments": ("ChatCompletionStreamItem", TOOL_CHUNK),
    "usage chunk": ("ChatCompletionStreamItem", USAGE_CHUNK),
    "audio expiry chunk": ("ChatCompletionStreamItem", AUDIO_EXPIRY_CHUNK),
    "error in a chat stream": ("ChatCompletionStreamItem", {"error": ERROR}),
    "completion": ("Completion", COMPLETION),
    "completion chunk": (
        "CompletionStreamItem",
        {**COMPLETION, "choices": [{"text": "H", "index": 0, "finish_reason": None}], "usage": None},
    ),
    "completion usage chunk": ("CompletionStreamItem", {**COMPLETION, "choices": []}),
    "response": ("Response", RESPONSE),
    "response created at a fraction": ("Response", {**RESPONSE, "created_at": 1_700_000_000.25}),
    "unfinished response": ("Response", UNFINISHED),
    "failed response": ("Response", FAILED),
    "response with unknown item": ("Response", {**RESPONSE, "output": [{"type": "dream", "depth": 3}]}),
    "response with unknown part": (
        "Response",
        {**RESPONSE, "output": [{**MESSAGE, "content": [{"type": "output_smell"}]}]},
    ),
    "response with citation": (
        "Response",
        {
            **RESPONSE,
            "output": [
                {
                    **MESSAGE,
                    "content": [
                        {
                            **TEXT_PART,
                            "annotations": [
                                {
                                    "type": "url_citation",
                                    "url": "u",
                                    "title": "",
                                    "start_index": 0,
                                    "end_index": 1,
                                },
                                {"type": "unheard-of"},
                            ],
                        }
                    ],
                }
            ],
        },
    ),
    "compaction": ("ResponseCompaction", COMPACTION),
    "token count": ("InputTokenCount", {"object": "response.input_tokens", "input_tokens": 0}),
    "created event": ("ResponseStreamEvent", CREATED),
    "delta event": ("ResponseStreamEvent", {**DELTA, "obfuscation": "abc"}),
    "completed event": ("ResponseStreamEvent", COMPLETED),
    "summary event": ("ResponseStreamEvent", SUMMARY_DONE),
    "item added": ("ResponseStreamEvent", ITEM_ADDED),
    "item done": ("ResponseStreamEvent", ITEM_DONE),
    "unknown event": ("ResponseStreamEvent", {"type": "response.dreaming"}),
    "flat error event": (
        "ResponseStreamEvent",
        {"type": "error", "sequence_number": 2, "code": None, "message": "m", "param": None},
    ),
    "nested error event": ("ResponseStreamEvent", {"type": "error", "sequence_number": 2, "error": ERROR}),
}


@pytest.mark.parametrize(("name", "value"), LEGAL.values(), ids=LEGAL)
def test_a_legal_answer_is_valid(name: str, value: Any) -> None:
    assert [error.message for error in explainer(name).iter_errors(value)] == []
    assert is_valid(name, value)


# -- what must not pass


def put(base: Value, *steps: str | int, to: Any) -> Value:
    """A copy of ``base`` with the value at ``steps`` replaced."""
    changed = copy.deepcopy(base)
    node: Any = changed
    for step in steps[:-1]:
        node = node[step]
    node[steps[-1]] = to
    return changed


def drop(base: Value, *steps: str | int) -> Value:
    """A copy of ``base`` without the member at ``steps``."""
    changed = copy.deepcopy(base)
    node: Any = changed
    for step in steps[:-1]:
        node = node[step]
    del node[steps[-1]]
    return changed


LEGACY_LOGPROBS: Value = {"tokens": [], "token_logprobs": [], "top_logprobs": [], "text_offset": []}
CHOICE = ("choices", 0)
FIRST_CALL = (*CHOICE, "message", "tool_calls", 0)
FRAGMENT = (*CHOICE, "delta", "tool_calls", 1)
ITEM_STREAM = "ChatCompletionStreamItem"
EVENT = "ResponseStreamEvent"

ILLEGAL: dict[str, tuple[str, Any]] = {
    "D001 arguments are an object": (
        "ChatCompletion",
        put(CHAT_TOOLS, *FIRST_CALL, "function", "arguments", to={"a": 1}),
    ),
    "D006 created is a fraction": ("ChatCompletion", put(CHAT, "created", to=1_746_709_563.492141)),
    "D007 legacy logprobs": ("ChatCompletion", put(CHAT, *CHOICE, "logprobs", to=LEGACY_LOGPROBS)),
    "D015 chunk for an answer": ("ChatCompletion", CHUNK),
    "D018 object is empty": ("ChatCompletion", put(CHAT, "object", to="")),
    "D022 no finish_reason": ("ChatCompletion", drop(CHAT, *CHOICE, "finish_reason")),
    "D024 no choice index": ("ChatCompletion", drop(CHAT, *CHOICE, "index")),
    "D024 usage is null": ("ChatCompletion", put(CHAT, "usage", to=None)),
    "D025 invented finish_reason": ("ChatCompletion", put(CHAT, *CHOICE, "finish_reason", to="error")),
    "D247 error with 200": ("ChatCompletion", {"error": {"message": "x", "code": 429}}),
    "tool call without id": ("ChatCompletion", drop(CHAT_TOOLS, *FIRST_CALL, "id")),
    "usage is a text": ("ChatCompletion", put(CHAT, "usage", "total_tokens", to="11")),
    "empty answer": ("ChatCompletion", {}),
    "no choices": ("ChatCompletion", put(CHAT, "choices", to=[])),
    "D042 finish_reason left out": (ITEM_STREAM, drop(CHUNK, *CHOICE, "finish_reason")),
    "D055 usage is empty": (ITEM_STREAM, put(CHUNK, "usage", to={})),
    "D055 role is null": (ITEM_STREAM, put(CHUNK, *CHOICE, "delta", "role", to=None)),
    "D062 finish_reason is empty": (ITEM_STREAM, put(CHUNK, *CHOICE, "finish_reason", to="")),
    "D063 empty first chunk": (
        ITEM_STREAM,
        {"id": "", "object": "", "model": "", "created": 0, "choices": [], "prompt_filter_results": []},
    ),
    "D066 empty id repeated": (ITEM_STREAM, put(TOOL_CHUNK, *FRAGMENT, "id", to="")),
    "D066 empty name repeated": (ITEM_STREAM, put(TOOL_CHUNK, *FRAGMENT, "function", "name", to="")),
    "fragment without index": (ITEM_STREAM, drop(TOOL_CHUNK, *FRAGMENT, "index")),
    "D086 no id": (ITEM_STREAM, drop(CHUNK, "id")),
    "D086 empty id": (ITEM_STREAM, put(CHUNK, "id", to="")),
    "D087 no delta": (ITEM_STREAM, drop(CHUNK, *CHOICE, "delta")),
    "D094 logprobs are empty": (ITEM_STREAM, put(CHUNK, *CHOICE, "logprobs", to={})),
    "D096 usage chunk without choices": (ITEM_STREAM, drop(USAGE_CHUNK, "choices")),
    "D098 finish_reason None in words": (ITEM_STREAM, put(CHUNK, *CHOICE, "finish_reason", to="None")),
    "D100 billing event": (ITEM_STREAM, {"object": "billing.summary", "usage": USAGE, "cost": 1}),
    "D104 no object": (ITEM_STREAM, drop(CHUNK, "object")),
    "D046 error in words": (ITEM_STREAM, {"error": "text", "error_type": "validation"}),
    "D184 chat for a completion": ("Completion", CHAT),
    "completion without text": ("Completion", drop(COMPLETION, *CHOICE, "text")),
    "completion logprobs are empty": ("Completion", put(COMPLETION, *CHOICE, "logprobs", to={})),
    "D184 chat chunk for a completion": ("CompletionStreamItem", CHUNK),
    "D118 output is null": ("Response", put(RESPONSE, "output", to=None)),
    "unknown status": ("Response", put(RESPONSE, "status", to="done")),
    "chat usage": ("Response", put(RESPONSE, "usage", to=USAGE)),
    "item without type": ("Response", put(RESPONSE, "output", to=[{"id": "x"}])),
    "text part without annotations": ("Response", drop(RESPONSE, "output", 1, "content", 0, "annotations")),
    "call without call_id": ("Response", drop(RESPONSE, "output", 2, "call_id")),
    "call arguments are an object": ("Response", put(RESPONSE, "output", 2, "arguments", to={})),
    "D130 created without output": (EVENT, drop(CREATED, "response", "output")),
    "D131 item without status": (EVENT, drop(ITEM_ADDED, "item", "status")),
    "D132 envelope for an event": (EVENT, {"error": ERROR}),
    "D145 completed with null output": (EVENT, put(COMPLETED, "response", "output", to=None)),
    "D145 summary without text": (EVENT, drop(SUMMARY_DONE, "text")),
    "D150 no sequence number": (EVENT, drop(DELTA, "sequence_number")),
    "delta is not a text": (EVENT, put(DELTA, "delta", to={"text": "Hi"})),
    "delta without item_id": (EVENT, drop(DELTA, "item_id")),
    "error event without message": (
        EVENT,
        {"type": "error", "sequence_number": 1, "code": "x", "param": None},
    ),
    "D200 bare array": ("ModelList", [MODEL]),
    "model without owner": ("Model", drop(MODEL, "owned_by")),
    "model list holds ids": ("ModelList", {"object": "list", "data": ["m"]}),
    "D241 detail only": ("ErrorEnvelope", {"detail": "x"}),
    "D244 error in words": ("ErrorEnvelope", {"error": "Authorization failed"}),
    "D246 message only": ("ErrorEnvelope", {"message": "x"}),
    "D251 empty message": ("ErrorEnvelope", {"error": {**ERROR, "message": ""}}),
    "D251 numeric code": ("ErrorEnvelope", {"error": {**ERROR, "code": 500}}),
    "D267 error in words beside a status": (
        "ErrorEnvelope",
        {"message": "x", "error": "Not Found", "statusCode": 404},
    ),
    "D270 message is an object": ("ErrorEnvelope", {"error": {**ERROR, "message": {"detail": []}}}),
    "error without param": ("ErrorEnvelope", {"error": {k: v for k, v in ERROR.items() if k != "param"}}),
    "compaction without usage": ("ResponseCompaction", drop(COMPACTION, "usage")),
    "compaction item without content": (
        "ResponseCompaction",
        drop(COMPACTION, "output", 1, "encrypted_content"),
    ),
    "token count in words": ("InputTokenCount", {"object": "response.input_tokens", "input_tokens": "9"}),
}


@pytest.mark.parametrize(("name", "value"), ILLEGAL.values(), ids=ILLEGAL)
def test_a_defect_of_the_field_is_refused(name: str, value: Any) -> None:
    assert not is_valid(name, value)


# -- the schemas themselves


@pytest.mark.parametrize("name", [name for area in OWN for name in schemas_of(area)])
def test_a_schema_compiles_under_both_engines(name: str) -> None:
    Draft202012Validator.check_schema(component(area_of(name))[name])
    gate(name)
    explainer(name).is_valid({})


def test_schema_names_are_unique_over_all_files() -> None:
    names = [name for area in ALL for name in schemas_of(area)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("area", OWN)
def test_what_should_be_there_is_described_and_not_required(area: str) -> None:
    marked = [schema for schema in subschemas(schemas_of(area)) if "x-should-require" in schema]
    for schema in marked:
        assert set(schema["x-should-require"]) <= set(schema["properties"])
        assert not set(schema["x-should-require"]) & set(schema.get("required", ()))


@pytest.mark.parametrize("area", OWN)
def test_what_is_required_is_described(area: str) -> None:
    for schema in subschemas(schemas_of(area)):
        if schema.get("type") == "object" and "properties" in schema:
            assert set(schema.get("required", ())) <= set(schema["properties"])


@pytest.mark.parametrize("area", OWN)
def test_thrift_names_keywords_that_stand_beside_it(area: str) -> None:
    for schema in subschemas(schemas_of(area)):
        for entry in schema.get("x-thrift", ()):
            keyword, _, member = entry.partition("/")
            assert keyword in schema
            assert not member or member in schema[keyword]


def test_every_event_is_chosen_by_its_type() -> None:
    document = component("responses")
    union = document["ResponseStreamEvent"]["allOf"]
    chosen = {rule["if"]["properties"]["type"]["const"]: rule["then"]["$ref"][2:] for rule in union}
    assert chosen == document["x-events"]
    assert {document[name]["properties"]["type"]["const"]: name for name in chosen.values()} == chosen
    assert len(chosen) == 59


def test_every_item_is_chosen_by_its_type() -> None:
    document = component("responses")
    chosen = {
        rule["if"]["properties"]["type"]["const"]: rule["then"]["$ref"][2:]
        for rule in document["ResponseItem"]["allOf"]
    }
    assert chosen == document["x-types"]
    assert len(chosen) == 28
