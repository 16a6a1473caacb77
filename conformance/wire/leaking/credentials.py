"""Keys, tokens and passwords in text, apart from those that the client itself sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from conformance.wire.leaking.rules import compiled, one_of
from conformance.wire.leaking.spans import Rank, Sent, Span

_MOST_FINDS = 20  # of one pattern in one text
_MASK = r"(?:\*{2,200}|\.{3,60}|\u2026{1,20}|\u2022{2,60}|[xX]{4,60})"
_KINDS = one_of(r"""
    sk-(?:proj-|ant-(?:api\d\d-|sid\d\d-|admin\d\d-)?|or-v1-|svcacct-|admin-|None-|lf-|kimi-|cp-)? gsk_
    xai- pplx- nvapi- fw_ r8_ hf_ tgp_v1_ gh[pousr]_ github_pat_ glpat- xox[abeprs]- [sr]k_(?:live|test)_
    npm_ dop_v1_ csk- vck_ AIza AKIA ASIA ak- tvly- key- fc-
""")
_PREFIX = rf"(?<![\w-]){_KINDS}"
_QUERY = one_of("""
    key api[_-]?key access[_-]?token refresh[_-]?token token sig signature x-amz-signature
    x-amz-credential x-amz-security-token client[_-]?secret subscription-key code
""")
_SECRET = one_of(r"""
    api[_\s-]?key secret(?:[_\s-]?(?:access[_\s-]?)?key)? access[_\s-]?key(?:[_\s-]?id)?
    (?:access|auth|refresh|bearer|session|id)[_\s-]?token client[_\s-]?secret private[_\s-]?key
    master[_\s-]?key signing[_\s-]?key encryption[_\s-]?key credentials? subscription-key
