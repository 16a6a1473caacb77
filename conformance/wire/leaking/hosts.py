"""Addresses and host names in text: private ones, and those of known upstream providers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from conformance.wire.leaking.providers import PROVIDER_HOST
from conformance.wire.leaking.rules import compiled, one_of
from conformance.wire.leaking.spans import Rank, Sent, Span

_MOST_FINDS = 20  # of one pattern in one text

_URL = re.compile(r"\b(?:https?|wss?|grpcs?|tcp|unix)://[^\s'\"<>\\`{}|]{1,500}")
_IPV4 = re.compile(
    r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)(?P<rest>:\d{1,5}(?!\d)|/\d{1,2}(?!\d))?"
)
_IPV6 = re.compile(
    r"(?<![\w:.\]])\[?(?P<address>[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?:%\w{1,16})?\]?(?::\d{2,5})?(?![\w:])"
)
_DASHED = re.compile(r"\b(?:ip|ec2|host)-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}(?:\.[\w.-]{1,80})?")
_SUFFIXES = one_of(r"""
    internal local localdomain lan intranet corp home\.arpa consul cluster\.local
    svc(?:\.cluster(?:\.local)?)? flycast ts\.net vpce\.amazonaws\.com elb\.amazonaws\.com
    rds\.amazonaws\.com cache\.amazonaws\.com compute(?:-\d)?\.amazonaws\.com
    execute-api\.[\w-]{3,20}\.amazonaws\.com lambda-url\.[\w-]{3,20}\.on\.aws cloudapp\.azure\.com
    database\.windows\.net redis\.cache\.windows\.net a\.run\.app ngrok(?:-free)?\.(?:io|app|dev)
    trycloudflare\.com nip\.io docker\.internal
