"""Hand-made answers of Responses: legal as they stand, so that a test changes the one thing it is about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from conformance.answer import Answer
from conformance.cases import Case
from conformance.checks.subject import NotShown, Spoiled, Subject, registered_checks
from conformance.contract import load_contract
from conformance.exchange import Chunk, Exchange, Request, Response

CREATE = "POST /v1/responses"
NOW = 1_760_000_000

TOOL = {
    "type": "function",
    "name": "get_weather",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


def text_part(text: str = "Hello!", **changes: Any) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": [], **changes}


def entry(token: str, **changes: Any) -> dict[str, Any]:
    """The log probability of a token, itself its only alternative."""
    spelled = list(token.encode())
    alternatives = [{"token": token, "logprob": -0.1, "bytes": spelled}]
    return {"token": token, "logprob": -0.1, "bytes": spelled, "top_logprobs": alternatives, **changes}


def message(text: str = "Hello!", **changes: Any) -> dict[str, Any]:
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed"}
    return {**item, "content": [text_part(text)], **changes}


def call(arguments: str = '{"city": "Paris"}', **changes: Any) -> dict[str, Any]:
    item = {"id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1"}
    return {**item, "name": "get_weather", "arguments": arguments, **changes}


def usage(read: int = 10, written: int = 5, **changes: Any) -> dict[str, Any]:
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
        **changes,
    }


def response(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": NOW,
        "completed_at": NOW + 1,
        "status": "completed",
        "model": "m",
        "output": list(items) or [message()],
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 1.0,
        "top_p": 1.0,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage(),
        **changes,
    }


def cut(*items: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A response that max_output_tokens ended."""
    ended = {
        "status": "incomplete",
        "completed_at": None,
        "incomplete_details": {"reason": "max_output_tokens"},
        "usage": usage(written=16),
    }
    return response(*(items or (message("One, two", status="incomplete"),)), **(ended | changes))


def events(final: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stream that comes to ``final``: each text in deltas of three characters, numbered from 0."""
    begun = {**final, "status": "in_progress", "output": [], "usage": None, "completed_at": None}
    begun |= {"incomplete_details": None, "error": None}
    made: list[dict[str, Any]] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
    ]
    for index, item in enumerate(final["output"]):
        made += _item(index, item)
    made.append({"type": f"response.{final['status']}", "response": dict(final)})
    whole: list[dict[str, Any]] = json.loads(json.dumps(renumbered(made)))
    return whole  # parsed anew, so that no two events share what a test changes in one


def _item(index: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    place = {"item_id": item["id"], "output_index": index}
    opened = {**item, "status": "in_progress"}
    opened |= {"content": []} if item["type"] == "message" else {"arguments": ""}
    said = _message(place, item) if item["type"] == "message" else _arguments(place, item)
    return [
        {"type": "response.output_item.added", "output_index": index, "item": opened},
        *said,
        {"type": "response.output_item.done", "output_index": index, "item": item},
    ]


def _message(place: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
    made = []
    for number, part in enumerate(item["content"]):
        here = {**place, "content_index": number}
        made += [{"type": "response.content_part.added", **here, "part": {**part, "text": ""}}]
        made += [
            {"type": "response.output_text.delta", **here, "delta": piece, "logprobs": []}
            for piece in pieces(part["text"])
        ]
        made += [{"type": "response.output_text.done", **here, "text": part["text"], "logprobs": []}]
        made += [{"type": "response.content_part.done", **here, "part": part}]
    return made


def _arguments(place: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
    deltas = [
        {"type": "response.function_call_arguments.delta", **place, "delta": piece}
        for piece in pieces(item["arguments"])
    ]
    done = {"type": "response.function_call_arguments.done", **place, "arguments": item["arguments"]}
    return [*deltas, {**done, "name": item["name"]}]


def pieces(text: str) -> list[str]:
    return [text[start : start + 3] for start in range(0, len(text), 3)]


def renumbered(made: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**event, "sequence_number": number} for number, event in enumerate(made)]


def encoded(made: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(f"event: {e.get('type')}\ndata: {json.dumps(e)}\n\n".encode() for e in made)


def answer(
    body: Any,
    *,
    request: Mapping[str, Any] | None = None,
    operation: str = CREATE,
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    **case: Any,
) -> Answer:
    """The answer of one case: ``body`` is JSON, or a list of events where the case streams."""
    given = {"id": "responses/made/by-hand", "area": "responses", **case}
    sent = {"model": "m", "input": "Hi", **(request or {})}
    streams = bool(given.get("stream")) and status == 200
    content, media = (
        (encoded(body), "text/event-stream") if streams else (json.dumps(body).encode(), "application/json")
    )
    exchange = Exchange(
        id=f"{given['id']}#0",
        case=given["id"],
        request=Request("POST", "/v1/responses", body=json.dumps(sent).encode()),
        response=Response(status, (("content-type", media), *headers), (Chunk(0.1, content),)),
        started_at=NOW,
    )
    return Answer(Case(operation=operation, **given), load_contract().operations[operation], exchange)


def stream(final: Mapping[str, Any] | Sequence[Mapping[str, Any]], **options: Any) -> Answer:
    """The answer of a streamed case: the events given, or those that come to a final response."""
    made = events(final) if isinstance(final, Mapping) else final
    return answer(made, stream=True, **options)


def refusal(message: str = "No.", status: int = 400, **options: Any) -> Answer:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return answer({"error": error | options.pop("error", {})}, status=status, **options)


def found(check: str, *answers: Answer, others: Sequence[Answer] = (), **arguments: Any) -> Any:
    """(expected, seen, where) of each finding; or the name and text of the outcome that was raised."""
    looked_up: dict[str, tuple[Answer, ...]] = {}
    for other in others:
        looked_up[other.case.id] = (*looked_up.get(other.case.id, ()), other)
    subject = Subject(load_contract(), answers, lambda case: looked_up.get(case, ()))
    try:
        findings = list(registered_checks()[check](subject, **arguments))
    except (NotShown, Spoiled) as outcome:
        return f"{type(outcome).__name__}: {outcome}"
    assert all(finding.exchange for finding in findings)
    return [(finding.expected, finding.seen, finding.where) for finding in findings]
