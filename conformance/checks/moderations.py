"""Moderations: as many results as inputs, categories that agree with their scores, and no charge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.excerpt import shown
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check, request_json

_TEXT_ONLY = re.compile(r"(hate|harassment|illicit)(/.*)?|sexual/minors")
_CHARGE = re.compile(
    r"(^|[^a-z])(cost|price|charge|fee|bill|invoice)s?($|[^a-z])|billable|billed|billing|charged|credits?_used",
    re.I,
)
_COUNT = re.compile(r"tokens?$|^units?$", re.I)


def _results(answer: Answer) -> list[tuple[str, dict[str, Any]]]:
    """Each result that is an object, with where it stands. Raises Spoiled when there is no list of them."""
    results = require_json(answer).get("results")
    if not isinstance(results, list):
        raise Spoiled("the answer has no list of results")
    return [(f"/results/{place}", result) for place, result in enumerate(results) if isinstance(result, dict)]


def _each(subject: Subject) -> Iterator[tuple[Answer, str, dict[str, Any]]]:
    for answer in subject.answers:
        for where, result in _results(answer):
            yield answer, where, result


def _applied(subject: Subject) -> Iterator[tuple[Answer, str, str, Any]]:
    """Each category's applied input types, and where they stand. Raises NotShown when there are none."""
    shown_any = False
    for answer, where, result in _each(subject):
        for key, kinds in _mapping(result, "category_applied_input_types").items():
            shown_any = True
            yield answer, f"{where}/category_applied_input_types/{_escaped(key)}", key, kinds
    if not shown_any:
        raise NotShown("the answer has no applied input types")


