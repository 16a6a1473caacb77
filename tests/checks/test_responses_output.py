from __future__ import annotations

import pytest

from tests.checks.response_samples import (
    answer,
    call,
    cut,
    entry,
    found,
    message,
    response,
    stream,
    text_part,
)

EACH = [
    "completed_response_has_output",
    "messages_have_content",
    "completed_response_says_something",
    "text_holds_no_control_tokens",
    "text_holds_no_tool_call",
    "text_holds_no_half_pairs",
    "text_holds_no_replacement_characters",
]
REASONING = {"id": "rs_1", "type": "reasoning", "summary": []}
UNKNOWN = {"id": "x_1", "type": "dream_call", "status": "completed"}


@pytest.mark.parametrize("check", EACH)
@pytest.mark.parametrize("made", [answer, stream], ids=["json", "stream"])
def test_a_legal_output_breaks_nothing(check, made):
    assert found(check, made(response(message("Grüße, 世界! 👩‍👩‍👧 </b> <i>")))) == []


@pytest.mark.parametrize("check", EACH)
def test_reasoning_before_and_unknown_items_are_legal(check):
    assert found(check, answer(response(REASONING, UNKNOWN, message()))) == []


def test_a_completed_response_without_output_is_told_once():
    made = answer(response(output=[]))
    assert found("completed_response_has_output", made) == [("a message or a call", "no item", "/output")]
    assert found("messages_have_content", made) == "NotShown: the answer has no message"
    assert found("completed_response_says_something", made).startswith("Spoiled")
    cut_short = answer({**cut(), "output": []})
    assert found("completed_response_has_output", cut_short) == (
        "NotShown: the response was cut before its end"
    )


def test_a_message_without_parts_is_told_once():
    made = answer(response(message(content=[])))
    assert found("messages_have_content", made) == [("at least one part", "[]", "/output/0/content")]
    assert found("completed_response_says_something", made).startswith("Spoiled")


def test_an_answer_that_says_nothing_is_found():
    check = "completed_response_says_something"
    assert found(check, answer(response(message("\n ")))) == [
        ("a text that is not empty", '"\\n "', "/output")
    ]
    assert found(check, answer(response(REASONING))) == [
        ("a message or a call", "reasoning alone", "/output")
    ]


@pytest.mark.parametrize(
    "items",
    [
        [message(content=[{"type": "refusal", "refusal": "I cannot."}])],
        [message(""), call()],
        [UNKNOWN],
    ],
    ids=["refusal", "call", "unknown"],
)
def test_a_refusal_or_a_call_says_something(items):
    assert found("completed_response_says_something", answer(response(*items))) == []


@pytest.mark.parametrize(
    "token", ["</s>", "<|im_end|>", "<|eot_id|>", "<think>", "</think>", "<end_of_turn>", "<\uff5cend\uff5c>"]
)
def test_a_control_token_is_found(token):
    made = answer(response(message(f"Hello!{token}")))
    assert found("text_holds_no_control_tokens", made) == [
        ("text without control tokens", f"{token!r} in the text", "/output/0/content/0/text")
    ]


def test_a_token_that_was_asked_for_is_text():
    made = answer(response(message("It is </s>.")), request={"input": "What ends a turn, </s>?"})
    assert found("text_holds_no_control_tokens", made) == []


@pytest.mark.parametrize(
    "markup",
    [
        '<tool_call>{"name": "get_weather"}</tool_call>',
        "[TOOL_CALLS][{}]",
        "<function=get_weather>{}",
        "<|python_tag|>get_weather()",
        "<\uff5ctool\u2581calls\u2581begin\uff5c>",
        "commentary to=functions.get_weather",
    ],
)
def test_a_call_written_as_text_is_found(markup):
    [(expected, _, where)] = found("text_holds_no_tool_call", stream(response(message(markup))))
    assert expected == "a function_call item"
    assert where.endswith("/response/output/0/content/0/text")


def test_half_a_pair_is_found():
    made = answer(response(message("Smile \ud83d")))
    expected = ("whole characters", "\\ud83d, half of a pair", "/output/0/content/0/text")
    assert found("text_holds_no_half_pairs", made) == [expected]


