from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.checks.response_samples import (
    answer,
    call,
    cut,
    entry,
    events,
    found,
    message,
    renumbered,
    response,
    stream,
    text_part,
)

OTHER = "responses/made/other"
EACH = [
    "announced_messages_are_empty",
    "announced_items_are_in_progress",
    "ended_items_say_how_they_ended",
    "ended_items_were_streamed",
    "deltas_hold_whole_characters",
    "events_have_the_recommended_members",
    "no_obfuscation_where_it_is_switched_off",
]
LIFECYCLE = ["/created_at", "/model", "/tools", "/metadata"]
REASONING = {"id": "rs_1", "type": "reasoning", "summary": []}

Edit = Callable[[dict[str, Any]], None]


def edited(final, kind, edit):
    """The stream of ``final`` with each event of a type changed."""
    made = events(final)
    for event in made:
        if event["type"] == kind:
            edit(event)
    return stream(made)


def without(final, *words):
    return stream(renumbered([e for e in events(final) if not any(word in e["type"] for word in words)]))


@pytest.mark.parametrize("check", EACH)
@pytest.mark.parametrize("final", [response(message(), call()), cut()], ids=["completed", "cut"])
def test_a_legal_stream_breaks_nothing(check, final):
    assert found(check, stream(final)) == []


@pytest.mark.parametrize("check", EACH)
def test_unknown_events_and_items_are_legal(check):
    made = events(response())
    unknown = {"type": "response.dream.delta", "delta": 7, "output_index": 9, "item": {"type": "dream"}}
    made[3:3] = [
        unknown,
        {"type": "keepalive"},
        {**unknown, "type": "response.dream.added"},
    ]
    assert found(check, stream(renumbered(made))) == []


@pytest.mark.parametrize("check", EACH)
def test_a_body_that_is_no_stream_is_told_elsewhere(check):
    made = answer([], stream=True)
    broken = answer(response(), status=201, stream=True)
    assert found(check, broken) == "Spoiled: the answer is not a stream"
    assert found(check, made) == []


def test_a_message_that_is_announced_with_its_text_comes_twice():
    final = response()
    made = edited(final, "response.output_item.added", lambda e: e["item"].update(content=[text_part("Hi")]))
    [(expected, _, where)] = found("announced_messages_are_empty", made)
    assert (expected, where) == ("[]", "event 2 /item/content")


def test_an_item_that_begins_completed_is_found():
    made = edited(response(), "response.output_item.added", lambda e: e["item"].update(status="completed"))
    assert found("announced_items_are_in_progress", made) == [
        ("'in_progress'", '"completed"', "event 2 /item/status")
    ]


@pytest.mark.parametrize(
    ("item", "edit", "seen"),
    [
        (message(), lambda e: e["item"].update(status="in_progress"), '"in_progress"'),
        (call(), lambda e: e["item"].update(status="in_progress"), '"in_progress"'),
        (call(), lambda e: e["item"].pop("status"), "null"),
    ],
    ids=["message", "call", "call-without"],
)
def test_an_item_that_ends_without_saying_how_is_found(item, edit, seen):
    [(expected, said, where)] = found(
        "ended_items_say_how_they_ended", edited(response(item), "response.output_item.done", edit)
    )
    assert (expected, said) == ("'completed' or 'incomplete'", seen)
    assert where.endswith("/item/status")


def test_a_message_without_status_is_left_to_the_schema():
    made = edited(response(), "response.output_item.done", lambda e: e["item"].pop("status"))
    assert found("ended_items_say_how_they_ended", made) == []


def test_arguments_that_come_in_no_event_are_found():
    made = without(response(call()), "function_call_arguments")
    expected = "response.function_call_arguments events before it"
    assert found("ended_items_were_streamed", made) == [
        (expected, json.dumps('{"city": "Paris"}'), "event 3 /item")
    ]


