"""Lies in the error events and the frames of GET /v1/realtime, each told once."""

from __future__ import annotations

import json

from conformance.exchange import Frame, Response
from tests.checks.realtime_lies import error_event
from tests.checks.socket_answers import Told, closing, lacking, on, setting, spoken_to, without

ERRORS: dict[str, Told] = {
    "error is flat": (
        "realtime/invalid/unknown-type",
        lambda: {
            "lie": on(
                "error",
                lambda event: {
                    "type": "error",
                    "event_id": event["event_id"],
                    "message": "No.",
                    "code": None,
                },
            )
        },
        [
            'RT-070 at message 1: the member \'error\' | {"type": "error", "event_id": "…", "message": "No.", "code":…'
        ],
    ),
    "error is a text": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", setting("/error", "No."))},
        ['RT-070 at message 1 /error: object | "No."'],
    ),
    "error has no message": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", lacking("/error/message"))},
        [
            'RT-070 at message 1 /error: the member \'message\' | {"type": "invalid_request_error", "param": null, "co…'
        ],
    ),
    "error has no type": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", lacking("/error/type"))},
        [
            'RT-070 at message 1 /error: the member \'type\' | {"message": "We could not parse the JSON body of your r…'
        ],
    ),
    "error has no event_id of its own": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", lacking("/event_id"))},
        [
            'RT-070 at message 1: the member \'event_id\' | {"type": "error", "error": {"message": "We could not parse…'
        ],
    ),
    "error names no event": (
        "realtime/invalid/unknown-type",
        lambda: {"lie": on("error", setting("/error/event_id", None))},
        ['RT-073 at message 1 /error/event_id: "conformance_invalid" | null, or no such member'],
    ),
    "error names a valid event": (
        "realtime/invalid/unknown-type",
        lambda: {"lie": on("error", setting("/error/event_id", "conformance_valid"))},
        ['RT-074 at message 1 /error/event_id: "conformance_invalid" | "conformance_valid"'],
    ),
    "error names an event of its own": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", setting("/error/event_id", "event_x"))},
        ['RT-074 at message 1 /error/event_id: null, or the id of an event that was sent | "event_x"'],
    ),
    "error takes the id of the client": (
        "realtime/invalid/unknown-type",
        lambda: {"lie": on("error", setting("/event_id", "conformance_invalid"))},
        ['RT-074 at message 1 /event_id: an id of the target\'s | "conformance_invalid"'],
    ),
    "error blames the server": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", setting("/error/type", "server_error"))},
        ['RT-075 at message 1 /error/type: invalid_request_error | "server_error"'],
    ),
    "invalid message is ignored": (
        "realtime/invalid/not-json",
        lambda: {"lie": on("error", without)},
        ["RT-072 at message 2: an error event | session.created, session.updated, session.updated"],
    ),
    "invalid message ends the session": (
        "realtime/invalid/unknown-type",
        lambda: {"lie": on("error", without), "stop": spoken_to, "close": closing(1011)},
        ["RT-071 at close: a session that goes on | close 1011"],
    ),
    "invalid message ends it with an error": (
        "realtime/invalid/array",
        lambda: {"stop": spoken_to, "close": closing(1008, "policy")},
        ["RT-071 at close: a session that goes on | close 1008: policy behind 'A message is a JSON object.'"],
    ),
    "session is dead behind the error": (
        "realtime/invalid/no-item",
        lambda: {"lie": on("session.updated", without)},
        ["RT-071 at message 1: session.updated | an error: Missing required parameter: 'item'."],
    ),
    "session refuses what is valid": (
        "realtime/invalid/no-session",
        lambda: {
            "lie": on("session.updated", lambda event: error_event("conformance_valid", event["event_id"]))
        },
        ["RT-071 at message 3: session.updated | an error: No."],
    ),
}

