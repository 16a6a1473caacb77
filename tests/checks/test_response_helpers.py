from __future__ import annotations

import pytest

from tests.checks.response_samples import (
    NOW,
    answer,
    cut,
    events,
    found,
    message,
    refusal,
    renumbered,
    response,
    stream,
)

READ = "GET /v1/responses/{response_id}"
REPLAY = "GET /v1/responses/{response_id}?stream=true"
OTHER = "responses/made/other"
MEMBERS = ["id", "status", "output", "usage", "created_at"]


def read(body):
    return answer(body, operation=READ, compare=(OTHER,))


def replay(made, after=None, **options):
    query = {"stream": "true"} | ({} if after is None else {"starting_after": str(after)})
    return stream(made, operation=REPLAY, compare=(OTHER,), query=query, **options)


@pytest.mark.parametrize("original", [answer, stream], ids=["json", "stream"])
def test_a_retrieved_response_is_the_created_one(original):
    created = original(response(created_at=NOW + 0.7, prompt=None), id=OTHER)
    retrieved = read(response(user=None))
    check = "retrieved_response_equals_the_created"
    assert found(check, retrieved, others=[created], members=MEMBERS) == []
    check = "retrieved_response_equals_it_in_all_else"
    assert found(check, retrieved, others=[created], without=MEMBERS) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"id": "resp_2"}, ('"resp_1", as in responses/made/other', '"resp_2"', "/id")),
        ({"status": "in_progress"}, ('"completed", as in responses/made/other', '"in_progress"', "/status")),
        ({"created_at": NOW + 60}, (f"{NOW}, as in responses/made/other", str(NOW + 60), "/created_at")),
    ],
)
def test_a_retrieved_response_that_differs_is_found(changes, expected):
    check, created = "retrieved_response_equals_the_created", answer(response(), id=OTHER)
    assert found(check, read(response(**changes)), others=[created], members=MEMBERS) == [expected]


def test_another_output_is_found():
    check, created = "retrieved_response_equals_the_created", answer(response(), id=OTHER)
    [(_, _, where)] = found(check, read(response(message("Bye."))), others=[created], members=MEMBERS)
    assert where == "/output"


def test_another_member_that_differs_is_found():
    check, created = "retrieved_response_equals_it_in_all_else", answer(response(), id=OTHER)
    made = read(response(metadata={"a": "b"}, background=True))
    assert found(check, made, others=[created], without=MEMBERS) == [
        ("null, as in responses/made/other", "true", "/background"),
        ("{}, as in responses/made/other", '{"a": "b"}', "/metadata"),
    ]


def test_a_deeply_nested_answer_is_compared_without_harm():
    deep: object = {}
    for _ in range(400):
        deep = {"x": [deep]} if _ % 2 else {"x": deep}
    made = response(deep=[])
    made["output"] = [{"type": "dream", "id": "d", "x": deep}]
    check = "retrieved_response_equals_the_created"
    seen = found(check, read(made), others=[answer(made, id=OTHER)], members=MEMBERS)
    assert seen == [] or seen.startswith("Spoiled")


def test_without_the_created_response_nothing_is_shown():
    check = "retrieved_response_equals_the_created"
    expected = "NotShown: responses/made/other was not answered"
    assert found(check, read(response()), members=MEMBERS) == expected
    assert found(check, read(response()), others=[refusal(id=OTHER)], members=MEMBERS) == expected


@pytest.mark.parametrize("status", ["completed", "cancelled", "failed"])
def test_a_cancelled_response_is_at_its_end(status):
    assert found("cancelled_response_is_at_its_end", read(response(status=status))) == []


@pytest.mark.parametrize("status", ["in_progress", "queued", "cancelling"])
def test_a_cancelled_response_that_goes_on_is_found(status):
    assert found("cancelled_response_is_at_its_end", read(response(status=status))) == [
        ("'completed', as it was, or 'cancelled'", f'"{status}"', "/status")
    ]


