"""The error envelope: ``{"error": {"message", "type", "param", "code"}}`` on every error answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.answer import Answer
from conformance.checks.answering import is_json_type, raise_if_gate_may_speak
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Subject, check

_API_NAMES = re.compile(r"[a-z][a-z0-9_]*")
_KNOWN_TYPES = re.compile(
    r"error|quota|forbidden|requests|tokens|not_found|invalid|denied|unsupported|exceeded|limit|moderation"
)
_SERVER_TYPES = re.compile(r"server_error|internal|unavailable|overloaded", re.IGNORECASE)


def _errors(subject: Subject) -> list[Answer]:
    errors = [
        answer for answer in subject.answers if answer.status >= 400 and answer.exchange.failure is None
    ]
    if not errors:
        raise NotShown("no error answer was seen")
    return errors


def _enveloped(subject: Subject) -> list[Answer]:
    return [answer for answer in _errors(subject) if isinstance(answer.error, dict)]


@check
def error_content_type_is_json(subject: Subject) -> Iterator[Finding]:
    """A JSON body sent as another type; a body that is no JSON at all is told by what it should have been."""
    for answer in _errors(subject):
        if answer.document is not None and not is_json_type(answer.response.media_type):
            seen = answer.response.header("content-type") or "no Content-Type"
            yield Finding("Content-Type: application/json", seen, "content-type", answer.exchange.id)


@check
def error_member_has_type(subject: Subject, member: str, *, nullable: bool) -> Iterator[Finding]:
    """``error.MEMBER`` is a text, or null where the contract lets it be."""
    for answer in _enveloped(subject):
        if answer.error.get("message") is None:
            continue
        value = answer.error.get(member, ...)
        if (value is None and nullable) or (isinstance(value, str) and (value or nullable)):
            continue
        seen = "no such member" if value is ... else shown(value)
        expected = "a text or null" if nullable else "a text that is not empty"
        yield Finding(expected, f"{seen} on {answer.case.id}", f"/error/{member}", answer.exchange.id)


@check
def error_type_fits_the_status(subject: Subject) -> Iterator[Finding]:
    """A client error is not called a server's, and the name is one of the API."""
    for answer in _enveloped(subject):
        name = answer.error.get("type")
        if not isinstance(name, str) or not name:
            continue
        if answer.status < 500 and answer.status != 413 and _SERVER_TYPES.search(name):
            yield Finding(f"a type for a {answer.status}", shown(name), "/error/type", answer.exchange.id)
        elif not _API_NAMES.fullmatch(name) or not _KNOWN_TYPES.search(name):
            yield Finding(
                "a type such as invalid_request_error", shown(name), "/error/type", answer.exchange.id
            )


@check
def error_code_is(subject: Subject, code: str) -> Iterator[Finding]:
    """The code by which SDK users branch."""
    for answer in subject.answers:
        if answer.error.get("code") != code:
            raise_if_gate_may_speak(subject, answer)
            yield Finding(code, shown(answer.error.get("code")), "/error/code", answer.exchange.id)


@check
def error_param_names_the_missing_field(subject: Subject) -> Iterator[Finding]:
    """``param`` holds the field's name, alone or as part of a path."""
    removed = subject.case.id.rsplit("/", 1)[-1].removesuffix("-stream").replace("-", "_")
    for answer in subject.answers:
        param = answer.error.get("param")
        if not isinstance(param, str) or removed not in param:
            raise_if_gate_may_speak(subject, answer)
            yield Finding(removed, shown(param), "/error/param", answer.exchange.id)
