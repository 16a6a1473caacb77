from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.assembly import assemble_chat, assemble_completion, assemble_responses
from conformance.wire.grammar import DONE
from tests.wire.chat_lies import CHAT, FINISH, FIRST, HEAD, TEXT, USAGE, call, completion, delta
from tests.wire.legal_streams import STREAMS, Payloads, chunk
from tests.wire.responses_lies import ENDED, E, message

FEW = settings(max_examples=50, deadline=None)


def test_a_chat_stream_becomes_its_completion() -> None:
    assert assemble_chat(CHAT) == {
        "object": "chat.completion",
        "id": "chatcmpl-1",
        "created": 1,
        "model": "m",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "hi"}},
        ],
        "usage": USAGE["usage"],
    }


def test_tool_calls_are_joined_by_index() -> None:
    second = call(1, "", id="call_1", type="function", name="g")
    stream = [FIRST, HEAD, second, call(1, "{"), call(0, "[1"), call(0, "]"), call(1, "}"), FINISH]
    (choice,) = assemble_chat(stream)["choices"]
    assert choice["message"]["tool_calls"] == [
        {"id": "call_0", "type": "function", "function": {"name": "f", "arguments": "[1]"}},
        {"id": "call_1", "type": "function", "function": {"name": "g", "arguments": "{}"}},
    ]


def test_repeated_heads_are_not_joined() -> None:
    (choice,) = assemble_chat([FIRST, HEAD, HEAD, call(0, "{}", name=""), FINISH])["choices"]
    (made,) = choice["message"]["tool_calls"]
    assert (made["id"], made["function"]["name"]) == ("call_0", "f")


def test_a_message_without_text_has_null_content() -> None:
    first = chunk([delta({"role": "assistant", "content": None})])
    (choice,) = assemble_chat([first, HEAD, FINISH])["choices"]
    assert choice["message"]["content"] is None


def test_logprobs_are_joined() -> None:
    tokens = [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": -2.0}]
    chunks = [chunk([{**delta({"content": t["token"]}), "logprobs": {"content": [t]}}]) for t in tokens]
    (choice,) = assemble_chat([FIRST, *chunks, FINISH])["choices"]
    assert choice["logprobs"] == {"content": tokens}


def test_a_completion_stream_becomes_its_completion() -> None:
    stream = [completion(1, "b"), completion(0, "a"), completion(1, "c", "stop"), completion(0, "", "length")]
    assert assemble_completion(stream)["choices"] == [
        {"index": 0, "text": "a", "finish_reason": "length"},
        {"index": 1, "text": "bc", "finish_reason": "stop"},
    ]


def test_a_responses_stream_becomes_its_response() -> None:
    assembled = assemble_responses(message())
    assert assembled == E["completed"]["response"]
    assert assembled["output"] == [ENDED]


def test_the_output_is_what_the_deltas_say() -> None:
    stream = message(he={**E["he"], "delta": "HE"})
    assert assemble_responses(stream)["output"][0]["content"][0]["text"] == "HEllo"


def test_a_cut_stream_gives_what_there_is() -> None:
    assembled = assemble_responses(message()[:5])
    assert assembled["status"] == "in_progress"
    assert assembled["output"][0]["content"] == [{"type": "output_text", "text": "he"}]


def test_an_item_that_arrives_unbroken_is_taken_whole() -> None:
    stream = message(part=None, he=None, llo=None, text=None, part_done=None)
    assert assemble_responses(stream)["output"] == [ENDED]


@FEW
@given(STREAMS["responses"])
def test_every_legal_stream_adds_up_to_its_terminal_output(payloads: Payloads) -> None:
    before = copy.deepcopy(payloads)
    assembled = assemble_responses(payloads)
    terminal = payloads[-1]["response"]
    assert assembled["status"] == terminal["status"]
    if terminal["status"] != "failed":
        assert assembled["output"] == terminal["output"]
    assert payloads == before


@FEW
@given(STREAMS["chat"])
def test_every_choice_says_what_its_deltas_said(payloads: Payloads) -> None:
    assembled = assemble_chat(payloads)
    entries = [entry for payload in payloads if payload != DONE for entry in payload["choices"]]
    for choice in assembled["choices"]:
        said = [entry["delta"].get("content", "") for entry in entries if entry["index"] == choice["index"]]
        assert choice["message"]["content"] == "".join(said)
        assert choice["finish_reason"] in ("stop", "tool_calls")
    assert {choice["index"] for choice in assembled["choices"]} == {entry["index"] for entry in entries}


KEYS = "choices delta index tool_calls function arguments content usage item output_index content_index"
NAMES = st.sampled_from([*KEYS.split(), "part", "response", "output", "logprobs", "text"])
SCALARS = st.none() | st.booleans() | st.integers(-1, 3) | st.sampled_from(["", "x"])
WILD = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)
TYPES = st.sampled_from(sorted({str(event["type"]) for event in message()}))


@FEW
@given(st.lists(WILD, max_size=4), st.lists(TYPES, max_size=4))
def test_no_payload_makes_it_raise(payloads: list[Any], types: list[str]) -> None:
    typed = [{**p, "type": t} for p, t in zip(payloads, types, strict=False) if isinstance(p, dict)]
    assert isinstance(assemble_chat([*payloads, TEXT]), dict)
    assert isinstance(assemble_completion(payloads), dict)
    assert isinstance(assemble_responses([*typed, *payloads]), dict)
