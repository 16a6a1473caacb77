"""Lies of POST /v1/completions."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from conformance.exchange import Exchange
from conformance.reference import errors
from conformance.reference.app import application
from conformance.reference.editing import (
    Answer,
    Stream,
    answer_with,
    is_call,
    is_json,
    refuse,
    sent_json,
    status_of,
)
from conformance.reference.faults.frame import fault, json_fault, stream_fault
from conformance.reference.state import KEY, Identifiers, State

COMPLETIONS = "/v1/completions"


@json_fault(COMPLETIONS)
def calls_a_completion_a_chat(answer: Answer) -> None:
    """object is that of a chat completion."""
    answer.body["object"] = "chat.completion"


@fault(defects=("D184",))
def answers_a_prompt_with_a_chat(exchange: Exchange) -> Exchange:
    """A completion has messages instead of texts."""
    if not is_call(exchange, COMPLETIONS) or not is_json(exchange) or status_of(exchange) != 200:
        return exchange
    body = json.loads(exchange.response.body if exchange.response else b"{}")
    for choice in body["choices"]:
        choice["message"] = {"role": "assistant", "content": choice.pop("text")}
    return answer_with(exchange, 200, {**body, "object": "chat.completion"})


@json_fault(COMPLETIONS)
def omits_the_text(answer: Answer) -> None:
    """Choices have no text."""
    for choice in answer.body["choices"]:
        del choice["text"]


@json_fault(COMPLETIONS)
def omits_legacy_logprobs(answer: Answer) -> None:
    """Choices have no logprobs key."""
    for choice in answer.body["choices"]:
        del choice["logprobs"]


@json_fault(COMPLETIONS)
def invents_a_legacy_finish_reason(answer: Answer) -> None:
    """finish_reason of a completion is a word outside the documented set."""
    for choice in answer.body["choices"]:
        choice["finish_reason"] = "eos"


@json_fault(COMPLETIONS, defects=("D178",))
def joins_a_list_of_prompts(answer: Answer) -> None:
    """A list of prompts gets one choice."""
    if isinstance(answer.sent.get("prompt"), list):
        del answer.body["choices"][1:]


@json_fault(COMPLETIONS)
def completes_once_for_n(answer: Answer) -> None:
    """n is accepted, and one completion comes back."""
    if (answer.sent.get("n") or 1) > 1:
        del answer.body["choices"][1:]


@json_fault(COMPLETIONS)
def gives_every_completion_index_zero(answer: Answer) -> None:
    """All choices of a completion have index 0."""
    for choice in answer.body["choices"]:
        choice["index"] = 0


@json_fault(COMPLETIONS, defects=("D181",))
def counts_nothing_in_completions(answer: Answer) -> None:
    """The usage of a completion is all zeros."""
    answer.body["usage"] = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@json_fault(COMPLETIONS)
def miscounts_completions(answer: Answer) -> None:
    """total_tokens of a completion is not the sum of its parts."""
    answer.body["usage"]["total_tokens"] += 1


@json_fault(COMPLETIONS)
def echoes_nothing(answer: Answer) -> None:
    """echo is accepted, and the prompt does not come back."""
    prompt = answer.sent.get("prompt")
    if answer.sent.get("echo") and isinstance(prompt, str):
        for choice in answer.body["choices"]:
            choice["text"] = choice["text"].removeprefix(prompt)


@json_fault(COMPLETIONS)
def returns_legacy_logprobs_of_unequal_length(answer: Answer) -> None:
    """The arrays of logprobs have different lengths."""
    for choice in answer.body["choices"]:
        if choice["logprobs"]:
            del choice["logprobs"]["token_logprobs"][-1:]


@fault(defects=("D182",))
def ignores_best_of(exchange: Exchange) -> Exchange:
    """best_of is accepted and ignored, also where it must be refused."""
    sent = sent_json(exchange)
    if not is_call(exchange, COMPLETIONS) or sent.get("best_of") is None:
        return exchange
    plain = json.dumps({name: value for name, value in sent.items() if name != "best_of"}).encode()
    ours = {"authorization", "content-length"}
    others = tuple(pair for pair in exchange.request.headers if pair[0].lower() not in ours)
    request = replace(exchange.request, headers=(*others, ("authorization", f"Bearer {KEY}")), body=plain)
    state = State(clock=lambda: _answered_at(exchange), new_id=Identifiers(exchange.id))
    return replace(exchange, response=application(state)(request).response)


def _answered_at(exchange: Exchange) -> float:
    """When the answer was made, as far as the exchange says; never the clock, so that a lie is told alike."""
    created = re.search(rb'"created":(\d+)', exchange.response.body if exchange.response else b"")
    return float(created[1]) if created else exchange.started_at or 1_750_000_000.0


@fault(defects=("D177",))
def fails_on_echo(exchange: Exchange) -> Exchange:
    """echo is answered with 500."""
    if not is_call(exchange, COMPLETIONS) or not sent_json(exchange).get("echo"):
        return exchange
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))


@fault(defects=("D183",))
def fails_on_a_seed(exchange: Exchange) -> Exchange:
    """seed is answered with 500."""
    if not is_call(exchange, COMPLETIONS) or sent_json(exchange).get("seed") is None:
        return exchange
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))


@fault()
def accepts_best_of_in_a_stream(exchange: Exchange) -> Exchange:
    """best_of is accepted together with stream."""
    sent = sent_json(exchange)
    refused = status_of(exchange) == 400 and sent.get("stream") and sent.get("best_of")
    if not is_call(exchange, COMPLETIONS) or not refused:
        return exchange
    return answer_with(exchange, 200, b"data: [DONE]\n\n", "text/event-stream")


@stream_fault(COMPLETIONS, defects=("D173",))
def changes_the_completion_id_in_mid_stream(stream: Stream) -> None:
    """Every chunk of a completion has another id."""
    for place, chunk in enumerate(stream.chunks):
        chunk["id"] = f"chatcmpl-{place}"


@stream_fault(COMPLETIONS)
def streams_a_completion_as_a_chat(stream: Stream) -> None:
    """Chunks of a completion have deltas instead of texts."""
    for chunk in stream.chunks:
        for choice in chunk["choices"]:
            choice["delta"] = {"content": choice.pop("text")}


@stream_fault(COMPLETIONS)
def never_finishes_a_completion(stream: Stream) -> None:
    """No chunk of a completion has a finish_reason."""
    for chunk in stream.chunks:
        for choice in chunk["choices"]:
            choice["finish_reason"] = None


@stream_fault(COMPLETIONS)
def ends_a_completion_without_the_done_marker(stream: Stream) -> None:
    """The stream of a completion ends without [DONE]."""
    stream.events = [event for event in stream.events if event.data != "[DONE]"]


@stream_fault(COMPLETIONS)
def forgets_the_usage_of_a_completion(stream: Stream) -> None:
    """include_usage is accepted on a completion, and no usage comes."""
    stream.events = [
        event for event in stream.events if not (isinstance(event.data, dict) and event.data.get("usage"))
    ]