def test_an_unstored_response_that_is_found_again_is_told():
    check = "unstored_response_is_not_found"
    assert found(check, read(response())) == [("a refusal", "200 with the response", "status")]
    assert found(check, refusal(status=404)) == []
    assert found(check, answer({}, status=500)) == "Spoiled: it was neither answered nor refused"


EVENTS = events(response())
LAST = len(EVENTS) - 1


@pytest.mark.parametrize("after", [None, 0, 2, LAST - 1])
def test_a_replay_from_a_number_on_is_the_tail_of_the_stream(after):
    original = stream(response(), id=OTHER)
    tail = [{**event, "obfuscation": "x"} for event in EVENTS[0 if after is None else after + 1 :]]
    assert found("replay_starts_behind_the_number", replay(tail, after)) == []
    assert found("replay_equals_the_stream", replay(tail, after), others=[original]) == []


def test_a_replay_may_begin_with_an_event_of_another_family():
    alive = {"type": "keepalive", "sequence_number": 3}
    tail = [{**event, "sequence_number": event["sequence_number"] + 1} for event in EVENTS[3:]]
    assert found("replay_starts_behind_the_number", replay([alive, *tail], 2)) == []
    assert found("replay_starts_behind_the_number", replay([{"type": "keepalive"}, *EVENTS[3:]], 2)) == []


def test_a_replay_that_includes_the_number_is_found():
    original = stream(response(), id=OTHER)
    made = replay(EVENTS[2:], 2)
    assert found("replay_starts_behind_the_number", made) == [("3", "2", "event 0 /sequence_number")]
    [(_, _, where)] = found("replay_equals_the_stream", made, others=[original])
    assert where == "event 0 /type"


def test_a_replay_that_counts_anew_is_found():
    made = replay(renumbered(EVENTS[3:]), 2)
    assert found("replay_starts_behind_the_number", made) == [("3", "0", "event 0 /sequence_number")]


@pytest.mark.parametrize(
    ("edit", "where"),
    [
        (lambda made: made[4].update(delta="Bye"), "event 4 /delta"),
        (lambda made: made[6].update(text="Bye"), "event 6 /text"),
        (lambda made: made[3].update(item_id="msg_9"), "event 3 /item_id"),
        (lambda made: made.pop(), "event 8"),
        (lambda made: made.pop(4), "event 4 /sequence_number"),
    ],
    ids=["delta", "text", "item", "end", "gap"],
)
def test_a_replay_that_tells_another_story_is_found(edit, where):
    made = events(response())
    edit(made)
    [(_, _, place)] = found("replay_equals_the_stream", replay(made), others=[stream(response(), id=OTHER)])
    assert place == where


def test_a_replay_ends_with_the_response_that_was_created():
    check, created = "replayed_response_equals_the_created", answer(response(), id=OTHER)
    assert found(check, replay(response()), others=[created], members=MEMBERS) == []
    other = replay(response(id="resp_2"))
    assert found(check, other, others=[created], members=MEMBERS) == [
        ('"resp_1", as in responses/made/other', '"resp_2"', "event 9 /response/id")
    ]


def test_behind_the_last_event_there_is_nothing_or_the_end():
    check = "replay_beyond_the_end_is_empty"
    assert found(check, replay([], 1_000_000)) == []
    assert found(check, replay(EVENTS[-1:], 1_000_000)) == []
    assert found(check, replay(events(cut()), 1_000_000)) == [
        ("no event", '"response.created"', "event 0 /type")
    ]


@pytest.mark.parametrize("check", ["replay_starts_behind_the_number", "replay_equals_the_stream"])
def test_a_refused_replay_shows_nothing(check):
    made = refusal(stream=True, compare=(OTHER,))
    assert (
        found(check, made, others=[stream(response(), id=OTHER)]) == "NotShown: it was refused as documented"
    )
