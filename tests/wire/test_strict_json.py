from __future__ import annotations

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.strict_json import MAX_DEPTH, JsonError, loads

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)


@settings(deadline=None)
@given(VALUES, st.booleans())
def test_what_json_writes_is_read_without_deviation(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    document = loads(text.encode("utf-8"))
    assert document.value == value
    assert document.deviations == ()


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_input_raises_anything_but_json_error(data: bytes | str) -> None:
    with suppress(JsonError):
        loads(data)


def test_integers_and_floats_stay_apart() -> None:
    value = loads(b"[1, 1.0, 1e2]").value
    assert [type(item) for item in value] == [int, float, float]


DEVIANT = {
    "bom": (b"\xef\xbb\xbf{}", {}, [("bom", 0, None)]),
    "invalid utf-8": (b'["\xc3\xa9\xff"]', ["é�"], [("invalid_utf8", 4, None)]),
    "bom and invalid utf-8": (b'\xef\xbb\xbf"\xff"', "�", [("invalid_utf8", 4, None), ("bom", 0, None)]),
    "duplicate key": (b'{"a": {"b/": 1, "b/": 2}}', {"a": {"b/": 2}}, [("duplicate_key", None, "/a/b~1")]),
    "duplicate in an array": (b'[0, {"a": 1, "a": 1}]', [0, {"a": 1}], [("duplicate_key", None, "/1/a")]),
    "infinity": (b'["NaN", -Infinity]', ["NaN", -math.inf], [("not_a_number", 8, None)]),
    "overflow": (b"[1, 1e999]", [1, math.inf], [("huge_number", 4, None)]),
    "endless integer": (b"9" * 5000, math.inf, [("huge_number", 0, None)]),
    "lone surrogate": (
        b'"\\\\ud800 \\ud83d\\ude00 \\ud800"',
        "\\ud800 \U0001f600 \ud800",
        [("lone_surrogate", 22, None)],
    ),
    "low before high": (
        b'"\\ude00\\ud83d"',
        "\ude00\ud83d",
        [("lone_surrogate", 1, None), ("lone_surrogate", 7, None)],
    ),
    "trailing": (b'{"a": 1} x', {"a": 1}, [("trailing_bytes", 8, None)]),
    "two values": (b"1\n2\n", 1, [("trailing_bytes", 1, None)]),
}


@pytest.mark.parametrize(("data", "value", "expected"), DEVIANT.values(), ids=DEVIANT.keys())
def test_each_deviation_is_named(
    data: bytes, value: object, expected: list[tuple[str, int | None, str | None]]
) -> None:
    document = loads(data)
    assert document.value == value
    assert [(d.kind, d.offset, d.pointer) for d in document.deviations] == expected


def test_nan_is_reported() -> None:
    document = loads(b'{"a": NaN}')
    assert math.isnan(document.value["a"])
    assert [(d.kind, d.offset) for d in document.deviations] == [("not_a_number", 6)]


def test_a_replaced_object_keeps_its_duplicate() -> None:
    document = loads(b'{"a": {"b": 1, "b": 2}, "a": 3}')
    assert [(d.kind, d.pointer) for d in document.deviations] == [
        ("duplicate_key", None),
        ("duplicate_key", "/a"),
    ]


NOT_JSON = {
    "empty": (b"", 0),
    "white space": (b"  ", 2),
    "html": (b"<html>", 0),
    "cut": (b'{"a": "x', 6),
    "single quotes": (b"{'a': 1}", 1),
    "no comma": (b"[1 2]", 3),
    "control character": (b'"a\nb"', 2),
    "offset counts bytes": ('["é" x]'.encode(), 6),
    "offset counts the bom": (b"\xef\xbb\xbfx", 3),
    "utf-16": ('{"a": 1}'.encode("utf-16"), 0),
}


@pytest.mark.parametrize(("data", "offset"), NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json_is_refused_with_its_offset(data: bytes, offset: int) -> None:
    with pytest.raises(JsonError) as caught:
        loads(data)
    assert caught.value.offset == offset


def test_depth_is_bounded() -> None:
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert loads(deepest).deviations == ()
    with pytest.raises(JsonError, match="nested too deeply") as caught:
        loads("[" * 100_000)
    assert caught.value.offset == MAX_DEPTH


def test_many_brackets_are_not_depth() -> None:
    assert len(loads("[" + ",".join(['[{"a": "[[[["}]'] * 1000) + "]").value) == 1000
