from __future__ import annotations

import pytest

from tests.checks.response_samples import NOW, answer, call, cut, found, message, refusal, response, stream

EACH = [
    "response_is_finished",
    "response_error_fits_status",
    "incomplete_details_fit_status",
    "response_is_not_completed_before_created",
    "completed_at_fits_status",
    "created_at_counts_seconds",
    "created_at_is_the_time_of_the_request",
    "output_item_ids_differ",
    "items_of_a_completed_response_are_completed",
]


@pytest.mark.parametrize("check", EACH)
@pytest.mark.parametrize("made", [answer, stream], ids=["json", "stream"])
def test_a_legal_response_breaks_nothing(check, made):
    assert found(check, made(response(message(), call()))) == []


@pytest.mark.parametrize("check", EACH)
def test_an_answer_without_a_list_of_output_is_left_to_its_schema(check):
    spoiled = "Spoiled: the response has no list of output"
    assert found(check, answer(response(output=None))) == spoiled
    assert found(check, answer({})) == spoiled


@pytest.mark.parametrize("check", EACH)
def test_a_refusal_holds_no_response(check):
    assert found(check, refusal()) == "NotShown: nothing was answered"


@pytest.mark.parametrize("status", ["in_progress", "queued", "cancelled", "failed", "done"])
def test_a_response_that_is_not_finished_is_told_by_its_status(status):
    expected = ("'completed' or 'incomplete'", f'"{status}"', "/status")
    assert found("response_is_finished", answer(response(status=status))) == [expected]


def test_a_limit_of_the_account_is_no_unfinished_response():
    failed = response(status="failed", error={"code": "rate_limit_exceeded", "message": "Slow down."})
    assert (
        found("response_is_finished", answer(failed))
        == "Spoiled: the response failed with rate_limit_exceeded"
    )


def test_a_missing_status_is_left_to_the_schema():
    made = response()
    del made["status"]
    assert found("response_is_finished", answer(made)) == "NotShown: the response has no status"


def test_an_error_in_a_completed_response_is_found():
    error = {"code": "server_error", "message": "x"}
    seen = found("response_error_fits_status", answer(response(error=error)))
    assert seen == [("null, as it is completed", '{"code": "server_error", "message": "x"}', "/error")]


def test_a_failed_response_without_error_is_found():
    seen = found("response_error_fits_status", answer(response(status="failed")))
    assert seen == [("the error that made it fail", "null", "/error")]


def test_a_cut_response_needs_a_reason():
    seen = found("incomplete_details_fit_status", answer(cut(incomplete_details={})))
    assert seen == [("the reason why it is incomplete", "{}", "/incomplete_details")]
    assert found("incomplete_details_fit_status", answer(cut())) == []


def test_a_completed_response_has_no_reason_to_be_incomplete():
    made = stream(response(incomplete_details={"reason": "max_output_tokens"}))
    assert found("incomplete_details_fit_status", made) == [
        (
            "null, as it is completed",
            '{"reason": "max_output_tokens"}',
            "event 9 /response/incomplete_details",
        )
    ]


def test_a_completion_before_the_creation_is_found():
    made = answer(response(completed_at=NOW - 1))
    expected = (f"at least created_at, {NOW}", str(NOW - 1), "/completed_at")
    assert found("response_is_not_completed_before_created", made) == [expected]


def test_times_are_compared_by_whole_seconds():
    made = answer(response(created_at=NOW + 0.9, completed_at=NOW))
    assert found("response_is_not_completed_before_created", made) == []


def test_completed_at_follows_the_status():
    check = "completed_at_fits_status"
    assert found(check, answer(response(completed_at=None))) == [
        ("the time of completion", "null", "/completed_at")
    ]
    assert found(check, answer(cut(completed_at=NOW))) == [
        ("null, as it is incomplete", str(NOW), "/completed_at")
    ]
    assert found(check, answer(cut())) == []


@pytest.mark.parametrize("created", [0, NOW * 1000, -1])
def test_created_at_that_is_no_time_in_seconds_is_told_once(created):
    made = answer(response(created_at=created))
    assert found("created_at_counts_seconds", made) == [("seconds since 1970", str(created), "/created_at")]
    assert found("created_at_is_the_time_of_the_request", made) == "Spoiled: created_at is no time"
    assert found("response_is_not_completed_before_created", made) == "Spoiled: created_at is no time"


def test_created_at_of_another_year_is_found():
    made = answer(response(created_at=NOW - 40_000_000))
    expected = (f"the time of the request, {NOW}", str(NOW - 40_000_000), "/created_at")
    assert found("created_at_is_the_time_of_the_request", made) == [expected]


