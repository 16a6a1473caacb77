"""What is read from a request schema: types, limits and branches, without what only keeps requests cheap."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import load_contract
from conformance.properties.fields import Field, request_fields, type_of

BODY = {"model": "m", "messages": [{"role": "user", "content": "Hi."}]}


def chat_fields() -> dict[str, Field]:
    document = load_contract().schemas.document("CreateChatCompletionRequest")
    return {field.pointer: field for field in request_fields(document, BODY)}


def test_thrift_is_no_promise() -> None:
    fields = chat_fields()
    assert not fields["/max_completion_tokens"].is_required
    assert fields["/n"].choices == ()
    assert (fields["/n"].minimum, fields["/n"].maximum, fields["/n"].is_thrifty) == (1, 128, True)


def test_required_fields_of_the_branch_that_fits_are_found() -> None:
    required = [field.pointer for field in chat_fields().values() if field.is_required]
    assert required == ["/model", "/messages", "/messages/0/role", "/messages/0/content"]


def test_what_a_model_may_lack_is_not_portable() -> None:
    portable = {pointer: field.is_portable for pointer, field in chat_fields().items()}
    assert (portable["/temperature"], portable["/tools"], portable["/logprobs"]) == (True, False, False)


def test_types_are_those_of_every_branch() -> None:
    fields = chat_fields()
    assert fields["/stop"].types == {"null", "string", "array"}
    assert fields["/temperature"].types == {"null", "number"}
    assert fields["/max_completion_tokens"].is_whole


SCHEMAS: dict[str, Any] = {
    "Root": {
        "required": ["a", "b"],
        "x-thrift": ["required/b"],
        "properties": {"a": {"$ref": "#/x/A", "maxLength": 3}},
    },
    "A": {"type": "string", "maxLength": 9, "x-thrift": ["pattern"], "pattern": "x"},
}


def test_what_stands_beside_a_reference_counts() -> None:
    document = {"$ref": "#/x/Root", "components": {"schemas": SCHEMAS}}
    assert request_fields(document, {"a": "x"}) == (Field("/a", True, frozenset({"string"}), longest=3),)


@pytest.mark.parametrize(("value", "name"), [
    (None, "null"), (True, "boolean"), (1, "number"), (1.5, "number"), ("", "string"), ([], "array"), ({}, "object"),
])  # fmt: skip
def test_types_have_their_json_names(value: Any, name: str) -> None:
    assert type_of(value) == name
