from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.checks.subject import Finding
from conformance.errors import DataError
from conformance.judging.results import Result
from conformance.judging.waivers import apply_waivers, draft, load_waivers, signature_of

ENDED = datetime.date(2026, 11, 25)
FAILED = Result(
    id="chat/minimal/json::CHAT-003",
    requirement="CHAT-003",
    level="MUST",
    operation="POST /v1/chat/completions",
    case="chat/minimal/json",
    outcome="fail",
    message="expected 21 at /usage/total_tokens, saw 27",
    findings=(Finding("21", "27", "/usage/total_tokens", "x"),),
    exchanges=("x",),
    attempts=1,
)


def entry(**changes: str | None) -> str:
    fields = {
        "requirement": "CHAT-003",
        "operation": "POST /v1/chat/*",
        "signature": signature_of(FAILED),
        "reason": "the gateway adds reasoning tokens",
        "link": "https://issues.example.com/7",
        "owner": "api team",
        "expires": "2027-01-31",
    } | changes
    return (
        "- " + "\n  ".join(f"{name}: {value}" for name, value in fields.items() if value is not None) + "\n"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "waivers.yaml"


def load(file: Path, text: str):
    file.write_text(text)
    return load_waivers(file, ["CHAT-003", "CHAT-004"])


def test_a_waiver_excuses_the_failure_it_describes_and_says_so(file):
    waived = apply_waivers([FAILED], load(file, entry()), ENDED)
    assert [result.outcome for result in waived.results] == ["waived"]
    assert waived.results[0].message.startswith(
        "waived until 2027-01-31 by api team: the gateway adds reasoning tokens (https://issues.example.com/7)"
    )
    assert waived.results[0].findings == FAILED.findings
    assert waived.stale == ()


def test_the_last_day_counts(file):
    waivers = load(file, entry(expires="2026-11-25"))
    assert apply_waivers([FAILED], waivers, ENDED).results[0].outcome == "waived"


def test_an_expired_waiver_excuses_nothing_and_is_named(file):
    waived = apply_waivers([FAILED], load(file, entry(expires="2026-11-24")), ENDED)
    assert waived.results == (FAILED,)
    assert [str(stale) for stale in waived.stale] == [
        "waiver 1 (CHAT-003 on POST /v1/chat/*) expired on 2026-11-24"
    ]


def test_another_failure_of_the_same_requirement_is_not_excused(file):
    other = replace(FAILED, findings=(Finding("a number", "no such member", "/usage", "x"),))
    waived = apply_waivers([other], load(file, entry()), ENDED)
    assert waived.results == (other,)
    assert waived.stale[0].reason.endswith(
        f"its signature is {signature_of(other)}, not {signature_of(FAILED)}"
    )


@pytest.mark.parametrize("outcome", ["pass", "warn"])
def test_a_waiver_for_what_now_passes_is_stale(file, outcome):
    passed = replace(FAILED, outcome=outcome, findings=())
    assert [s.reason for s in apply_waivers([passed], load(file, entry()), ENDED).stale] == [
        "excuses what now passes"
    ]


@pytest.mark.parametrize("outcome", ["untestable", "not_tested", "gated"])
def test_a_waiver_that_the_run_could_not_test_is_not_stale(file, outcome):
    unseen = replace(FAILED, outcome=outcome, findings=())
    assert apply_waivers([unseen], load(file, entry()), ENDED).stale == ()


@pytest.mark.parametrize(
    "changes", [{"operation": "POST /v1/embeddings"}, {"case": "chat/tools/*"}, {"requirement": "CHAT-004"}]
)
def test_a_waiver_that_matches_no_result_is_stale(file, changes):
    waived = apply_waivers([FAILED], load(file, entry(**changes)), ENDED)
    assert waived.results == (FAILED,)
    assert [stale.reason for stale in waived.stale] == ["matches no result of this run"]


def test_a_warning_is_not_excused(file):
    warned = replace(FAILED, outcome="warn")
    assert apply_waivers([warned], load(file, entry()), ENDED).results == (warned,)


def test_one_waiver_may_excuse_many_cases(file):
    second = replace(FAILED, id="chat/tools/auto::CHAT-003", case="chat/tools/auto")
    waived = apply_waivers([FAILED, second], load(file, entry(case="chat/*")), ENDED)
    assert [result.outcome for result in waived.results] == ["waived", "waived"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            entry(requirement="CHAT-999"),
            "waivers.yaml: /0/requirement: the contract has no requirement CHAT-999",
        ),
        (entry(expires="2026-02-30"), "waivers.yaml: holds a value that does not exist: "),
        (entry(expires='"2026-02-30"'), "waivers.yaml: /0/expires: 2026-02-30 is no date"),
        (entry(expires="2026-02-28T00:00:00"), "waivers.yaml: /0/expires: "),
        (entry(reason='""'), "waivers.yaml: /0/reason: '' is too short"),
        (entry(link="chat"), "waivers.yaml: /0/link: "),
        (entry(owner=None), "waivers.yaml: /0: 'owner' is a required property"),
        (entry(operation=None), "waivers.yaml: /0: "),
        (entry() + "  severity: low\n", "waivers.yaml: /0: Additional properties are not allowed"),
        ("waivers: []", "waivers.yaml: /: "),
        ("- [", "waivers.yaml: line 2, column 1: "),
    ],
)
def test_a_broken_file_is_refused_with_its_place(file, text, told):
    with pytest.raises(DataError) as raised:
        load(file, text)
    assert str(raised.value).startswith(told)
    assert raised.value.exit_code == 2


def test_an_empty_file_holds_no_waivers(file):
    assert load(file, "# none yet\n") == ()


def test_a_draft_is_refused_until_it_is_filled_in_and_then_excuses(file):
    text = draft(FAILED, ENDED)
    with pytest.raises(DataError):
        load(file, text)
    filled = text.replace('reason: ""', "reason: known, being mended").replace('owner: ""', "owner: me")
    waivers = load(file, filled.replace('link: ""', "link: https://x.example/1"))
    assert apply_waivers([FAILED], waivers, ENDED).results[0].outcome == "waived"
    assert "# expected 21, saw 27" in text
    assert "expires: 2027-02-23" in text


def test_a_draft_of_hostile_text_stays_one_entry(file):
    hostile = replace(FAILED, findings=(Finding("x", "\n- requirement: CHAT-004\n\x1b[2J", "", "x"),))
    text = draft(hostile, ENDED)
    assert "\x1b" not in text
    assert text.count("\n- ") == 1
