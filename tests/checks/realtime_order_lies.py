"""Lies in the order of the events of a realtime response, each told once."""

from __future__ import annotations

from tests.checks.realtime_lies import error_event
from tests.checks.socket_answers import (
    Event,
    Told,
    lacking,
    on,
    renamed,
    setting,
    setting_where,
    twice,
    without,
)


def refusing_responses(event: Event) -> Event | None:
    """response.create is no event that is known."""
    if event["type"] == "response.created":
        return error_event("conformance_respond")
    spoken = event.get("item", {}).get("role") == "assistant"
    return None if spoken or event["type"].startswith(("response.", "rate_limits.")) else event


ORDER: dict[str, Told] = {
    "response.create is refused": (
        "realtime/text/turn",
        lambda: {"lie": refusing_responses},
        ["RT-009 at message 4: the answer to response.create | an error: No."],
    ),
    "response.create is ignored": (
        "realtime/text/turn",
        lambda: {"lie": lambda event: None if event["type"].startswith("response.") else event},
        ["RT-030 at message 6: a response for each response.create, 1 i… | 0"],
    ),
    "response is not announced": (
        "realtime/text/turn",
        lambda: {"lie": on("response.created", without)},
        [
            "RT-031 at message 4 /response_id: events name a response that was created | response.output_item.added…"
        ],
    ),
    "second response is not announced": (
        "realtime/text/two-turns",
        lambda: {"lie": on("response.created", without, nth=1)},
        [
            "RT-031 at message 25 /response_id: events name a response that was created | response.output_item.added…"
        ],
    ),
    "response is announced twice": (
        "realtime/text/turn",
        lambda: {"lie": on("response.created", twice)},
        [
            "RT-035 at message 5 /response_id: an item or part is announced once | response.created while response ……"
        ],
    ),
    "response has no end": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", without)},
        ["RT-032 at message 21: every response is ended | response … is open"],
    ),
    "response ends twice": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", twice)},
        [
            "RT-032 at message 22 /response_id: the stream ends with exactly one termina… | response.done while resp…"
        ],
    ),
    "another response ends": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/id", "resp_9"))},
        [
            "RT-031 at message 21 /response_id: events name a response that was created | response.done while respon…"
        ],
    ),
    "response goes on behind its end": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.done",
                lambda event: [
                    event,
                    {
                        "type": "response.output_item.added",
                        "event_id": "event_x",
                        "response_id": event["response"]["id"],
                        "output_index": 1,
                        "item": {"id": "item_9", "type": "message", "role": "assistant", "content": []},
                    },
                ],
            )
        },
        [
            "RT-032 at message 22 /response_id: nothing follows the terminal event | response.output_item.added whil…"
        ],
    ),
    "response ends in progress": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/status", "in_progress"))},
        ["RT-033 at message 21 /response/status: 'completed' or 'cancelled' or 'failed' o… | 'in_progress'"],
    ),
    "response ends in no known way": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/status", "finished"))},
        ["SOCK-005 at message 21 /response/status: one of 'in_progress', 'completed', 'canc… | \"finished\""],
    ),
    "response is announced completed": (
        "realtime/text/turn",
        lambda: {"lie": on("response.created", setting("/response/status", "completed"))},
        ["RT-033 at message 4 /response/status: 'in_progress' | 'completed'"],
    ),
    "response is announced with output": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.created",
                setting(
                    "/response/output", [{"id": "i", "type": "message", "role": "assistant", "content": []}]
                ),
            )
        },
        [
            "RT-033 at message 4 /response/output: [] | [{'id': 'i', 'type': 'message', 'role': 'assistant', 'conten…"
        ],
    ),
    "response is announced with usage": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.created",
                setting("/response/usage", {"total_tokens": 0, "input_tokens": 0, "output_tokens": 0}),
            )
        },
        [
            "RT-034 at message 4 /response/usage: None | {'total_tokens': 0, 'input_tokens': 0, 'output_tokens': 0}"
        ],
    ),
    "item is not announced": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_item.added", without)},
        [
            "RT-035 at message 6 /output_index: nothing is said about an item or part be… | response.content_part.ad…"
        ],
    ),
    "part is not announced": (
        "realtime/text/turn",
        lambda: {"lie": on("response.content_part.added", without)},
        [
            "RT-035 at message 7 /content_index: nothing is said about an item or part be… | response.output_text.de…"
        ],
    ),
    "part is announced twice": (
        "realtime/text/turn",
        lambda: {"lie": on("response.content_part.added", twice)},
        [
            "RT-035 at message 8 /content_index: an item or part is announced once | response.content_part.added whi…"
        ],
    ),
    "part has no end": (
        "realtime/text/turn",
        lambda: {"lie": on("response.content_part.done", without)},
        ["RT-037 at message 19: every part is closed | part … 0 0 is open"],
    ),
    "part ends twice": (
        "realtime/text/turn",
        lambda: {"lie": on("response.content_part.done", twice)},
        [
            "RT-036 at message 19 /content_index: an item or part is ended once | response.content_part.done while p…"
        ],
    ),
    "item has no end": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_item.done", without)},
        ["RT-037 at message 20: every item is closed | item … 0 is open"],
    ),
    "text has no end": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.done", without)},
        ["RT-039 at message 17: text is said | text … 0 0 is speaking"],
    ),
    "text ends twice": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.done", twice)},
        [
            "RT-039 at message 18 /content_index: a text is ended once | response.output_text.done while text … 0 0…"
        ],
    ),
    "delta comes behind the text": (
        "realtime/text/turn",
        lambda: {
            "lie": on(
                "response.output_text.done",
                lambda event: [
                    event,
                    {**event, "type": "response.output_text.delta", "event_id": "event_x", "delta": "!"},
                ],
            )
        },
        [
            "RT-039 at message 18 /content_index: no delta follows the end of its text | response.output_text.delta…"
        ],
    ),
    "delta is lost": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.delta", without, nth=1)},
        [
            "RT-041 at message 16 /text: 'Hello How can I help you today?' | 'Hello! How can I help you today?'"
        ],
    ),
    "delta comes twice": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.delta", twice, nth=0)},
        [
            "RT-041 at message 18 /text: 'HelloHello! How can I help you toda'… | 'Hello! How can I help you today?'"
        ],
    ),
    "done text is empty": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.done", setting("/text", ""))},
        ["RT-041 at message 17 /text: 'Hello! How can I help you toda'… | ''"],
    ),
    "part says another text": (
        "realtime/text/turn",
        lambda: {"lie": on("response.content_part.done", setting("/part/text", "?"))},
        ["RT-042 at message 18 /part/text: 'Hello! How can I help you toda'… | '?'"],
    ),
    "item says another text": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_item.done", setting("/item/content/0/text", "?"))},
        ["RT-042 at message 20 /item/content/0/text: 'Hello! How can I help you toda'… | '?'"],
    ),
    "item has no content": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_item.done", setting("/item/content", []))},
        ["RT-042 at message 20 /item/content: 1 announced before | 0"],
    ),
    "output is empty": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/output", []))},
        ["RT-043 at message 21 /response/output: 1 items, as announced | 0 items"],
    ),
    "output says another text": (
        "realtime/text/turn",
        lambda: {"lie": on("response.done", setting("/response/output/0/content/0/text", "?"))},
        ["RT-043 at message 21 /response/output/0/content/0/text: 'Hello! How can I help you today?' | '?'"],
    ),
    "items are counted from 1": (
        "realtime/text/turn",
        lambda: {"lie": setting_where("/output_index", 1)},
        ["RT-040 at message 5 /output_index: 0 | 1"],
    ),
    "parts are counted from 1": (
        "realtime/text/turn",
        lambda: {"lie": setting_where("/content_index", 1)},
        ["RT-040 at message 7 /content_index: 0 | 1"],
    ),
    "item_id changes": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.done", setting("/item_id", "item_9"))},
        ["RT-044 at message 17 /item_id: '…' | 'item_9'"],
    ),
    "delta of another response": (
        "realtime/text/turn",
        lambda: {"lie": on("response.output_text.delta", setting("/response_id", "resp_9"), nth=0)},
        [
            "RT-031 at message 8 /response_id: events name a response that was created | response.output_text.delta…"
        ],
    ),
    "arguments have no end": (
        "realtime/tools/required",
        lambda: {"lie": on("response.function_call_arguments.done", without)},
        ["RT-037 at message 17: every arguments is said | arguments … 0 is speaking"],
    ),
    "arguments end otherwise": (
        "realtime/tools/required",
        lambda: {"lie": on("response.function_call_arguments.done", setting("/arguments", "{}"))},
        ["RT-041 at message 16 /arguments: '{\"city\": \"Paris\"}' | '{}'"],
    ),
    "call_id changes": (
        "realtime/tools/required",
        lambda: {"lie": on("response.function_call_arguments.done", setting("/call_id", "call_9"))},
        ["RT-044 at message 16 /call_id: '…' | 'call_9'"],
    ),
    "done call has no name": (
        "realtime/tools/required",
        lambda: {"lie": on("response.function_call_arguments.done", lacking("/name"))},
        [
            'SOCK-005 at message 16: the member \'name\' | {"type": "response.function_call_arguments.done", "response…'
        ],
    ),
    "transcript ends with every delta": (
        "realtime/audio/turn",
        lambda: {
            "lie": on(
                "response.output_audio_transcript.delta",
                lambda event: {
                    **event,
                    "type": "response.output_audio_transcript.done",
                    "transcript": event["delta"],
                },
            )
        },
        [
            "RT-039 at message 10 /content_index: a text is ended once | response.output_audio_transcript.done while…",
            "RT-041 at message 8 /transcript: '' | 'Hello'",
            "RT-042 at message 28 /part/transcript: 'Hello' | 'Hello! How can I help you today?'",
        ],
    ),
    "names of the beta": (
        "realtime/audio/turn",
        lambda: {"lie": renamed("response.output_audio", "response.audio")},
        [
            "RT-010 at message 8 /type: response.output_audio_transcript.delta | response.audio_transcript.delta",
            "RT-010 at message 9 /type: response.output_audio.delta | response.audio.delta",
            "RT-010 at message 26 /type: response.output_audio.done | response.audio.done",
            "RT-010 at message 27 /type: response.output_audio_transcript.done | response.audio_transcript.done",
        ],
    ),
    "names of the beta in text": (
        "realtime/text/turn",
        lambda: {"lie": renamed("response.output_text", "response.text")},
        [
            "RT-010 at message 8 /type: response.output_text.delta | response.text.delta",
            "RT-010 at message 17 /type: response.output_text.done | response.text.done",
        ],
    ),
}