""")

_WHOLE = compiled(
    r"""
    <PREFIX>(?P<value>[A-Za-z0-9_-]{12,300})(?![\w*\u2022\u2026]|\.\.)
    (?<![\w-])(?P<value>ya29\.[\w-]{16,300})
    (?<![\w-])(?P<value>eyJ[\w-]{8,2000}\.eyJ[\w-]{4,4000}(?:\.[\w-]{0,1000})?)
    (?P<value>-----BEGIN (?:[A-Z]{2,10} )?(?:PRIVATE KEY|CERTIFICATE)-----)
    (?<![\w-])(?P<value>SG\.[\w-]{16,40}\.[\w-]{16,80})
    # in URLs
    (?<![\w/])[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>]{0,80}:(?P<value>[^\s/@'\"<>]{3,200})@[\w.-]{1,200}(?::\d{1,5})?
        (?:/[\w.-]{0,80})?
    \bhttps://(?P<value>[0-9a-f]{16,64}(?::[0-9a-f]{16,64})?)@[\w.-]{3,80}/\d{1,20}
    (?i)(?:https?://[^\s?'\"<>]{1,300})?[?&](?:[^\s'\"<>]{0,200}&)?<QUERY>=(?P<value>[\w%./+=-]{8,600})
    (?i)\b(?:account|sharedaccess|access|primary|secondary)key=(?P<value>[\w+/=]{12,200})
    """,
    PREFIX=_PREFIX,
    QUERY=_QUERY,
)
_NAMED = compiled(
    r"""
    (?i)(?<![A-Za-z])(?:proxy-)?(?:authorization|bearer)[\"']?\s?[:=]?\s?[\"']?(?:bearer\s)?
        (?P<value>[A-Za-z0-9][\w.~+/=-]{15,2000})
    (?i)\bbasic\s(?P<value>[A-Za-z0-9+/]{12,400}={0,2})(?![\w+/])
    (?i)(?<![A-Za-z])(?:x-)?(?:\w{1,30}[_-])?<SECRET>(?: header| value)?
        \\{0,4}[\"'`]?\s?(?:[:=]|\bis\b|provided:)\s?\\{0,4}[\"'`(\[]?
        (?P<value>[\w.~+/=$!\#%^&-]{6,600})
    (?i)(?<![A-Za-z])(?:\w{1,30}_)?(?:password|passwd|pwd|passphrase)\\{0,4}[\"'`]?\s?
        (?:=|:\s?(?=\\{0,4}[\"'`]))\s?\\{0,4}[\"'`]?(?P<value>[^\s\"'`,;&(){}\[\]<>\\]{4,200})
    """,
    SECRET=_SECRET,
)
_MASKED = compiled(
    r"""
    <PREFIX>(?P<head>[A-Za-z0-9_-]{0,40}?)(?P<mask><MASK>)(?P<tail>[A-Za-z0-9_-]{0,12})
    (?i)\b(?:api[_ -]?key|token|secret|password|credentials?|key)\b[^\n:=]{0,30}[:=]\s?[\"'`(]?
        (?P<head>[A-Za-z0-9_-]{0,40}?)(?P<mask><MASK>)(?P<tail>[A-Za-z0-9_-]{0,12})
    """,
    PREFIX=_PREFIX,
    MASK=_MASK,
)
_AWS_LENGTH = 16  # behind AKIA: capital letters, and digits as it happens
_KNOWN_PREFIX = re.compile(_KINDS)
_PLACEHOLDER = re.compile(
    r"(?i)your|example|placeholder|insert|redacted|dummy|\bhere\b|<|\$\{|changeme|x{4,}|\*{3,}|\.{3}|\u2026|\u2022"
    r"|^(.)\1+$|_?api_?key_?$|^(?:none|null|undefined|missing|invalid|required|empty)$"
)
_NO_CONTENT = re.compile(r"[xX_-]*|(?i:your|key|api|proj)\w*")


def credentials(text: str, sent: Sent) -> Iterator[Span]:
    """Every credential in ``text`` that is not the client's own, whole or masked."""
    for match in _finds(_WHOLE, text):
        if _is_random(match["value"]) and not _is_own(match[0], match["value"], sent):
            yield _span(match)
    for match in _finds(_NAMED, text):
        if _is_secret(match["value"]) and not _is_own(match["value"], match["value"], sent):
            yield _span(match)
    for match in _finds(_MASKED, text):
        if _reveals(match) and not _is_masked_own(match, sent):
            yield _span(match)


def looks_secret(value: str) -> bool:
    """True for the value of a member that is named like a credential, unless it says nothing."""
    return len(value) >= 4 and not _PLACEHOLDER.search(value) and " " not in value.strip()


def _finds(patterns: tuple[re.Pattern[str], ...], text: str) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        yield from islice(pattern.finditer(text), _MOST_FINDS)


def _span(match: re.Match[str]) -> Span:
    return Span("credential", Rank.CREDENTIAL, match.start(), match.end())


def _is_random(value: str) -> bool:
    if _PLACEHOLDER.search(value):
        return False
    mixed = value != value.lower() and (value != value.upper() or len(value) == _AWS_LENGTH)
    return mixed or value.startswith("-----") or any(letter.isdigit() for letter in value)


def _is_secret(value: str) -> bool:
    if _PLACEHOLDER.search(value) or value.startswith("/"):
        return False
    return any(letter.isdigit() for letter in value) and any(letter.isalpha() for letter in value)


def _is_own(shown: str, value: str, sent: Sent) -> bool:
    return sent.holds(shown) or sent.holds(value) or any(value in key or key in shown for key in sent.keys)


def _reveals(match: re.Match[str]) -> bool:
    """A mask that leaves two characters or more; ``sk-...`` and ``sk-xxxx`` are placeholders."""
    shown = _KNOWN_PREFIX.sub("", match["head"]) + match["tail"]
    return len(shown) >= 2 and not _PLACEHOLDER.fullmatch(shown) and not _NO_CONTENT.fullmatch(shown)


def _is_masked_own(match: re.Match[str], sent: Sent) -> bool:
    if sent.key_is_unproven:
        return True
    head = re.search(r"[\w-]*\Z", match.string[: match.start("mask")])
    shown = head[0] if head else ""
    return any(key.startswith(shown) and key.endswith(match["tail"]) for key in sent.keys)
