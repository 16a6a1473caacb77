"""Lies of POST /v1/embeddings."""

from __future__ import annotations

import base64
import struct
from typing import Any

from conformance.exchange import Exchange, Request
from conformance.reference import errors
from conformance.reference.app import App
from conformance.reference.editing import Answer, edit_json, is_call, refuse, sent_json, status_of
from conformance.reference.faults.frame import fault, json_fault, wire_fault

EMBEDDINGS = "/v1/embeddings"


def _floats(embedding: Any) -> list[float]:
    if isinstance(embedding, str):
        data = base64.b64decode(embedding)
        return list(struct.unpack(f"<{len(data) // 4}f", data))
    return list(embedding)


def _like(embedding: Any, floats: list[float]) -> Any:
    """``floats`` in the encoding that ``embedding`` has."""
    if isinstance(embedding, str):
        return base64.b64encode(struct.pack(f"<{len(floats)}f", *floats)).decode()
    return floats


def _each(answer: Answer, edit: Any) -> None:
    for entry in answer.body["data"]:
        entry["embedding"] = _like(entry["embedding"], edit(_floats(entry["embedding"])))


@json_fault(EMBEDDINGS, defects=("D185",))
def ignores_base64(answer: Answer) -> None:
    """encoding_format base64 is accepted, and numbers come."""
    for entry in answer.body["data"]:
        entry["embedding"] = _floats(entry["embedding"])


@json_fault(EMBEDDINGS)
def sends_base64_unasked(answer: Answer) -> None:
    """Numbers are asked for, and base64 comes."""
    for entry in answer.body["data"]:
        entry["embedding"] = _like("", _floats(entry["embedding"]))


@fault(defects=("D186",))
def refuses_base64(exchange: Exchange) -> Exchange:
    """encoding_format base64, which the official clients send unasked, is refused."""
    if not is_call(exchange, EMBEDDINGS) or sent_json(exchange).get("encoding_format") != "base64":
        return exchange
    return refuse(exchange, errors.invalid_value("encoding_format", "encoding_format must be float."))


@json_fault(EMBEDDINGS, defects=("D187",))
def omits_the_embedding_index(answer: Answer) -> None:
    """Embeddings have no index."""
    for entry in answer.body["data"]:
        del entry["index"]


@json_fault(EMBEDDINGS)
def gives_every_embedding_index_zero(answer: Answer) -> None:
    """All embeddings have index 0."""
    for entry in answer.body["data"]:
        entry["index"] = 0


@json_fault(EMBEDDINGS)
def omits_the_embedding_object(answer: Answer) -> None:
    """Embeddings have no object."""
    for entry in answer.body["data"]:
        del entry["object"]


@json_fault(EMBEDDINGS, defects=("D191",))
def embeds_no_token_arrays(answer: Answer) -> None:
    """A list of token ids is answered 200 without embeddings."""
    given = answer.sent.get("input")
    if isinstance(given, list) and not isinstance(given[0], str):
        answer.body["data"] = []


@json_fault(EMBEDDINGS)
def embeds_only_the_first_input(answer: Answer) -> None:
    """A list of inputs gets one embedding."""
    del answer.body["data"][1:]


@json_fault(EMBEDDINGS)
def mixes_embeddings_up(answer: Answer) -> None:
    """The embeddings of a list are in another order than its inputs."""
    vectors = [entry["embedding"] for entry in answer.body["data"]]
    for entry, vector in zip(answer.body["data"], reversed(vectors), strict=True):
        entry["embedding"] = vector


@json_fault(EMBEDDINGS)
def ignores_dimensions(answer: Answer) -> None:
    """dimensions is accepted, and embeddings of another length come."""
    if answer.sent.get("dimensions"):
        _each(answer, lambda floats: [*floats, 0.0])


@json_fault(EMBEDDINGS)
def embeds_at_uneven_lengths(answer: Answer) -> None:
    """The embeddings of one list have different lengths."""
    for entry in answer.body["data"][1:]:
        entry["embedding"] = _like(entry["embedding"], _floats(entry["embedding"])[:-1])