""")
_PRIVATE_NAME = re.compile(
    rf"(?i)(?<![\w.@/$-])(?:[a-z0-9_][a-z0-9_-]{{0,62}}\.){{1,8}}{_SUFFIXES}(?![\w-]|\.\w|\()(?::\d{{1,5}})?"
)
_PRIVATE_SUFFIX = re.compile(rf"(?i)(?:.+\.)?(?:{_SUFFIXES}|localhost)\Z")

# What a library says when it cannot connect: the host that it names is a back end's, public or not.
_NAME = r"[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,62}){0,6}"
_CONNECTING = compiled(
    r"""
    \b(?:dial|read|write) (?:tcp|udp|unix)[46]?:? (?:lookup )?(?P<host>[\w.:\[\]/@%-]{2,200})
    \blookup (?P<host>[\w.-]{2,200})(?= on |: )
    \bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<host>[\w.-]{2,200})
    \b(?:connect )?(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET) (?P<host>[\w.:\[\]-]{3,200})
    \bCannot connect to host (?P<host>[\w.:-]{2,200})
    \bHTTPS?ConnectionPool\(host=\\{0,4}['\"](?P<host>[\w.-]{2,200})\\{0,4}['\"][^\n]{0,400}
    (?i)\b(?:failed|unable|could not|cannot|couldn't) (?:to )?(?:connect|resolve|reach|dial)(?: to)?
        (?: host)?:?[ ][\"'`]?(?P<host><NAME>(?::\d{2,5}| port \d{2,5}))
    (?i)\b(?:could not resolve (?:host|proxy)|UnknownHostException|unknown host|no such host)\b:?
        [ ]?[\"'`]?(?P<host><NAME>)
    (?i)\bfailed to lookup address information:? ?[\"'`]?(?P<host><NAME>)
    (?i)\bconnect(?:ing|ion|ed)?(?: refused)?(?: by| to| from)? (?:to )?(?:host |server |backend |upstream )?
        (?:at )?\\{0,4}[\"'`(]?(?P<host>(?:localhost|<NAME>)(?:[:/]\d{2,5}| port \d{2,5}))
    \b(?:ipv4|ipv6|dns|passthrough)://?/?(?P<host>[\w.:\[\]%-]{3,200})
    \b(?:ipv4|ipv6):(?P<host>[\w.:\[\]%-]{5,200})
    (?i)\b(?:host|hostname|server|backend|upstream|peer|remote(?: address)?|endpoint|target|proxy
        |address|addr)\s?[=:]\s?\\{0,4}[\"'`]?(?P<host><NAME>:\d{2,5})(?!\d)
    (?i)\b(?:backend|upstream|server|host|node|peer|endpoint|replica|worker|at|to|from|on|via|proxy)
        [ ][\"'`(]?(?P<host>[a-z][a-z0-9]{0,30}(?:[-_.][a-z0-9]{1,40}){1,6}:\d{4,5})(?!\d)
    (?<![\w./-])(?P<host>[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,40}){1,6}:(?!(?:19|20)\d\d\b)\d{4,5})(?![\w.:-])
    (?i)\b(?:host ?name|machine|server name)\s?[=:]\s?[\"'`]?(?P<host>[a-z][\w.-]{2,80})
    (?<![\w.])(?P<host>localhost:\d{2,5})(?!\d)
    \bhost(?:name)? [\"'`](?P<host>localhost)[\"'`]
    \b(?P<host>localhost \(127)
    """,
    NAME=_NAME,
)
_VERSIONED = re.compile(
    r"(?i)(?:\bv|versions?|release|build|rev(?:ision)?|driver|firmware|section|clause|§|chapter|step"
    r"|==|[<>]=?|~=|\^|/)\s?[:=]?\s?[\"'(]?\Z"
)
_CALLER = re.compile(
    r"(?i)\b(?:your|client|caller(?:'s)?|source|remote|from) (?:current |public )?ip(?: address)?"
    r"\s?(?:is|:|=|\()?\s?[\"'(]?\Z"
)
_SINGLE_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PLACEHOLDERS = frozenset(
    {
        "host",
        "hostname",
        "your-host",
        "example",
        "server",
        "domain",
        "url",
        "your-server",
        "yourhost",
        "your_host",
    }
)
_NO_HOSTS = frozenset({"tcp", "udp", "unix"})
_LOOPBACK = ("localhost", "127.0.0.1", "0.0.0.0", "::1", "[::1]")
_NETWORKS = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
    )
)


def hosts(text: str, sent: Sent) -> Iterator[Span]:
    """Every private address or name, and every upstream provider's, but the target's own."""
    for match in _finds(_URL, text):
        if _is_private_url(match[0], sent):
            yield _address(match)
    yield from _addresses(text, sent)
    for match in _finds(_PRIVATE_NAME, text):
        if not _is_own(match[0], sent):
            yield _address(match)
    yield from _connections(text, sent)
    for match in _finds(PROVIDER_HOST, text):
        if not _is_own(re.split(r"[/:]", match[0])[0], sent):
            yield Span("upstream", Rank.UPSTREAM, match.start(), match.end())


def without_urls(text: str) -> str:
    """``text`` of the same length with every URL overwritten: what a URL is made of says nothing."""
    return _URL.sub(lambda match: "\0" * len(match[0]), text)


def _finds(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return islice(pattern.finditer(text), _MOST_FINDS)


def _address(match: re.Match[str]) -> Span:
    return Span("address", Rank.ADDRESS, match.start(), match.end())


def _addresses(text: str, sent: Sent) -> Iterator[Span]:
    for match in _IPV4.finditer(text):
        if _is_leaking_ipv4(text, match) and not _is_own(match[0], sent):
            yield _address(match)
            break  # one is enough, and a hostile text may hold thousands
    for match in _finds(_DASHED, text):
        if not _is_own(match[0], sent):
            yield _address(match)
    for match in _finds(_IPV6, text):
        if _is_private_ipv6(match["address"]) and not _is_own(match[0], sent):
            yield _address(match)


def _is_leaking_ipv4(text: str, match: re.Match[str]) -> bool:
    try:
        address = ipaddress.IPv4Address(re.split("[:/]", match[0])[0])
    except ValueError:
        return False
    before, rest = text[max(0, match.start() - 40) : match.start()], match["rest"] or ""
    if rest.startswith("/") or _CALLER.search(before):
        return False  # a range is a rule, not a machine; a client may be told its own address
    if rest.startswith(":"):
        return not address.is_multicast
    return not _VERSIONED.search(before) and _is_private(address)


def _is_private(address: ipaddress.IPv4Address) -> bool:
    return any(address in network for network in _NETWORKS) and not str(address).endswith(".0")


def _is_private_ipv6(text: str) -> bool:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_link_local or address in ipaddress.IPv6Network("fc00::/7")


def _is_private_url(url: str, sent: Sent) -> bool:
    try:
        parts = urlsplit(url)
        host, netloc = (parts.hostname or "").rstrip("."), parts.netloc.rpartition("@")[2]
    except ValueError:
        return False
    if url.startswith("unix:"):
        return True
    if not host or host in _PLACEHOLDERS or _is_own(netloc, sent) or sent.holds(url):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(_SINGLE_LABEL.fullmatch(host) or _PRIVATE_SUFFIX.fullmatch(host))
    return address.is_private or address.is_loopback or address.version == 4


def _connections(text: str, sent: Sent) -> Iterator[Span]:
    for pattern in _CONNECTING:
        for match in _finds(pattern, text):
            host = match["host"].strip("[]'\"`:.,")
            if host and host not in _NO_HOSTS and not _is_own(host, sent):
                yield _address(match)


def _is_own(netloc: str, sent: Sent) -> bool:
    """True for the target's own host, for another name of loopback with its port, and for what the client sent."""
    netloc = netloc.casefold().strip("[]")
    if netloc in sent.hosts or sent.holds(netloc):
        return True
    host, _, port = netloc.rpartition(":")
    return bool(port) and host in _LOOPBACK and any(f"{name}:{port}" in sent.hosts for name in _LOOPBACK)
