from __future__ import annotations

import pytest

from tests.checks.response_samples import answer, call, cut, found, message, response, stream, usage

EACH = [
    "response_usage_adds_up",
    "response_usage_details_fit",
    "response_usage_counts_what_was_done",
    "finished_response_has_usage",
]
OTHER = "responses/made/other"


@pytest.mark.parametrize("check", EACH)
@pytest.mark.parametrize("made", [answer, stream], ids=["json", "stream"])
def test_a_legal_usage_breaks_nothing(check, made):
    assert found(check, made(response())) == []
    assert found(check, made(cut())) == []


def test_a_finished_response_without_usage_is_told_once():
    made = stream(response(usage=None))
    assert found("finished_response_has_usage", made) == [
        ("the token counts", "null", "event 9 /response/usage")
    ]
    assert found("response_usage_adds_up", made) == "Spoiled: the response has no usage"


def test_a_total_that_is_not_the_sum_is_found():
    made = answer(response(usage=usage(total_tokens=0)))
    assert found("response_usage_adds_up", made) == [("15 (10 + 5)", "0", "/usage/total_tokens")]


@pytest.mark.parametrize(
    ("details", "name", "whole"),
    [
        ("input_tokens_details", "cached_tokens", "input_tokens, 10"),
        ("input_tokens_details", "cache_write_tokens", "input_tokens, 10"),
        ("output_tokens_details", "reasoning_tokens", "output_tokens, 5"),
    ],
)
def test_a_part_above_its_whole_is_found(details, name, whole):
    made = answer(response(usage=usage(**{details: {name: 60}})))
    assert found("response_usage_details_fit", made) == [
        (f"at most {whole}", "60", f"/usage/{details}/{name}")
    ]


def test_counts_of_zero_are_told_once():
    made = answer(response(usage=usage(0, 0)), compare=(OTHER,))
    assert found("response_usage_counts_what_was_done", made) == [
        ("at least 1", "0", "/usage/input_tokens"),
        ("at least 1", "0", "/usage/output_tokens"),
    ]
    for check in ("response_usage_details_fit", "longer_response_input_counts_more"):
        assert found(check, made) == "Spoiled: usage counts nothing"


def test_a_compaction_may_write_nothing():
    compaction = {"object": "response.compaction", "output": [message()], "usage": usage(9, 0)}
    made = answer(compaction)
    assert found("response_usage_counts_what_was_done", made, written=False) == []
    assert found("response_usage_details_fit", made) == []


def test_a_constant_count_is_too_small_for_a_long_text():
    long = answer(response(message("word " * 40), usage=usage(written=2)))
    expected = ("at least 13 for a text of 200 characters", "2", "/usage/output_tokens")
    assert found("output_tokens_are_plausible", long, answer(response())) == [expected]
    fine = answer(response(message("word " * 40), usage=usage(written=41)))
    assert found("output_tokens_are_plausible", fine) == []
    assert found("output_tokens_are_plausible", answer(response())) == (
        "NotShown: no answer is long enough to tell"
    )


def test_more_tokens_than_the_limit_are_found():
    made = answer(cut(usage=usage(written=17)), request={"max_output_tokens": 16})
    assert found("output_tokens_keep_the_limit", made) == [("at most 16", "17", "/usage/output_tokens")]
    assert found("output_tokens_keep_the_limit", answer(cut(), request={"max_output_tokens": 16})) == []


def test_a_cut_after_a_few_tokens_is_found():
    check = "incomplete_response_used_the_limit"
    made = answer(cut(usage=usage(written=2)), request={"max_output_tokens": 16})
    assert found(check, made) == [("about 16, as the limit cut it", "2", "/usage/output_tokens")]
    assert found(check, answer(cut(usage=usage(written=15)), request={"max_output_tokens": 16})) == []
    assert found(check, answer(response())) == "NotShown: the response was not cut"


def test_a_longer_input_counts_more():
    check, short = "longer_response_input_counts_more", answer(response(), id=OTHER)
    constant = answer(response(), compare=(OTHER,))
    expected = ("more than 10, those of responses/made/other", "10", "/usage/input_tokens")
    assert found(check, constant, others=[short]) == [expected]
    more = stream(response(usage=usage(90)), compare=(OTHER,))
    assert found(check, more, others=[short]) == []
    assert found(check, constant) == "NotShown: responses/made/other was not answered"


def test_a_turn_that_forgets_the_earlier_one_is_found_by_two_signs():
    earlier = answer(response(usage=usage(20)), id=OTHER)
    forgets = answer(response(message("I do not know.")), compare=(OTHER,))
    assert found("continued_turn_counts_the_earlier_one", forgets, others=[earlier]) == [
        ("at least 20, those of responses/made/other", "10", "/usage/input_tokens")
    ]
    assert found("continued_turn_knows_the_earlier_one", forgets, others=[earlier], told="Ada") == [
        (
            "an answer that knows 'Ada', and 20 tokens of responses/made/other read",
            '"I do not know.", 10 read',
            "/output",
        )
    ]


@pytest.mark.parametrize("text", ["You are Ada.", "I do not know."])
def test_one_sign_is_not_enough(text):
    earlier = answer(response(usage=usage(20 if "Ada" in text else 5)), id=OTHER)
    made = answer(response(message(text)), compare=(OTHER,))
    assert found("continued_turn_knows_the_earlier_one", made, others=[earlier], told="Ada") == []


def test_the_streamed_twin_counts_the_same():
    check, twin = "streamed_usage_equals_the_unstreamed", answer(response(), id=OTHER)
    assert found(check, stream(response(), mirrors=OTHER), others=[twin]) == []
    more = stream(response(usage=usage(12, 8)), mirrors=OTHER)
    assert found(check, more, others=[twin]) == [
        ("10, as in responses/made/other", "12", "event 9 /response/usage/input_tokens"),
        ("5, as in responses/made/other", "8", "event 9 /response/usage/output_tokens"),
    ]


def test_another_text_may_have_another_number_of_tokens():
    check, twin = "streamed_usage_equals_the_unstreamed", answer(response(), id=OTHER)
    other_text = stream(response(message("Good day!"), usage=usage(10, 8)), mirrors=OTHER)
    assert found(check, other_text, others=[twin]) == []
    called = stream(response(call(), usage=usage(10, 8)), mirrors=OTHER)
    assert found(check, called, others=[twin]) == []


def test_hidden_reasoning_may_differ():
    thought = usage(10, 30, output_tokens_details={"reasoning_tokens": 25})
    twin = answer(response(), id=OTHER)
    made = stream(response(usage=thought), mirrors=OTHER)
    assert found("streamed_usage_equals_the_unstreamed", made, others=[twin]) == []
