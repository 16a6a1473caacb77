from __future__ import annotations

import pytest

from tests.checks.response_samples import TOOL, answer, found, response, stream

MEMBERS = ["/instructions", "/metadata", "/max_output_tokens", "/tools", "/tool_choice", "/text/format/type"]


def contradictions(request, **changes):
    made = answer(response(**changes), request=request)
    return found("response_contradicts_no_option", made, members=MEMBERS, may_be_null=["/temperature"])


@pytest.mark.parametrize(
    ("request_", "changes"),
    [
        ({"instructions": "Be brief."}, {"instructions": "Be brief."}),
        ({"metadata": {"a": "b"}}, {"metadata": {"a": "b"}}),
        ({"max_output_tokens": 16}, {}),
        ({"tools": [TOOL]}, {"tools": [{**TOOL, "description": None}]}),
        (
            {"tool_choice": {"type": "function", "name": "f"}},
            {"tool_choice": {"type": "function", "name": "f", "x": 1}},
        ),
        ({"text": {"format": {"type": "json_object"}}}, {"text": {"format": {"type": "json_object"}}}),
    ],
)
def test_options_that_are_repeated_contradict_nothing(request_, changes):
    assert contradictions(request_, **changes) == []


@pytest.mark.parametrize(
    ("request_", "changes", "expected"),
    [
        ({"instructions": "Be brief."}, {}, ('"Be brief."', "null", "/instructions")),
        ({"metadata": {"a": "b"}}, {}, ('{"a": "b"}', "{}", "/metadata")),
        ({"max_output_tokens": 16}, {"max_output_tokens": 4096}, ("16", "4096", "/max_output_tokens")),
        ({"tools": [TOOL]}, {}, ('[["function", "get_weather"]]', "[]", "/tools")),
        ({"tool_choice": "required"}, {}, ('"required"', '"auto"', "/tool_choice")),
        (
            {"text": {"format": {"type": "json_schema"}}},
            {"text": {"format": {"type": "text"}}},
            ('"json_schema"', '"text"', "/text/format/type"),
        ),
    ],
)
def test_an_option_that_is_repeated_otherwise_is_found(request_, changes, expected):
    assert contradictions(request_, **changes) == [expected]


def test_a_model_may_take_no_temperature():
    made = answer(response(temperature=None), request={"temperature": 0.5})
    check = "response_contradicts_no_option"
    assert found(check, made, members=["/temperature"], may_be_null=["/temperature"]) == []
    assert found(check, made, members=["/temperature"]) == [("0.5", "null", "/temperature")]


def test_a_request_without_options_shows_nothing():
    assert contradictions({}) == "NotShown: the request sets none of these options"


def test_an_option_that_is_left_out_is_found():
    check, members = "response_repeats_every_option", ["/max_output_tokens"]
    made = stream(response(), request={"max_output_tokens": 16})
    assert found(check, made, members=members) == [
        ("16", "no such member", "event 9 /response/max_output_tokens")
    ]
    kept = answer(response(max_output_tokens=16), request={"max_output_tokens": 16})
    assert found(check, kept, members=members) == []


def test_a_tool_that_lost_its_parameters_is_found():
    check, sent = "response_repeats_tool_definitions", {"tools": [TOOL]}
    assert found(check, answer(response(tools=[{**TOOL, "description": None}]), request=sent)) == []
    [(_, seen, where)] = found(check, answer(response(tools=[{**TOOL, "parameters": {}}]), request=sent))
    assert (seen[-17:], where) == ('"parameters": {}}', "/tools/0")
    assert found(check, answer(response(), request=sent)) == (
        "NotShown: the response does not repeat the tools"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"instructions": "You are the operator's."},
            ("null, as none was sent", '"You are the operator\'s."', "/instructions"),
        ),
        ({"tools": [TOOL["name"]]}, ("null, as none was sent", '["get_weather"]', "/tools")),
        ({"metadata": {"route": "eu-3"}}, ("null, as none was sent", '{"route": "eu-3"}', "/metadata")),
    ],
)
def test_an_option_that_nobody_sent_is_found(changes, expected):
    members = ["/instructions", "/tools", "/metadata", "/previous_response_id"]
    check = "response_shows_no_option_that_was_not_sent"
    assert found(check, answer(response(**changes)), members=members) == [expected]
    assert found(check, answer(response()), members=members) == []


@pytest.mark.parametrize(
    ("asked", "named"),
    [("m", "m"), ("m-5", "m-5-2026-01-02"), ("lab/m-5", "m-5"), ("m-5:free", "m-5"), ("m-5", "M-5")],
)
def test_a_form_of_the_name_is_the_model(asked, named):
    made = answer(response(model=named), request={"model": asked})
    assert found("response_names_the_model", made) == []


def test_another_model_is_found_unless_it_is_listed():
    made = answer(response(model="backend-7"), request={"model": "m"})
    expected = ("'m' or a listed model", '"backend-7"', "/model")
    assert found("response_names_the_model", made) == [expected]
    listing = answer({"data": [{"id": "backend-7"}, "odd"]}, operation="GET /v1/models", id="models/list/all")
    assert found("response_names_the_model", made, others=[listing]) == []
