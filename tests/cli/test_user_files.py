"""Files that users give: whatever stands in them, the answer is a sentence and a documented exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.datafiles import parse_yaml
from conformance.errors import DataError
from tests.cli.command import conformance

NO_YAML = [
    "expires: 2026-13-45", "a: 2026-01-01T99:00:00Z", "a: !!int x", "a: !!timestamp x", "a: !!float ''",
    "a: !!python/object:os.system x", "? [a]\n: b", "<<: 1", "[" * 5000, "{" * 3000, "a: b: c", "a: 1\na: 2", "\0",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_YAML, ids=[repr(text[:20]) for text in NO_YAML])
def test_a_text_that_is_no_yaml_is_a_data_error(text: str) -> None:
    with pytest.raises(DataError):
        parse_yaml(text, "waivers.yaml")


ODD = (b"", b"\xff\xfe", b"[]", b"{}", b"null", b"1", b'"x"', b"[[[", b'{"schema": 1}', b"&a [*a]", b"- 2026-13-45",
       b"[target]\nx = 2026-13-45", b'[{"requirement": null}]', b'{"schema": "conformance-results/1"}')  # fmt: skip

COMMANDS = {
    "waivers": ("waivers.yaml", ("run", "--workload", "models", "--properties", "off", "--unavailable", "none",
                                 "--waivers", "waivers.yaml")),
    "configuration": ("conformance.toml", ("plan", "--workload", "models", "--api-key", "k")),
    "audit": ("targets.toml", ("audit", "targets.toml", "--out", "out")),
    "results of diff": ("results.json", ("diff", "results.json", "results.json")),
    "results of matrix": ("results.json", ("matrix", "results.json", "--out", "matrix.html")),
    "results of waive": ("results.json", ("waive", "results.json", "a/b/c::CHAT-001")),
    "recording": ("exchanges.jsonl", ("judge", ".")),
    "baseline": ("results.json", ("run", "--workload", "models", "--properties", "off", "--unavailable", "none",
                                  "--baseline", "results.json")),
}  # fmt: skip
TAKEN = {("waivers", b"[]"), ("configuration", b""), ("waivers", b""), ("waivers", b"null")}
"""What is as good as an empty file."""


@pytest.mark.parametrize("name", COMMANDS)
def test_an_odd_file_is_told_in_a_sentence(name: str, tmp_path: Path) -> None:
    file, arguments = COMMANDS[name]
    for content in ODD:
        (tmp_path / file).write_bytes(content)
        ended = conformance(*arguments, cwd=tmp_path)
        assert "Traceback" not in ended.printed, content
        if (name, content) not in TAKEN:
            assert ended.code in {2, 3}, (content, ended.printed)
            assert "conformance: " in ended.text, content
