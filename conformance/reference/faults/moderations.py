"""Lies of POST /v1/moderations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.reference.editing import Answer, is_call, status_of, with_header
from conformance.reference.faults.frame import fault, json_fault

MODERATIONS = "/v1/moderations"


def _results(answer: Answer) -> Iterator[Any]:
    return iter(answer.body["results"])


@json_fault(MODERATIONS)
def moderates_only_the_first_text(answer: Answer) -> None:
    """A list of texts gets one result."""
    del answer.body["results"][1:]


@json_fault(MODERATIONS)
def moderates_each_part(answer: Answer) -> None:
    """A list of parts gets a result for each part."""
    given = answer.sent.get("input")
    if isinstance(given, list) and not isinstance(given[0], str):
        answer.body["results"] *= len(given) + 1


@json_fault(MODERATIONS, defects=("D194",))
def nulls_a_category(answer: Answer) -> None:
    """The category illicit and its score are null."""
    for result in _results(answer):
        result["categories"]["illicit"] = result["category_scores"]["illicit"] = None


@json_fault(MODERATIONS, defects=("D197",))
def flags_nothing(answer: Answer) -> None:
    """flagged is false although a category is true."""
    for result in _results(answer):
        result["flagged"] = False


@json_fault(MODERATIONS)
def flags_everything(answer: Answer) -> None:
    """flagged is true although no category is."""
    for result in _results(answer):
        result["flagged"] = True


@json_fault(MODERATIONS, defects=("D197",))
def omits_the_moderation_id(answer: Answer) -> None:
    """A moderation has no id."""
    del answer.body["id"]


@json_fault(MODERATIONS)
def repeats_the_moderation_id(answer: Answer) -> None:
    """Every moderation has the same id."""
    answer.body["id"] = "modr-0"


@json_fault(MODERATIONS)
def omits_the_scores(answer: Answer) -> None:
    """Results have no category_scores."""
    for result in _results(answer):
        del result["category_scores"]


@json_fault(MODERATIONS)
def scores_fewer_categories(answer: Answer) -> None:
    """A category has no score."""
    for result in _results(answer):
        del result["category_scores"]["violence"]


@json_fault(MODERATIONS)
def scores_in_percent(answer: Answer) -> None:
    """Scores are percentages instead of probabilities."""
    for result in _results(answer):
        result["category_scores"] = {
            name: score * 10_000 for name, score in result["category_scores"].items()
        }


@json_fault(MODERATIONS)
def scores_everything_alike(answer: Answer) -> None:
    """Every input has the same scores."""
    for result in _results(answer):
        result["category_scores"] = dict.fromkeys(result["category_scores"], 0.01)


@json_fault(MODERATIONS)
def writes_categories_as_numbers(answer: Answer) -> None:
    """Categories are 0 and 1 instead of false and true."""
    for result in _results(answer):
        result["categories"] = {name: int(hit) for name, hit in result["categories"].items()}


@json_fault(MODERATIONS)
def applies_categories_to_images_never_sent(answer: Answer) -> None:
    """A category was applied to an image although only text was sent."""
    if "image_url" not in str(answer.sent):
        for result in _results(answer):
            result["category_applied_input_types"]["violence"] = ["text", "image"]


@json_fault(MODERATIONS)
def applies_hate_to_images(answer: Answer) -> None:
    """The category hate was applied to an image."""
    if "image_url" in str(answer.sent):
        for result in _results(answer):
            result["category_applied_input_types"]["hate"] = ["text", "image"]


@json_fault(MODERATIONS)
def applies_other_categories_than_it_scores(answer: Answer) -> None:
    """category_applied_input_types lacks a category."""
    for result in _results(answer):
        del result["category_applied_input_types"]["hate"]


@json_fault(MODERATIONS)
def counts_tokens_of_moderations(answer: Answer) -> None:
    """A moderation reports tokens, though it is free."""
    answer.body["usage"] = {"prompt_tokens": 5, "total_tokens": 5}


@json_fault(MODERATIONS)
def charges_for_moderations(answer: Answer) -> None:
    """A moderation reports a cost, though it is free."""
    answer.body["cost"] = 0.0002


@fault()
def charges_for_moderations_in_a_header(exchange: Exchange) -> Exchange:
    """A header reports what a moderation cost, though it is free."""
    here = is_call(exchange, MODERATIONS) and status_of(exchange) == 200
    return with_header(exchange, "x-request-cost", "0.0002") if here else exchange


@json_fault(MODERATIONS)
def scores_a_category_null(answer: Answer) -> None:
    """A category that is true or false has a score of null."""
    for result in _results(answer):
        result["category_scores"]["violence"] = None
