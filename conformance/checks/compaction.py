"""A compacted conversation: what it keeps, what it hides, and that it is no Response."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from conformance.checks.excerpt import shown
from conformance.checks.response_view import ResponseObject, responses
from conformance.checks.subject import Finding, NotShown, Subject, check


@check
def compaction_has_an_opaque_item(subject: Subject) -> Iterator[Finding]:
    """At least one item of type compaction; what it must hold the schema tells."""
    for response in responses(subject):
        kinds = [item.kind for item in response.items]
        if "compaction" not in kinds:
            seen = f"only {', '.join(dict.fromkeys(kinds))}" if kinds else "no item"
            yield response.finding("an item of type compaction", seen, "/output")


@check
def compaction_ends_with_one_opaque_item(subject: Subject) -> Iterator[Finding]:
    """One, behind whatever was kept."""
    for response in responses(subject):
        kinds = [item.kind for item in response.items]
        if "compaction" not in kinds:
            raise NotShown("the output has no compaction")
        if kinds.count("compaction") > 1 or kinds[-1] != "compaction":
            yield response.finding("one compaction, the last item", shown(kinds), "/output")


@check
def compaction_keeps_the_user_messages(subject: Subject) -> Iterator[Finding]:
    """What the user said is still there in words."""
    for response in responses(subject):
        kept = "\n".join(_texts([item.value for item in response.items]))
        for text in _texts(_sent_by_the_user(response)):
            if text not in kept:
                yield response.finding(f"the message {shown(text)}", shown(kept), "/output")


def _sent_by_the_user(response: ResponseObject) -> list[Any]:
    given = response.request.get("input")
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    items = given if isinstance(given, list) else []
    users = [item for item in items if isinstance(item, dict) and item.get("role") == "user"]
    if not users:
        raise NotShown("the request has no user message")
    return users


def _texts(items: list[Any]) -> Iterator[str]:
    """The texts of messages, whose content is a text or a list of parts."""
    for item in items:
        content = item.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        yield from (p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str))


@check
def compaction_is_no_response(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """Members by which a Response is known would make it be taken for one."""
    for response in responses(subject):
        for name in members:
            if response.value.get(name) is not None:
                yield response.finding("no such member", shown(response.value[name]), f"/{name}")


@check
def encrypted_content_is_opaque(subject: Subject, told: str) -> Iterator[Finding]:
    """It is for the server alone: nothing that was said can be read in it."""
    for response in responses(subject):
        items = response.of_kind("compaction")
        if not items:
            raise NotShown("the output has no compaction")
        for item in items:
            content = item.value.get("encrypted_content")
            if isinstance(content, str) and told in content:
                where = f"{item.pointer}/encrypted_content"
                yield response.finding("what only the server can read", shown(content), where)
