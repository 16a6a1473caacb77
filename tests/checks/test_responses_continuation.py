from __future__ import annotations

from tests.checks.response_samples import answer, found, refusal, response

NEXT, STREAMED = "responses/continuation/next", "responses/continuation/next-after-stream"


def test_a_streamed_response_that_cannot_be_continued_is_found():
    check = "streamed_responses_are_continued_too"
    [(expected, seen, where)] = found(check, answer(response(), id=NEXT), refusal("Not found.", id=STREAMED))
    assert expected == "an answer, as an unstreamed response is continued"
    assert seen.startswith("400 application/json: ")
    assert where == "status"
    assert found(check, answer(response(), id=NEXT), answer(response(), id=STREAMED)) == []


def test_without_continuation_nothing_is_shown_of_streams():
    check = "streamed_responses_are_continued_too"
    assert found(check, refusal(id=NEXT), refusal(id=STREAMED)) == (
        "NotShown: no unstreamed response was continued"
    )
    assert found(check, answer(response(), id=NEXT)) == "NotShown: no streamed response was continued"


def test_a_compaction_that_is_not_taken_back_is_found():
    check = "compacted_conversation_is_continued"
    [(expected, _, where)] = found(check, refusal("Unknown item."))
    assert (expected, where) == ("an answer", "status")
    assert found(check, answer(response())) == []
    assert found(check, answer({}, status=500)) == "Spoiled: it was neither answered nor refused"


def test_the_refused_field_is_named():
    check, param = "error_param_is", "previous_response_id"
    assert found(check, refusal(error={"param": param}), param=param) == []
    assert found(check, refusal(), param=param) == [(param, "null", "/error/param")]


def test_a_refusal_with_426_names_the_protocol():
    check = "upgrade_required_names_the_protocol"
    named = refusal(status=426, headers=(("Upgrade", "websocket"),))
    assert found(check, named) == []
    assert found(check, refusal(status=426)) == [("Upgrade: websocket", "no Upgrade field", "upgrade")]
    assert found(check, refusal(status=404)) == "NotShown: nothing was refused with 426"
