"""Our YAML is read strictly: what an author wrote twice, or what cannot be a key, is an error with its place."""

from __future__ import annotations

import pytest

from conformance.datafiles import parse_yaml
from conformance.errors import DataError


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1", "the key 'a' is repeated"),
        ("a:\n  - {b: 1, c: 2, b: 1}\n", "line 2, column 18", "the key 'b' is repeated"),
        ("1: a\n0x1: b\n", "line 2, column 1", "the key 1 is repeated"),
        (
            "base: &base {x: 1}\nother: {<<: *base, y: 1}\n",
            "line 2, column 9",
            "merge",
        ),
        ("? [a]\n: 1\n", "line 1, column 3", "unhashable"),
        ("a: [1\n", "line 2, column 1", "did not find expected"),
    ],
)
def test_what_hides_half_of_what_was_written(text: str, place: str, problem: str) -> None:
    with pytest.raises(DataError) as error:
        parse_yaml(text, "file.yaml")
    assert place in str(error.value)
    assert problem in str(error.value)


def test_what_only_looks_repeated() -> None:
    assert parse_yaml('1: a\n"1": b\n', "file.yaml") == {1: "a", "1": "b"}
