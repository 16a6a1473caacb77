"""Request bodies: JSON and multipart/form-data, read strictly and refused in the documented form."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from conformance.exchange import Request
from conformance.reference import errors
from conformance.reference.answers import JsonObject

DEEPEST = 256
"""Nesting beyond this is refused: it serves no request, and every later walk over the value recurses."""


@dataclass(frozen=True, slots=True)
class File:
    """One file of a form."""

    name: str
    media_type: str
    data: bytes


Form = dict[str, list[str | File]]
"""Fields of a form in wire order; the name keeps its ``[]``."""


def media_type(request: Request) -> str:
    """The media type of the request's body, lower case, without parameters."""
    return (request.header("content-type") or "").partition(";")[0].strip().lower()


def json_body(request: Request) -> JsonObject:
    """The JSON object that the request carries."""
    if media_type(request) != "application/json":
        raise errors.unsupported_content_type(request.header("content-type"), "application/json")
    value = parse_json(request.body)
    if not isinstance(value, dict):
        raise errors.malformed("The request body must be a JSON object.")
    return value


def parse_json(body: bytes) -> Any:
    """Strict JSON: UTF-8, no NaN, no numbers beyond a double, bounded depth."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_not_json, parse_float=_finite)
    except (ValueError, RecursionError):
        raise errors.malformed(
            "We could not parse the JSON body of your request. The API expects a JSON payload."
        ) from None
    if _deeper_than(value, DEEPEST):
        raise errors.malformed(f"The JSON body is nested deeper than {DEEPEST} levels.")
    return value


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("number out of range")
    return value


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def _children(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def form_body(request: Request) -> Form:
    """The fields of a multipart/form-data request (RFC 7578)."""
    if media_type(request) != "multipart/form-data":
        raise errors.unsupported_content_type(request.header("content-type"), "multipart/form-data")
    parameters = _parameters(request.header("content-type") or "")
    boundary = parameters.get("boundary", "")
    if not 0 < len(boundary) <= 70:  # RFC 2046 §5.1.1
        raise errors.malformed("The multipart body has no usable boundary.")
    form: Form = {}
    for part in _parts(request.body, boundary.encode("latin-1", "replace")):
        name, value = _field(part)
        form.setdefault(name, []).append(value)
    return form


def _parts(body: bytes, boundary: bytes) -> list[bytes]:
    delimiter = b"\r\n--" + boundary
    sections = (b"\r\n" + body).split(delimiter)
    if len(sections) < 2 or not sections[-1].startswith(b"--"):
        raise errors.malformed("The multipart body does not end with its closing boundary.")
    return [section.lstrip(b" \t").removeprefix(b"\r\n") for section in sections[1:-1]]


def _field(part: bytes) -> tuple[str, str | File]:
    head, found, data = part.partition(b"\r\n\r\n")
    headers = dict(_header(line) for line in head.split(b"\r\n"))
    disposition = headers.get("content-disposition", "")
    parameters = _parameters(disposition)
    if not found or not disposition.lower().startswith("form-data") or "name" not in parameters:
        raise errors.malformed("A part of the multipart body has no usable Content-Disposition.")
    if "filename" in parameters:
        kind = headers.get("content-type", "application/octet-stream")
        return parameters["name"], File(parameters["filename"], kind.partition(";")[0].lower(), data)
    return parameters["name"], data.decode("utf-8", "replace")


def _header(line: bytes) -> tuple[str, str]:
    name, _, value = line.decode("utf-8", "replace").partition(":")
    return name.strip().lower(), value.strip()


def _parameters(value: str) -> dict[str, str]:
    """The parameters of a header: ``a; b=c; d="e f"`` gives b and d."""
    found = re.findall(r';\s*([^\s=;]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s;]*))', value)
    return {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare for name, quoted, bare in found}