def test_a_text_that_comes_in_no_event_is_found():
    made = without(response(), "content_part", "output_text")
    assert found("ended_items_were_streamed", made) == [
        ("response.output_text events before it", '"Hello!"', "event 3 /item")
    ]


def test_arguments_may_be_announced_with_the_call():
    made = events(response(call()))
    made = [event for event in made if "function_call_arguments" not in event["type"]]
    made[2]["item"]["arguments"] = '{"city": "Paris"}'
    assert found("ended_items_were_streamed", stream(renumbered(made))) == []


@pytest.mark.parametrize(
    ("delta", "seen"),
    [
        ("\ud83d", "\\ud83d, half of a pair"),
        ("Gr\ufffd", "U+FFFD, which the whole text does not have"),
    ],
)
def test_a_character_that_is_cut_between_deltas_is_found(delta, seen):
    made = events(response())
    made[4]["delta"] = delta
    assert found("deltas_hold_whole_characters", stream(made)) == [
        ("whole characters", seen, "event 4 /delta")
    ]


def test_a_model_may_write_a_replacement_character():
    assert found("deltas_hold_whole_characters", stream(response(message("a\ufffdb")))) == []


def test_what_changes_between_first_and_last_event_is_found():
    made = events(response())
    made[0]["response"]["model"] = "another"
    made[1]["response"]["created_at"] = 7
    del made[1]["response"]["metadata"]
    assert found("lifecycle_events_agree", stream(made), members=LIFECYCLE) == [
        ('"m", as in the last event', '"another"', "event 0 /response/model"),
        ("1760000000, as in the last event", "7", "event 1 /response/created_at"),
    ]
    assert found("lifecycle_events_agree", stream(response()), members=LIFECYCLE) == []


def test_obfuscation_that_was_switched_off_is_found():
    made = edited(
        response(message("Hey")), "response.output_text.delta", lambda e: e.update(obfuscation="ab")
    )
    assert found("no_obfuscation_where_it_is_switched_off", made) == [
        ("no obfuscation", '"ab"', "event 4 /obfuscation")
    ]


def test_log_probabilities_of_the_deltas_are_those_of_the_text():
    check, made = "delta_logprobs_add_up", events(response(message("Hey you")))
    for event in made:
        if event["type"] == "response.output_text.delta":
            event["logprobs"] = [entry(event["delta"])]
    assert found(check, stream(made)) == []
    made[4]["logprobs"] = []
    assert found(check, stream(made)) == [('"Hey you"', '" you"', "event 4 /logprobs")]
    assert found(check, stream(response())) == "Spoiled: the deltas have no log probabilities"


def test_members_that_should_be_there_are_named_once_a_type():
    def strip(event):
        event["item"].pop("status")

    made = edited(response(call(), call(id="fc_2", call_id="call_2")), "response.output_item.done", strip)
    [(expected, _, where)] = found("events_have_the_recommended_members", made)
    assert expected == "the member 'status'"
    assert where.endswith(" /item")


def test_the_streamed_twin_has_the_same_members():
    check = "streamed_response_has_the_members_of_its_twin"
    twin = answer(response(REASONING, message(), truncation="auto"), id=OTHER)
    same = stream(response(message(phase="final"), truncation="auto"), mirrors=OTHER)
    assert found(check, same, others=[twin]) == [
        ("the members of responses/made/other", "phase too", "event 9 /response/output/0")
    ]
    less = stream(response(), mirrors=OTHER)
    assert found(check, less, others=[twin]) == [
        ("the members of responses/made/other", "no truncation", "event 9 /response")
    ]


def test_members_that_the_schema_asks_for_are_left_to_it():
    check = "streamed_response_has_the_members_of_its_twin"
    final = response()
    del final["metadata"]
    made = stream(final, mirrors=OTHER)
    assert found(check, made, others=[answer(response(), id=OTHER)]) == []
    assert found(check, stream(response())) == "NotShown: it has no unstreamed twin"