def test_a_time_zone_is_no_other_time():
    assert (
        found("created_at_is_the_time_of_the_request", answer(response(created_at=NOW + 12 * 3600.5))) == []
    )


def test_two_items_of_one_id_are_found():
    made = answer(response(message(), call(id="msg_1")))
    assert found("output_item_ids_differ", made) == [("an id for each item", "'msg_1' 2 times", "/output")]


def test_items_of_one_id_in_two_responses_are_found():
    first, second = answer(response()), answer(response(), id="responses/made/again")
    expected = (
        "an id of its own",
        "'msg_1' 2 times (responses/made/by-hand, responses/made/again)",
        "/output/0/id",
    )
    assert found("output_item_ids_differ_between_responses", first, second) == [expected]
    other = answer(response(message(id="msg_2")))
    assert found("output_item_ids_differ_between_responses", first, other, refusal()) == []


def test_call_ids_that_are_ordinals_come_back_in_another_response():
    first, second = answer(response(call())), answer(response(message(), call()), id="responses/made/again")
    expected = (
        "an id of its own",
        "'call_1' 2 times (responses/made/by-hand, responses/made/again)",
        "/output/1/call_id",
    )
    assert found("call_ids_differ_between_responses", first, second) == [expected]


def test_without_a_call_no_call_id_is_judged():
    assert found("call_ids_differ_between_responses", answer(response())) == (
        "NotShown: no answer has an item with call_id"
    )


def test_a_call_id_that_is_the_item_id_is_found():
    made = answer(response(call(call_id="fc_1")))
    assert found("call_id_is_not_the_item_id", made) == [
        ("another value than id", '"fc_1"', "/output/0/call_id")
    ]
    assert found("call_id_is_not_the_item_id", answer(response())) == "NotShown: the model called no function"


@pytest.mark.parametrize("status", ["in_progress", "incomplete"])
def test_an_unfinished_item_in_a_completed_response_is_found(status):
    made = answer(response(message(), call(status=status)))
    expected = ("'completed'", f'"{status}"', "/output/1/status")
    assert found("items_of_a_completed_response_are_completed", made) == [expected]


def test_a_hosted_tool_may_have_failed():
    failed = {"id": "ws_1", "type": "web_search_call", "status": "failed"}
    assert found("items_of_a_completed_response_are_completed", answer(response(failed, message()))) == []


LIMIT = {"max_output_tokens": 16}


@pytest.mark.parametrize("made", [answer, stream], ids=["json", "stream"])
def test_a_cut_response_and_its_item_are_incomplete(made):
    legal = made(cut(), request=LIMIT)
    assert found("response_cut_by_the_limit_is_incomplete", legal) == []
    assert found("cut_item_says_incomplete", legal) == []


def test_a_response_at_the_limit_that_says_completed_is_found():
    made = answer(cut(status="completed", incomplete_details=None), request=LIMIT)
    expected = ("'incomplete', as 16 of 16 tokens were used", '"completed"', "/status")
    assert found("response_cut_by_the_limit_is_incomplete", made) == [expected]


def test_another_reason_than_the_limit_is_found():
    made = answer(cut(incomplete_details={"reason": "length"}), request=LIMIT)
    expected = ("'max_output_tokens'", '"length"', "/incomplete_details/reason")
    assert found("response_cut_by_the_limit_is_incomplete", made) == [expected]


def test_a_filter_may_come_before_the_limit():
    made = answer(cut(incomplete_details={"reason": "content_filter"}), request=LIMIT)
    assert found("response_cut_by_the_limit_is_incomplete", made) == []
    assert (
        found("cut_item_says_incomplete", made) == "NotShown: the response was not cut by max_output_tokens"
    )


def test_an_answer_that_ends_by_itself_shows_nothing_of_the_limit():
    assert found("response_cut_by_the_limit_is_incomplete", answer(response(), request=LIMIT)) == (
        "NotShown: the answer ended before the limit"
    )


def test_a_cut_item_that_says_completed_is_found():
    made = answer(cut(message("Thoughts"), call(status="completed")), request=LIMIT)
    expected = ("'incomplete'", '"completed"', "/output/1/status")
    assert found("cut_item_says_incomplete", made) == [expected]


def test_reasoning_that_was_cut_has_no_status_to_judge():
    reasoning = {"id": "rs_1", "type": "reasoning", "summary": []}
    assert found("cut_item_says_incomplete", answer(cut(reasoning), request=LIMIT)) == (
        "NotShown: no written item with a status was cut"
    )
