"""Internals of a back end in what a server says: text, JSON or headers in, leaks out.

Sans I/O, and without an opinion: which leak breaks which promise is for the checks. What the client itself
sent is no leak when it comes back (`Sent`), nor is a URL of a public host, nor what a client needs to know
to mend its request.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, unquote_plus

from conformance.exchange import Exchange
from conformance.wire import strict_json
from conformance.wire.leaking import members
from conformance.wire.leaking.credentials import credentials
from conformance.wire.leaking.hosts import hosts, without_urls
from conformance.wire.leaking.identifiers import IDENTIFIERS
from conformance.wire.leaking.paths import PATHS
from conformance.wire.leaking.rules import Rule
from conformance.wire.leaking.spans import NOTHING_SENT, Kind, Sent, Span, told
from conformance.wire.leaking.storage import STORAGE
from conformance.wire.leaking.traces import TRACES
from conformance.wire.leaking.upstream import UPSTREAM

__all__ = [
    "NOTHING_SENT",
    "Kind",
    "Leak",
    "Sent",
    "in_headers",
    "in_json",
    "in_model",
    "in_page",
    "in_success",
    "in_text",
    "sent_in",
]

_RULES = (*TRACES, *UPSTREAM, *STORAGE, *PATHS, *IDENTIFIERS)
_LONGEST_TEXT = (
    20_000  # characters of one text that are looked at: the patterns are many, and a body may be huge
)
_MOST_FINDS = 20  # of one pattern in one text
_MOST_STRINGS = 2_000  # of one JSON value
_MOST_CHARACTERS = 100_000  # of all of them
_MOST_SENT = 1_000_000
_MOST_FORM = 10_000  # characters of a form; a longer body is a file
_LABELS = frozenset(
    {"type", "code", "error_type", "errortype", "reason", "status", "error_code", "object", "title", "name"}
)
_HIDDEN = re.compile(r"(?is)<(script|style|svg|template)\b.{0,200000}?</\1\s*>")
_TAG = re.compile(r"(?s)<!--|-->|</?[a-zA-Z!?][^<>]{0,2000}>")
_BREAK = re.compile(r"(?i)<(?:br|/p|/div|/li|/tr|/h\d|/pre|/title)\b[^<>]{0,200}>")
# Headers whose values are for browsers and caches, and hold hosts and tokens by design.
_PLAIN_HEADERS = frozenset(
    {
        "alt-svc",
        "content-security-policy",
        "content-security-policy-report-only",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "link",
        "nel",
        "report-to",
        "strict-transport-security",
    }
)


@dataclass(frozen=True, slots=True)
class Leak:
    """One internal: its kind, the text that shows it, and where: a JSON Pointer or a header's name."""

    kind: Kind
    excerpt: str
    where: str = ""


def sent_in(exchange: Exchange, *, key_is_unproven: bool = False) -> Sent:
    """All that the client said in ``exchange``, with its own credentials and the target's host names."""
    request = exchange.request
    body = request.body[:_MOST_SENT].decode("utf-8", "replace")
    frames = (f.data[:_MOST_SENT].decode("utf-8", "replace") for f in exchange.frames if f.sender == "client")
    said = [request.path, unquote(request.path), *(value for _, value in request.headers), *_unescaped(body)]
    for frame in frames:
        said += _unescaped(frame)
    host = (request.header("host") or "").casefold()
    return Sent(
        "\n".join(said),
        _keys(exchange),
        frozenset({host, host.rpartition(":")[0] or host} - {""}),
        key_is_unproven,
    )


def _unescaped(text: str) -> Iterator[str]:
    """A body as it is, and the strings of its JSON, or of a form, as they are read."""
    yield text
    try:
        value = strict_json.loads(text).value
    except strict_json.JsonError:
        if "%" in text and len(text) <= _MOST_FORM:
            yield unquote_plus(text)
        return
    for _, _, string in _strings(value, ""):
        yield string


def _keys(exchange: Exchange) -> tuple[str, ...]:
    values = (
        value
        for name, value in exchange.request.headers
        if name.lower() in {"authorization", "api-key", "x-api-key"}
    )
    return tuple(value.rpartition(" ")[2] for value in values)


