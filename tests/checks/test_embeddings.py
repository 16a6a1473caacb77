"""Each lie about embeddings, told in a hand-made answer."""

from __future__ import annotations

import base64
import contextlib
import struct
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import NotShown, Spoiled
from tests.checks.media_answers import answer, findings, red, refused

A, B, C = [0.6, 0.8, 0.0], [0.0, 0.6, 0.8], [0.8, 0.0, -0.6]
MINIMAL = "embeddings/minimal/json"
ARRAY = "embeddings/input/array"
COMPARED = {"EMB-004", "EMB-010", "EMB-011", "EMB-017"}


def packed(numbers: list[float], form: str = "<f") -> str:
    return base64.b64encode(struct.pack(f"{form[0]}{len(numbers)}{form[1]}", *numbers)).decode()


def listed(*embeddings: Any, prompt: int = 9, total: int = 9, **changes: Any) -> dict[str, Any]:
    data = [{"object": "embedding", "index": i, "embedding": e} for i, e in enumerate(embeddings)]
    usage = {"prompt_tokens": prompt, "total_tokens": total}
    return {"object": "list", "model": "m", "data": data, "usage": usage, **changes}


def said(case_id: str, *embeddings: Any, **more: Any) -> Answer:
    return answer(case_id, listed(*embeddings, **more))


SINGLES = (said(MINIMAL, A), said("embeddings/input/second", B), said("embeddings/input/third", C))


@pytest.mark.parametrize(
    "legal",
    [
        said(MINIMAL, A),
        said(ARRAY, A, B, C),
        said("embeddings/format/base64", packed(A)),
        said("embeddings/input/array-base64", packed(A), packed(B), packed(C)),
        said("embeddings/input/tokens", A),
        said("embeddings/input/token-arrays", A, B),
        answer(
            "embeddings/format/float", {**listed(A), "extra": {"a": [1]}}, "application/json; charset=utf-8"
        ),
    ],
    ids=lambda legal: legal.case.id,
)
def test_legal_answers_pass(legal: Answer) -> None:
    assert red("EMB-", legal, without={*COMPARED, "EMB-005", "EMB-014"}) == {}


LIES: dict[str, tuple[str, Answer, tuple[str, str, str]]] = {
    "too-few": ("EMB-001", said(ARRAY, A), ("3 embeddings", "1 of them", "/data")),
    "too-many": ("EMB-001", said(MINIMAL, A, B), ("1 embedding", "2 of them", "/data")),
    "tokens-as-inputs": (
        "EMB-001",
        said("embeddings/input/tokens", A, B),
        ("1 embedding", "2 of them", "/data"),
    ),
    "empty-list": (
        "EMB-001",
        answer("embeddings/input/tokens", listed()),
        ("1 embedding", "0 of them", "/data"),
    ),
    "other-length": (
        "EMB-003",
        said(ARRAY, A, B, [1.0]),
        ("3 numbers, as the first has", "1", "/data/2/embedding"),
    ),
    "dimensions-ignored": (
        "EMB-005",
        said("embeddings/dimensions/float", A),
        ("256 numbers", "3 numbers", "/data/0/embedding"),
    ),
    "base64-ignored": (
        "EMB-006",
        said("embeddings/format/base64", [0.5]),
        ("base64", "[0.5]", "/data/0/embedding"),
    ),
    "base64-unasked": ("EMB-006", said(MINIMAL, "AAAAAA=="), ("numbers", '"AAAAAA=="', "/data/0/embedding")),
    "base64-padding": (
        "EMB-007",
        said("embeddings/format/base64", packed(A).rstrip("=") + "A"),
        (
            "base64 of 32-bit floats",
            "17 characters are not a multiple of four: padding is missing or wrong",
            "/data/0/embedding",
        ),
    ),
    "base64-bytes": (
        "EMB-007",
        said("embeddings/format/base64", base64.b64encode(b"12345").decode()),
        ("base64 of 32-bit floats", "5 bytes are no whole number of 32-bit floats", "/data/0/embedding"),
    ),
    "nan": (
        "EMB-008",
        said("embeddings/format/base64", packed([0.5, float("nan")])),
        ("finite numbers", "nan as number 1", "/data/0/embedding"),
    ),
    "infinite": (
        "EMB-008",
        answer(MINIMAL, '{"data": [{"embedding": [0.5, 1e999]}]}'),
        ("finite numbers", "inf as number 1", "/data/0/embedding"),
    ),
    "zeros": (
        "EMB-009",
        said(MINIMAL, [0.0, 0.0]),
        ("a number that is not 0", "2 zeros", "/data/0/embedding"),
    ),
    "not-normalised": (
        "EMB-014",
        said(MINIMAL, [3.0, 4.0]),
        ("a vector of length 1", "5", "/data/0/embedding"),
    ),
    "usage-zero": ("EMB-015", said(MINIMAL, A, prompt=0), ("at least 1", "0", "/usage/prompt_tokens")),
    "total-below": (
        "EMB-016",
        said(MINIMAL, A, total=8),
        ("at least 9, the prompt_tokens", "8", "/usage/total_tokens"),
    ),
    "total-above": (
        "EMB-019",
        said(MINIMAL, A, total=12),
        ("9, the prompt_tokens", "12", "/usage/total_tokens"),
    ),
}


@pytest.mark.parametrize(("requirement", "lie", "expected"), LIES.values(), ids=LIES)
def test_lies_about_one_answer(requirement: str, lie: Answer, expected: tuple[str, str, str]) -> None:
    assert findings(requirement, lie) == [expected]


