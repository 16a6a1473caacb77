"""Lies in what a turn on a Responses WebSocket says, in its errors and its frames, each told once."""

from __future__ import annotations

import json

from conformance.exchange import Frame
from tests.checks.responses_socket_lies import ANSWERED, REFUSED, USAGE, numbered
from tests.checks.socket_answers import (
    Event,
    Told,
    closing,
    lacking,
    on,
    setting,
    setting_where,
    spoken_to,
    without,
)


def failing(event: Event) -> Event:
    """The end of a turn that failed."""
    changes = {"status": "failed", "completed_at": None, "error": {"code": "server_error", "message": "No."}}
    return {**event, "type": "response.failed", "response": {**event["response"], **changes}}


def saying_nothing(event: Event) -> Event | None:
    """A turn without any item."""
    if event["type"] == "response.completed":
        return setting("/response/output", [])(event)
    return event if "response" in event else None


def cutting_arguments(event: Event) -> Event:
    """The arguments of a call begin with a bracket too many."""
    text = json.dumps(event)
    return json.loads(text.replace(r'"{\"', r'"[{\"').replace('"delta": "{', '"delta": "[{'))


SAYS: dict[str, Told] = {
    "turn fails": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", failing)},
        ['RSOCK-030 at message 16 /type: the answer | {"code": "server_error", "message": "No."}'],
    ),
    "no usage": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", setting("/response/usage", None))},
        ["RSOCK-031 at message 16 /response/usage: the token counts | null"],
    ),
    "usage does not add up": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", setting("/response/usage/total_tokens", 1))},
        ["RSOCK-032 at message 16 /response/usage/total_tokens: 19 (10 + 9) | 1"],
    ),
    "more is cached than read": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": on("response.completed", setting("/response/usage/input_tokens_details/cached_tokens", 99))
        },
        [
            "RSOCK-033 at message 16 /response/usage/input_tokens_details/cached_tokens: at most input_tokens, 10 | 99"
        ],
    ),
    "nothing was read": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": on(
                "response.completed",
                setting("/response/usage", {**USAGE, "input_tokens": 0, "total_tokens": 1}),
            )
        },
        ["RSOCK-034 at message 16 /response/usage/input_tokens: at least 1 | 0"],
    ),
    "no output": (
        "responses-socket/turn/minimal",
        lambda: {"lie": numbered(saying_nothing)},
        ["RSOCK-037 at message 2 /response/output: a message or a call | no item"],
    ),
    "cut without a reason": (
        "responses-socket/turn/limit",
        lambda: {"lie": on("response.incomplete", setting("/response/incomplete_details", None))},
        ["RSOCK-039 at message 23 /response/incomplete_details: the reason why it is incomplete | null"],
    ),
    "completed with an error": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", setting("/response/error", {"code": "x", "message": "y"}))},
        ['RSOCK-051 at message 16 /response/error: null, as it is completed | {"code": "x", "message": "y"}'],
    ),
    "milliseconds": (
        "responses-socket/turn/minimal",
        lambda: {"lie": setting_where("/response/created_at", 1_750_000_000_000)},
        ["RSOCK-040 at message 16 /response/created_at: seconds since 1970 | 1750000000000"],
    ),
    "metadata is lost": (
        "responses-socket/turn/options",
        lambda: {"lie": setting_where("/response/metadata", {})},
        ['RSOCK-041 at message 16 /response/metadata: {"purpose": "conformance", "note": "Grüß… | {}'],
    ),
    "instructions are others": (
        "responses-socket/turn/options",
        lambda: {"lie": setting_where("/response/instructions", "You are a pirate.")},
        ['RSOCK-041 at message 16 /response/instructions: "You answer briefly." | "You are a pirate."'],
    ),
    "another model": (
        "responses-socket/turn/minimal",
        lambda: {"lie": setting_where("/response/model", "backend-7b")},
        ["RSOCK-042 at message 16 /response/model: 'ref-text' or a listed model | \"backend-7b\""],
    ),
    "limit is ignored": (
        "responses-socket/turn/limit",
        lambda: {
            "lie": on(
                "response.incomplete",
                lambda event: {
                    **event,
                    "type": "response.completed",
                    "response": {**event["response"], "status": "completed", "incomplete_details": None},
                },
            )
        },
        [
            "RSOCK-043 at message 23 /response/status: 'incomplete', as 16 of 16 tokens were used | \"completed\""
        ],
    ),
    "arguments are no JSON": (
        "responses-socket/tools/required",
        lambda: {"lie": cutting_arguments},
        [
            'RSOCK-044 at message 14 /response/output/0/arguments: the text of a JSON object | "[{\\"city\\": \\"Paris\\…'
        ],
    ),
    "another function is called": (
        "responses-socket/tools/required",
        lambda: {
            "lie": lambda event: json.loads(
                json.dumps(event).replace('"name": "get_weather", "arg', '"name": "get_time", "arg')
            )
        },
        ['RSOCK-045 at message 14 /response/output/0/name: one of ["get_weather"] | "get_time"'],
    ),
    "lane is not named": (
        "responses-socket/turn/lanes",
        lambda: {"lie": lacking("/stream_id")},
        [
            "RSOCK-049 at message 0 /stream_id: one of a.1, b-2 | null",
            "RSOCK-049 at message 17 /stream_id: one of a.1, b-2 | null",
        ],
    ),
    "lane is another": (
        "responses-socket/turn/lanes",
        lambda: {"lie": setting("/stream_id", "c")},
        [
            'RSOCK-049 at message 0 /stream_id: one of a.1, b-2 | "c"',
            'RSOCK-049 at message 17 /stream_id: one of a.1, b-2 | "c"',
        ],
    ),
    "both lanes are one": (
        "responses-socket/turn/lanes",
        lambda: {"lie": setting("/stream_id", "a.1")},
        ["RSOCK-049 at message 49: a response in b-2 | none"],
    ),
}

