from __future__ import annotations

from xml.etree import ElementTree

import pytest

from conformance.reporting.junit import render_junit
from tests.reporting.sample_results import HOSTILE, sample


@pytest.fixture(scope="module")
def root() -> ElementTree.Element:
    made = sample(60)
    return ElementTree.fromstring(render_junit(made.results, made.requirements, made.exchanges))


def case_of(root: ElementTree.Element, name: str) -> ElementTree.Element:
    return next(case for case in root.iter("testcase") if case.get("name") == name)


def test_every_result_is_one_case_with_its_properties(root):
    made = sample(60)
    names = {case.get("name") for case in root.iter("testcase")}
    assert names == {entry["id"] for entry in made.results["results"]}
    properties = {
        p.get("name"): p.get("value") for p in case_of(root, "chat/minimal/json::CHAT-003").iter("property")
    }
    assert properties == {
        "requirement": "CHAT-003",
        "level": "MUST",
        "operation": "POST /v1/chat/completions",
        "outcome": "fail",
        "sentence": "usage.total_tokens is the sum of prompt_tokens and completion_tokens.",
    }


@pytest.mark.parametrize(
    ("name", "element"),
    [
        ("chat/minimal/json::CHAT-003", "failure"),
        ("images/minimal/json::IMG-001", "error"),
        ("completions/minimal/json::HTTP-001", "skipped"),
        ("videos/minimal/json::HTTP-001", "skipped"),
        ("responses/unknown/previous::ERR-004", "skipped"),
        ("chat/retried/json::HTTP-001", "system-out"),
        ("chat/minimal/json::CHAT-004", "system-out"),
    ],
)
def test_outcomes_become_what_ci_servers_know(root, name, element):
    told = [child.tag for child in case_of(root, name) if child.tag != "properties"]
    assert told == [element]


def test_a_failure_says_what_was_expected_and_seen(root):
    failure = case_of(root, "chat/minimal/json::CHAT-003").find("failure")
    assert failure is not None
    assert failure.get("message") == "fail: expected 21 at /usage/total_tokens, saw 27"
    assert "expected 21, saw 27, at /usage/total_tokens" in (failure.text or "")


def test_counts_are_those_of_the_cases(root):
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "60", "failures": "7", "errors": "2", "skipped": "5",
    }  # fmt: skip
    for name in ("tests", "failures", "errors", "skipped"):
        assert sum(int(suite.get(name, "0")) for suite in root) == int(root.get(name, "0"))


def test_a_suite_is_an_operation_and_its_classes_are_below_the_workload(root):
    suites = [suite.get("name") for suite in root]
    assert "POST /v1/chat/completions" in suites
    assert case_of(root, "chat/minimal/json::CHAT-003").get("classname") == "text.POST /v1/chat/completions"


def test_strict_makes_warnings_failures():
    made = sample(60)
    root = ElementTree.fromstring(render_junit(made.results, made.requirements, strict=True))
    assert root.get("failures") == "9"


def test_hostile_text_stays_text():
    made = sample(60, hostile=True)
    data = render_junit(made.results, made.requirements, made.exchanges)
    root = ElementTree.fromstring(data)
    assert {element.tag for element in root.iter()} == {
        "testsuites", "testsuite", "testcase", "properties", "property", "failure", "error", "skipped",
        "system-out",
    }  # fmt: skip
    text = data.decode("utf-8")
    assert not [c for c in text if c in HOSTILE and ord(c) < 32 and c != "\n"]
    assert "\u202e" not in text
    assert "\\x1b[31mred" in text


def test_an_enormous_message_is_cut():
    made = sample(30)
    made.results["results"][0]["message"] = "x" * 5_000_000
    assert len(render_junit(made.results, made.requirements)) < 100_000
