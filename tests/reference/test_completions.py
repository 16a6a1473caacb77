from __future__ import annotations

from typing import Any

import pytest

from tests.reference.client import Client

PATH = "/v1/completions"


def ask(prompt: Any, **options: Any) -> dict[str, Any]:
    return {"model": "ref-text", "prompt": prompt, **options}


def test_sixteen_tokens_are_the_default(client: Client) -> None:
    answer = client.post(PATH, ask("Tell a story."))
    assert answer["object"] == "text_completion"
    assert answer["usage"]["completion_tokens"] == 16
    assert answer["choices"][0]["finish_reason"] == "length"


def test_every_prompt_gets_n_choices(client: Client) -> None:
    answer = client.post(PATH, ask(["Why?", "How?", "When?"], n=2))
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(("prompt", "choices"), [([1, 2, 3], 1), ([[1, 2], [3]], 2), (["a", [4]], 2)])
def test_token_arrays_are_prompts(client: Client, prompt: Any, choices: int) -> None:
    assert len(client.post(PATH, ask(prompt))["choices"]) == choices


def test_best_of_counts_every_candidate(client: Client) -> None:
    one = client.post(PATH, ask("Tell a story.", max_tokens=5))
    best = client.post(PATH, ask("Tell a story.", max_tokens=5, best_of=4))
    assert len(best["choices"]) == 1
    assert best["usage"]["completion_tokens"] == 4 * one["usage"]["completion_tokens"]


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"best_of": 2, "stream": True}, "best_of"),
        ({"best_of": 1, "n": 2}, "best_of"),
        ({"suffix": "x"}, "suffix"),
    ],
)
def test_what_cannot_go_together_is_refused(client: Client, options: Any, param: str) -> None:
    assert client.refusal("POST", PATH, ask("hi", **options))[2] == param


def test_echo_returns_the_prompt_first(client: Client) -> None:
    answer = client.post(PATH, ask("Once upon a time", echo=True, max_tokens=0, logprobs=1))
    (choice,) = answer["choices"]
    assert choice["text"] == "Once upon a time"
    assert choice["logprobs"]["token_logprobs"][0] is None
    assert choice["logprobs"]["text_offset"] == [0, 4, 9, 11]
    assert answer["usage"]["completion_tokens"] == 0


def test_logprob_arrays_are_parallel(client: Client) -> None:
    logprobs = client.post(PATH, ask("Why?", logprobs=3))["choices"][0]["logprobs"]
    assert {len(values) for values in logprobs.values()} == {16}
    assert {len(ranked) for ranked in logprobs["top_logprobs"]} == {3}


def test_a_stream_says_what_the_answer_says(client: Client) -> None:
    whole = client.post(PATH, ask(["Why?", "How?"]))
    body = ask(["Why?", "How?"], stream=True, stream_options={"include_usage": True})
    *chunks, usage, done = client.events(PATH, body)
    assert done == "[DONE]"
    assert usage["usage"] == whole["usage"]
    for choice in whole["choices"]:
        pieces = [
            one["text"] for chunk in chunks for one in chunk["choices"] if one["index"] == choice["index"]
        ]
        assert "".join(pieces) == choice["text"]
    assert {chunk["object"] for chunk in chunks} == {"text_completion"}


def test_a_missing_prompt_is_named(client: Client) -> None:
    assert client.refusal("POST", PATH, {"model": "ref-text"}) == (
        400,
        "missing_required_parameter",
        "prompt",
    )
