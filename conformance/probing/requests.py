"""A case made into bytes: models and earlier answers filled in, with the headers that the SDKs send."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from conformance import __version__, pointer
from conformance.cases import Case, split_reference
from conformance.contract import Contract, Operation
from conformance.errors import DataError, UsageError
from conformance.exchange import Headers, Request
from conformance.probing.decoding import ACCEPTED
from conformance.probing.transport import DEFLATE, Script
from conformance.target import NO_SUCH_MODEL, WRONG_KEY, Target
from conformance.wire import multipart

Answers = Callable[[str], Sequence[Any]]
"""The JSON documents of a case's last answer: its body, or each event of a stream or message of a socket.

Raises LookupError when the case has no answer.
"""

_TEXT_MODEL_IS_TRIED = frozenset({"text", "models", "embeddings", "safety", "audio", "realtime"})
_CREDENTIAL_HEADERS = frozenset({"authorization", "api-key", "x-api-key", "proxy-authorization", "cookie"})
_BOUNDARY = "conformance-5f0c1e7a9b3d4c62"
_SDK = "OpenAI/Python 3.54.0"  # targets that look at the client must treat us as they treat the SDK
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110 §5.6.2
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 §5.5: no line breaks
_TOO_MUCH = "0000"  # no encoding of a key reads it as padding
_LONG = "word " * 10_000  # tokens: beyond small contexts, and still cheap where it fits
_DEEP = "[" * 2_000 + "]" * 2_000  # levels: beyond the recursion limit of common parsers
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


class MissingValueError(LookupError):
    """An earlier answer lacks the value that a request is built from, so the request cannot be sent."""

    def __init__(self, case: str, reason: str) -> None:
        super().__init__(reason)
        self.case = case


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """What all requests of a run have in common. ``models`` are those discovered, by workload."""

    contract: Contract
    target: Target
    key: str | None = None
    extra_headers: Headers = ()
    models: Mapping[str, str] | None = None

    def request(self, case: Case, answers: Answers) -> Request:
        """The HTTP request of ``case``. Raises MissingValueError when an earlier answer lacks a value."""
        operation = self.contract.operation_of(case)
        fill = _Filler(self.model_of(operation), answers)
        content_type, body = _content(case, fill, self.contract)
        method = case.method or operation.method
        headers = self._headers(case, operation, method, content_type, body)
        return Request(method, self._path(case, operation, fill), headers, body)

    def script(self, case: Case, answers: Answers) -> Script | None:
        """The filled steps of a WebSocket case; None for a case that is plain HTTP."""
        operation = self.contract.operation_of(case)
        if not _is_conversation(case, operation):
            return None
        fill = _Filler(self.model_of(operation), answers)
        return tuple(fill(step) for step in case.script)

    def model_of(self, operation: Operation) -> str:
        """The model named for the operation, else the text model where that is harmless, else none."""
        named = self.target.model_for(operation)
        if named:
            return named
        if operation.availability != "unavailable" and operation.workload in _TEXT_MODEL_IS_TRIED:
            return self.target.models.get("text") or (self.models or {}).get("text") or NO_SUCH_MODEL
        return NO_SUCH_MODEL

    def _path(self, case: Case, operation: Operation, fill: _Filler) -> str:
        template = case.path or operation.path

        def value(match: re.Match[str]) -> str:
            if match[1] not in case.params:
                raise DataError("fixtures/cases", case.id, f"{template} needs params/{match[1]}")
            return quote(_text(fill(case.params[match[1]])), safe="")

        path = _PLACEHOLDER.sub(value, template)
        if path == "/v1" or path.startswith("/v1/"):
            path = self.target.prefix + path.removeprefix("/v1")
        query = "&".join(
            f"{quote(k, safe='')}={quote(_text(fill(v)), safe='')}" for k, v in case.query.items()
        )
        return quote(path, safe="/%:@!$&'()*+,;=~?") + ("?" + query if query else "")

    def _headers(
        self, case: Case, operation: Operation, method: str, content_type: str | None, body: bytes
    ) -> Headers:
        chosen: dict[str, tuple[str, str]] = {}
        for name, value in [
            ("Host", _host(self.target)),
            ("Accept", _accept(operation, method)),
            ("Accept-Encoding", ACCEPTED if operation.transport == "http" else None),
            ("Sec-WebSocket-Extensions", DEFLATE if _is_conversation(case, operation) else None),
            ("User-Agent", f"{_SDK} openai-api-conformance/{__version__}"),
            ("Content-Type", content_type),
            ("Content-Length", str(len(body)) if body or method in {"POST", "PUT", "PATCH"} else None),
            ("Authorization", _authorization(case, self.key)),
            *self._extra_headers(case),
            *case.headers.items(),
        ]:
            chosen.pop(name.lower(), None) if value is None else chosen.update({name.lower(): (name, value)})
        return tuple(_checked(name, value) for name, value in chosen.values())

    def _extra_headers(self, case: Case) -> list[tuple[str, str]]:
        """Those of ``--header``; without credentials where the case has none or a wrong one."""
        keeps = case.credential == "key"
        return [(n, v) for n, v in self.extra_headers if keeps or n.lower() not in _CREDENTIAL_HEADERS]


def _is_conversation(case: Case, operation: Operation) -> bool:
    return operation.transport == "websocket" and bool(case.script)


def build(
    case: Case,
    contract: Contract,
    target: Target,
    models: Mapping[str, str],
    answers: Answers,
    key: str | None,
    extra_headers: Headers = (),
) -> Request:
    """The HTTP request of one case, or the handshake of a WebSocket."""
    return RequestBuilder(contract, target, key, extra_headers, models).request(case, answers)


@dataclass(frozen=True, slots=True)
class _Filler:
    """Replaces ``$model``, ``$no_such_model`` and ``$from:CASE#/pointer`` anywhere; JSON types are kept."""

    model: str
    answers: Answers

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            return {key: self(member) for key, member in value.items()}
        if isinstance(value, list | tuple):
            return [self(member) for member in value]
        return value

    def _text(self, text: str) -> Any:
        if text == "$model":
            return self.model
        if text == "$no_such_model":
            return NO_SUCH_MODEL
        if text == "$long":
            return _LONG
        return self._answered(*split_reference(text)) if text.startswith("$from:") else text

    def _answered(self, case: str, where: str) -> Any:
        try:
            documents = self.answers(case)
        except LookupError as error:
            raise MissingValueError(
                case, str(error.args[0]) if error.args else f"{case} has no answer"
            ) from None
        for document in documents:
            try:
                return pointer.resolve(document, where)
            except LookupError:
                continue
        raise MissingValueError(case, f"the answer to {case} has no {where}")

    def inside(self, text: str) -> str:
        """``$model`` within text that is not JSON as a whole."""
        text = text.replace("$model", json.dumps(self.model)[1:-1]).replace("$no_such_model", NO_SUCH_MODEL)
        return text.replace("$deep", _DEEP)