def _mapping(result: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = result.get(name)
    return value if isinstance(value, dict) else {}


def _inputs(answer: Answer) -> Any:
    request = request_json(answer)
    return request.get("input") if isinstance(request, dict) else None


@check
def moderation_results_are_as_many_as_inputs(subject: Subject) -> Iterator[Finding]:
    """One for a text, one for all parts of a mixed input, one for each text of a list."""
    for answer in subject.answers:
        given = _inputs(answer)
        due = len(given) if isinstance(given, list) and all(isinstance(text, str) for text in given) else 1
        seen = len(_results(answer))
        if seen != due:
            expected = f"{due} result{'s' if due != 1 else ''}"
            yield Finding(expected, f"{seen} of them", "/results", answer.exchange.id)


@check
def category_keys_agree(subject: Subject) -> Iterator[Finding]:
    """The scores, and the applied input types where given, are of the same categories."""
    for answer, where, result in _each(subject):
        categories = set(_mapping(result, "categories"))
        for name in ("category_scores", "category_applied_input_types"):
            others = set(_mapping(result, name))
            if not categories or not others:
                continue  # the schema tells of what is missing as a whole
            for key in sorted(categories ^ others):
                lacking = "categories" if key in others else name
                yield Finding(f"{key!r} in both", f"none in {lacking}", f"{where}/{name}", answer.exchange.id)


@check
def categories_are_not_null(subject: Subject) -> Iterator[Finding]:
    """A category that a model does not know is left out."""
    for answer, where, result in _each(subject):
        for name in ("categories", "category_scores"):
            for key, value in _mapping(result, name).items():
                if value is None:
                    expected = "a score" if name == "category_scores" else "true or false"
                    yield Finding(expected, "null", f"{where}/{name}/{_escaped(key)}", answer.exchange.id)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


@check
def category_and_score_are_both_known(subject: Subject) -> Iterator[Finding]:
    """One of them null and the other not says two things at once."""
    for answer, where, result in _each(subject):
        categories, scores = _mapping(result, "categories"), _mapping(result, "category_scores")
        for key in sorted(set(categories) & set(scores)):
            if (categories[key] is None) != (scores[key] is None):
                seen = f"{shown(categories[key])} and {shown(scores[key])}"
                yield Finding("a category and its score", seen, f"{where}/{key}", answer.exchange.id)


@check
def flagged_holds_where_a_category_does(subject: Subject) -> Iterator[Finding]:
    """flagged false beside a category that is true lets through what was found."""
    for answer, where, result in _each(subject):
        true = sorted(key for key, value in _mapping(result, "categories").items() if value is True)
        if true and result.get("flagged") is False:
            yield Finding(f"true, as {true[0]} is", "false", f"{where}/flagged", answer.exchange.id)


@check
def flagged_names_a_category(subject: Subject) -> Iterator[Finding]:
    """flagged true without a category that is true says not why."""
    for answer, where, result in _each(subject):
        categories = _mapping(result, "categories")
        if categories and result.get("flagged") is True and not any(v is True for v in categories.values()):
            yield Finding("a category that is true", "none", f"{where}/categories", answer.exchange.id)


@check
def input_types_are_those_of_the_input(subject: Subject) -> Iterator[Finding]:
    """No image was looked at where none was sent."""
    for answer, place, _, kinds in _applied(subject):
        given = _inputs(answer)
        parts = given if isinstance(given, list) else []
        sent = any(isinstance(part, dict) and part.get("type") == "image_url" for part in parts)
        if isinstance(kinds, list) and "image" in kinds and not sent:
            yield Finding("no image, as none was sent", shown(kinds), place, answer.exchange.id)


@check
def input_types_are_documented(subject: Subject) -> Iterator[Finding]:
    """``text`` and ``image``; text alone for the categories that images are not looked at for."""
    for answer, place, key, kinds in _applied(subject):
        legal = {"text"} if _TEXT_ONLY.fullmatch(key) else {"text", "image"}
        for kind in kinds if isinstance(kinds, list) else ():
            if isinstance(kind, str) and kind not in legal:
                yield Finding(" or ".join(sorted(legal)), kind, place, answer.exchange.id)


@check
def other_input_has_other_scores(subject: Subject) -> Iterator[Finding]:
    """Compared with a harmless text; the same scores to the last digit were not made from the input."""
    other = subject.answered(subject.case.compare[0])
    mine = _scores(subject.answer)
    theirs = _scores(other) if other is not None and isinstance(other.json, dict) else None
    if not mine or not theirs:
        raise NotShown("the two answers do not both have scores")
    if mine == theirs:
        seen = "the same scores, to the last digit"
        yield Finding("other scores than of another input", seen, "/results/0", subject.answer.exchange.id)


def _scores(answer: Answer) -> dict[str, Any]:
    results = _results(answer)
    return _mapping(results[0][1], "category_scores") if results else {}


@check
def results_of_different_inputs_differ(subject: Subject) -> Iterator[Finding]:
    """The scores of no two different inputs of one request are the same to the last digit."""
    for answer in subject.answers:
        seen: list[dict[str, Any]] = []
        for where, result in _results(answer):
            scores = _mapping(result, "category_scores")
            if scores and scores in seen:
                other = f"/results/{seen.index(scores)}"
                yield Finding("scores of its own", f"those of {other}", where, answer.exchange.id)
            seen.append(scores)


@check
def moderation_is_not_charged(subject: Subject) -> Iterator[Finding]:
    """Nothing named for money has an amount; only categories may be named for anything."""
    for answer in subject.answers:
        body = {key: value for key, value in require_json(answer).items() if key != "results"}
        for where, value in _amounts(body, "", charged=False):
            yield Finding("no charge", shown(value), where, answer.exchange.id)
        for name, text in answer.response.headers:
            if _is_charge(name) and _is_amount(text):
                yield Finding("no charge", text, name.lower(), answer.exchange.id)


def _is_charge(name: str) -> bool:
    """True for a name that speaks of money: ``cost``, ``billedAmount``, ``x-response-cost``."""
    return _CHARGE.search(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()) is not None


def _amounts(value: Any, where: str, *, charged: bool) -> Iterator[tuple[str, Any]]:
    """Each amount that is not zero beneath a name that speaks of money."""
    if isinstance(value, dict):
        for key, member in value.items():
            named = charged or _is_charge(key)
            yield from _amounts(member, f"{where}/{_escaped(key)}", charged=named)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            yield from _amounts(member, f"{where}/{place}", charged=charged)
    elif charged and _is_amount(value):
        yield where, value


def _is_amount(value: Any) -> bool:
    """True for a number that is not zero, or text that begins with one, a currency sign aside."""
    if value is True:
        return True
    if isinstance(value, int | float):
        return value != 0
    found = re.match(r"[\s$€£A-Z]*(-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)", value) if isinstance(value, str) else None
    return found is not None and float(found[1]) != 0


@check
def moderation_reports_no_usage(subject: Subject) -> Iterator[Finding]:
    """Token counts, which accounting systems take for something to bill."""
    for answer in subject.answers:
        usage = require_json(answer).get("usage")
        counts = usage.items() if isinstance(usage, dict) else ()
        for name, count in counts:
            if _COUNT.search(name) and not _is_charge(name) and type(count) is int and count > 0:
                yield Finding("no usage", shown(count), f"/usage/{_escaped(name)}", answer.exchange.id)
