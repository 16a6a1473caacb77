"""Every line of the corpora, what the client sent itself, overlapping finds, and texts meant to stall."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange import Exchange, Frame, Request
from conformance.wire import leaks
from conformance.wire.leaks import Leak, Sent

CORPORA = Path(__file__).parent.parent / "corpora"


def words(text: str) -> list[str]:
    return text.split()


ORDINARY = words("""
    the a an of to in is not was be for with and or by on at this that your you we it must should may cannot could
    model models request response message messages parameter value values type string number integer array object
    field missing invalid unknown unsupported expected got instead between least most maximum minimum limit exceeded
    rate quota token tokens context length prompt input output image audio video file format size key account billing
    plan access denied allowed found exist exists retry again later seconds minutes server service error errors
    upstream provider gateway connection timeout unavailable overloaded temporarily please contact support docs see
    stream event tool tools function call name role user assistant system content text choice choices index list
    table column query cache queue worker deployment channel backend cluster node replica path host address database
    exception trace stack module line import null none true false zero one two many
""")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPORA / name).read_text("utf-8").splitlines()]


def found(row: dict[str, Any]) -> Iterable[Leak]:
    if "text" in row:
        return leaks.in_text(row["text"])
    if "json" in row:
        return leaks.in_json(row["json"])
    if "page" in row:
        return leaks.in_page(row["page"])
    if "header" in row:
        name, value = row["header"]
        return leaks.in_headers(((name, value),))
    return leaks.in_model(row["model"]) if "model" in row else leaks.in_success(row["success"])


def kinds(row: dict[str, Any]) -> set[str]:
    """Of model records and successes any leak counts, as one requirement judges them all."""
    if "model" in row or "success" in row:
        return {row.get("kind", "leak") for _ in found(row)}
    return {leak.kind for leak in found(row)}


def told(text: str, sent: Sent = leaks.NOTHING_SENT) -> list[tuple[str, str]]:
    return [(leak.kind, leak.excerpt) for leak in leaks.in_text(text, sent)]


def cases(name: str) -> list[Any]:
    """A case a line, named by its number and its first letters."""
    return [pytest.param(row, id=f"{number} {_start(row)}") for number, row in enumerate(rows(name), 1)]


def _start(row: dict[str, Any]) -> str:
    text = str(next(value for name, value in row.items() if name != "kind"))
    return "".join(letter if letter.isalnum() and letter.isascii() else " " for letter in text[:30]).strip()


@pytest.mark.parametrize("row", cases("leaking.jsonl"))
def test_a_leak_is_found_as_its_kind_and_no_other(row: dict[str, Any]) -> None:
    assert kinds(row) == {row["kind"]}


@pytest.mark.parametrize("row", cases("legal.jsonl"))
def test_a_legal_text_alarms_nobody(row: dict[str, Any]) -> None:
    assert list(found(row)) == []


def test_the_corpora_are_large_and_without_repetition() -> None:
    for name, at_least in (("leaking.jsonl", 600), ("legal.jsonl", 500)):
        lines = (CORPORA / name).read_text("utf-8").splitlines()
        assert len(lines) == len(set(lines)) >= at_least


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(ORDINARY), min_size=1, max_size=25), st.sampled_from([" ", ", ", ". ", "\n"]))
def test_ordinary_words_alarm_nobody(chosen: list[str], between: str) -> None:
    assert told(between.join(chosen).capitalize() + ".") == []


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_can_be_looked_at(text: str) -> None:
    for leak in (*leaks.in_text(text), *leaks.in_page(text)):
        assert leak.excerpt


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
), max_leaves=9))  # fmt: skip
def test_any_json_can_be_looked_at(value: Any) -> None:
    leaks.in_json(value), leaks.in_model(value), leaks.in_success(value)


# What the client sent


def sent(
    *, path: str = "/v1/x", headers: tuple[tuple[str, str], ...] = (), body: bytes = b"", **more: Any
) -> Sent:
    return leaks.sent_in(Exchange("x", "x", Request("POST", path, headers, body)), **more)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("Unknown model '/models/x.gguf'", sent(body=b'{"model": "/models/x.gguf"}')),
        ("Unknown model 'caf\u00e9 10.0.0.8'", sent(body=b'{"model": "caf\\u00e9 10.0.0.8"}')),
        ("No route for /home/y/main.py", sent(path="/home/y/main.py?z=1")),
        ("No model no such/main.py", sent(path="/v1/models/no%20such%2Fmain.py")),
        ("Cannot fetch http://10.0.0.3/a.png", sent(body=b'{"url": "http://10.0.0.3/a.png"}')),
        ("You said KeyError: 'x'", sent(body=b"You said KeyError: 'x'")),
        ("Bad client id 192.168.0.7", sent(headers=(("X-Client-Request-Id", "192.168.0.7"),))),
        ("See http://127.0.0.1:8000/docs", sent(headers=(("Host", "127.0.0.1:8000"),))),
        ("See http://localhost:8000/docs", sent(headers=(("host", "127.0.0.1:8000"),))),
        ("Use https://api.openai.com/v1/models", sent(headers=(("Host", "api.openai.com"),))),
    ],
)
def test_what_the_client_sent_is_no_leak(text: str, made: Sent) -> None:
    assert told(text) != []
    assert told(text, made) == []


def test_a_part_of_a_sent_word_is_none() -> None:
    made = sent(headers=(("Host", "127.0.0.1:8000"),), body=b"110.0.0.31")
    assert told("http://127.0.0.1:80/x", made) == [("address", "http://127.0.0.1:80/x")]
    assert told("at 10.0.0.3", made) == [("address", "10.0.0.3")]


def test_messages_of_a_socket_are_sent_too() -> None:
    frame = Frame(0.1, "client", "text", b'{"voice": "10.0.0.8"}')
    made = leaks.sent_in(Exchange("x", "x", Request("GET", "/v1/realtime"), frames=(frame,)))
    assert told("Invalid voice '10.0.0.8'", made) == []


WRONG = "sk-conformance-wrong-key-0000000000000000"
BEARER = (("Authorization", f"Bearer {WRONG}"),)


@pytest.mark.parametrize(
    "shown_key",
    [
        WRONG,
        "sk-conf***0000",
        "sk-confo****************************0000",
        "sk-...0000",
        "sk-conf\u20260000",
        "sk-c****",
    ],
)
def test_an_own_key_may_come_back_masked(shown_key: str) -> None:
    assert told(f"Incorrect API key provided: {shown_key}.", sent(headers=BEARER)) == []


@pytest.mark.parametrize(
    "shown_key", ["sk-proj-abc...xyz", "sk-conf***1234", "sk-other-key-12345678901234567890"]
)
def test_another_key_may_not(shown_key: str) -> None:
    assert {kind for kind, _ in told(f"Incorrect API key: {shown_key}", sent(headers=BEARER))} == {
        "credential"
    }


def test_a_redacted_key_is_an_echo() -> None:
    made = sent(headers=(("Authorization", "Bearer [key]*************"),))
    assert told("Incorrect API key provided: [key]*************.", made) == []


def test_a_masked_key_is_taken_for_one_that_was_never_accepted() -> None:
    text = "Incorrect API key provided: sk-proj-abc...xyz."
    assert told(text, sent(key_is_unproven=True)) == []
    assert told("sk-proj-abcdefgh1234567890abcd", sent(key_is_unproven=True)) != []


# One leak, one kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('Traceback (most recent call last):\n  File "/app/a.py", line 1\nKeyError: 10.0.0.3', ["trace"]),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/opt/x/y.json'", ["path"]),
        ("psycopg2.OperationalError: connection to server at \"10.0.0.5\", port 5432 failed", ["storage"]),
        ("dial tcp 10.0.0.3:8080: connect: connection refused", ["address"]),
        ("Error code: 500 - {'error': {'message': 'dial tcp 10.0.0.3:80'}}", ["upstream"]),
        ("postgres://gateway:hunter2@10.0.0.5/prod", ["credential"]),
        ("KeyError: 'x' in /srv/app/main.py", ["path"]),
        ("host 10.0.0.3 rejected sk-abcdefgh1234567890abcd", ["address", "credential"]),
        ("Error code: 401 - {'error': {'message': 'Bad key sk-proj-abc...xyz'}}", ["upstream", "credential"]),
    ],
)  # fmt: skip
def test_of_overlapping_finds_the_most_telling_is_told(text: str, expected: list[str]) -> None:
    assert [kind for kind, _ in told(text)] == expected


def test_a_trace_in_json_takes_the_place_of_its_file_and_line() -> None:
    error = {
        "message": "x",
        "exception": "ErrorException",
        "file": "/var/www/a.php",
        "line": 3,
        "trace": [{"file": "/b.php"}],
    }
    assert [(leak.kind, leak.where) for leak in leaks.in_json({"error": error})] == [
        ("trace", "/error/exception"),
        ("trace", "/error/trace"),
    ]


def test_where_is_a_pointer_behind_what_it_was_given() -> None:
    found_leaks = leaks.in_json({"a/b": ["x", "at 10.0.0.3"]}, where="event 3 ")
    assert found_leaks == [Leak("address", "10.0.0.3", "event 3 /a~1b/1")]


def test_a_class_name_is_legal_as_an_error_type_only() -> None:
    assert leaks.in_json({"type": "BadRequestError", "code": "RateLimitError"}) == []
    assert leaks.in_json({"type": "FooBarError"}) == []
    assert [leak.kind for leak in leaks.in_json({"message": "FooBarError: no"})] == ["trace"]
    assert [leak.kind for leak in leaks.in_json({"type": "KeyError"})] == ["trace"]


# Texts meant to stall

STALLING = [
    "a.", "/a", "-a", "::", "[[", "{'error':", " ", "\n", "\\", "10.0.0.1 ", "1.1.", "sk-a", "key=", " at a(b)\n", "_",
    "File \"a\", line 1, in x\n", "<!--", "<a ", "https://a.", "http://a:b@", "x-a1b2c3d4e5-", "SELECT ",
    "upstream ", "'a'",
]  # fmt: skip


@pytest.mark.parametrize("unit", STALLING)
def test_no_text_stalls(unit: str) -> None:
    text = (unit * 4000)[:4000]
    start = time.process_time()
    leaks.in_text(text), leaks.in_page(f"<html>{text}")
    assert time.process_time() - start < 10  # measured: under 2 s; without bounds it is minutes


def test_a_huge_body_is_looked_at_in_part() -> None:
    body = {"errors": ["x" * 19_000 + " 10.0.0.3"] * 50, "more": ["at 10.0.0.4"] * 10_000}
    start = time.process_time()
    assert {leak.excerpt for leak in leaks.in_json(body)} >= {"10.0.0.3"}
    assert time.process_time() - start < 30