def test_indexes_out_of_order() -> None:
    swapped = listed(A, B, C)
    swapped["data"][0]["index"], swapped["data"][1]["index"] = 1, 0
    assert findings("EMB-002", answer(ARRAY, swapped)) == [("[0, 1, 2]", "[1, 0, 2]", "/data")]


def test_missing_index_is_left_to_the_schema() -> None:
    without = listed(A)
    del without["data"][0]["index"]
    assert findings("EMB-002", answer(MINIMAL, without)) == []
    assert findings("SHAPE-001", answer(MINIMAL, without)) == [
        ("the member 'index'", '{"object": "embedding", "embedding": [0.6, 0.8, 0.0]}', "/data/0")
    ]


def test_numbers_in_place_of_base64_are_told_once() -> None:
    with pytest.raises(Spoiled):
        findings("EMB-007", said("embeddings/format/base64", A))


def test_one_length_over_all_answers() -> None:
    whole, half = said(MINIMAL, A), said("embeddings/format/base64", packed(A[:2]))
    asked = said("embeddings/dimensions/float", [1.0])
    assert findings("EMB-004", whole, asked, said("embeddings/input/second", B)) == []
    assert findings("EMB-004", whole, half) == [("3 numbers, as in other answers", "2", "/data/0/embedding")]
    with pytest.raises(NotShown):
        findings("EMB-004", refused(MINIMAL))


@pytest.mark.parametrize(
    ("encoded", "count"),
    [(packed(A), 0), (packed(A, ">f"), 1), (packed([*A[:2], 0.0001]), 1), (packed(A, "<d"), 1)],
    ids=["equal", "big-endian", "one-number-off", "64-bit"],
)
def test_base64_says_what_the_numbers_say(encoded: str, count: int) -> None:
    mine = said("embeddings/format/base64", encoded)
    assert len(findings("EMB-010", mine, others=[said(MINIMAL, A)])) == count


def test_base64_may_differ_as_much_as_the_numbers_do() -> None:
    noisy = said("embeddings/format/float", [0.6001, 0.8, 0.0])
    mine = said("embeddings/format/base64", packed([0.6002, 0.8, 0.0]))
    assert findings("EMB-010", mine, others=[said(MINIMAL, A), noisy]) == []
    assert findings("EMB-010", mine, others=[said(MINIMAL, A), said("embeddings/format/float", A)]) == [
        ("the numbers of the other answer, [0.6, 0.8, 0.0] …", "[0.6002, 0.8, 0.0] …", "/data/0/embedding")
    ]


def test_base64_cannot_be_compared_with_a_refusal() -> None:
    with pytest.raises(NotShown):
        findings("EMB-010", said("embeddings/format/base64", packed(A)), others=[refused(MINIMAL)])


def test_a_batch_is_its_inputs() -> None:
    assert findings("EMB-011", said(ARRAY, A, B, C), others=SINGLES) == []
    almost = [0.6000001, 0.7999999, 0.0]
    assert findings("EMB-011", said(ARRAY, almost, B, C), others=SINGLES) == []
    assert findings("EMB-011", said(ARRAY, B, A, C), others=SINGLES) == [
        (
            "the vector that this input has by itself",
            "one whose cosine with it is 0.4800",
            f"/data/{i}/embedding",
        )
        for i in (0, 1)
    ]


@pytest.mark.parametrize("case_id", [MINIMAL, "embeddings/dimensions/float"])
def test_vectors_are_normalised(case_id: str) -> None:
    assert findings("EMB-014", said(case_id, [0.6, 0.8001])) == []


def test_different_inputs_have_different_vectors() -> None:
    assert findings("EMB-012", said(ARRAY, A, B, C)) == []
    assert findings("EMB-012", said(ARRAY, A, B, A)) == [
        ("a vector of its own", "that of /data/0/embedding", "/data/2/embedding")
    ]


def test_the_same_input_has_the_same_vector() -> None:
    twice, again = "embeddings/input/same-twice", "embeddings/concurrent/same-request"
    assert findings("EMB-013", said(twice, A, A)) == []
    assert len(findings("EMB-013", said(twice, A, B))) == 1
    assert len(findings("EMB-013", said(again, A), said(again, A), said(again, C))) == 1


@pytest.mark.parametrize("requirement", ["EMB-010", "EMB-011"])
def test_zeros_are_told_once(requirement: str) -> None:
    zeros = said(ARRAY if requirement == "EMB-011" else "embeddings/format/base64", [0.0, 0.0])
    with pytest.raises(NotShown):
        findings(requirement, zeros, others=[said(MINIMAL, [0.0, 0.0])])


def test_longer_input_counts_more() -> None:
    longer = "embeddings/usage/longer-input"
    assert findings("EMB-017", said(longer, A, prompt=50), others=[said(MINIMAL, A)]) == []
    assert findings("EMB-017", said(longer, A), others=[said(MINIMAL, A)]) == [
        ("more than 9", "9", "/usage/prompt_tokens")
    ]
    with pytest.raises(Spoiled):
        findings("EMB-017", said(longer, A, prompt=0), others=[said(MINIMAL, A, prompt=0)])


@pytest.mark.parametrize(
    "body",
    [{}, [], {"data": None}, "no JSON", {"data": [None, 7], "usage": []}],
    ids=["empty", "list", "null", "text", "members"],
)
def test_broken_answers_are_left_to_others(body: Any) -> None:
    with contextlib.suppress(Spoiled):
        assert red("EMB-", answer(MINIMAL, body), without={*COMPARED, "EMB-001"}) == {}