def in_text(text: str, sent: Sent = NOTHING_SENT, *, is_label: bool = False) -> tuple[Leak, ...]:
    """The leaks of one text; in an error's type or code (``is_label``) fewer names are exceptions."""
    text = text[:_LONGEST_TEXT]
    if _holds_nothing(text, is_label):
        return ()
    spans = told(_finds(text, sent, is_label))
    return tuple(Leak(span.kind, text[span.start : span.end].strip()) for span in spans)


@functools.lru_cache(maxsize=8192)  # most texts of a target are clean, and it says the same ones again and again
def _holds_nothing(text: str, is_label: bool) -> bool:
    """True when nothing in the text would be a leak, whatever was sent: what was sent only excuses finds."""
    return next(_finds(text, NOTHING_SENT, is_label), None) is None


def _finds(text: str, sent: Sent, is_label: bool) -> Iterator[Span]:
    yield from _spans(text, sent, is_label)
    yield from hosts(text, sent)
    yield from credentials(text, sent)


def _spans(text: str, sent: Sent, is_label: bool) -> Iterator[Span]:
    masked = without_urls(text)
    for rule in _RULES:
        if is_label and not rule.in_labels:
            continue
        yield from _of_rule(rule, text if rule.in_urls else masked, sent)


def _of_rule(rule: Rule, text: str, sent: Sent) -> Iterator[Span]:
    for count, match in enumerate(rule.pattern.finditer(text)):
        if count >= _MOST_FINDS:
            return
        subject = match.groupdict().get("subject")
        if match[0] and not sent.holds(match[0]) and not (subject and sent.holds(subject)):
            yield Span(rule.kind, rule.rank, match.start(), match.end(), rule.weak)


def in_page(text: str, sent: Sent = NOTHING_SENT) -> tuple[Leak, ...]:
    """The leaks of a page or a plain text: what a reader sees of it, and comments."""
    if not re.search(r"(?i)<(?:!doctype|html|head|body|pre|h1|p)\b", text[:_LONGEST_TEXT]):
        return in_text(text.strip(), sent)
    shown = _TAG.sub(" ", _BREAK.sub("\n", _HIDDEN.sub(" ", text[: 4 * _LONGEST_TEXT])))
    return in_text(html.unescape(shown).strip(), sent)


def in_json(value: Any, sent: Sent = NOTHING_SENT, where: str = "") -> list[Leak]:
    """The leaks of an error: names of its members, and every text in it."""
    found: list[Leak] = []
    stack = [(where, value)]
    looked_at = characters = 0
    while stack and looked_at < _MOST_STRINGS and characters < _MOST_CHARACTERS:
        pointer, item = stack.pop()
        looked_at += 1
        if isinstance(item, str):
            characters += len(item)
            name = pointer.rpartition("/")[2]
            here = in_text(item, sent, is_label=name.lower() in _LABELS)
            found += [replace(leak, where=pointer) for leak in here if not _is_version(name, leak)]
        elif isinstance(item, list):
            stack += [(f"{pointer}/{index}", child) for index, child in reversed(list(enumerate(item)))]
        elif isinstance(item, dict):
            named, rest = _named(item, pointer, sent)
            found += named
            stack += reversed(rest)
    return found


def _is_version(name: str, leak: Leak) -> bool:
    """``1.2.3.4`` is no address where a member is named for a version."""
    return leak.kind == "address" and "version" in name.lower()


def _named(item: dict[str, Any], pointer: str, sent: Sent) -> tuple[list[Leak], list[tuple[str, Any]]]:
    """The members that their names give away, and those that have to be looked into."""
    leaks: list[Leak] = []
    rest: list[tuple[str, Any]] = []
    for name, child in item.items():
        path = f"{pointer}/{_escaped(name)}"
        kind = members.error_member(name, child) or _nested_error(name, child, pointer)
        if kind is None or _is_sent(child, name, sent):
            rest.append((path, child))
        else:
            leaks.append(Leak(kind, f"{name}: {_shown(child)}", path))
    if any(leak.kind == "trace" for leak in leaks):
        rest = [
            (path, child) for path, child in rest if not members.is_place_of_error(path.rpartition("/")[2])
        ]
    return leaks, rest


def _nested_error(name: str, child: Any, pointer: str) -> Kind | None:
    """An error object in the place of a message, or inside another error."""
    if not isinstance(child, dict) or not child.keys() & {"error", "message"}:
        return None
    inside = name == "error" and pointer.rpartition("/")[2] == "error"
    return "upstream" if inside or name == "message" else None


