from __future__ import annotations

import pytest

from conformance.checks.subject import registered_checks
from conformance.contract import load_contract
from conformance.datafiles import data_root, load_yaml
from conformance.wire.grammar import RULES
from tests.checks.response_samples import events, found, message, renumbered, response, stream

STREAMS = data_root() / "spec" / "streams.yaml"
AREAS = {"responses", "responses-stream", "response-helpers", "compact", "input-tokens"}
LEDGER = {key: r for key, r in load_contract().requirements.items() if r.area in AREAS}
RULED = {
    rule
    for r in LEDGER.values()
    if r.area == "responses-stream"
    for rule in (r.arguments or {}).get("rules", ())
}
IMPLIED = {  # by every machine, text or named frame of a grammar, without a word in the data
    "opened_before_use",
    "opened_once",
    "closed_once",
    "exactly_one_terminal",
    "index_contiguous_from_zero",
    "done_equals_deltas",
    "event_named",
    "event_name_matches_type",
}


def words(data):
    """Every text within the data of a grammar."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for member in data.values() if isinstance(data, dict) else data:
            yield from words(member)


def test_every_requirement_has_a_check():
    named = {r.check for r in LEDGER.values() if r.check}
    assert named <= set(registered_checks())


def test_every_rule_of_the_grammar_is_a_requirement():
    stated = {word for word in words(load_yaml(STREAMS)["responses"]) if word in RULES}
    judged_elsewhere = {"partial_index"}  # of image calls, for which there is no case
    assert (stated | IMPLIED) - RULED == judged_elsewhere
    assert not RULED - set(RULES)


@pytest.mark.parametrize(
    "requirement", sorted(k for k, r in LEDGER.items() if "rules" in (r.arguments or {}))
)
def test_a_legal_stream_keeps_every_rule(requirement):
    entry = LEDGER[requirement]
    assert found(entry.check, stream(response(message("One, two."))), **entry.arguments) == []


def broken(requirement, edit):
    made = events(response(message("One, two.")))
    made = edit(made) or made
    entry = LEDGER[requirement]
    return found(entry.check, stream(made), **entry.arguments)


def drop(word):
    return lambda made: renumbered([event for event in made if word not in event["type"]])


def change(place, **members):
    return lambda made: made[place].update(members)


LIES = {
    "begins-otherwise": ("RSTREAM-001", drop("response.created")),
    "in-progress-twice": ("RSTREAM-002", lambda made: renumbered([made[0], made[1], *made[1:]])),
    "no-end": ("RSTREAM-003", drop("response.completed")),
    "event-behind-the-end": ("RSTREAM-003", lambda made: renumbered([*made, made[-2]])),
    "cut-but-completed": ("RSTREAM-004", lambda made: made[-1]["response"].update(status="incomplete")),
    "begins-completed": ("RSTREAM-005", lambda made: made[0]["response"].update(status="completed")),
    "begins-with-output": ("RSTREAM-006", lambda made: made[0]["response"].update(output=[message()])),
    "usage-early": (
        "RSTREAM-007",
        lambda made: made[1]["response"].update(usage=made[-1]["response"]["usage"]),
    ),
    "error-in-the-middle": (
        "RSTREAM-008",
        lambda made: renumbered([made[0], {"type": "error", "message": "x"}, *made[1:]]),
    ),
    "number-skipped": ("RSTREAM-011", lambda made: made[4].update(sequence_number=9)),
    "numbers-from-one": (
        "RSTREAM-011",
        lambda made: [{**e, "sequence_number": e["sequence_number"] + 1} for e in made],
    ),
    "another-id": ("RSTREAM-012", lambda made: made[-1]["response"].update(id="resp_2")),
    "part-not-announced": ("RSTREAM-013", drop("content_part.added")),
    "item-not-announced": ("RSTREAM-013", drop("output_item.added")),
    "item-ended-twice": ("RSTREAM-014", lambda made: renumbered([*made[:-1], made[-2], made[-1]])),
    "item-not-ended": ("RSTREAM-015", drop("output_item.done")),
    "part-not-ended": ("RSTREAM-015", drop("content_part.done")),
    "text-not-ended": ("RSTREAM-017", drop("output_text.done")),
    "delta-behind-the-end": (
        "RSTREAM-018",
        lambda made: renumbered([*made[:6], made[7], made[6], *made[8:]]),
    ),
    "output-from-one": (
        "RSTREAM-019",
        lambda made: [e | {"output_index": 1} if "output_index" in e else e for e in made],
    ),
    "content-from-one": (
        "RSTREAM-019",
        lambda made: [e | {"content_index": 1} if "content_index" in e else e for e in made],
    ),
    "garbled-delta": ("RSTREAM-020", change(5, delta="2")),
    "no-deltas": ("RSTREAM-020", drop("output_text.delta")),
    "another-part": ("RSTREAM-021", lambda made: made[8]["part"].update(text="Two.")),
    "empty-item": ("RSTREAM-022", lambda made: made[9]["item"].update(content=[])),
    "empty-output": ("RSTREAM-023", lambda made: made[-1]["response"].update(output=[])),
    "another-item": ("RSTREAM-024", change(5, item_id="msg_2")),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_stream_that_breaks_a_rule_is_found(lie):
    requirement, edit = LIES[lie]
    seen = broken(requirement, edit)
    assert isinstance(seen, list)
    assert seen