ERRORS: dict[str, Told] = {
    "error is flat": (
        "responses-socket/invalid/unknown-model",
        lambda: {
            "lie": on(
                "error",
                lambda event: {
                    "type": "error",
                    "status": 404,
                    "message": "No.",
                    "code": "model_not_found",
                    "param": None,
                },
            )
        },
        [
            'RSOCK-062 at message 0: the member \'error\' | {"type": "error", "status": 404, "message": "No.", "code":…'
        ],
    ),
    "error is a text": (
        "responses-socket/invalid/unknown-model",
        lambda: {"lie": on("error", setting("/error", "No."))},
        ['RSOCK-062 at message 0 /error: object | "No."'],
    ),
    "error has no message": (
        "responses-socket/invalid/not-json",
        lambda: {"lie": on("error", lacking("/error/message"))},
        [
            'RSOCK-062 at message 0 /error: the member \'message\' | {"type": "invalid_request_error", "param": null,…'
        ],
    ),
    "error has no param": (
        "responses-socket/invalid/not-json",
        lambda: {"lie": on("error", lacking("/error/param"))},
        [
            'RSOCK-063 at message 0 /error: the member \'param\' | {"message": "We could not parse the JSON body of yo…'
        ],
    ),
    "error has no code": (
        "responses-socket/invalid/not-json",
        lambda: {"lie": on("error", lacking("/error/code"))},
        [
            'RSOCK-063 at message 0 /error: the member \'code\' | {"message": "We could not parse the JSON body of you…'
        ],
    ),
    "error has status 500": (
        "responses-socket/invalid/not-json",
        lambda: {"lie": on("error", setting("/status", 500))},
        ["RSOCK-064 at message 0 /status: a status of 4xx | 500"],
    ),
    "error blames the server": (
        "responses-socket/invalid/not-json",
        lambda: {"lie": on("error", setting("/error/type", "server_error"))},
        ['RSOCK-064 at message 0 /error/type: invalid_request_error | "server_error"'],
    ),
    "another code for the model": (
        "responses-socket/invalid/unknown-model",
        lambda: {"lie": on("error", setting("/error/code", None))},
        ["RSOCK-065 at message 0 /error/code: model_not_found | null"],
    ),
    "another code for the parent": (
        "responses-socket/invalid/unknown-previous",
        lambda: {"lie": on("error", setting("/error/code", "not_found"))},
        ['RSOCK-066 at message 0 /error/code: previous_response_not_found | "not_found"'],
    ),
    "invalid message is ignored": (
        "responses-socket/invalid/not-json",
        lambda: {"lie": on("error", without)},
        ["RSOCK-060 at close: an error event | the connection was left open"],
    ),
    "invalid message closes the socket": (
        "responses-socket/invalid/unknown-type",
        lambda: {"lie": on("error", without), "stop": spoken_to, "close": closing(1011)},
        ["RSOCK-060 at close: an error event | close 1011"],
    ),
    "invalid message closes it with an error": (
        "responses-socket/invalid/array",
        lambda: {"stop": spoken_to, "close": closing(1008)},
        ["RSOCK-061 at close: a socket that stays open | close 1008"],
    ),
    "unknown model is answered": (
        "responses-socket/invalid/unknown-model",
        lambda: {"lie": lambda event: ANSWERED if event["type"] == "error" else event},
        ["RSOCK-060 at message 0: an error event | response.created"],
    ),
    "socket is dead behind the error": (
        "responses-socket/invalid/no-type",
        lambda: {"lie": lambda event: event if event["type"] == "error" else None},
        ["RSOCK-061 at close: the answer to the turn behind it | nothing"],
    ),
    "socket refuses what is valid": (
        "responses-socket/invalid/input-number",
        lambda: {
            "lie": lambda event: (
                event
                if event["type"] == "error"
                else REFUSED
                if event["type"] == "response.created"
                else None
            )
        },
        ["RSOCK-061 at message 1: the answer to the turn behind it | error"],
    ),
}

