"""Embeddings: as many vectors as inputs, in their order, and the same numbers however they are asked for."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check, request_json
from conformance.wire.media import Base64Error, decode_base64

_FLOAT32 = 1e-6  # relative to the largest number of a vector: single precision keeps seven digits
_NOISE = 4  # times the difference that the target itself shows between two answers to one request
_ALIKE = 0.99  # cosine: batches run through other kernels than single inputs, and differ in the last digits
_UNIT = 1e-3
_FLOAT_BYTES = 4

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Vector:
    """One embedding: its numbers, None where they cannot be read, and how they were written."""

    where: str
    raw: Any
    numbers: Numbers | None
    fault: str | None = None  # of base64 that does not decode


def vectors(answer: Answer) -> list[Vector]:
    """The vectors of one answer, in wire order. Raises Spoiled when it has no list of them."""
    data = require_json(answer).get("data")
    if not isinstance(data, list):
        raise Spoiled("the answer has no list of embeddings")
    values = [entry.get("embedding") if isinstance(entry, dict) else None for entry in data]
    return [_vector(value, f"/data/{place}/embedding") for place, value in enumerate(values)]


def _vector(raw: Any, where: str) -> Vector:
    if isinstance(raw, str):
        try:
            packed = decode_base64(raw)
        except Base64Error as error:
            return Vector(where, raw, None, str(error))
        if len(packed) % _FLOAT_BYTES:
            return Vector(where, raw, None, f"{len(packed)} bytes are no whole number of 32-bit floats")
        return Vector(where, raw, struct.unpack(f"<{len(packed) // _FLOAT_BYTES}f", packed))
    if isinstance(raw, list) and all(type(number) in (int, float) for number in raw):
        return Vector(where, raw, tuple(_as_float(number) for number in raw))
    return Vector(where, raw, None)


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _answered(subject: Subject) -> Iterator[tuple[Answer, dict[str, Any], list[Vector]]]:
    for answer in subject.answers:
        if answer.state == "answered" and answer.case.expects in {"answer", "either"}:
            request = request_json(answer)
            yield answer, request if isinstance(request, dict) else {}, vectors(answer)


def _inputs(request: dict[str, Any]) -> int:
    """How many inputs a request has: a list of numbers is one, as tokens."""
    given = request.get("input")
    if isinstance(given, list) and given and not isinstance(given[0], int):
        return len(given)
    return 1


@check
def embeddings_are_as_many_as_inputs(subject: Subject) -> Iterator[Finding]:
    """One vector an input."""
    for answer, request, found in _answered(subject):
        due = _inputs(request)
        if len(found) != due:
            expected = f"{due} embedding{'s' if due != 1 else ''}"
            yield Finding(expected, f"{len(found)} of them", "/data", answer.exchange.id)


@check
def embedding_indexes_count_up(subject: Subject) -> Iterator[Finding]:
    """0, 1, 2 in wire order."""
    for answer, _, found in _answered(subject):
        indexes = [entry.get("index") for entry in answer.json["data"] if isinstance(entry, dict)]
        if any(type(index) is not int for index in indexes) or len(indexes) != len(found):
            continue  # the schema tells of it
        if indexes != list(range(len(indexes))):
            yield Finding(shown(list(range(len(indexes)))), shown(indexes), "/data", answer.exchange.id)


@check
def embeddings_are_of_one_length(subject: Subject) -> Iterator[Finding]:
    """Within one answer."""
    for answer, _, found in _answered(subject):
        lengths = [(vector.where, len(vector.numbers)) for vector in found if vector.numbers is not None]
        for where, length in lengths:
            if length != lengths[0][1]:
                expected = f"{lengths[0][1]} numbers, as the first has"
                yield Finding(expected, str(length), where, answer.exchange.id)


@check
def answers_have_vectors_of_one_length(subject: Subject) -> Iterator[Finding]:
    """Over all answers that did not ask for dimensions; one length for each model that was asked."""
    first: dict[Any, int] = {}
    for answer in subject.answers:
        vector, model = _first_of_its_own_length(answer)
        length = len(vector.numbers or ()) if vector else 0
        if vector and length and length != first.setdefault(model, length):
            expected = f"{first[model]} numbers, as in other answers"
            yield Finding(expected, str(length), vector.where, answer.exchange.id)
    if not first:
        raise NotShown("no answer with an embedding was seen")


def _first_of_its_own_length(answer: Answer) -> tuple[Vector | None, Any]:
    """The first vector of an answer whose request left the length to the model, and this model."""
    request = request_json(answer)
    if answer.state != "answered" or answer.case.expects != "answer" or not isinstance(request, dict):
        return None, None
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    if "dimensions" in request or not isinstance(data, list) or not data:
        return None, None
    return vectors(answer)[0], request.get("model")


@check
def embedding_has_the_asked_dimensions(subject: Subject) -> Iterator[Finding]:
    """Answering 200 and ignoring the option is no refusal of it."""
    for answer, request, found in _answered(subject):
        for vector in found:
            if vector.numbers is not None and len(vector.numbers) != request["dimensions"]:
                seen = f"{len(vector.numbers)} numbers"
                yield Finding(f"{request['dimensions']} numbers", seen, vector.where, answer.exchange.id)


@check
def embedding_is_encoded_as_asked(subject: Subject) -> Iterator[Finding]:
    """Base64 where it was asked for, numbers where it was not."""
    for answer, request, found in _answered(subject):
        wanted, words = (str, "base64") if request.get("encoding_format") == "base64" else (list, "numbers")
        for vector in found:
            if isinstance(vector.raw, str | list) and not isinstance(vector.raw, wanted):
                yield Finding(words, shown(vector.raw, 60), vector.where, answer.exchange.id)


@check
def base64_embedding_decodes(subject: Subject) -> Iterator[Finding]:
    """RFC 4648 §4 with its padding, around whole 32-bit floats."""
    for answer, _, found in _answered(subject):
        if not any(isinstance(vector.raw, str) for vector in found):
            raise Spoiled("the embeddings are not base64")
        for vector in found:
            if vector.fault is not None:
                yield Finding("base64 of 32-bit floats", vector.fault, vector.where, answer.exchange.id)


@check
def embedding_numbers_are_finite(subject: Subject) -> Iterator[Finding]:
    """Neither infinite nor not a number, which base64 can hold and JSON cannot."""
    for answer, _, found in _answered(subject):
        for vector in found:
            numbers = vector.numbers or ()
            wrong = [place for place, number in enumerate(numbers) if not math.isfinite(number)]
            if wrong:
                seen = f"{numbers[wrong[0]]} as number {wrong[0]}"
                yield Finding("finite numbers", seen, vector.where, answer.exchange.id)


def _length(numbers: Sequence[float]) -> float:
    return math.sqrt(math.fsum(number * number for number in numbers))


def _usable(vector: Vector) -> Numbers | None:
    """The numbers, if one can compare them with others: finite, and not all 0."""
    numbers = vector.numbers
    return numbers if numbers and any(numbers) and all(map(math.isfinite, numbers)) else None


@check
def embedding_is_not_zero(subject: Subject) -> Iterator[Finding]:
    """A vector of zeros is near nothing, and says that nothing was embedded."""
    for answer, _, found in _answered(subject):
        for vector in found:
            if vector.numbers and not any(vector.numbers):
                seen = f"{len(vector.numbers)} zeros"
                yield Finding("a number that is not 0", seen, vector.where, answer.exchange.id)


@check
def embedding_has_length_one(subject: Subject) -> Iterator[Finding]:
    """Euclidean length, within a thousandth; of the first vector that has another one."""
    for answer, _, found in _answered(subject):
        lengths = [(vector, _length(numbers)) for vector in found if (numbers := _usable(vector)) is not None]
        wrong = [(vector, length) for vector, length in lengths if abs(length - 1) > _UNIT]
        for vector, length in wrong[:1]:
            yield Finding("a vector of length 1", f"{length:.6g}", vector.where, answer.exchange.id)


def _cosine(one: Numbers, other: Numbers) -> float:
    if len(one) != len(other):
        return -1.0
    lengths = _length(one) * _length(other)
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0


def _difference(one: Numbers, other: Numbers) -> float:
    """The largest difference of two numbers, in units of the largest number."""
    largest = max((abs(number) for number in (*one, *other)), default=0.0) or 1.0
    return max((abs(a - b) for a, b in zip(one, other, strict=True)), default=0.0) / largest


def _singles(subject: Subject) -> list[Numbers | None]:
    """The first vector of each answer that the case is to be compared with."""
    found: list[Numbers | None] = []
    for case_id in subject.case.compare:
        other = subject.answered(case_id)
        several = vectors(other) if other is not None and isinstance(other.json, dict) else []
        found.append(_usable(several[0]) if several else None)
    return found


@check
def base64_embedding_equals_the_numbers(subject: Subject) -> Iterator[Finding]:
    """Little-endian 32-bit floats of the vector that the same input has as numbers.

    Where two answers with numbers differ from each other, base64 may differ from them about as much.
    """
    answer, found = subject.answer, vectors(subject.answer)
    plain = [numbers for numbers in _singles(subject) if numbers is not None]
    mine = _usable(found[0]) if found and isinstance(found[0].raw, str) else None
    if not plain or mine is None:
        raise NotShown("there are no two embeddings of one input, one in base64 and one in numbers")
    where = found[0].where
    if len(mine) != len(plain[0]):
        yield Finding(f"{len(plain[0])} numbers", f"{len(mine)} numbers", where, answer.exchange.id)
        return
    others = [numbers for numbers in plain if len(numbers) == len(mine)]
    noise = max((_difference(others[0], other) for other in others[1:]), default=0.0)
    difference = min(_difference(mine, other) for other in others)
    if difference > max(_FLOAT32, _NOISE * noise):
        expected = f"the numbers of the other answer, {shown([round(n, 6) for n in others[0][:3]])} …"
        yield Finding(expected, f"{shown([round(n, 6) for n in mine[:3]])} …", where, answer.exchange.id)


@check
def batch_embeds_as_single_inputs_do(subject: Subject) -> Iterator[Finding]:
    """The vector in each place of a batch is that of the input in this place."""
    answer, found, singles = subject.answer, vectors(subject.answer), _singles(subject)
    pairs = [
        (vector, numbers, single)
        for vector, single in zip(found, singles, strict=False)
        if single is not None and (numbers := _usable(vector)) is not None and len(numbers) == len(single)
    ]
    if not pairs:
        raise NotShown("the inputs of the batch were not embedded one by one")
    for vector, numbers, single in pairs:
        likeness = _cosine(numbers, single)
        if likeness < _ALIKE:
            seen = f"one whose cosine with it is {likeness:.4f}"
            yield Finding("the vector that this input has by itself", seen, vector.where, answer.exchange.id)


@check
def different_inputs_have_different_vectors(subject: Subject) -> Iterator[Finding]:
    """No two the same to the last digit."""
    for answer, _, found in _answered(subject):
        seen: dict[Numbers, str] = {}
        for vector in found:
            numbers = _usable(vector)
            if numbers and numbers in seen:
                other = seen[numbers]
                yield Finding("a vector of its own", f"that of {other}", vector.where, answer.exchange.id)
            elif numbers:
                seen[numbers] = vector.where


@check
def same_input_has_the_same_vector(subject: Subject) -> Iterator[Finding]:
    """In one answer and over repeated requests."""
    first: Numbers | None = None
    for answer, _, found in _answered(subject):
        for vector in found:
            numbers = _usable(vector)
            first = first or numbers
            if numbers and first and _cosine(numbers, first) < _ALIKE:
                seen = f"one whose cosine with it is {_cosine(numbers, first):.4f}"
                yield Finding("the same vector for the same input", seen, vector.where, answer.exchange.id)


def _usage(answer: Answer) -> tuple[int, int] | None:
    """Prompt and total tokens, when both are integers."""
    usage = require_json(answer).get("usage")
    counts = usage if isinstance(usage, dict) else {}
    prompt, total = counts.get("prompt_tokens"), counts.get("total_tokens")
    return (prompt, total) if type(prompt) is int and type(total) is int else None


def _counted(subject: Subject) -> Iterator[tuple[Answer, int, int]]:
    """Prompt and total tokens of each answer. Raises Spoiled when the schema tells that there are none."""
    for answer in subject.answers:
        usage = _usage(answer)
        if usage is None:
            raise Spoiled("the answer has no usage in integers")
        yield answer, *usage


@check
def embedding_usage_is_counted(subject: Subject) -> Iterator[Finding]:
    """There is always something to embed."""
    for answer, prompt, _ in _counted(subject):
        if prompt == 0:
            yield Finding("at least 1", "0", "/usage/prompt_tokens", answer.exchange.id)


@check
def embedding_total_holds_the_prompt(subject: Subject) -> Iterator[Finding]:
    """total ≥ prompt."""
    for answer, prompt, total in _counted(subject):
        if prompt > total:
            expected = f"at least {prompt}, the prompt_tokens"
            yield Finding(expected, str(total), "/usage/total_tokens", answer.exchange.id)


@check
def embedding_total_is_the_prompt(subject: Subject) -> Iterator[Finding]:
    """Nothing is made but the vectors, so the prompt is all there is to count."""
    for answer, prompt, total in _counted(subject):
        if prompt < total:
            expected = f"{prompt}, the prompt_tokens"
            yield Finding(expected, str(total), "/usage/total_tokens", answer.exchange.id)


@check
def longer_input_counts_more(subject: Subject) -> Iterator[Finding]:
    """Compared with the input that this one begins with."""
    other = subject.answered(subject.case.compare[0])
    mine, theirs = _usage(subject.answer), _usage(other) if other else None
    if mine is None or theirs is None:
        raise NotShown("the two answers do not both have usage")
    if mine[0] == theirs[0] == 0:
        raise Spoiled("usage counts nothing at all")
    if mine[0] <= theirs[0]:
        exchange = subject.answer.exchange.id
        yield Finding(f"more than {theirs[0]}", str(mine[0]), "/usage/prompt_tokens", exchange)
