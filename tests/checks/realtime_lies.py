"""Lies about the session of GET /v1/realtime and the items of its conversation, each told once."""

from __future__ import annotations

from typing import Any

from tests.checks.socket_answers import (
    Event,
    Told,
    lacking,
    on,
    setting,
    setting_where,
    typed,
    without,
)


def error_event(client_event: str | None = None, own: str = "event_e") -> Event:
    """A well-formed error event."""
    error = {"type": "invalid_request_error", "code": None, "message": "No.", "param": None}
    return {"type": "error", "event_id": own, "error": {**error, "event_id": client_event}}


GONE = {"id": "item_conformance_2", "type": "message", "role": "user", "content": []}


def without_nulls(value: Any) -> Any:
    """What is null is left out, however deep."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    return [without_nulls(member) for member in value] if isinstance(value, list) else value


def joining(kind: str, event: Event) -> Event:
    """The item of an event, said to join the conversation."""
    name = f"conversation.item.{kind}"
    return {"type": name, "event_id": f"event_{kind}", "previous_item_id": None, "item": event["item"]}


SESSION: dict[str, Told] = {
    "waits to be spoken to": (
        "realtime/session/update",
        lambda: {"lie": on("session.created", without)},
        ["RT-001 at message 0 /type: session.created | session.updated"],
    ),
    "begins with an error": (
        "realtime/session/update",
        lambda: {"lie": on("session.created", lambda event: [error_event(), event])},
        ["RT-001 at message 0 /type: session.created | error"],
    ),
    "begins as the beta did": (
        "realtime/session/update",
        lambda: {"lie": on("session.created", typed("transcription_session.created"))},
        ["RT-010 at message 0 /type: session.created | transcription_session.created"],
    ),
    "session of another kind": (
        "realtime/session/update",
        lambda: {"lie": on("session.created", setting("/session/type", "transcription"))},
        ['RT-002 at message 0 /session/type: realtime | "transcription"'],
    ),
    "session of another model": (
        "realtime/session/update",
        lambda: {"lie": setting_where("/session/model", "backend-7b")},
        [
            'RT-003 at message 0 /session/model: "ref-realtime" | "backend-7b"',
            'RT-003 at message 1 /session/model: "ref-realtime" | "backend-7b"',
        ],
    ),
    "session changes its id": (
        "realtime/session/update",
        lambda: {"lie": on("session.updated", setting("/session/id", "sess_2"))},
        ['RT-004 at message 1 /session/id: "…" | "sess_2"'],
    ),
    "session has expired": (
        "realtime/session/update",
        lambda: {"lie": on("session.created", setting("/session/expires_at", 1))},
        ["RT-008 at message 0 /session/expires_at: a time behind the handshake | 1"],
    ),
    "update is ignored": (
        "realtime/session/update",
        lambda: {"lie": on("session.updated", setting("/session/output_modalities", ["audio"]))},
        ['RT-005 at message 1 /session/output_modalities/0: "text" | "audio"'],
    ),
    "update of tools is ignored": (
        "realtime/session/tools",
        lambda: {"lie": on("session.updated", setting("/session/tools", []))},
        ['RT-005 at message 1 /session/tools: [{"type": "function", "name": "get_weath… | []'],
    ),
    "update is echoed": (
        "realtime/session/update",
        lambda: {
            "lie": on(
                "session.updated",
                lambda event: {
                    **event,
                    "session": {
                        name: event["session"][name]
                        for name in ("type", "id", "object", "output_modalities", "instructions")
                    },
                },
            )
        },
        [
            "RT-006 at message 1 /session: every member of the session before it | no model, tools, tool_choice, max…"
        ],
    ),
    "update undoes another": (
        "realtime/session/update-twice",
        lambda: {"lie": on("session.updated", setting("/session/output_modalities", ["audio"]), nth=1)},
        ['RT-007 at message 2 /session/output_modalities: ["text"], as before | ["audio"]'],
    ),
    "update is refused": (
        "realtime/session/update",
        lambda: {"lie": on("session.updated", lambda event: error_event("conformance_update"))},
        ["RT-009 at message 1: the answer to session.update | an error: No."],
    ),
    "event ids repeat": (
        "realtime/session/update",
        lambda: {"lie": setting("/event_id", "event_1")},
        ["RT-011 at message 1 /event_id: 'an id of its own' | 'event_1'"],
    ),
    "event ids are missing": (
        "realtime/item/text",
        lambda: {"lie": lacking("/event_id")},
        [
            'SOCK-005 at message 0: the member \'event_id\' | {"type": "session.created", "session": {"type": "realtim…',
            'SOCK-005 at message 1: the member \'event_id\' | {"type": "conversation.item.added", "previous_item_id":…',
            'SOCK-005 at message 2: the member \'event_id\' | {"type": "conversation.item.done", "previous_item_id": n…',
        ],
    ),
    "session has no id": (
        "realtime/session/created",
        lambda: {"lie": lacking("/session/id")},
        [
            'SOCK-005 at message 0 /session: the member \'id\' | {"type": "realtime", "object": "realtime.session", "m…'
        ],
    ),
    "modalities are mixed": (
        "realtime/session/created",
        lambda: {"lie": setting("/session/output_modalities", ["text", "audio"])},
        ['SOCK-005 at message 0 /session/output_modalities: maxItems 1 | ["text", "audio"]'],
    ),
    "nulls are left out": (
        "realtime/text/turn",
        lambda: {"lie": without_nulls},
        [
            "RT-012 at message 2 /previous_item_id: previous_item_id, null where it has no value | no such member",
            "RT-012 at message 3 /previous_item_id: previous_item_id, null where it has no value | no such member",
            "RT-012 at message 4 /response/status_details: status_details, null where it has no value | no such member",
            "RT-012 at message 4 /response/usage: usage, null where it has no value | no such member",
            "RT-012 at message 21 /response/status_details: status_details, null where it has no value | no such mem…",
        ],
    ),
    "more remains than the limit": (
        "realtime/text/turn",
        lambda: {"lie": on("rate_limits.updated", setting("/rate_limits/0/remaining", 60_001))},
        ["RT-013 at message 22 /rate_limits/0/remaining: at most the limit, 60000 | 60001"],
    ),
}

ITEMS: dict[str, Told] = {
    "items are created as in the beta": (
        "realtime/item/text",
        lambda: {"lie": on("conversation.item.added", typed("conversation.item.created"))},
        ["RT-010 at message 1 /type: conversation.item.added | conversation.item.created"],
    ),
    "item is never done": (
        "realtime/item/text",
        lambda: {"lie": on("conversation.item.done", without)},
        ["RT-020 at message 1: conversation.item.done behind it | no such event"],
    ),
    "item is never added": (
        "realtime/item/text",
        lambda: {"lie": on("conversation.item.added", without)},
        ["RT-020 at message 1: conversation.item.added | no item"],
    ),
    "item is not answered for": (
        "realtime/item/history",
        lambda: {"lie": lambda event: None if event.get("item", {}).get("role") == "assistant" else event},
        ["RT-020 at message 4: conversation.item.added | no item"],
    ),
    "item loses its id": (
        "realtime/item/own-id",
        lambda: {"lie": on("conversation.item.done", setting("/item/id", "item_9"))},
        ["RT-020 at message 1: conversation.item.done behind it | no such event"],
    ),
    "item is given another id": (
        "realtime/item/own-id",
        lambda: {"lie": setting_where("/item/id", "item_9")},
        [
            'RT-021 at message 1 /item/id: "item_conformance_1" | "item_9"',
            'RT-021 at message 2 /item/id: "item_conformance_1" | "item_9"',
        ],
    ),
    "item changes its text": (
        "realtime/item/own-id",
        lambda: {"lie": on("conversation.item.done", setting("/item/content/0/text", "?"))},
        ['RT-021 at message 2 /item/content/0/text: "Grüße, 世界! 👩\u200d👩\u200d👧" | "?"'],
    ),
    "item changes its role": (
        "realtime/item/text",
        lambda: {"lie": on("conversation.item.added", setting("/item/role", "assistant"))},
        ['RT-021 at message 1 /item/role: "user" | "assistant"'],
    ),
    "item follows an unknown one": (
        "realtime/item/history",
        lambda: {"lie": on("conversation.item.added", setting("/previous_item_id", "item_9"), nth=1)},
        ['RT-022 at message 3 /previous_item_id: null or an item before it | "item_9"'],
    ),
    "item follows itself": (
        "realtime/item/own-id",
        lambda: {"lie": on("conversation.item.added", setting("/previous_item_id", "item_conformance_1"))},
        ['RT-022 at message 1 /previous_item_id: null or an item before it | "item_conformance_1"'],
    ),
    "another item is retrieved": (
        "realtime/item/retrieve",
        lambda: {"lie": on("conversation.item.retrieved", setting("/item/id", "item_9"))},
        ['RT-023 at message 3 /item/id: "item_conformance_2" | "item_9"'],
    ),
    "retrieval is refused": (
        "realtime/item/retrieve",
        lambda: {"lie": on("conversation.item.retrieved", lambda event: error_event())},
        ["RT-023 at message 3: conversation.item.retrieved | an error: No."],
    ),
    "another item is deleted": (
        "realtime/item/delete",
        lambda: {"lie": on("conversation.item.deleted", setting("/item_id", "item_9"))},
        ['RT-024 at message 3 /item_id: "item_conformance_2" | "item_9"'],
    ),
    "items are not done in the conversation": (
        "realtime/text/turn",
        lambda: {"lie": on("conversation.item.done", without, nth=1)},
        ["RT-026 at message 20 /response/output/0: conversation.item.done of the item | no such event"],
    ),
    "conversation says another text": (
        "realtime/text/turn",
        lambda: {"lie": on("conversation.item.done", setting("/item/content/0/text", "?"), nth=1)},
        ['RT-027 at message 19 /item/content/0/text: "Hello! How can I help you today?" | "?"'],
    ),
    "conversation has it under another id": (
        "realtime/text/turn",
        lambda: {
            "lie": lambda event: (
                {**event, "item": {**event["item"], "id": "item_9"}}
                if event["type"].startswith("conversation.") and event["item"]["role"] == "assistant"
                else event
            )
        },
        [
            "RT-026 at message 21 /response/output/0: conversation.item.added of the item | no such event",
            "RT-026 at message 21 /response/output/0: conversation.item.done of the item | no such event",
        ],
    ),
    "aside joins the conversation": (
        "realtime/text/aside",
        lambda: {
            "lie": on(
                "response.output_item.done",
                lambda event: [event, joining("added", event), joining("done", event)],
            )
        },
        ["RT-028 at message 17 /type: no item of the conversation | conversation.item.added"],
    ),
    "aside names a conversation": (
        "realtime/text/aside",
        lambda: {"lie": on("response.done", setting("/response/conversation_id", "conv_1"))},
        ['RT-028 at message 17 /response/conversation_id: null | "conv_1"'],
    ),
    "deleted item is given back": (
        "realtime/item/deleted",
        lambda: {"lie": on("error", lambda event: {**event, "type": "conversation.item.retrieved", "item": GONE})},
        ['RT-078 at message 4 /item/id: an error, as the item was deleted | "item_conformance_2"'],
    ),
    "another item is committed": (
        "realtime/audio/commit",
        lambda: {"lie": on("input_audio_buffer.committed", setting("/item_id", "item_x"))},
        ['RT-079 at message 2 /item_id: "item_…" | "item_x"'],
    ),
    "commit is not answered": (
        "realtime/audio/commit",
        lambda: {"lie": on("input_audio_buffer.committed", without)},
        ["RT-079 at message 4: input_audio_buffer.committed | no such event"],
    ),
    "item of the client is done in progress": (
        "realtime/text/turn",
        lambda: {"lie": on("conversation.item.done", setting("/item/status", "in_progress"), nth=0)},
        ['RT-080 at message 3 /item/status: completed or incomplete | "in_progress"'],
    ),
    "model is changed": (
        "realtime/odd/other-model",
        lambda: {"lie": on("session.updated", setting("/session/model", "another"))},
        ['RT-081 at message … /session/model: "ref-realtime" | "another"'],
    ),
    "buffer is not cleared": (
        "realtime/audio/clear",
        lambda: {"lie": on("input_audio_buffer.cleared", without)},
        ["RT-025 at message 0: input_audio_buffer.cleared | no such event"],
    ),
}