WIRE: dict[str, Told] = {
    "server-sent events in the frames": (
        "responses-socket/turn/minimal",
        lambda: {"lie": lambda event: f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()},
        [
            "SOCK-002 at message 0: one JSON text in UTF-8 | server-sent events in the frame: event: response.create…",
            "SOCK-002 at message 1: one JSON text in UTF-8 | server-sent events in the frame: event: response.in_pro…",
            "SOCK-002 at message 2: one JSON text in UTF-8 | server-sent events in the frame: event: response.output…",
            "SOCK-002 at message 3: one JSON text in UTF-8 | server-sent events in the frame: event: response.conten…",
            "SOCK-002 at message 4: one JSON text in UTF-8 | server-sent events in the frame: event: response.output…",
        ],
    ),
    "a marker of the end": (
        "responses-socket/turn/minimal",
        lambda: {"lie": on("response.completed", lambda event: [event, b"[DONE]"])},
        ["SOCK-002 at message 17: one JSON text in UTF-8 | [DONE]"],
    ),
    "binary frames": (
        "responses-socket/turn/limit",
        lambda: {
            "lie": on(
                "response.created", lambda event: Frame(2.0, "server", "binary", json.dumps(event).encode())
            )
        },
        [
            'SOCK-001 at message 0: a text frame | a binary frame: {"type": "response.created", "sequence_number": 0…'
        ],
    ),
    "closed at once": (
        "responses-socket/turn/minimal",
        lambda: {"lie": without, "stop": lambda _: True, "close": closing(1000)},
        ["SOCK-010 at close: a conversation that its client ends | close 1000 after 0 messages"],
    ),
    "closed in the midst of a turn": (
        "responses-socket/turn/minimal",
        lambda: {
            "lie": lambda event: event if event["sequence_number"] < 5 else None,
            "stop": spoken_to,
            "close": closing(1011),
        },
        ["SOCK-010 at close: a conversation that its client ends | close 1011 after 5 messages"],
    ),
    "closed behind the first turn": (
        "responses-socket/turn/two",
        lambda: {"stop": spoken_to, "close": closing(None)},
        ["SOCK-010 at close: a conversation that its client ends | close no code after 17 messages"],
    ),
}
