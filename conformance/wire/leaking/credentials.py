"""Keys, tokens and passwords in text, apart from those that the client itself sent."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.wire.leaking.spans import Sent, Span

_RANK = 0
_MASK = r"(?:\*{2,200}|\.{3,60}|…{1,20}|•{2,60}|[xX]{4,60})"

# What keys of the field begin with, and what cannot be part of a word.
_PREFIX = (
    r"(?<![\w-])(?:sk-(?:proj-|ant-(?:api\d\d-|sid\d\d-|admin\d\d-)?|or-v1-|svcacct-|admin-|None-|lf-|kimi-|cp-)?|gsk_|xai-|pplx-|nvapi-"
    r"|fw_|r8_|hf_|tgp_v1_|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|[sr]k_(?:live|test)_|npm_|dop_v1_|csk-|vck_|AIza|AKIA|ASIA|ak-|tvly-|key-|fc-)"
)
_WHOLE = tuple(
    re.compile(pattern)
    for pattern in (
        _PREFIX + r"(?P<value>[A-Za-z0-9_-]{12,300})(?![\w*•…]|\.\.)",
        r"(?<![\w-])(?P<value>ya29\.[\w-]{16,300})",
        r"(?<![\w-])(?P<value>eyJ[\w-]{8,2000}\.eyJ[\w-]{4,4000}(?:\.[\w-]{0,1000})?)",
        r"(?P<value>-----BEGIN (?:[A-Z]{2,10} )?(?:PRIVATE KEY|CERTIFICATE)-----)",
        r"(?<![\w-])(?P<value>SG\.[\w-]{16,40}\.[\w-]{16,80})",
        r"(?<![\w/])[a-z][a-z0-9+.-]{1,20}://[^\s/:@'\"<>]{0,80}:(?P<value>[^\s/@'\"<>]{3,200})@[\w.-]{1,200}(?::\d{1,5})?(?:/[\w.-]{0,80})?",
        r"\bhttps://(?P<value>[0-9a-f]{16,64}(?::[0-9a-f]{16,64})?)@[\w.-]{3,80}/\d{1,20}",
        r"(?i)(?:https?://[^\s?'\"<>]{1,300})?[?&](?:[^\s'\"<>]{0,200}&)?(?:key|api[_-]?key|access[_-]?token|refresh[_-]?token|token|sig|signature|x-amz-(?:signature|credential|security-token)|client[_-]?secret"
        r"|subscription-key|code)=(?P<value>[\w%./+=-]{8,600})",
        r"(?i)\b(?:account|sharedaccess|access|primary|secondary)key=(?P<value>[\w+/=]{12,200})",
    )
)
_NAMED = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i)(?<![A-Za-z])(?:proxy-)?(?:authorization|bearer)[\"']?\s*[:=]?\s*[\"']?(?:bearer\s+)?(?P<value>[A-Za-z0-9][\w.~+/=-]{15,2000})",
        r"(?i)\bbasic\s+(?P<value>[A-Za-z0-9+/]{12,400}={0,2})(?![\w+/])",
        r"(?i)(?<![A-Za-z])(?:x-)?(?:\w{1,30}[_-])?(?:api[_ -]?key|apikey|secret(?:[_ -]?(?:access[_ -]?)?key)?|access[_ -]?key(?:[_ -]?id)?|(?:access|auth|refresh|bearer|session|id)[_ -]?token"
        r"|client[_ -]?secret|private[_ -]?key|master[_ -]?key|signing[_ -]?key|encryption[_ -]?key|credentials?|subscription-key)\\*[\"'`]?\s*(?:[:=]|\bis\b|provided:)\s*\\*[\"'`(\[]?(?P<value>[\w.~+/=$!#%^&-]{6,600})",
        r"(?i)(?<![A-Za-z])(?:\w{1,30}_)?(?:password|passwd|pwd|passphrase)\\*[\"'`]?\s*(?:=|:\s*(?=\\*[\"'`]))\s*\\*[\"'`]?(?P<value>[^\s\"'`,;&(){}\[\]<>\\]{4,200})",
    )
)
_MASKED = tuple(
    re.compile(pattern)
    for pattern in (
        _PREFIX + rf"(?P<head>[A-Za-z0-9_-]{{0,40}}?)(?P<mask>{_MASK})(?P<tail>[A-Za-z0-9_-]{{0,12}})",
        rf"(?i)\b(?:api[_ -]?key|token|secret|password|credentials?|key)\b[^\n:=]{{0,30}}[:=]\s*[\"'`(]?(?P<head>[A-Za-z0-9_-]{{0,40}}?)(?P<mask>{_MASK})(?P<tail>[A-Za-z0-9_-]{{0,12}})",
    )
)
_KNOWN_PREFIX = re.compile(_PREFIX.removeprefix(r"(?<![\w-])"))
_PLACEHOLDER = re.compile(
    r"(?i)your|example|placeholder|insert|redacted|dummy|\bhere\b|<|\$\{|changeme|x{4,}|\*{3,}|\.{3}|…|•|^(.)\1+$|_?api_?key_?$|^(?:none|null|undefined|missing|invalid|required|empty)$"
)


def credentials(text: str, sent: Sent) -> Iterator[Span]:
    """Every credential in ``text`` that is not the client's own, whole or masked."""
    for pattern in _WHOLE:
        for match in pattern.finditer(text):
            if not _PLACEHOLDER.search(match["value"]) and _is_random(match["value"]) and not _is_own(match[0], match["value"], sent):
                yield Span("credential", _RANK, match.start(), match.end())
    for pattern in _NAMED:
        for match in pattern.finditer(text):
            if _is_secret(match["value"]) and not _is_own(match["value"], match["value"], sent):
                yield Span("credential", _RANK, match.start(), match.end())
    for pattern in _MASKED:
        for match in pattern.finditer(text):
            if _reveals(match) and not _is_masked_own(match, sent):
                yield Span("credential", _RANK, match.start(), match.end())


def looks_secret(value: str) -> bool:
    """True for the value of a member that is named like a credential, unless it says nothing."""
    return len(value) >= 4 and not _PLACEHOLDER.search(value) and " " not in value.strip()


def _is_random(value: str) -> bool:
    return any(c.isdigit() for c in value) or value.startswith("-----") or (value != value.lower() and value != value.upper())


def _is_secret(value: str) -> bool:
    if _PLACEHOLDER.search(value) or value.startswith("/"):
        return False
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value)


def _is_own(shown: str, value: str, sent: Sent) -> bool:
    return sent.holds(shown) or sent.holds(value) or any(value in key or key in shown for key in sent.keys)


def _reveals(match: re.Match[str]) -> bool:
    """A mask that leaves two characters or more beside the prefix; ``sk-...`` and ``sk-xxxx`` are placeholders."""
    shown = _KNOWN_PREFIX.sub("", match["head"]) + match["tail"]
    return len(shown) >= 2 and not _PLACEHOLDER.fullmatch(shown) and not re.fullmatch(r"[xX_-]*|(?i:your|key|api|proj)\w*", shown)


def _is_masked_own(match: re.Match[str], sent: Sent) -> bool:
    if sent.key_is_unproven:
        return True
    start, end = match.start("mask"), match.end("mask")
    whole = match.string
    head = re.search(r"[\w-]*\Z", whole[:start])
    shown = head[0] if head else ""
    return any(key.startswith(shown) and key.endswith(whole[end : match.end("tail")]) for key in sent.keys)
