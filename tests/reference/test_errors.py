from __future__ import annotations

from typing import Any

import pytest

from tests.reference.client import Client

CHAT = {"model": "ref-text", "messages": [{"role": "user", "content": "hi"}]}


def chat(**changes: Any) -> dict[str, Any]:
    return {**CHAT, **changes}


def test_no_key_and_a_wrong_key_are_told_apart(client: Client) -> None:
    assert client.refusal("GET", "/v1/models", key=None) == (401, None, None)
    assert client.refusal("GET", "/v1/models", key="sk-wrong") == (401, "invalid_api_key", None)


def test_a_wrong_key_is_not_echoed(client: Client) -> None:
    assert b"sk-wrong" not in client.send("GET", "/v1/models", key="sk-wrong").body


@pytest.mark.parametrize("scheme", ["Basic sk-reference", "sk-reference", "Bearer", "Bearer  "])
def test_only_a_bearer_token_is_a_credential(client: Client, scheme: str) -> None:
    head = (("Authorization", scheme),)
    assert client.refusal("GET", "/v1/models", headers=head, key=None) == (401, None, None)


def test_the_scheme_is_read_in_any_case(client: Client) -> None:
    head = (("Authorization", "bearer sk-reference"),)
    assert client.send("GET", "/v1/models", headers=head, key=None).status == 200


@pytest.mark.parametrize(
    "path",
    ["/v1/files", "/v1/batches", "/v1/images/variations", "/v1/nope", "/v1", "/v1/responses/x/input_items"],
)
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    assert client.refusal("GET", path) == (404, None, None)


def test_a_path_without_v1_says_so(client: Client) -> None:
    assert client.refusal("GET", "/models") == (404, "unknown_url", None)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/chat/completions", "POST"),
        ("DELETE", "/v1/models/ref-text", "GET"),
        ("DELETE", "/v1/responses/resp_1", "GET"),
        ("GET", "/v1/videos", "POST"),
    ],
)
def test_a_wrong_method_names_those_allowed(client: Client, method: str, path: str, allowed: str) -> None:
    assert client.refusal(method, path) == (405, None, None)
    assert client.send(method, path).header("allow") == allowed


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/realtime?model=ref-realtime"])
def test_a_socket_without_an_upgrade_asks_for_one(client: Client, path: str) -> None:
    assert client.refusal("GET", path) == (426, None, None)
    assert client.send("GET", path).header("upgrade") == "websocket"


def test_a_preflight_needs_no_key(client: Client) -> None:
    response = client.send(
        "OPTIONS", "/v1/chat/completions", headers=(("Origin", "https://x.test"),), key=None
    )
    assert response.status == 204
    assert response.header("access-control-allow-origin") == "*"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"7", b"\xff", b"NaN", b'{"n":1e999}', b"[" * 100_000, b"1" * 5000, b"\xef\xbb\xbf{}"],
)
def test_what_is_not_a_json_object_is_refused(client: Client, body: bytes) -> None:
    assert client.refusal("POST", "/v1/chat/completions", body) == (400, None, None)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(client: Client, kind: str) -> None:
    head = (("Content-Type", kind),)
    expected = (400, "unsupported_content_type", None)
    assert client.refusal("POST", "/v1/chat/completions", CHAT, headers=head) == expected


