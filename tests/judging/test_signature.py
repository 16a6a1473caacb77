from __future__ import annotations

import pytest

from conformance.judging.signature import reason, signature


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("21", "27", "/usage/total_tokens"), ("34", "35", "/usage/total_tokens")),
        (("'chatcmpl-77'", "'chatcmpl-OTHER'", "event 23 /id"), ("'chatcmpl-12'", "'x'", "event 2 /id")),
        (("text", '"Hello, world"', "/a"), ("text", '"Bye"', "/a")),
        (("no key", "refused with 401: req_5f2b", ""), ("no key", "refused with 401: req_99aa1", "")),
        (("a string", "12.5", "/choices/0"), ("a string", "3", "/choices/4")),
    ],
)
def test_what_varies_from_run_to_run_leaves_the_signature_alone(one, other):
    assert signature([one]) == signature([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a 404", "answered 404", ""), ("a 404", "answered 500", "")),
        (("21", "27", "/usage/total_tokens"), ("21", "27", "/usage/prompt_tokens")),
        (("a string", "null", "/id"), ("a string", "an object", "/id")),
    ],
)
def test_another_reason_has_another_signature(one, other):
    assert signature([one]) != signature([other])


def test_order_and_number_of_findings_do_not_matter():
    first, second = ("a", "b", "event 1"), ("c", "d", "event 2")
    assert signature([first, second, first]) == signature([second, ("a", "b", "event 9")])


def test_the_reason_reads_as_the_finding_without_its_values():
    assert reason("'abc'", "404 in req_12", "event 3 /id") == "event N /id | … | 404 in N"


def test_hostile_text_has_a_signature_too():
    assert len(signature([("\ud800\0", "'" * 5000, "\0")])) == 12
