"""The OpenAPI document: its rows and helpers, and that tools load it and make cheap requests from it."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from conformance.datafiles import data_root, load_yaml

Value = dict[str, Any]

ROWS = {
    "GET /v1/models": ("ready", "models", "data"),
    "GET /v1/models/{model}": ("ready", "models", "id"),
    "POST /v1/chat/completions": ("ready", "text", "choices"),
    "POST /v1/completions": ("limited", "text", "choices"),
    "POST /v1/responses": ("ready", "text", "output"),
    "POST /v1/responses/compact": ("limited", "text", "output"),
    "GET /v1/responses": ("limited", "text", "type"),
    "GET /v1/realtime": ("limited", "realtime", "type"),
    "POST /v1/responses/input_tokens": ("limited", "text", "input_tokens"),
    "POST /v1/embeddings": ("limited", "embeddings", "data"),
    "POST /v1/moderations": ("limited", "safety", "results"),
    "POST /v1/images/generations": ("ready", "images", "data"),
    "POST /v1/images/edits": ("ready", "images", "data"),
    "POST /v1/videos": ("limited", "videos", "id"),
    "GET /v1/videos/{video_id}": ("limited", "videos", "id"),
    "GET /v1/videos/{video_id}/content": ("limited", "videos", None),
    "POST /v1/videos/{video_id}/remix": ("limited", "videos", "id"),
    "POST /v1/audio/transcriptions": ("limited", "audio", "text"),
    "POST /v1/audio/translations": ("limited", "audio", "text"),
    "POST /v1/audio/speech": ("limited", "audio", None),
}
HELPERS = [
    ("GET", "/v1/responses/{response_id}"),
    ("GET", "/v1/responses/{response_id}?stream=true"),
    ("POST", "/v1/responses/{response_id}/cancel"),
]
TEXT_REQUESTS = (
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses",
    "/v1/responses/compact",
    "/v1/responses/input_tokens",
)


@functools.cache
def openapi() -> Value:
    document: Value = load_yaml(data_root() / "spec" / "openapi.yaml")
    return document


@functools.cache
def components() -> dict[str, Value]:
    """Every component file by its path as the document writes it."""
    folder = data_root() / "spec" / "components"
    return {f"components/{path.name}": load_yaml(path) for path in sorted(folder.glob("*.yaml"))}


def schema_at(reference: str) -> Value:
    file, _, name = reference.partition("#/")
    schema: Value = components()[file][name]
    return schema


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
    document: Value = copy.deepcopy(bundled(openapi()))
    schemas = document["components"].setdefault("schemas", {})
    for file in components().values():
        schemas |= {name: bundled(schema) for name, schema in file.items() if not name.startswith("x-")}
    return document


def subschemas(value: Any) -> Iterator[Value]:
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from subschemas(member)
    elif isinstance(value, list):
        for member in value:
            yield from subschemas(member)


def operations() -> Iterator[tuple[str, Value]]:
    for path, item in openapi()["paths"].items():
        for method in ("get", "post"):
            if method in item:
                yield f"{method.upper()} {path}", item[method]


OPERATIONS = dict(operations())


def test_the_rows_are_those_of_the_reference() -> None:
    seen = {
        name: (row["x-availability"], row["x-workload"], row["x-hallmark"])
        for name, row in OPERATIONS.items()
    }
    assert seen == ROWS


def test_every_row_is_named_once_and_noted() -> None:
    names = [row["operationId"] for row in OPERATIONS.values()] + [
        row["operationId"] for row in openapi()["x-helpers"]
    ]
    assert len(names) == len(set(names)) == 23
    assert all(row["x-note"].endswith(".") for row in OPERATIONS.values())


def test_the_helpers_are_bounded_reads_and_cancel() -> None:
    helpers = openapi()["x-helpers"]
    assert [(row["method"], row["path"]) for row in helpers] == HELPERS
    assert {row["x-availability"] for row in helpers} == {"helper"}


def test_only_the_two_sockets_are_marked() -> None:
    sockets = {
        name: row["x-events"] for name, row in OPERATIONS.items() if row.get("x-transport") == "websocket"
    }
    assert sockets == {
        "GET /v1/responses": "components/responses.yaml",
        "GET /v1/realtime": "components/realtime.yaml",
    }
    assert all("x-events" in components()[file] for file in sockets.values())


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_every_refusal_is_the_envelope(row: Value) -> None:
    refusal = bundled(row["responses"]["default"])
    if "$ref" in refusal:
        refusal = bundled(openapi()["components"]["responses"]["Refusal"])
    schema = refusal["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ErrorEnvelope"}


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_a_hallmark_is_required_of_the_answer(row: Value) -> None:
    success = row["responses"].get("200", {})
    success = openapi()["components"]["responses"]["VideoTask"] if "$ref" in success else success
    schema = success.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        assert row["x-hallmark"] is None or "x-transport" in row
    else:
        assert row["x-hallmark"] in schema_at(schema["$ref"])["required"]


def test_every_reference_leads_somewhere() -> None:
    document = one_document()
    for schema in subschemas(document):
        if "$ref" in schema:
            node: Any = document
            for step in schema["$ref"].removeprefix("#/").split("/"):
                node = node[step]
            assert isinstance(node, dict)


@functools.cache
def loaded() -> Any:
    return schemathesis.openapi.from_dict(one_document())


def test_schemathesis_loads_the_twenty_rows() -> None:
    assert sorted(result.ok().label for result in loaded().get_all_operations()) == sorted(ROWS)


def spends(body: Value) -> int:
    limits = ("max_completion_tokens", "max_tokens", "max_output_tokens")
    return sum(int(body.get(name, 0)) for name in limits) * int(body.get("n") or 1)


def every_number_is_exact(value: Any) -> bool:
    return all(
        type(number) is int
        for key in ("n", "seed", "max_tokens", "top_logprobs", "best_of", "max_tool_calls")
        if (number := value.get(key)) is not None
    )


@pytest.mark.parametrize("path", TEXT_REQUESTS)
def test_generated_requests_are_cheap(path: str) -> None:
    strategy = loaded()[path]["POST"].as_strategy(generation_mode=GenerationMode.POSITIVE)
    probe: Callable[..., None] = given(case=strategy)(lambda case: _assert_cheap(case.body))
    settings(
        max_examples=15,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )(probe)()


def _assert_cheap(body: Value) -> None:
    assert spends(body) <= 32
    assert every_number_is_exact(body)
    assert body.get("store") in (None, False)
    assert len(str(body)) < 4000
