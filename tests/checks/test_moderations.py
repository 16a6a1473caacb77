"""Each lie about moderations, told in a hand-made answer."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import NotShown
from tests.checks.media_answers import answer, findings, red

KEYS = (
    *("hate", "hate/threatening", "harassment", "harassment/threatening", "illicit", "illicit/violent"),
    *("self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors"),
    *("violence", "violence/graphic"),
)
MINIMAL, ARRAY, THREAT = "moderations/minimal/json", "moderations/input/array", "moderations/input/threat"


def result(score: float = 0.01, **true: bool) -> dict[str, Any]:
    categories = {key: true.get(key.replace("/", "_"), False) for key in KEYS}
    return {
        "flagged": any(categories.values()),
        "categories": categories,
        "category_scores": {key: 0.9 if hit else score for key, hit in categories.items()},
        "category_applied_input_types": {key: ["text"] for key in KEYS},
    }


def body(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "modr-1", "model": "m", "results": list(results) or [result()], **more}


def changed(path: str, value: Any, *, whole: dict[str, Any] | None = None) -> dict[str, Any]:
    """A result with one member changed, or removed where ``value`` is ``...``."""
    made = copy.deepcopy(whole or result())
    *parents, last = path.split(".")
    inner = made
    for name in parents:
        inner = inner[name]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return made


def older() -> dict[str, Any]:
    """As models older than omni-moderation answer: no illicit categories, no applied types."""
    made = result()
    for name in ("categories", "category_scores"):
        del made[name]["illicit"], made[name]["illicit/violent"]
    del made["category_applied_input_types"]
    return made


LEGAL: dict[str, Answer] = {
    "greeting": answer(MINIMAL, body()),
    "threat": answer(THREAT, body(result(violence=True))),
    "older-model": answer(MINIMAL, body(older())),
    "three": answer(ARRAY, body(result(0.1), result(0.2, violence=True), result(0.3))),
    "parts": answer("moderations/input/text-parts", body()),
    "image": answer(
        "moderations/input/image-parts",
        body(changed("category_applied_input_types.violence", ["text", "image"])),
    ),
    "more-categories": answer(
        MINIMAL,
        body(
            changed(
                "categories.fraud/charge",
                False,
                whole=changed("category_scores.fraud/charge", 0.2, whole=older()),
            )
        ),
    ),
    "said-to-be-free": answer(
        MINIMAL, body(usage={"cost": 0, "price_usd": "0.00", "currency": "USD", "total_tokens": 0})
    ),
    "free-by-header": answer(MINIMAL, body(), headers=(("x-response-cost", "0.0"), ("x-cost-centre", "abc"))),
}


@pytest.mark.parametrize("legal", LEGAL.values(), ids=LEGAL)
def test_legal_answers_pass(legal: Answer) -> None:
    assert red("MODER-", legal, without={"MODER-009"}) == {}


def test_applied_types_that_are_not_there_show_nothing() -> None:
    with pytest.raises(NotShown):
        findings("MODER-007", answer(MINIMAL, body(older())))


WHERE = "/results/0/category_applied_input_types"
NULL = changed("categories.illicit", None, whole=changed("category_scores.illicit", None))
LIES: dict[str, tuple[str, Answer, list[tuple[str, str, str]]]] = {
    "one-for-three": ("MODER-001", answer(ARRAY, body()), [("3 results", "1 of them", "/results")]),
    "two-for-one": (
        "MODER-001",
        answer(MINIMAL, body(result(), result())),
        [("1 result", "2 of them", "/results")],
    ),
    "one-for-each-part": (
        "MODER-001",
        answer("moderations/input/image-parts", body(result(), result())),
        [("1 result", "2 of them", "/results")],
    ),
    "score-missing": (
        "MODER-002",
        answer(MINIMAL, body(changed("category_scores.violence", ...))),
        [("'violence' in both", "none in category_scores", "/results/0/category_scores")],
    ),
    "category-missing": (
        "MODER-002",
        answer(MINIMAL, body(changed("categories.sexual", ...))),
        [
            ("'sexual' in both", "none in categories", "/results/0/category_scores"),
            ("'sexual' in both", "none in categories", WHERE),
        ],
    ),
    "both-null": (
        "MODER-003",
        answer(MINIMAL, body(NULL)),
        [
            ("true or false", "null", "/results/0/categories/illicit"),
            ("a score", "null", "/results/0/category_scores/illicit"),
        ],
    ),
    "score-null": (
        "MODER-004",
        answer(MINIMAL, body(changed("category_scores.illicit", None))),
        [("a category and its score", "false and null", "/results/0/illicit")],
    ),
    "not-flagged": (
        "MODER-005",
        answer(THREAT, body(changed("flagged", False, whole=result(violence=True)))),
        [("true, as violence is", "false", "/results/0/flagged")],
    ),
    "flagged-for-nothing": (
        "MODER-006",
        answer(MINIMAL, body(changed("flagged", True))),
        [("a category that is true", "none", "/results/0/categories")],
    ),
    "image-of-text": (
        "MODER-007",
        answer(MINIMAL, body(changed("category_applied_input_types.violence", ["text", "image"]))),
        [("no image, as none was sent", '["text", "image"]', f"{WHERE}/violence")],
    ),
    "image-for-hate": (
        "MODER-008",
        answer(MINIMAL, body(changed("category_applied_input_types.hate/threatening", ["image"]))),
        [("text", "image", f"{WHERE}/hate~1threatening")],
    ),
    "sound": (
        "MODER-008",
        answer(MINIMAL, body(changed("category_applied_input_types.violence", ["audio"]))),
        [("image or text", "audio", f"{WHERE}/violence")],
    ),
    "all-the-same": (
        "MODER-010",
        answer(ARRAY, body(result(0.1), result(0.2), result(0.1))),
        [("scores of its own", "those of /results/0", "/results/2")],
    ),
    "cost": (
        "MODER-011",
        answer(MINIMAL, body(usage={"total_tokens": 4, "cost": 0.0002})),
        [("no charge", "0.0002", "/usage/cost")],
    ),
    "price-as-text": (
        "MODER-011",
        answer(MINIMAL, body(price="$0.01")),
        [("no charge", '"$0.01"', "/price")],
    ),
    "nested-charge": (
        "MODER-011",
        answer(MINIMAL, body(billing={"currency": "USD", "amount": 3})),
        [("no charge", "3", "/billing/amount")],
    ),
    "camel-case": (
        "MODER-011",
        answer(MINIMAL, body(usage={"totalCost": 1})),
        [("no charge", "1", "/usage/totalCost")],
    ),
    "billable": (
        "MODER-011",
        answer(MINIMAL, body(usage={"billable_tokens": 5})),
        [("no charge", "5", "/usage/billable_tokens")],
    ),
    "header": (
        "MODER-011",
        answer(MINIMAL, body(), headers=(("X-Request-Cost", "0.01"),)),
        [("no charge", "0.01", "x-request-cost")],
    ),
    "tokens": (
        "MODER-012",
        answer(MINIMAL, body(usage={"prompt_tokens": 5, "total_tokens": 5})),
        [("no usage", "5", "/usage/prompt_tokens"), ("no usage", "5", "/usage/total_tokens")],
    ),
}


@pytest.mark.parametrize(("requirement", "lie", "expected"), LIES.values(), ids=LIES)
def test_lies(requirement: str, lie: Answer, expected: list[tuple[str, str, str]]) -> None:
    assert findings(requirement, lie) == expected


def test_tokens_alone_are_no_charge() -> None:
    assert findings("MODER-011", answer(MINIMAL, body(usage={"prompt_tokens": 5, "total_tokens": 5}))) == []


def test_scores_are_made_from_the_input() -> None:
    greeting = answer(MINIMAL, body())
    assert findings("MODER-009", answer(THREAT, body(result(violence=True))), others=[greeting]) == []
    assert findings("MODER-009", answer(THREAT, body()), others=[greeting]) == [
        ("other scores than of another input", "the same scores, to the last digit", "/results/0")
    ]
    with pytest.raises(NotShown):
        findings("MODER-009", answer(THREAT, body()))


def test_ids_of_concurrent_answers_differ() -> None:
    case = "moderations/concurrent/same-request"
    assert findings("MODER-013", answer(case, body(id="a")), answer(case, body(id="b"), step=1)) == []
    assert len(findings("MODER-013", answer(case, body(id="a")), answer(case, body(id="a"), step=1))) == 1