def test_a_content_type_may_have_parameters_and_any_case(client: Client) -> None:
    head = (("Content-Type", "Application/JSON; Charset=UTF-8"),)
    client.post("/v1/chat/completions", CHAT, headers=head)


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"model": None}, "invalid_type", "model"),
        ({"model": 7}, "invalid_type", "model"),
        ({"model": ""}, "string_below_min_length", "model"),
        ({"messages": "hi"}, "invalid_type", "messages"),
        ({"messages": []}, "empty_array", "messages"),
        ({"messages": [7]}, "invalid_type", "messages[0]"),
        ({"messages": [{}]}, "missing_required_parameter", "messages[0].role"),
        ({"messages": [{"role": "king", "content": ""}]}, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "missing_required_parameter", "messages[0].content"),
        ({"messages": [{"role": "user", "content": None}]}, "invalid_type", "messages[0].content"),
        (
            {"messages": [{"role": "user", "content": [{}]}]},
            "missing_required_parameter",
            "messages[0].content[0].type",
        ),
        (
            {"messages": [{"role": "tool", "content": ""}]},
            "missing_required_parameter",
            "messages[0].tool_call_id",
        ),
        ({"temperature": "hot"}, "invalid_type", "temperature"),
        ({"temperature": True}, "invalid_type", "temperature"),
        ({"temperature": 2.1}, "decimal_above_max_value", "temperature"),
        ({"top_p": -0.1}, "decimal_below_min_value", "top_p"),
        ({"n": 0}, "integer_below_min_value", "n"),
        ({"n": 1.5}, "invalid_type", "n"),
        ({"n": 129}, "integer_above_max_value", "n"),
        ({"max_tokens": 0}, "integer_below_min_value", "max_tokens"),
        ({"stop": ["a"] * 5}, "array_above_max_length", "stop"),
        ({"stop": 7}, "invalid_type", "stop"),
        ({"stream": "yes"}, "invalid_type", "stream"),
        ({"stream_options": {"include_usage": True}}, "invalid_value", "stream_options"),
        ({"top_logprobs": 2}, "invalid_value", "top_logprobs"),
        ({"response_format": {"type": "xml"}}, "invalid_value", "response_format.type"),
        (
            {"response_format": {"type": "json_schema"}},
            "missing_required_parameter",
            "response_format.json_schema",
        ),
        ({"tool_choice": "required"}, "invalid_value", "tool_choice"),
        ({"tools": [{"type": "custom"}]}, "unsupported_value", "tools[0].type"),
        ({"tools": [{"type": "function"}]}, "missing_required_parameter", "tools[0].function"),
        ({"metadata": {"a": 1}}, "invalid_type", "metadata.a"),
        ({"functions": []}, "unsupported_parameter", "functions"),
    ],
)
def test_a_breach_names_its_kind_and_its_field(client: Client, changes: Any, code: str, param: str) -> None:
    assert client.refusal("POST", "/v1/chat/completions", chat(**changes)) == (400, code, param)


@pytest.mark.parametrize("name", ["model", "messages"])
def test_a_missing_field_is_named(client: Client, name: str) -> None:
    body = {key: value for key, value in CHAT.items() if key != name}
    assert client.refusal("POST", "/v1/chat/completions", body) == (400, "missing_required_parameter", name)


def test_an_unknown_model_is_not_found(client: Client) -> None:
    assert client.refusal("POST", "/v1/chat/completions", chat(model="nope")) == (
        404,
        "model_not_found",
        "model",
    )


def test_a_model_of_another_workload_is_refused(client: Client) -> None:
    refusal = client.refusal("POST", "/v1/chat/completions", chat(model="ref-embed"))
    assert refusal == (400, "unsupported_value", "model")


def test_too_long_a_prompt_exceeds_the_context(client: Client) -> None:
    body = chat(messages=[{"role": "user", "content": "word " * 10_000}])
    assert client.refusal("POST", "/v1/chat/completions", body) == (
        400,
        "context_length_exceeded",
        "messages",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"unknown": {"deeply": [1, {"nested": None}]}},
        {"messages": [{"role": "user", "content": "\ud800 lone"}]},
        {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ""}]},
        {"seed": 10**400},
        {"n": 2.0},
        {"stop": None, "temperature": None, "tools": None},
    ],
)
def test_odd_but_legal_requests_are_answered(client: Client, changes: Any) -> None:
    client.post("/v1/chat/completions", chat(**changes))


def test_every_answer_has_its_own_request_id(client: Client) -> None:
    answers = [client.send("GET", path) for path in ("/v1/models", "/v1/models", "/v1/nope", "/nope")]
    ids = [answer.header_values("x-request-id") for answer in answers]
    assert [len(one) for one in ids] == [1, 1, 1, 1]
    assert len(set(ids)) == 4


def test_a_client_request_id_has_a_bound(client: Client) -> None:
    head = (("X-Client-Request-Id", "x" * 513),)
    assert client.refusal("GET", "/v1/models", headers=head)[0] == 400
