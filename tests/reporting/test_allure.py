from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.errors import OutputError
from conformance.reporting.allure import strip_analytics, write_allure
from tests.reporting.sample_results import sample


@pytest.fixture
def written(tmp_path: Path):
    made = sample(60, hostile=True)
    count = write_allure(
        tmp_path / "a", made.results, made.exchanges, made.requirements, report="../index.html"
    )
    files = [json.loads(path.read_text("utf-8")) for path in (tmp_path / "a").glob("*-result.json")]
    assert count == len(files) == 60
    return tmp_path / "a", {file["name"]: file for file in files}


def labels(file) -> dict[str, str]:
    return {label["name"]: label["value"] for label in file["labels"] if label["name"] != "tag"}


def test_a_result_has_its_severity_and_place_in_the_behaviours(written):
    _, files = written
    found = labels(files["chat/minimal/json::CHAT-003"])
    assert found["epic"] == "text"
    assert found["feature"] == "POST /v1/chat/completions"
    assert found["story"] == "CHAT-003 usage.total_tokens is the sum of prompt_tokens and completion_tokens."
    assert found["severity"] == "critical"
    assert "host" not in found
    assert (
        files["chat/minimal/json::CHAT-003"]["links"][0]["url"] == "../index.html#chat/minimal/json::CHAT-003"
    )


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("chat/minimal/json::CHAT-003", "failed"),
        ("responses/unknown/previous::ERR-004", "failed"),
        ("images/minimal/json::IMG-001", "broken"),
        ("completions/minimal/json::HTTP-001", "skipped"),
        ("videos/minimal/json::HTTP-001", "skipped"),
        ("chat/minimal/json::CHAT-004", "passed"),
    ],
)
def test_only_what_was_kept_or_warned_of_is_green(written, name, status):
    assert written[1][name]["status"] == status


def test_a_waived_failure_is_known_and_muted(written):
    details = written[1]["responses/unknown/previous::ERR-004"]["statusDetails"]
    assert (details["known"], details["muted"]) == (True, True)


def test_every_attachment_is_there_and_harmless(written):
    folder, files = written
    sources = {a["source"] for file in files.values() for a in file["attachments"]}
    assert sources == {path.name for path in folder.glob("*-attachment.txt")}
    texts = [(folder / source).read_text("utf-8") for source in sources]
    assert any("HTTP/1.1 200" in text for text in texts)
    assert any(text.startswith("curl ") for text in texts)
    assert not any("\x1b" in text or "\u202e" in text for text in texts)


def test_the_environment_is_one_line_a_fact(written):
    lines = (written[0] / "environment.properties").read_text("ascii").splitlines()
    assert "Target=https://api.example.com/v1" in lines
    assert all("=" in line for line in lines)


def test_an_earlier_run_leaves_nothing_behind(tmp_path):
    made = sample(30)
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "old-result.json").write_text("{}")
    write_allure(folder, made.results, made.exchanges, made.requirements)
    assert not (folder / "old-result.json").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    made = sample(30)
    with pytest.raises(OutputError, match="cannot be written"):
        write_allure(tmp_path / "file" / "a", made.results, made.exchanges, made.requirements)


def test_analytics_are_stripped_and_nothing_else():
    own = "<script>const a = 1;</script>"
    page = (
        f"<html>{own}<script async src=\"https://www.googletagmanager.com/gtag/js?id=G-1\"></script>\n"
        "<script>\n  function gtag(){dataLayer.push(arguments);}\n  gtag('js', new Date());\n</script></html>"
    )  # fmt: skip
    assert strip_analytics(page) == f"<html>{own}</html>"
