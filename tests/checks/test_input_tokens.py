from __future__ import annotations

import pytest

from tests.checks.response_samples import answer, found, refusal, response

COUNT = "POST /v1/responses/input_tokens"
OTHER = "input-tokens/made/other"


def count(tokens, **case):
    body = {"object": "response.input_tokens", "input_tokens": tokens}
    return answer(body, operation=COUNT, **({"compare": (OTHER,)} | case))


def test_a_legal_count_breaks_nothing():
    assert found("input_is_counted", count(9)) == []
    assert found("same_input_counts_the_same", count(9), count(9), others=[count(9, id=OTHER)]) == []
    assert found("larger_input_counts_more", count(10), others=[count(9, id=OTHER)]) == []
    assert found("larger_input_counts_more", count(9), others=[count(9, id=OTHER)], least=0) == []
    assert (
        found("count_equals_what_the_response_counts", count(10), others=[answer(response(), id=OTHER)]) == []
    )


def test_a_count_of_nothing_is_told_once():
    assert found("input_is_counted", count(0)) == [("at least 1", "0", "/input_tokens")]
    for check in ("same_input_counts_the_same", "larger_input_counts_more"):
        assert found(check, count(0), others=[count(9, id=OTHER)]) == "Spoiled: nothing was counted"


def test_a_count_that_changes_is_found():
    seen = found("same_input_counts_the_same", count(9), count(12), others=[count(9, id=OTHER)])
    assert seen == [("9, as in input-tokens/made/other", "12", "/input_tokens")]


@pytest.mark.parametrize(("least", "seen"), [(1, "9"), (0, "8")])
def test_a_count_that_does_not_grow_is_found(least, seen):
    made = found("larger_input_counts_more", count(int(seen)), others=[count(9, id=OTHER)], least=least)
    expected = f"at least {9 + least}, for more than input-tokens/made/other has"
    assert made == [(expected, seen, "/input_tokens")]


def test_a_count_unlike_the_usage_of_the_response_is_found():
    check = "count_equals_what_the_response_counts"
    assert found(check, count(17), others=[answer(response(), id=OTHER)]) == [
        ("10, as usage of input-tokens/made/other says", "17", "/input_tokens")
    ]
    assert found(check, count(17), others=[answer(response(usage=None), id=OTHER)]) == (
        "NotShown: input-tokens/made/other counts no input"
    )


@pytest.mark.parametrize("tokens", ["9", 9.5, True, None])
def test_a_count_that_is_no_integer_is_left_to_the_schema(tokens):
    assert found("input_is_counted", count(tokens)) == "Spoiled: input_tokens is not an integer"


def test_without_the_other_count_nothing_is_shown():
    expected = f"NotShown: {OTHER} was not answered"
    assert found("same_input_counts_the_same", count(9)) == expected
    assert found("larger_input_counts_more", count(9), others=[refusal(id=OTHER)]) == expected
