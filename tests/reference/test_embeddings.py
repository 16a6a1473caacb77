from __future__ import annotations

import base64
import math
import struct
from typing import Any

import pytest

from tests.reference.client import Client

PATH = "/v1/embeddings"


def ask(given: Any, **options: Any) -> dict[str, Any]:
    return {"model": "ref-embed", "input": given, **options}


@pytest.mark.parametrize(
    ("given", "vectors"), [("hi", 1), (["hi", "there"], 2), ([1, 2], 1), ([[1, 2], [3]], 2)]
)
def test_each_input_has_a_vector_of_length_one(client: Client, given: Any, vectors: int) -> None:
    answer = client.post(PATH, ask(given))
    assert [entry["index"] for entry in answer["data"]] == list(range(vectors))
    lengths = [math.hypot(*entry["embedding"]) for entry in answer["data"]]
    assert lengths == pytest.approx([1.0] * vectors, abs=1e-6)
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] > 0


def test_base64_holds_the_same_floats(client: Client) -> None:
    floats = client.post(PATH, ask("hi"))["data"][0]["embedding"]
    packed = base64.b64decode(client.post(PATH, ask("hi", encoding_format="base64"))["data"][0]["embedding"])
    assert list(struct.unpack(f"<{len(packed) // 4}f", packed)) == floats


def test_dimensions_are_obeyed(client: Client) -> None:
    assert len(client.post(PATH, ask("hi", dimensions=8))["data"][0]["embedding"]) == 8


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"input": ""}, "string_below_min_length"),
        ({"input": []}, "empty_array"),
        ({"input": [""]}, "string_below_min_length"),
        ({"input": ["a", 1]}, "invalid_type"),
        ({"input": ["a"] * 2049}, "array_above_max_length"),
        ({"input": "word " * 9000}, "context_length_exceeded"),
        ({"encoding_format": "hex"}, "invalid_value"),
        ({"dimensions": 0}, "integer_below_min_value"),
        ({"model": "ref-text"}, "unsupported_value"),
    ],
)
def test_a_breach_is_refused(client: Client, changes: Any, code: str) -> None:
    assert client.refusal("POST", PATH, {**ask("hi"), **changes})[:2] == (400, code)
