from __future__ import annotations

import re

import pytest

from conformance.reporting.github import step_summary, workflow_commands
from conformance.reporting.markdown import code, prose, table
from conformance.reporting.summary import render_summary
from conformance.reporting.vocabulary import tally, verdict_sentence
from tests.reporting.sample_results import HOSTILE, sample

OUTCOMES = ("pass", "fail", "warn", "gated", "untestable", "not_tested", "waived")


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("plain", "`plain`"),
        ("a `b` c", "`` a `b` c ``"),
        ("``", "``` `` ```"),
        ("", "`(empty)`"),
        ("one\ntwo", "`one two`"),
        ("\x1b]0;x\x07", "`\\x1b]0;x\\x07`"),
    ],
)
def test_a_code_span_holds_any_text(text, span):
    assert code(text) == span


def test_prose_is_not_read_as_markdown():
    assert prose("a_b *c* <d> [e](f) @g #1 |") == r"a\_b \*c\* \<d\> \[e\](f) \@g \#1 \|"


def test_a_table_cell_keeps_its_row():
    assert table(["A"], [["`a|b`"]]) == ["| A |", "| --- |", r"| `a\|b` |"]
    assert table(["A"], []) == []


def test_the_summary_says_verdict_counts_and_reasons():
    made = sample(60)
    lines = render_summary(made.results, made.requirements).split("\n")
    assert lines[0] == "## ❌ Does not conform: 7 requirements are broken, on 4 operations."
    assert lines[2] == (
        "56 of 58 judged: 44 pass, 7 fail, 2 warn, 2 gated, 1 waived; "
        "2 untestable (`name a model to test it: --model images=ID`); "
        "2 not tested (`name a model to test it: --model videos=ID`; and 1 other reason)"
    )
    assert (
        "| **CHAT-003** MUST | usage.total\\_tokens is the sum of prompt\\_tokens and completion\\_tokens. |"
        in "\n".join(lines)
    )


def test_every_row_of_every_table_has_the_cells_of_its_head():
    made = sample(60, hostile=True)
    block: list[int] = []
    for line in render_summary(made.results, made.requirements).split("\n"):
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        if not cells:
            block = []
            continue
        block.append(cells)
        assert cells == block[0], line


def test_hostile_text_is_only_in_code_spans():
    made = sample(60, hostile=True)
    text = render_summary(made.results, made.requirements)
    outside = re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert "pwned" in text
    assert "pwned" not in outside
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    text.encode("utf-8")


def counts(**given: int) -> dict:
    results = sample(30).results
    results["counts"] = dict.fromkeys(OUTCOMES, 0) | given
    results["results"] = [
        {**results["results"][0], "outcome": o, "message": "why"} for o, n in given.items() for _ in range(n)
    ]
    bad = given.get("fail") or given.get("waived")
    results["verdict"] = "violations" if bad else "incomplete" if given.get("untestable") else "conforming"
    return results


KEPT = "Conforms: everything in scope was judged, and no MUST is broken"
LEFT = "Incomplete: nothing that was judged is broken, but 2 results in scope could not be judged."
BROKEN = "Does not conform: 1 requirement is broken, on 1 operation"


@pytest.mark.parametrize(
    ("given", "sentence", "told"),
    [
        ({"pass": 3}, f"{KEPT}.", "3 of 3 judged: 3 pass"),
        ({"pass": 3, "warn": 1}, f"{KEPT}; 1 recommendation is not kept.", "4 of 4 judged: 3 pass, 1 warn"),
        ({"pass": 1, "untestable": 2}, LEFT, "1 of 3 judged: 1 pass; 2 untestable (why)"),
        ({"untestable": 2}, LEFT, "0 of 2 judged: nothing; 2 untestable (why)"),
        ({"fail": 1, "pass": 1}, f"{BROKEN}.", "2 of 2 judged: 1 pass, 1 fail"),
        ({"waived": 2}, f"{BROKEN}; all are waived.", "2 of 2 judged: 2 waived"),
        (
            {"pass": 1, "gated": 1, "not_tested": 1},
            f"{KEPT}.",
            "2 of 2 judged: 1 pass, 1 gated; 1 not tested (why)",
        ),
    ],
)
def test_a_run_in_a_sentence(given, sentence, told):
    results = counts(**given)
    assert verdict_sentence(results) == sentence
    assert tally(results) == told


def test_annotations_are_one_line_each_and_start_no_command_of_their_own():
    made = sample(60, hostile=True)
    lines = workflow_commands(made.results, made.requirements)
    assert all(re.fullmatch(r"::(error|warning|notice) title=[^:,\n\r]*::[^\n\r]*", line) for line in lines)
    assert (
        lines[0]
        == "::error title=API conformance::Does not conform: 7 requirements are broken, on 4 operations."
    )
    assert "%0A" not in lines[3]
    assert "%250A" in "".join(lines)
    assert len([line for line in lines if line.startswith("::error")]) <= 10


def test_a_green_run_is_a_notice():
    made = sample(30, telling=False)
    assert workflow_commands(made.results, made.requirements) == [
        "::notice title=API conformance::Conforms: everything in scope was judged, and no MUST is broken."
    ]


def test_a_step_summary_stays_below_what_github_takes():
    made = sample(60)
    for entry in made.results["results"]:
        entry["message"] = HOSTILE * 50
    made.results["notes"] = ["x" * 200] * 10_000
    text = step_summary(made.results, made.requirements)
    assert len(text.encode()) <= 1_000_100
    assert text.endswith("the whole summary is in `summary.md`.\n")