def test_a_replacement_character_is_found_but_at_the_end_of_a_cut_text():
    check, where = "text_holds_no_replacement_characters", "/output/0/content/0/text"
    expected = ("whole characters", "U+FFFD, a replacement character", where)
    assert found(check, answer(response(message("Gr\ufffde")))) == [expected]
    assert found(check, answer(cut(message("Gr\ufffd\ufffd", status="incomplete")))) == []
    assert found(check, answer(response(message("\ufffd")), request={"input": "Say \ufffd"})) == []


def test_output_text_of_its_own_is_the_joined_text():
    check, two = "output_text_is_the_joined_text", [message("One. "), message("Two.", id="msg_2")]
    assert found(check, answer(response(*two, output_text="One. Two."))) == []
    assert found(check, answer(response(*two, output_text="One."))) == [
        ('"One. Two."', '"One."', "/output_text")
    ]
    assert found(check, answer(response())) == "NotShown: no response has an output_text of its own"


PERSON = {
    "text": {
        "format": {
            "type": "json_schema",
            "name": "person",
            "schema": {
                "type": "object",
                "properties": {"age": {"type": "integer"}},
                "required": ["age"],
                "additionalProperties": False,
            },
        }
    }
}


def test_json_that_was_asked_for_is_judged():
    legal = answer(response(message('{"age": 7}')), request=PERSON)
    assert found("text_is_json", legal) == []
    assert found("text_matches_the_asked_schema", legal) == []


@pytest.mark.parametrize(
    "text",
    ['```json\n{"age": 7}\n```', '{"age": 7', "[7]", "", '{"age": 7} Enjoy!', '{"age": NaN}', "[" * 2000],
)
def test_a_text_that_is_no_json_object_is_found(text):
    made = answer(response(message(text)), request=PERSON)
    [(expected, _, where)] = found("text_is_json", made)
    assert (expected, where) == ("the text of a JSON object", "/output/0/content/0/text")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ('{"age": "7"}', "'7' is not of type 'integer'"),
        ("{}", "'age' is a required property"),
        ('{"age": 7, "x": 1}', "Additional properties are not allowed ('x' was unexpected)"),
    ],
)
def test_a_text_that_breaks_its_schema_is_found(text, seen):
    made = answer(response(message(text)), request=PERSON)
    expected = ("a text valid under the schema", seen, "/output/0/content/0/text")
    assert found("text_matches_the_asked_schema", made) == [expected]


def test_a_model_that_declines_owes_no_json():
    declined = response(message(content=[{"type": "refusal", "refusal": "I cannot."}]))
    assert found("text_is_json", answer(declined, request=PERSON)) == "NotShown: the model declined"
    assert found("text_is_json", answer(cut(), request=PERSON)) == (
        "NotShown: the response was cut before its end"
    )


def with_logprobs(*entries):
    made = response(message(content=[text_part("Héy!", logprobs=list(entries))]))
    return answer(made, request={"top_logprobs": 1, "include": ["message.output_text.logprobs"]})


WHERE = "/output/0/content/0/logprobs"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([entry("Hé"), entry("y!")], []),
        ([entry("H\ufffd", bytes=[72, 0xC3]), entry("\ufffdy!", bytes=[0xA9, 121, 33])], []),
        ([], [("the log probability of each token", "[]", WHERE)]),
        ([entry("Hé")], [('"Héy!"', '"Hé"', WHERE)]),
        ([entry("Hé", logprob=0.5), entry("y!")], [("at most 0", "0.5", f"{WHERE}/0/logprob")]),
        (
            [entry("Hé"), entry("y!", top_logprobs=[{}, {}])],
            [("at most 1", "2", f"{WHERE}/1/top_logprobs")],
        ),
    ],
    ids=["legal", "split", "none", "cut", "positive", "many"],
)
def test_log_probabilities_that_were_asked_for_are_judged(entries, expected):
    assert found("text_has_the_logprobs_asked_for", with_logprobs(*entries)) == expected
