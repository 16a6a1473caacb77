"""POST /v1/embeddings: unit vectors that depend on the words of the input."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from typing import Any

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.answers import JsonObject, json_answer
from conformance.reference.bodies import json_body
from conformance.reference.models import model_for
from conformance.reference.parameters import (
    Rule,
    array,
    check,
    either,
    integer,
    kind_of,
    one_of,
    string,
    text,
)
from conformance.reference.state import State
from conformance.reference.tokens import decode, tokenize

WIDTH = 96
WIDEST = 1536
LONGEST = 8192
LARGEST = 300_000

_TOKENS = array(integer(0), fewest=1)


def _item(value: Any, path: str) -> None:
    if isinstance(value, int):
        return integer(0)(value, path)
    return either("a string or an array of token ids", string=string(shortest=1), array=_TOKENS)(value, path)


RULES: dict[str, Rule] = {
    "model": string(shortest=1),
    "input": either(
        "a string or an array", string=string(shortest=1), array=array(_item, fewest=1, most=2048)
    ),
    "encoding_format": one_of("float", "base64"),
    "dimensions": integer(1, WIDEST),
    "user": text,
}


def create_embeddings(state: State, request: Request) -> Response:
    """One vector for each input."""
    body = json_body(request)
    check(body, RULES, ("model", "input"))
    model_for(state, body["model"], "embeddings", "Embeddings")
    texts = _texts(body["input"])
    total = _count(texts)
    width = int(body.get("dimensions") or WIDTH)
    data = [_record(words, index, width, body.get("encoding_format")) for index, words in enumerate(texts)]
    usage = {"prompt_tokens": total, "total_tokens": total}
    return json_answer({"object": "list", "data": data, "model": body["model"], "usage": usage})


def _texts(given: Any) -> list[str]:
    if isinstance(given, str):
        return [given]
    kinds = {kind_of(item) for item in given}
    if len(kinds) > 1:
        raise errors.wrong_type("input", "an array of one kind", "a mixed array")
    if kinds == {"an integer"}:
        return [decode(given)]
    return [item if isinstance(item, str) else decode(item) for item in given]


def _count(texts: list[str]) -> int:
    counts = [max(len(tokenize(words)), 1) for words in texts]
    if max(counts) > LONGEST:
        raise errors.context_length_exceeded("input", LONGEST, max(counts))
    if sum(counts) > LARGEST:
        raise errors.context_length_exceeded("input", LARGEST, sum(counts))
    return sum(counts)


def _record(words: str, index: int, width: int, encoding: str | None) -> JsonObject:
    packed = struct.pack(f"<{width}f", *vector(words, width))
    if encoding == "base64":
        embedding: Any = base64.b64encode(packed).decode()
    else:
        embedding = list(struct.unpack(f"<{width}f", packed))
    return {"object": "embedding", "index": index, "embedding": embedding}


def vector(words: str, width: int) -> list[float]:
    """The sum of one direction a token, of length one: inputs that share words are near each other."""
    total = [0.0] * width
    for token in set(tokenize(words.lower())):
        for place, value in enumerate(_direction(token.strip(), width)):
            total[place] += value
    length = math.sqrt(sum(value * value for value in total)) or 1.0
    return [value / length for value in total]


def _direction(token: str, width: int) -> list[float]:
    digest = hashlib.shake_256(token.encode("utf-8", "replace")).digest(width)
    return [(byte - 127.5) / 127.5 for byte in digest]