WIRE: dict[str, Told] = {
    "server-sent events in the frames": (
        "realtime/text/turn",
        lambda: {"lie": lambda event: f"data: {json.dumps(event)}\n\n".encode()},
        [
            'SOCK-002 at message 0: one JSON text in UTF-8 | server-sent events in the frame: data: {"type": "sessio…',
            'SOCK-002 at message 1: one JSON text in UTF-8 | server-sent events in the frame: data: {"type": "sessio…',
            'SOCK-002 at message 2: one JSON text in UTF-8 | server-sent events in the frame: data: {"type": "conver…',
            'SOCK-002 at message 3: one JSON text in UTF-8 | server-sent events in the frame: data: {"type": "conver…',
            'SOCK-002 at message 4: one JSON text in UTF-8 | server-sent events in the frame: data: {"type": "respon…',
        ],
    ),
    "binary frames": (
        "realtime/text/turn",
        lambda: {"lie": lambda event: Frame(2.0, "server", "binary", json.dumps(event).encode())},
        [
            'SOCK-001 at message 0: a text frame | a binary frame: {"type": "session.created", "session": {"type": "…',
            'SOCK-001 at message 0: a text frame | a binary frame: {"type": "session.updated", "session": {"type": "…',
            'SOCK-001 at message 0: a text frame | a binary frame: {"type": "conversation.item.added", "previous_ite…',
            'SOCK-001 at message 0: a text frame | a binary frame: {"type": "conversation.item.done", "previous_item…',
            'SOCK-001 at message 0: a text frame | a binary frame: {"type": "response.created", "response": {"object…',
        ],
    ),
    "lists of events": (
        "realtime/session/created",
        lambda: {"lie": lambda event: json.dumps([event]).encode()},
        [
            'SOCK-003 at message 0 /type: a JSON object with a type | [{"type": "session.created", "session": {"type…'
        ],
    ),
    "events without a type": (
        "realtime/session/created",
        lambda: {"lie": lacking("/type")},
        [
            'SOCK-003 at message 0 /type: a JSON object with a type | {"session": {"type": "realtime", "object": "re…'
        ],
    ),
    "no UTF-8": (
        "realtime/session/created",
        lambda: {"lie": lambda event: json.dumps(event).encode()[:-1] + b',"x":"\xff"}'},
        ["SOCK-002 at message 0: one JSON text in UTF-8 | invalid start byte"],
    ),
    "two events in a frame": (
        "realtime/session/created",
        lambda: {"lie": lambda event: b"\n".join([json.dumps(event).encode()] * 2)},
        [
            'SOCK-002 at message 0: one JSON text in UTF-8 | \'{"type": "session.created", "session": {\' behind the v…'
        ],
    ),
    "a key twice": (
        "realtime/session/created",
        lambda: {"lie": lambda event: b'{"type":"x",' + json.dumps(event).encode()[1:]},
        ["SOCK-004 at message 0 /type: JSON that every parser reads alike | 'type' is given twice"],
    ),
    "not a number": (
        "realtime/session/created",
        lambda: {"lie": lambda event: json.dumps({**event, "x": float("nan")}).encode()},
        ["SOCK-002 at message 0: one JSON text in UTF-8 | NaN is not JSON"],
    ),
    "closed at once": (
        "realtime/session/created",
        lambda: {"lie": without, "stop": lambda _: True, "close": closing(1000)},
        ["SOCK-010 at close: a conversation that its client ends | close 1000 after 0 messages"],
    ),
    "closed between": (
        "realtime/text/turn",
        lambda: {
            "stop": lambda frames: sum(frame.sender == "client" for frame in frames) == 2,
            "close": closing(1001),
        },
        ["SOCK-010 at close: a conversation that its client ends | close 1001 after 4 messages"],
    ),
    "closed without a frame": (
        "realtime/session/created",
        lambda: {"close": Frame(9.5, "server", "text", b'{"type":"rate_limits.extra","event_id":"e"}')},
        ["SOCK-011 at close: a close frame | the connection ended, or was left open, without one"],
    ),
    "closed in trouble": (
        "realtime/session/created",
        lambda: {"close": closing(1011, "oops")},
        ["SOCK-011 at close: close 1000 | close 1011: oops"],
    ),
    "no request id": (
        "realtime/session/created",
        lambda: {"response": Response(101)},
        ["SOCK-012 at x-request-id: an x-request-id | none on realtime/session/created"],
    ),
    "an empty request id": (
        "realtime/session/created",
        lambda: {"response": Response(101, (("X-Request-Id", " "),))},
        ["SOCK-012 at x-request-id: an x-request-id | an empty value on realtime/session/created"],
    ),
    "another id alone": (
        "realtime/session/created",
        lambda: {"response": Response(101, (("x-correlation-id", "7"),))},
        ["SOCK-012 at x-request-id: an x-request-id | only x-correlation-id on realtime/session/created"],
    ),
    "a subprotocol that was not offered": (
        "realtime/session/created",
        lambda: {"response": Response(101, (("x-request-id", "r"), ("Sec-WebSocket-Protocol", "realtime")))},
        ["SOCK-013 at sec-websocket-protocol: none, as none was offered | realtime"],
    ),
    "an extension that was not offered": (
        "realtime/session/created",
        lambda: {
            "response": Response(
                101, (("x-request-id", "r"), ("Sec-WebSocket-Extensions", "permessage-deflate; x=1"))
            )
        },
        ["SOCK-013 at sec-websocket-extensions: none, as none was offered | permessage-deflate"],
    ),
}
