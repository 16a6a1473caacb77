from __future__ import annotations

import pytest

from tests.checks.response_samples import TOOL, answer, call, cut, found, message, response, stream

OFFERED = {"tools": [TOOL]}
EACH = [
    "function_arguments_parse",
    "strict_arguments_match_their_schema",
    "called_functions_were_offered",
    "call_ids_differ",
]


@pytest.mark.parametrize("check", EACH)
@pytest.mark.parametrize("made", [answer, stream], ids=["json", "stream"])
def test_a_legal_call_breaks_nothing(check, made):
    two = response(call(), call('{"city": "Oslo"}', id="fc_2", call_id="call_2"))
    assert found(check, made(two, request=OFFERED)) == []


@pytest.mark.parametrize("check", EACH)
def test_a_model_may_answer_in_words(check):
    assert found(check, answer(response(), request=OFFERED)) == "NotShown: the model called no function"


@pytest.mark.parametrize("check", EACH)
def test_a_call_that_was_cut_is_not_judged(check):
    made = answer(cut(call('{"cit', name="nothing", status="incomplete")), request=OFFERED)
    assert found(check, made) == "NotShown: the model called no function"


@pytest.mark.parametrize(
    "arguments", ["", '{"city": "Par', '["Paris"]', '"{\\"city\\": \\"Paris\\"}"', "null"]
)
def test_arguments_that_are_no_json_object_are_told_once(arguments):
    made = answer(response(call(arguments)), request=OFFERED)
    [(expected, _, where)] = found("function_arguments_parse", made)
    assert (expected, where) == ("the text of a JSON object", "/output/0/arguments")
    assert found("strict_arguments_match_their_schema", made) == (
        "NotShown: no call of a strict tool has arguments that parse"
    )


def test_arguments_that_are_no_text_are_left_to_the_schema():
    made = answer(response(call({"city": "Paris"})), request=OFFERED)
    assert found("function_arguments_parse", made) == []


def test_arguments_of_a_strict_function_follow_its_parameters():
    made = answer(response(call('{"location": "Paris"}')), request=OFFERED)
    [(expected, _, where)] = found("strict_arguments_match_their_schema", made)
    assert (expected, where) == ("arguments valid under the parameters", "/output/0/arguments")


def test_arguments_of_another_function_are_the_models_affair():
    loose = {"tools": [{**TOOL, "strict": False}]}
    made = answer(response(call('{"location": "Paris"}')), request=loose)
    assert found("strict_arguments_match_their_schema", made).startswith("NotShown")


def test_a_function_that_nobody_offered_is_found():
    made = answer(response(call(name="functions.get_weather")), request=OFFERED)
    expected = ('one of ["get_weather"]', '"functions.get_weather"', "/output/0/name")
    assert found("called_functions_were_offered", made) == [expected]


def test_two_calls_of_one_call_id_are_found():
    made = answer(response(call(), call(id="fc_2")), request=OFFERED)
    assert found("call_ids_differ", made) == [("an id for each call", '"call_1"', "/output/1/call_id")]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [("required", "a function call"), ({"type": "function", "name": "f"}, "a call of f")],
)
def test_a_forced_call_that_does_not_come_is_found(choice, expected):
    made = answer(response(message("No.")), request={**OFFERED, "tool_choice": choice})
    assert found("forced_function_is_called", made) == [(expected, '"No."', "/output")]


def test_a_forced_call_that_comes_or_is_cut_is_legal():
    assert found("forced_function_is_called", answer(response(call()))) == []
    assert found("forced_function_is_called", answer(cut())) == (
        "NotShown: the response was cut before its end"
    )
    assert found("forced_function_is_called", answer(response(output=[]))) == (
        "Spoiled: the response has no output"
    )


def test_a_call_of_another_function_than_the_named_one_is_found():
    named = {"tool_choice": {"type": "function", "name": "get_time"}}
    made = answer(response(call()), request=named)
    assert found("only_the_named_function_is_called", made) == [
        ('"get_time"', '"get_weather"', "/output/0/name")
    ]
    assert (
        found("only_the_named_function_is_called", answer(response(call(name="get_time")), request=named))
        == []
    )


def test_a_call_that_was_forbidden_is_found():
    assert found("no_function_is_called", answer(response(message(), call()))) == [
        ("no function call", '"get_weather"', "/output/1")
    ]
    assert found("no_function_is_called", answer(response())) == []


def test_two_calls_where_one_was_allowed_are_found():
    check = "one_function_is_called_at_most"
    two = answer(response(call(), call(id="fc_2", call_id="call_2")))
    assert found(check, two) == [("one function call at most", "2 calls", "/output/1")]
    assert found(check, answer(response(call()))) == []
    assert found(check, answer(response())) == "NotShown: the model called no function"
