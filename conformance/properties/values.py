"""Odd texts, numbers, JSON and headers: what servers are surprised by, and what is merely of the wrong kind."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

# "$" begins what the request builder fills in.
_CHARACTERS = st.characters(codec="utf-8", exclude_characters="$")
_SURPRISES = (
    "\x00", "\x1b[31m", "\r\n\r\n", "\u202eleft to right\u202c", "e\u0301\u0301\u0301", "\U0001f469\u200d\U0001f467",
    "\ufeff", "\uffff", "\U0001d518", "\u0130\u0131", "\ud800", "'; --", "%s%n%x", "{{7*7}}", "../../etc", "<b>&amp;",
    "\\u0000", "null", "a" * 2000, " " * 300,
)  # fmt: skip

ODD_TEXT = st.text(_CHARACTERS, min_size=1, max_size=40) | st.sampled_from(_SURPRISES)
ODD_NAME = st.text(_CHARACTERS, max_size=12).map(lambda text: f"x_{text}")
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ODD_TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc_", max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)
ODD_NUMBER = st.one_of(
    st.integers(20, 400).map(lambda digits: "9" * digits),
    st.integers(300, 9999).map(lambda power: f"1e{power}"),
    st.integers(300, 9999).map(lambda power: f"-1.5E-{power}"),
    st.sampled_from(["-0", "1e1", "1E+2", "0.1e-5", "NaN", "-Infinity", "18446744073709551616"]),
)
DEPTH = st.integers(10, 400).map(lambda depth: "[" * depth + "]" * depth)
PLAIN = st.text("abcdxyz", min_size=3, max_size=12)

_VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="$")
_PRINTABLE = st.text(_VISIBLE, min_size=1, max_size=40)
_LATIN = st.text(st.characters(min_codepoint=0xA1, max_codepoint=0xFF), min_size=1, max_size=20)
_HEADERS: tuple[tuple[str, st.SearchStrategy[str]], ...] = (
    ("x-odd", _PRINTABLE | _LATIN),
    ("accept", st.sampled_from(["text/html", "application/xml;q=0.1", "*", "image/png, */*;q=0"])),
    ("accept-language", st.sampled_from(["xx-klingon", "*", "de;q=2"]) | _PRINTABLE),
    ("user-agent", _PRINTABLE),
    ("cookie", _PRINTABLE),
    ("x-client-request-id", _PRINTABLE | st.just("r" * 600)),
    ("idempotency-key", _PRINTABLE),
    ("openai-organization", _PRINTABLE),
    ("openai-beta", _PRINTABLE),
    ("x-stainless-retry-count", st.sampled_from(["-1", "many", "1e9", "9" * 20])),
    ("x-stainless-timeout", st.sampled_from(["-1", "soon", "NaN"])),
    ("x-http-method-override", st.sampled_from(["DELETE", "BREW", "patch"])),
    ("x-forwarded-for", st.sampled_from(["::ffff:300.1.1.1", "unknown, unknown", "-"]) | _PRINTABLE),
    ("traceparent", st.sampled_from(["00-0-0-00", "ff-" + "f" * 32 + "-" + "f" * 16 + "-01"]) | _PRINTABLE),
    ("range", st.sampled_from(["bytes=0-", "bytes=-1", "lines=1-2"])),
    ("if-none-match", st.sampled_from(["*", '"x"', "W/"])),
    ("origin", st.sampled_from(["null", "https://example.org", "file://"])),
)
ODD_HEADER = st.one_of([st.fixed_dictionaries({name: values}) for name, values in _HEADERS])
_PARAMETER = st.sampled_from(["x", "limit", "after", "api-version", "%00"])
ODD_QUERY = st.dictionaries(_PARAMETER, ODD_TEXT.filter(str.isprintable), min_size=1, max_size=2)

_WRONG: dict[str, st.SearchStrategy[Any]] = {
    "boolean": st.booleans(),
    "number": st.integers(-1000, 1000)
    | st.floats(-10, 10, allow_nan=False).map(lambda number: round(number, 3)),
    "string": PLAIN,
    "array": st.lists(st.integers(0, 9), max_size=3),
    "object": st.dictionaries(st.sampled_from("abc"), st.integers(0, 9), min_size=1, max_size=2),
}


def wrong_values(types: frozenset[str]) -> st.SearchStrategy[Any]:
    """Values of JSON types other than ``types``.

    Null is left out, as many servers read it as absent, and so are numbers for truth values and the other way round,
    which languages read as each other.
    """
    alike = {"boolean", "number"} if types & {"boolean", "number"} else set()
    wrong = [name for name in _WRONG if name not in types | alike]
    return st.one_of([_WRONG[name] for name in wrong]) if wrong else st.nothing()


def json_text(value: Any) -> str:
    """JSON as it is sent; a lone surrogate can only be escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return json.dumps(value) if has_surrogates(text) else text


def has_surrogates(text: str) -> bool:
    """True for text with half a pair in it, which UTF-8 cannot write."""
    return any("\ud800" <= character <= "\udfff" for character in text)