@json_fault(EMBEDDINGS)
def embeds_everything_alike(answer: Answer) -> None:
    """Every input has the same embedding."""
    _each(answer, lambda floats: [1.0, *[0.0] * (len(floats) - 1)])


@json_fault(EMBEDDINGS)
def encodes_infinity(answer: Answer) -> None:
    """A number of an embedding in base64 is infinite."""
    for entry in answer.body["data"]:
        if isinstance(entry["embedding"], str):
            entry["embedding"] = _like("", [float("inf"), *_floats(entry["embedding"])[1:]])


@json_fault(EMBEDDINGS)
def embeds_zeros(answer: Answer) -> None:
    """Embeddings consist of zeros."""
    _each(answer, lambda floats: [0.0] * len(floats))


@json_fault(EMBEDDINGS)
def embeds_at_another_length(answer: Answer) -> None:
    """Embeddings are not of Euclidean length 1."""
    _each(answer, lambda floats: [value * 3 for value in floats])


@json_fault(EMBEDDINGS)
def encodes_floats_big_endian(answer: Answer) -> None:
    """The base64 holds floats whose bytes are in the other order."""
    for entry in answer.body["data"]:
        if isinstance(entry["embedding"], str):
            floats = _floats(entry["embedding"])
            entry["embedding"] = base64.b64encode(struct.pack(f">{len(floats)}f", *floats)).decode()


@json_fault(EMBEDDINGS)
def encodes_doubles(answer: Answer) -> None:
    """The base64 holds 64-bit floats."""
    for entry in answer.body["data"]:
        if isinstance(entry["embedding"], str):
            floats = _floats(entry["embedding"])
            entry["embedding"] = base64.b64encode(struct.pack(f"<{len(floats)}d", *floats)).decode()


@json_fault(EMBEDDINGS)
def strips_the_padding_of_embeddings(answer: Answer) -> None:
    """The base64 of an embedding is written for URLs, without padding."""
    for entry in answer.body["data"]:
        if isinstance(entry["embedding"], str):
            floats = [*_floats(entry["embedding"]), 0.5]
            data = struct.pack(f"<{len(floats)}f", *floats)
            entry["embedding"] = base64.urlsafe_b64encode(data).decode().rstrip("=").replace("A", "-", 1)


@json_fault(EMBEDDINGS)
def writes_numbers_as_text(answer: Answer) -> None:
    """The numbers of an embedding are strings."""
    for entry in answer.body["data"]:
        if isinstance(entry["embedding"], list):
            entry["embedding"] = [str(value) for value in entry["embedding"]]


@wire_fault()
def embeds_the_same_input_otherwise_each_time(app: App) -> App:
    """The same input has another embedding in every request."""
    asked: list[Request] = []

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        if not is_call(exchange, EMBEDDINGS) or status_of(exchange) != 200:
            return exchange
        asked.append(request)
        turn = len(asked)
        return edit_json(
            exchange, lambda found: _each(found, lambda floats: floats[turn % 7 :] + floats[: turn % 7])
        )

    return answer


@json_fault(EMBEDDINGS)
def counts_nothing_in_embeddings(answer: Answer) -> None:
    """The usage of an embedding is all zeros."""
    answer.body["usage"] = {"prompt_tokens": 0, "total_tokens": 0}


@json_fault(EMBEDDINGS)
def totals_less_than_it_read(answer: Answer) -> None:
    """total_tokens of an embedding is less than prompt_tokens."""
    answer.body["usage"]["total_tokens"] -= 1


@json_fault(EMBEDDINGS)
def bills_embeddings_for_more_than_they_read(answer: Answer) -> None:
    """total_tokens of an embedding is more than prompt_tokens."""
    answer.body["usage"]["total_tokens"] += 9


@json_fault(EMBEDDINGS)
def counts_every_input_alike(answer: Answer) -> None:
    """The usage of an embedding is the same whatever the input."""
    answer.body["usage"] = {"prompt_tokens": 5, "total_tokens": 5}


@json_fault(EMBEDDINGS)
def omits_the_usage_of_embeddings(answer: Answer) -> None:
    """Embeddings have no usage."""
    del answer.body["usage"]
