from __future__ import annotations

from typing import Any

import pytest

from tests.reference.client import Client

PATH = "/v1/moderations"
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}


@pytest.mark.parametrize(
    ("given", "results"), [("hi", 1), (["hi", "ho", "he"], 3), ([{"type": "text", "text": "hi"}, IMAGE], 1)]
)
def test_texts_are_judged_one_by_one_and_parts_together(client: Client, given: Any, results: int) -> None:
    answer = client.post(PATH, {"input": given})
    assert len(answer["results"]) == results
    for result in answer["results"]:
        keys = [
            set(result[name]) for name in ("categories", "category_scores", "category_applied_input_types")
        ]
        assert keys[0] == keys[1] == keys[2]
        assert len(keys[0]) == 13
        assert all(0 <= score <= 1 for score in result["category_scores"].values())


def test_flagged_says_that_a_category_applies(client: Client) -> None:
    calm, violent = client.post(PATH, {"input": ["Good morning.", "I will kill the process."]})["results"]
    assert not calm["flagged"]
    assert not any(calm["categories"].values())
    assert violent["flagged"]
    assert violent["categories"]["violence"]


def test_images_apply_to_some_categories_only(client: Client) -> None:
    applied = client.post(PATH, {"input": [IMAGE]})["results"][0]["category_applied_input_types"]
    assert applied["violence"] == ["image"]
    assert applied["hate"] == []


def test_a_missing_input_is_named(client: Client) -> None:
    assert client.refusal("POST", PATH, {}) == (400, "missing_required_parameter", "input")
    assert client.refusal("POST", PATH, {"input": [{"type": "text"}]})[2] == "input[0].text"