def _content(case: Case, fill: _Filler, contract: Contract) -> tuple[str | None, bytes]:
    """The media type and the body's bytes."""
    if case.raw is not None:
        return "application/json", fill.inside(case.raw).encode("utf-8", "surrogatepass")
    if case.form is not None:
        return _form(case.form, fill, contract.root)
    if case.body is not None:
        return "application/json", _json(fill(case.body))
    return None, b""


def _json(value: Any) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # a lone surrogate can only be sent escaped
        return json.dumps(value, separators=(",", ":")).encode()


def _form(form: Mapping[str, Any], fill: _Filler, contract_root: Path) -> tuple[str, bytes]:
    folder = contract_root / "fixtures" / "media"
    files = [
        multipart.File(
            file["name"],
            file["filename"],
            file.get("content_type", "application/octet-stream"),
            (folder / file["media"]).read_bytes(),
        )
        for file in form.get("files", [])
    ]
    return multipart.encode(_fields(fill(form.get("fields", {}))), files, boundary=_BOUNDARY)


def _fields(fields: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Names and values as the SDKs write them: a list repeats its name, an object's members are bracketed."""
    for key, value in fields.items():
        name = f"{within}[{key}]" if within else key
        if isinstance(value, Mapping):
            yield from _fields(value, name)
        else:
            yield from ((name, _text(each)) for each in (value if isinstance(value, list) else [value]))


def _accept(operation: Operation, method: str) -> str:
    """What openai-python asks for; see its resources ``audio/speech``, ``videos`` and ``responses``."""
    if method == "DELETE" and operation.name.startswith("DELETE /v1/responses/"):
        return "*/*"
    if operation.path == "/v1/audio/speech":
        return "application/octet-stream"
    return "application/binary" if operation.path.endswith("/content") else "application/json"


def _authorization(case: Case, key: str | None) -> str | None:
    match case.credential:
        case "key":
            return f"Bearer {key}" if key else None
        case "wrong":
            return f"Bearer {WRONG_KEY}"
        case "longer":
            return f"Bearer {key}{_TOO_MUCH}" if key else None
        case "basic":
            return "Basic " + base64.b64encode(f"conformance:{WRONG_KEY}".encode()).decode()
    return None


def _host(target: Target) -> str:
    """Host and port, a name beyond ASCII as DNS knows it."""
    authority = target.origin.partition("://")[2]
    return authority if authority.isascii() else authority.encode("idna").decode("ascii")


def _checked(name: str, value: str) -> tuple[str, str]:
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise UsageError(f"the header {name!r} cannot be sent: it has characters that HTTP forbids")
    return name, value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
