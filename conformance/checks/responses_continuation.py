"""Which responses can be continued, and how a refusal around Responses names its reason."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.answering import ending
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_UPGRADE_REQUIRED = 426


def _of_case(subject: Subject, suffix: str) -> Answer | None:
    found = [answer for answer in subject.answers if answer.case.id.endswith(suffix)]
    return found[-1] if found else None


@check
def streamed_responses_are_continued_too(subject: Subject) -> Iterator[Finding]:
    """What continues an unstreamed response continues a streamed one."""
    plain, streamed = _of_case(subject, "/next"), _of_case(subject, "/next-after-stream")
    if plain is None or plain.state != "answered":
        raise NotShown("no unstreamed response was continued")
    if streamed is None:
        raise NotShown("no streamed response was continued")
    if streamed.state == "refused":
        yield Finding(
            "an answer, as an unstreamed response is continued",
            ending(streamed),
            "status",
            streamed.exchange.id,
        )


@check
def compacted_conversation_is_continued(subject: Subject) -> Iterator[Finding]:
    """The output of a compaction, sent as the input of a response, is answered."""
    for answer in subject.answers:
        if answer.state == "refused":
            yield Finding("an answer", ending(answer), "status", answer.exchange.id)
        elif answer.state != "answered":
            raise Spoiled("it was neither answered nor refused")


@check
def error_param_is(subject: Subject, param: str) -> Iterator[Finding]:
    """The field of the request that was refused, alone or as part of a path."""
    for answer in subject.answers:
        seen = answer.error.get("param")
        if not isinstance(seen, str) or param not in seen:
            yield Finding(param, shown(seen), "/error/param", answer.exchange.id)


@check
def upgrade_required_names_the_protocol(subject: Subject) -> Iterator[Finding]:
    """A 426 has an Upgrade field."""
    asked = [answer for answer in subject.answers if answer.status == _UPGRADE_REQUIRED]
    if not asked:
        raise NotShown("nothing was refused with 426")
    for answer in asked:
        if "websocket" not in (answer.response.header("upgrade") or "").lower():
            seen = answer.response.header("upgrade") or "no Upgrade field"
            yield Finding("Upgrade: websocket", seen, "upgrade", answer.exchange.id)
