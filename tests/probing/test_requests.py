from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import pytest

from conformance.cases import Case
from conformance.errors import DataError, UsageError
from conformance.exchange import Headers, Request
from conformance.probing.requests import MissingValueError, RequestBuilder, build
from conformance.target import NO_SUCH_MODEL, WRONG_KEY, Target
from conformance.wire import multipart
from tests.probing.small import CHAT, KEY, MODELS, VIDEO, again, contract_of

DOCUMENTS: dict[str, Sequence[Any]] = {
    "models/list/all": [{"data": [{"id": "org/a b"}], "n": 7}],
    "chat/minimal/stream": [{"type": "a"}, {"response": {"id": "r1"}}, {"response": {"id": "r2"}}],
}


def answers(case_id: str) -> Sequence[Any]:
    if case_id not in DOCUMENTS:
        raise LookupError(f"{case_id} was not sent")
    return DOCUMENTS[case_id]


def made(
    case: Case,
    *,
    base: str = "https://api.example.com/openai/v1",
    models: dict[str, str] | None = None,
    discovered: dict[str, str] | None = None,
    key: str | None = KEY,
    headers: Headers = (),
) -> Request:
    target = Target(base, key is not None, {"text": "named"} if models is None else models)
    return build(case, contract_of(case), target, discovered or {}, answers, key, headers)


def sent(request: Request) -> Any:
    return json.loads(request.body)


def test_a_chat_request_is_what_the_sdk_sends() -> None:
    request = made(CHAT)
    assert (request.method, request.path) == ("POST", "/openai/v1/chat/completions")
    assert request.body == b'{"model":"named","messages":[{"role":"user","content":"Say hello."}]}'
    named = dict(request.headers)
    assert named.pop("User-Agent").startswith("OpenAI/Python 3.54.0 openai-api-conformance/")
    assert named == {
        "Host": "api.example.com",
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "Content-Type": "application/json",
        "Content-Length": str(len(request.body)),
        "Authorization": f"Bearer {KEY}",
    }


def test_a_get_has_no_content() -> None:
    request = made(MODELS)
    assert request.body == b""
    assert request.header("content-type") is None
    assert request.header("content-length") is None


def test_a_post_without_a_body_says_so() -> None:
    request = made(again(CHAT, "chat/empty/json", body=None))
    assert request.header("content-length") == "0"
    assert request.header("content-type") is None


@pytest.mark.parametrize(
    ("base", "path", "expected"),
    [
        ("https://h", "/v1/models", "/models"),
        ("https://h/v1", "/v1/models", "/v1/models"),
        ("https://h/a/b", "/v1", "/a/b"),
        ("https://h/v1", "/v1x/models", "/v1x/models"),
        ("https://h/v1", "/other", "/other"),
        ("https://h/v1", "/v1/ü space", "/v1/%C3%BC%20space"),
        ("https://h/v1", "/v1/%2e%2e/x", "/v1/%2e%2e/x"),
    ],
)
def test_the_base_path_stands_for_v1(base: str, path: str, expected: str) -> None:
    assert made(dataclasses.replace(MODELS, path=path), base=base).path == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ("no such:model%2F..;ünï", "no%20such%3Amodel%252F..%3B%C3%BCn%C3%AF"),
        ("$from:models/list/all#/data/0/id", "org%2Fa%20b"),
        ("$from:models/list/all#/n", "7"),
        ("$no_such_model", NO_SUCH_MODEL),
    ],
)
def test_path_parameters_are_one_segment(value: str, expected: str) -> None:
    case = Case("video/retrieve/x", "GET /v1/videos/{video_id}", "video", params={"video_id": value})
    assert made(case, base="https://h/v1").path == f"/v1/videos/{expected}"


def test_queries_are_percent_encoded() -> None:
    case = dataclasses.replace(
        MODELS, query={"include[]": "a&b c", "after": "$from:models/list/all#/data/0/id"}
    )
    assert made(case, base="https://h/v1").path == "/v1/models?include%5B%5D=a%26b%20c&after=org%2Fa%20b"


def test_a_template_without_its_parameter_is_a_broken_case() -> None:
    with pytest.raises(DataError, match="needs params/video_id"):
        made(Case("video/retrieve/x", "GET /v1/videos/{video_id}", "video"))


