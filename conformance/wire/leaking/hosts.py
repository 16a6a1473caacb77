"""Addresses and host names in text: private ones, and those of known upstream providers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from conformance.wire.leaking.spans import Sent, Span

_RANK_ADDRESS = 4
_RANK_UPSTREAM = 5

URL = re.compile(r"\b(?:https?|wss?|grpcs?|tcp|unix)://[^\s'\"<>\\`{}|]{1,500}")
_PORT = r"(?::\d{1,5})?"
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)(?P<rest>:\d{1,5}(?!\d)|/\d{1,2}(?!\d))?")
_IPV6 = re.compile(r"(?<![\w:.\]])\[?(?P<address>[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7})(?P<zone>%\w{1,16})?\]?(?P<port>:\d{2,5})?(?![\w:])")
_DASHED = re.compile(r"\b(?:ip|ec2|host)-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}(?:\.[\w.-]{1,80})?")
_SUFFIXES = (
    r"internal|local|localdomain|lan|intranet|corp|home\.arpa|consul|cluster\.local|svc(?:\.cluster(?:\.local)?)?|flycast|ts\.net|vpce\.amazonaws\.com"
    r"|elb\.amazonaws\.com|rds\.amazonaws\.com|cache\.amazonaws\.com|compute(?:-\d)?\.amazonaws\.com|execute-api\.[\w-]{3,20}\.amazonaws\.com"
    r"|lambda-url\.[\w-]{3,20}\.on\.aws|cloudapp\.azure\.com|database\.windows\.net|redis\.cache\.windows\.net|a\.run\.app|ngrok(?:-free)?\.(?:io|app|dev)"
    r"|trycloudflare\.com|nip\.io|docker\.internal"
)
_PRIVATE_NAME = re.compile(rf"(?i)(?<![\w.@/$-])(?:[a-z0-9_][a-z0-9_-]{{0,62}}\.){{1,8}}(?:{_SUFFIXES})(?![\w-]|\.\w|\(){_PORT}")
_CONNECTING = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:dial|read|write) (?:tcp|udp|unix)[46]?:? (?:lookup )?(?P<host>[\w.:\[\]/@%-]{2,200})",
        r"\blookup (?P<host>[\w.-]{2,200})(?= on |: )",
        r"\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?P<host>[\w.-]{2,200})|\b(?:connect )?(?:ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET) (?P<host2>[\w.:\[\]-]{3,200})",
        r"\bCannot connect to host (?P<host>[\w.:-]{2,200})",
        r"\bHTTPS?ConnectionPool\(host=\\*['\"](?P<host>[\w.-]{2,200})\\*['\"](?:, port=\d{1,5})?[^\n]{0,400}",
        r"\b(?:Failed|[Uu]nable|[Cc]ould not|[Cc]annot|failed) to (?:connect|resolve|reach|dial)(?: to)?(?: host)?:? [\"'`]?(?P<host>[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,62}){0,6}(?::\d{2,5}| port \d{2,5}))",
        r"\b(?:Could not resolve (?:host|proxy)|UnknownHostException|unknown host|failed to lookup address information|no such host)\b:? ?[\"'`]?(?P<host>[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,62}){1,6})",
        r"\b[Cc]onnect(?:ing|ion|ed)?(?: refused)?(?: by| to| from)? (?:to )?(?:host |server |backend |upstream )?(?:at )?\\*[\"'`(]?(?P<host>(?:localhost|[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,62}){0,6})(?:[:/]\d{2,5}| port \d{2,5}))",
        r"\b(?:ipv4|ipv6|dns|passthrough)://?/?(?P<host>[\w.:\[\]%-]{3,200})|\b(?:ipv4|ipv6):(?P<host2>[\w.:\[\]%-]{5,200})",
        r"(?i)\b(?:host|hostname|server|backend|upstream|peer|remote(?: address)?|endpoint|target|proxy|address|addr)\s*[=:]\s*\\*[\"'`]?(?P<host>[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,62}){0,6}:\d{2,5})(?!\d)",
        r"(?i)\b(?:backend|upstream|server|host|node|peer|endpoint|replica|worker|at|to|from|on|via|proxy) [\"'`(]?(?P<host>[a-z][a-z0-9]{0,30}(?:[-_.][a-z0-9]{1,40}){1,6}:\d{4,5})(?!\d)",
        r"(?i)\bserver at (?P<host>(?!localhost\b)[\w.-]{2,100}) port \d{2,5}",
        r"(?i)\b(?:host ?name|machine|server name|hostname)\s*[=:]\s*[\"'`]?(?P<host>[a-z][\w.-]{2,80})",
        r"(?<![\w.])(?P<host>localhost:\d{2,5})(?!\d)|\bhost(?:name)? [\"'`]localhost[\"'`]|\blocalhost \(127",
    )
)
_PROVIDER_HOSTS = re.compile(
    r"(?i)(?<![\w.-])(?:(?:[\w-]{1,60}\.){0,3}(?:openai\.azure\.com|services\.ai\.azure\.com|cognitiveservices\.azure\.com|inference\.ml\.azure\.com"
    r"|models\.ai\.azure\.com|azure-api\.net|endpoints\.huggingface\.cloud|aiplatform\.googleapis\.com|googleapis\.com|ml\.cloud\.ibm\.com"
    r"|volces\.com|aliyuncs\.com|baidubce\.com|tencentcloudapi\.com|xf-yun\.com|runpod\.(?:ai|net)|modal\.run|cloud\.databricks\.com|azuredatabricks\.net"
    r"|snowflakecomputing\.com|api\.nvidia\.com|nvcf\.nvidia\.com)"
    r"|(?:bedrock(?:-runtime|-agent)?|runtime\.sagemaker|sts|s3|secretsmanager|dynamodb|kms)\.[\w.-]{3,40}\.?amazonaws\.com|(?:[\w-]{1,60}\.){1,3}amazonaws\.com"
    r"|[\w-]{3,40}-aiplatform\.googleapis\.com|api\.openai\.com|api\.anthropic\.com|api\.mistral\.ai|api\.groq\.com|api\.deepseek\.com"
    r"|api\.together\.(?:xyz|ai)|api\.fireworks\.ai|openrouter\.ai/api[\w/.-]{0,60}|api\.cohere\.(?:ai|com)|api\.x\.ai|api\.perplexity\.ai|api\.replicate\.com"
    r"|api-inference\.huggingface\.co|router\.huggingface\.co|open\.bigmodel\.cn|api\.z\.ai|api\.moonshot\.(?:cn|ai)|api\.minimax\w{0,3}\.(?:chat|com|io)"
    r"|api\.siliconflow\.(?:cn|com)|api\.baichuan-ai\.com|api\.lingyiwanwu\.com|api\.stepfun\.com|api\.hunyuan\.cloud\.tencent\.com"
    r"|api\.cloudflare\.com|gateway\.ai\.cloudflare\.com|api\.sambanova\.ai|api\.cerebras\.ai|api\.deepinfra\.com|api\.hyperbolic\.xyz|api\.novita\.ai"
    r"|api\.stability\.ai|api\.elevenlabs\.io|api\.deepgram\.com|api\.assemblyai\.com|api\.jina\.ai|chatgpt\.com/backend-api[\w/.-]{0,60}|api\.githubcopilot\.com"
    r"|models\.inference\.ai\.azure\.com|models\.github\.ai|api\.voyageai\.com|api\.ai21\.com|api\.studio\.nebius\.(?:ai|com)|api\.lepton\.ai|api\.friendli\.ai"
    rf"|api\.302\.ai|api\.aimlapi\.com|api\.upstage\.ai|api\.inference\.net|inference\.baseten\.co|[\w-]{{3,60}}\.api\.baseten\.co)(?![\w-]|\.\w){_PORT}(?:/[\w./:%-]{{0,200}})?"
)
_VERSIONED = re.compile(r"(?i)(?:\bv|versions?|release|build|rev(?:ision)?|driver|firmware|section|clause|§|chapter|step|==|[<>]=?|~=|\^|/)\s*[:=]?\s*[\"'(]?\Z")
_CALLER = re.compile(r"(?i)\b(?:your|client|caller(?:'s)?|source|remote|from) (?:current |public )?ip(?: address)?\s*(?:is|:|=|\()?\s*[\"'(]?\Z")
_SINGLE_LABEL = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PLACEHOLDERS = frozenset({"host", "hostname", "your-host", "example", "server", "domain", "url", "your-server", "yourhost", "your_host"})
_PRIVATE_SUFFIX = re.compile(rf"(?i)(?:.+\.)?(?:{_SUFFIXES}|localhost)\Z")
_NO_HOSTS = frozenset({"tcp", "udp", "unix", "localhost"})


def hosts(text: str, sent: Sent) -> Iterator[Span]:
    """Every private address or name, and every upstream provider's, but the target's own."""
    for match in URL.finditer(text):
        if _is_private_url(match[0], sent):
            yield _address(match)
    yield from _addresses(text, sent)
    for match in _PRIVATE_NAME.finditer(text):
        if not _is_own(match[0], sent):
            yield _address(match)
    yield from _connections(text, sent)
    for match in _PROVIDER_HOSTS.finditer(text):
        if not _is_own(re.split(r"[/:]", match[0])[0], sent) and not sent.holds(match[0]):
            yield Span("upstream", _RANK_UPSTREAM, match.start(), match.end())


def without_public_urls(text: str) -> str:
    """``text`` of the same length with every URL overwritten, as what a public address is made of says nothing."""
    return URL.sub(lambda match: "\0" * len(match[0]), text)


def _address(match: re.Match[str]) -> Span:
    return Span("address", _RANK_ADDRESS, match.start(), match.end())


def _addresses(text: str, sent: Sent) -> Iterator[Span]:
    for match in _IPV4.finditer(text):
        if _is_leaking_ipv4(text, match) and not _is_own(match[0], sent):
            yield _address(match)
    for match in _DASHED.finditer(text):
        if not _is_own(match[0], sent):
            yield _address(match)
    for match in _IPV6.finditer(text):
        if _is_private_ipv6(match["address"]) and not _is_own(match[0], sent):
            yield _address(match)


def _is_leaking_ipv4(text: str, match: re.Match[str]) -> bool:
    address = match[0].partition(":")[0].partition("/")[0]
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return False
    before, rest = text[max(0, match.start() - 40) : match.start()], match["rest"] or ""
    if rest.startswith("/") or _CALLER.search(before):
        return False  # a range is a rule, not a machine; a client may be told its own address
    if rest.startswith(":"):
        return not parsed.is_multicast
    return not _VERSIONED.search(before) and _is_private(parsed)


def _is_private(address: ipaddress.IPv4Address) -> bool:
    return any(address in network for network in _PRIVATE_NETWORKS) and not str(address).endswith(".0")


_PRIVATE_NETWORKS = tuple(
    map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"))
)


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
    if not host or host in _PLACEHOLDERS or _is_own(netloc, sent) or sent.holds(url) or sent.holds(host):
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(_SINGLE_LABEL.fullmatch(host) or _PRIVATE_SUFFIX.fullmatch(host))
    return address.is_private or address.is_loopback or address.version == 4


def _connections(text: str, sent: Sent) -> Iterator[Span]:
    for pattern in _CONNECTING:
        for match in pattern.finditer(text):
            named = match.groupdict()
            host = (named.get("host") or named.get("host2") or match[0]).strip("[]'\"`:.,")
            if host and host not in _NO_HOSTS and not _is_own(host, sent) and not sent.holds(host):
                yield _address(match)


def _is_own(netloc: str, sent: Sent) -> bool:
    """True for the target's own host, and for another name of loopback with its port."""
    netloc = netloc.casefold().strip("[]")
    if netloc in sent.hosts:
        return True
    host, _, port = netloc.rpartition(":")
    loopback = {"localhost", "127.0.0.1", "0.0.0.0", "::1", "[::1]"}  # noqa: S104 - compared, not bound
    return bool(port) and host in loopback and any(f"{name}:{port}" in sent.hosts for name in loopback)