def _is_sent(child: Any, name: str, sent: Sent) -> bool:
    if isinstance(child, str | int | float) and not isinstance(child, bool):
        return sent.holds(str(child))
    return sent.holds(f'"{name}"')


def in_model(record: Any, sent: Sent = NOTHING_SENT, where: str = "") -> list[Leak]:
    """The leaks of a model record, or of a list of them."""
    found: list[Leak] = []
    stack = [(where, record)]
    while stack and len(found) < _MOST_FINDS:
        pointer, item = stack.pop()
        if isinstance(item, str):
            found += _in_model_text(item, sent, pointer)
        elif isinstance(item, list):
            stack += [(f"{pointer}/{index}", child) for index, child in reversed(list(enumerate(item)))]
        elif isinstance(item, dict):
            rest = []
            for name, child in item.items():
                path = f"{pointer}/{_escaped(name)}"
                if members.model_member(name, child):
                    found.append(Leak("identifier", f"{name}: {_shown(child)}", path))
                else:
                    rest.append((path, child))
            stack += reversed(rest)
    return found


def _in_model_text(text: str, sent: Sent, pointer: str) -> list[Leak]:
    """Descriptions may speak of errors and of SQL; addresses, keys and places are internal anywhere."""
    name = pointer.rpartition("/")[2]
    if (
        name in {"root", "parent", "path"}
        and re.match(r"/[\w.-]+/[\w./-]+|~/|[A-Za-z]:\\", text)
        and not sent.holds(text)
    ):
        return [Leak("path", text, pointer)]
    telling = {"address", "credential", "path", "upstream", "identifier"}
    found = in_text(text, sent)
    return [
        replace(leak, where=pointer)
        for leak in found
        if leak.kind in telling
        and not _is_version(name, leak)
        and (leak.kind != "upstream" or "." in leak.excerpt)
    ]


def in_success(value: Any, sent: Sent = NOTHING_SENT, where: str = "") -> list[Leak]:
    """Members of a success that name who answered behind the API; what the model says is not looked at."""
    found: list[Leak] = []
    stack = [(where, value)]
    looked_at = 0
    while stack and looked_at < 20_000:
        pointer, item = stack.pop()
        looked_at += 1
        if isinstance(item, list):
            stack += [
                (f"{pointer}/{index}", child)
                for index, child in enumerate(item)
                if isinstance(child, dict | list)
            ]
        elif isinstance(item, dict):
            for name, child in item.items():
                path = f"{pointer}/{_escaped(name)}"
                if members.success_member(name, child) and not sent.holds(f'"{name}"'):
                    found.append(Leak("upstream", f"{name}: {_shown(child)}", path))
                elif isinstance(child, dict | list) and name not in {
                    "metadata",
                    "tools",
                    "schema",
                    "parameters",
                    "arguments",
                }:
                    stack.append((path, child))
    return found


def in_headers(headers: tuple[tuple[str, str], ...], sent: Sent = NOTHING_SENT) -> list[Leak]:
    """The leaks of response headers: names that only a back end has; addresses, paths and keys in values."""
    found: list[Leak] = []
    for name, value in headers:
        plain = name.lower()
        if members.header_name(name, value) and not sent.holds(value):
            found.append(Leak("identifier", f"{name}: {value}", plain))
        elif plain == "set-cookie":
            found += [leak for leak in _in_value(name, value, sent) if leak.kind in {"address", "upstream"}]
        elif (
            plain not in _PLAIN_HEADERS and "version" not in plain and not plain.startswith("access-control-")
        ):
            found += _in_value(name, value, sent)
    return found


def _in_value(name: str, value: str, sent: Sent) -> list[Leak]:
    told_kinds = {"address", "credential", "path", "upstream", "storage", "identifier"}
    found = in_text(value, sent, is_label=True)
    return [
        Leak(leak.kind, f"{name}: {leak.excerpt}", name.lower()) for leak in found if leak.kind in told_kinds
    ]


def _strings(value: Any, where: str) -> Iterator[tuple[str, str, str]]:
    stack = [(where, "", value)]
    while stack:
        pointer, name, item = stack.pop()
        if isinstance(item, str):
            yield pointer, name, item
        elif isinstance(item, list):
            stack += [(pointer, name, child) for child in item]
        elif isinstance(item, dict):
            stack += [(pointer, key, child) for key, child in item.items()]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