def test_values_of_answers_keep_their_json_type() -> None:
    body = {"a": "$from:models/list/all#/n", "b": ["$from:models/list/all#/data/0"], "c": "a $model b"}
    assert sent(made(dataclasses.replace(CHAT, body=body))) == {
        "a": 7,
        "b": [{"id": "org/a b"}],
        "c": "a $model b",
    }


def test_of_a_stream_the_first_event_that_has_the_value_gives_it() -> None:
    body = {"id": "$from:chat/minimal/stream#/response/id"}
    assert sent(made(dataclasses.replace(CHAT, body=body))) == {"id": "r1"}


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("$from:chat/other/json#/id", "chat/other/json was not sent"),
        ("$from:models/list/all#/data/9/id", "the answer to models/list/all has no /data/9/id"),
    ],
)
def test_a_missing_value_is_named(reference: str, reason: str) -> None:
    with pytest.raises(MissingValueError) as error:
        made(dataclasses.replace(CHAT, body={"x": reference}))
    assert str(error.value) == reason


MODEL_CASES = [
    ("POST /v1/chat/completions", {"text": "t"}, {}, "t"),
    ("POST /v1/chat/completions", {"POST /v1/chat/completions": "own", "text": "t"}, {}, "own"),
    ("POST /v1/chat/completions", {}, {"text": "found"}, "found"),
    ("POST /v1/chat/completions", {}, {}, NO_SUCH_MODEL),
    ("POST /v1/embeddings", {"embeddings": "e", "text": "t"}, {}, "e"),
    ("POST /v1/embeddings", {"text": "t"}, {}, "t"),
    ("POST /v1/embeddings", {}, {"text": "found"}, "found"),
    ("POST /v1/audio/speech", {"text": "t"}, {}, "t"),
    ("POST /v1/videos", {"text": "t"}, {"text": "found"}, NO_SUCH_MODEL),
    ("POST /v1/images/edits", {"text": "t"}, {}, NO_SUCH_MODEL),
    ("POST /v1/assistants", {}, {"text": "found"}, NO_SUCH_MODEL),
]


@pytest.mark.parametrize(("operation", "models", "discovered", "expected"), MODEL_CASES)
def test_the_model_that_may_be_used_is_used(
    operation: str, models: dict[str, str], discovered: dict[str, str], expected: str
) -> None:
    case = Case("area/minimal/json", operation, "area", body={"model": "$model"}, consent=False)
    assert sent(made(case, models=models, discovered=discovered)) == {"model": expected}


def test_raw_bodies_are_sent_as_they_are_but_for_the_model() -> None:
    request = made(dataclasses.replace(CHAT, body=None, raw='{"model": "$model", "x": $none'))
    assert request.body == b'{"model": "named", "x": $none'
    assert request.header("content-type") == "application/json"


def test_a_lone_surrogate_is_sent_escaped() -> None:
    assert made(dataclasses.replace(CHAT, body={"x": "\ud800"})).body == b'{"x":"\\ud800"}'


def test_text_is_sent_as_utf8() -> None:
    assert made(dataclasses.replace(CHAT, body={"x": "ü🙂"})).body == '{"x":"ü🙂"}'.encode()


def test_a_form_carries_fields_and_media() -> None:
    case = Case(
        "image-edits/minimal/form",
        "POST /v1/images/edits",
        "image-edits",
        form={
            "fields": {
                "model": "$model", "n": 2, "stream": True, "include[]": ["a", "b"],
                "chunking_strategy": {"type": "server_vad"},
            },
            "files": [
                {"name": "image", "media": "square-64.png", "filename": "s.png", "content_type": "image/png"}
            ],
        },
    )  # fmt: skip
    request = made(case, models={"images": "painter"})
    parts = multipart.parse(request.header("content-type") or "", request.body)
    assert [(part.name, part.text) for part in parts[:-1]] == [
        ("model", "painter"),
        ("n", "2"),
        ("stream", "true"),
        ("include[]", "a"),
        ("include[]", "b"),
        ("chunking_strategy[type]", "server_vad"),
    ]
    assert (parts[-1].filename, parts[-1].content_type) == ("s.png", "image/png")
    assert parts[-1].data.startswith(b"\x89PNG")
    assert request.header("content-length") == str(len(request.body))


