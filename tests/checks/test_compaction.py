from __future__ import annotations

from tests.checks.response_samples import NOW, answer, found, usage

COMPACT = "POST /v1/responses/compact"
SECRET = {"id": "cmp_1", "type": "compaction", "encrypted_content": "Zm9v"}
SAID = {
    "input": [{"role": "user", "content": "The word is zephyr."}, {"role": "assistant", "content": "Yes."}]
}
KEPT = {
    "id": "msg_1",
    "type": "message",
    "role": "user",
    "status": "completed",
    "content": [{"type": "input_text", "text": "The word is zephyr."}],
}


def compaction(*output, **changes):
    made = {"id": "resp_1", "object": "response.compaction", "created_at": NOW, "usage": usage()}
    return answer(
        {**made, "output": list(output or (KEPT, SECRET)), **changes}, operation=COMPACT, request=SAID
    )


def test_a_legal_compaction_breaks_nothing():
    legal = compaction()
    for check, arguments in [
        ("compaction_has_an_opaque_item", {}),
        ("compaction_ends_with_one_opaque_item", {}),
        ("compaction_keeps_the_user_messages", {}),
        ("compaction_is_no_response", {"members": ["status", "model"]}),
        ("encrypted_content_is_opaque", {"told": "zephyr"}),
        ("output_item_ids_differ", {}),
        ("created_at_counts_seconds", {}),
        ("response_usage_adds_up", {}),
    ]:
        assert found(check, legal, **arguments) == []


def test_a_compaction_without_its_item_is_told_once():
    made = compaction(KEPT)
    assert found("compaction_has_an_opaque_item", made) == [
        ("an item of type compaction", "only message", "/output")
    ]
    assert found("compaction_ends_with_one_opaque_item", made) == "NotShown: the output has no compaction"
    assert found("encrypted_content_is_opaque", made, told="zephyr") == (
        "NotShown: the output has no compaction"
    )


def test_a_compaction_that_is_not_last_is_found():
    assert found("compaction_ends_with_one_opaque_item", compaction(SECRET, KEPT)) == [
        ("one compaction, the last item", '["compaction", "message"]', "/output")
    ]


def test_a_user_message_that_is_lost_is_found():
    assert found("compaction_keeps_the_user_messages", compaction(SECRET)) == [
        ('the message "The word is zephyr."', '""', "/output")
    ]


def test_members_of_a_response_are_found():
    check = "compaction_is_no_response"
    assert found(check, compaction(status="completed", model=None), members=["status", "model"]) == [
        ("no such member", '"completed"', "/status")
    ]


def test_a_secret_that_can_be_read_is_found():
    made = compaction(KEPT, {**SECRET, "encrypted_content": "They said zephyr."})
    assert found("encrypted_content_is_opaque", made, told="zephyr") == [
        ("what only the server can read", '"They said zephyr."', "/output/1/encrypted_content")
    ]
