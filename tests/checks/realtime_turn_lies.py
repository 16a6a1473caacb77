"""Lies in what a realtime response says and counts, each told once."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.checks.socket_answers import Event, Told, on, setting, without


def ending(event: Event, **members: Any) -> Event:
    """The end of a response with other members."""
    return {**event, "response": {**event["response"], **members}}


def saying_nothing(event: Event) -> Event | None:
    """A response whose text is empty from beginning to end."""
    if event["type"] == "response.output_text.delta":
        return None
    spoken = "assistant" in json.dumps(event) or event["type"].startswith("response.")
    text = json.dumps(event)
    return json.loads(re.sub(r'"text": "[^"]*"', '"text": ""', text)) if spoken else event


def calling_another(event: Event) -> Event:
    """A function is called that was not offered."""
    if not event["type"].startswith(("response.", "conversation.")):
        return event
    return json.loads(json.dumps(event).replace('"get_weather"', '"get_time"'))


def cutting_arguments(event: Event) -> Event:
    """The arguments of a call begin with a bracket too many."""
    text = json.dumps(event)
    return json.loads(text.replace(r'"{\"', r'"[{\"').replace('"delta": "{', '"delta": "[{'))


SAYS: dict[str, Told] = {
    "response fails": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.done",
                lambda event: ending(
                    event,
                    status="failed",
                    status_details={"type": "failed", "error": {"type": "server_error", "code": "x"}},
                ),
            )
        },
        [
            'RT-050 at message 21 /response/status: completed | failed: {"type": "failed", "error": {"type": "server…'
        ],
    ),
    "completed response has a reason": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.done",
                setting("/response/status_details", {"type": "completed", "reason": "max_output_tokens"}),
            )
        },
        [
            'RT-051 at message 21 /response/status_details: null | {"type": "completed", "reason": "max_output_token…'
        ],
    ),
    "sound where text was asked for": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.output_text.done",
                lambda event: [
                    {**event, "type": "response.output_audio.delta", "event_id": "event_x", "delta": "AAAA"},
                    event,
                ],
            )
        },
        ["RT-052 at message 17 /type: text | response.output_audio.delta"],
    ),
    "response says audio": (
        "realtime/text/per-response",
        lambda: {"lie": on("response.created", setting("/response/output_modalities", ["audio"]))},
        ['RT-052 at message 3 /response/output_modalities: ["text"] | ["audio"]'],
    ),
    "response says nothing": (
        "realtime/text/turn",
        lambda: {"lie": saying_nothing},
        [
            'RT-053 at message 12 /response/output: a text that is not empty | [{"id": "…", "object": "realtime.item…'
        ],
    ),
    "usage is null": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/usage", None))},
        ["RT-055 at message 21 /response/usage: input_tokens, at least 1 | null"],
    ),
    "usage counts nothing": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.done",
                setting("/response/usage", {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}),
            )
        },
        [
            'RT-055 at message 21 /response/usage: input_tokens, at least 1 | {"total_tokens": 0, "input_tokens": 0,…'
        ],
    ),
    "usage does not add up": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/usage/total_tokens", 1))},
        ["RT-056 at message 21 /response/usage/total_tokens: 27 (18 + 9) | 1"],
    ),
    "details are more than the whole": (
        "realtime/text/turn",
        lambda: {
            "lie": on("response.done", setting("/response/usage/output_token_details/text_tokens", 999))
        },
        ["RT-057 at message 21 /response/usage/output_token_details: at most output_tokens, 9 | 999"],
    ),
    "more is cached than read": (
        "realtime/text/turn",
        lambda: {
            "lie": on("response.done", setting("/response/usage/input_token_details/cached_tokens", 999))
        },
        ["RT-057 at message 21 /response/usage/input_token_details: at most input_tokens, 18 | 999"],
    ),
    "a count is a text": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/usage/input_tokens", "18"))},
        ['SOCK-005 at message 21 /response/usage/input_tokens: integer | "18"'],
    ),
    "later response forgets": (
        "realtime/text/two-turns",
        lambda: {
            "lie": on(
                "response.done",
                lambda event: ending(event, usage={"total_tokens": 4, "input_tokens": 3, "output_tokens": 1}),
                nth=1,
            )
        },
        ["RT-058 at message 37 /response/usage/input_tokens: more than 23, those of the response before | 3"],
    ),
    "limit is exceeded": (
        "realtime/text/limit",
        lambda: {
            "lie": on(
                "response.done",
                lambda event: ending(
                    event, usage={"total_tokens": 420, "input_tokens": 20, "output_tokens": 400}
                ),
            )
        },
        ["RT-059 at message 28 /response/usage/output_tokens: at most 16 | 400"],
    ),
    "limit is not the reason": (
        "realtime/text/limit",
        lambda: {"lie": on("response.done", setting("/response/status_details/reason", "turn_detected"))},
        ['RT-059 at message 28 /response/status_details/reason: max_output_tokens | "turn_detected"'],
    ),
    "limit has no reason": (
        "realtime/text/limit",
        lambda: {"lie": on("response.done", setting("/response/status_details", None))},
        ["RT-051 at message 28 /response/status_details: the reason | null"],
    ),
    "metadata is lost": (
        "realtime/text/aside",
        lambda: {"lie": on("response.done", setting("/response/metadata", None))},
        ['RT-054 at message 17 /response/metadata: {"purpose": "conformance"} | null'],
    ),
    "limit is repeated otherwise": (
        "realtime/text/limit",
        lambda: {"lie": on("response.done", setting("/response/max_output_tokens", 4096))},
        ["RT-054 at message 28 /response/max_output_tokens: 16 | 4096"],
    ),
    "arguments are no JSON": (
        "realtime/tools/required",
        lambda: {"lie": cutting_arguments},
        [
            'RT-060 at message 19 /response/output/0/arguments: the text of a JSON object | "[{\\"city\\": \\"Paris\\"}"'
        ],
    ),
    "another function is called": (
        "realtime/tools/required",
        lambda: {"lie": calling_another},
        ['RT-060 at message 19 /response/output/0/name: a function that was offered | "get_time"'],
    ),
    "no function is called": (
        "realtime/tools/required",
        lambda: {
            "lie": on(
                "response.done",
                setting(
                    "/response/output",
                    [
                        {
                            "id": "i",
                            "type": "message",
                            "role": "assistant",
                            "content": [{"type": "output_text", "text": "Hi."}],
                        }
                    ],
                ),
            )
        },
        [
            "RT-026 at message 19 /response/output/0: conversation.item.added of the item | no such event",
            "RT-026 at message 19 /response/output/0: conversation.item.done of the item | no such event",
            "RT-043 at message 19 /response/output/0/id: '…' | 'i'",
            'RT-061 at message 19 /response/output: a function_call | ["message"]',
        ],
    ),
    "half a sample": (
        "realtime/audio/turn",
        lambda: {"lie": on("response.output_audio.delta", setting("/delta", "AAAA"))},
        ["RT-062 at message 9 /delta: base64 of whole samples | 3 bytes"],
    ),
    "sound is a file": (
        "realtime/audio/turn",
        lambda: {"lie": on("response.output_audio.delta", setting("/delta", "UklGRgAA"))},
        ["RT-062 at message 9 /delta: base64 of whole samples | a file, b'RIFF'"],
    ),
    "sound is empty": (
        "realtime/audio/turn",
        lambda: {"lie": on("response.output_audio.delta", setting("/delta", ""))},
        ["RT-063 at message 31 /response/output: response.output_audio.delta | nothing but empty ones"],
    ),
    "sound is no base64": (
        "realtime/audio/turn",
        lambda: {"lie": on("response.output_audio.delta", setting("/delta", "AAAAA"))},
        ['RT-062 at message 9 /delta: base64 of whole samples | "AAAAA"'],
    ),
    "sound is a URL": (
        "realtime/audio/turn",
        lambda: {"lie": on("response.output_audio.delta", setting("/delta", "https://x/y.wav"))},
        [
            "SOCK-005 at message 9 /delta: pattern '^[A-Za-z0-9+/]*={0,2}$' | \"https://x/y.wav\"",
            "SOCK-005 at message 11 /delta: pattern '^[A-Za-z0-9+/]*={0,2}$' | \"https://x/y.wav\"",
            "SOCK-005 at message 13 /delta: pattern '^[A-Za-z0-9+/]*={0,2}$' | \"https://x/y.wav\"",
            "SOCK-005 at message 15 /delta: pattern '^[A-Za-z0-9+/]*={0,2}$' | \"https://x/y.wav\"",
            "SOCK-005 at message 17 /delta: pattern '^[A-Za-z0-9+/]*={0,2}$' | \"https://x/y.wav\"",
        ],
    ),
    "nothing is heard": (
        "realtime/audio/turn",
        lambda: {"lie": on("response.output_audio.delta", without)},
        ["RT-063 at message 22 /response/output: response.output_audio.delta | no such event"],
    ),
    "transcript is not told": (
        "realtime/audio/turn",
        lambda: {"lie": lambda event: None if "transcript" in event["type"] else event},
        ["RT-039 at message 18: transcript is said | transcript … 0 0 is not announced"],
    ),
    "half a character": (
        "realtime/text/unicode",
        lambda: {"lie": on("response.output_text.delta", setting("/delta", "\ufffd"), nth=1)},
        [
            "RT-041 at message 19 /text: 'Grüße� 世界! … | 'Grüße, 世界! …",
            "SOCK-007 at message 9 /delta: whole characters | U+FFFD",
        ],
    ),
}