@pytest.mark.parametrize(
    ("credential", "key", "expected"),
    [
        ("key", KEY, f"Bearer {KEY}"),
        ("key", None, None),
        ("none", KEY, None),
        ("wrong", KEY, f"Bearer {WRONG_KEY}"),
        ("longer", KEY, f"Bearer {KEY}0000"),
        ("longer", None, None),
        ("basic", KEY, "Basic Y29uZm9ybWFuY2U6c2stY29uZm9ybWFuY2Utd3Jvbmcta2V5LTAwMDAwMDAwMDAwMDAwMDA="),
    ],
)
def test_credentials(credential: Any, key: str | None, expected: str | None) -> None:
    request = made(dataclasses.replace(MODELS, credential=credential), key=key)
    assert request.header("authorization") == expected


def test_headers_of_the_user_are_sent_and_those_of_the_case_win() -> None:
    case = dataclasses.replace(CHAT, headers={"content-type": "text/plain", "accept": None, "X-Own": "2"})
    request = made(case, headers=(("X-Team", "a"), ("x-own", "1"), ("User-Agent", "mine")))
    assert request.header("content-type") == "text/plain"
    assert request.header("accept") is None
    assert [pair for pair in request.headers if pair[0].lower().startswith("x-")] == [
        ("X-Team", "a"),
        ("X-Own", "2"),
    ]
    assert request.header("user-agent") == "mine"


@pytest.mark.parametrize("credential", ["none", "wrong", "basic", "longer"])
def test_no_credential_of_the_user_reaches_a_case_without_the_key(credential: Any) -> None:
    headers = (("api-key", "secret"), ("Cookie", "session=secret"), ("X-Team", "a"))
    request = made(dataclasses.replace(MODELS, credential=credential), headers=headers)
    assert "secret" not in repr(request)
    assert request.header("x-team") == "a"


@pytest.mark.parametrize(
    "header", [("X-A", "a\r\nb"), ("X A", "b"), ("", "b"), ("X-A", "\u20ac"), ("X-A", "\x00")]
)
def test_a_header_that_http_forbids_is_refused(header: tuple[str, str]) -> None:
    with pytest.raises(UsageError, match="cannot be sent"):
        made(MODELS, headers=(header,))


def test_a_key_that_http_forbids_is_refused_without_showing_it() -> None:
    with pytest.raises(UsageError) as error:
        made(MODELS, key="sk-\nsecret")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("operation", "path", "method", "accept"),
    [
        ("POST /v1/audio/speech", "", "", "application/octet-stream"),
        ("POST /v1/chat/completions", "", "", "application/json"),
        ("GET /v1/models", "", "", "application/json"),
    ],
)
def test_accept_is_that_of_the_sdk(operation: str, path: str, method: str, accept: str) -> None:
    case = Case("area/minimal/x", operation, "area", path=path, method=method)
    assert made(case).header("accept") == accept


def test_a_handshake_has_a_script_and_leaves_encodings_to_the_library() -> None:
    case = Case(
        "realtime/text/minimal",
        "GET /v1/realtime",
        "realtime",
        query={"model": "$model"},
        script=(
            {"until": ["session.created"]},
            {"send": {"type": "x", "model": "$model"}},
            {"send_text": "{"},
        ),
    )
    builder = RequestBuilder(contract_of(case), Target("https://h/v1", True, {"realtime": "talker"}), KEY)
    request = builder.request(case, answers)
    assert request.path == "/v1/realtime?model=talker"
    assert request.header("accept-encoding") is None
    assert request.header("authorization") == f"Bearer {KEY}"
    assert builder.script(case, answers) == (
        {"until": ["session.created"]},
        {"send": {"type": "x", "model": "talker"}},
        {"send_text": "{"},
    )


def test_other_cases_have_no_script() -> None:
    builder = RequestBuilder(contract_of(VIDEO), Target("https://h/v1", True), KEY)
    assert builder.script(VIDEO, answers) is None
