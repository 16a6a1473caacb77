"""The action and the example workflows, as far as they can be run without the service."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.datafiles import load_yaml
from conformance.judging.waivers import load_waivers
from tests.reporting.sample_results import sample

ROOT = Path(__file__).resolve().parents[2]
ACTION = load_yaml(ROOT / "action.yml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
WORKFLOWS = ["gate.yml", "weekly.yml"]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def workflow(name: str) -> tuple[list[dict[str, Any]], str]:
    text = (ROOT / "docs" / "examples" / name).read_text("utf-8")
    document = load_yaml(ROOT / "docs" / "examples" / name)
    return [step for job in document["jobs"].values() for step in job["steps"]], text


def test_no_input_is_written_into_a_script():
    assert not [step["name"] for step in STEPS if EXPRESSION.search(step.get("run", ""))]
    assert not [s for name in WORKFLOWS for s in workflow(name)[0] if EXPRESSION.search(s.get("run", ""))]


def test_every_expression_names_what_there_is():
    text = (ROOT / "action.yml").read_text("utf-8")
    ids = {step["id"] for step in STEPS if "id" in step}
    for expression in EXPRESSION.findall(text):
        kind, _, rest = expression.partition(".")
        assert kind in {"inputs", "steps", "github"}, expression
        if kind == "inputs":
            assert rest in ACTION["inputs"], expression
        if kind == "steps":
            assert rest.split(".")[0] in ids, expression


def test_every_input_is_described_and_used():
    text = json.dumps(ACTION["runs"])
    for name, entry in ACTION["inputs"].items():
        assert entry["description"]
        assert f"inputs.{name}" in text


@pytest.mark.parametrize("name", WORKFLOWS)
def test_examples_use_inputs_and_outputs_that_the_action_has(name):
    steps, text = workflow(name)
    used = next(step for step in steps if "openai-api-conformance" in step.get("uses", ""))
    assert set(used["with"]) <= set(ACTION["inputs"])
    outputs = set(re.findall(r"steps\.conformance\.outputs\.([a-z-]+)", text))
    assert outputs <= set(ACTION["outputs"])


def test_the_example_waivers_load():
    assert len(load_waivers(ROOT / "docs" / "examples" / "waivers.yaml")) == 1


def test_the_guide_names_every_input_and_output():
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    names = [*ACTION["inputs"], *ACTION["outputs"]]
    assert [name for name in names if f"`{name}`" not in text] == []


FAKE = """#!{python}
import json, os, pathlib, sys
arguments = sys.argv[1:]
pathlib.Path(os.environ["SEEN"]).write_text(json.dumps([arguments, os.environ.get("CONFORMANCE_KEY")]))
sys.exit(int(os.environ.get("FAKE_CODE", "0")))
"""


class Runner:
    """The action's scripts as the service runs them: expressions filled in, outputs carried on."""

    def __init__(self, folder: Path, inputs: dict[str, str], code: int) -> None:
        self.folder = folder
        self.inputs = {name: str(entry["default"]) for name, entry in ACTION["inputs"].items()} | inputs
        self.outputs: dict[str, dict[str, str]] = {}
        self.printed = ""
        tools = folder / "bin"
        tools.mkdir()
        (tools / "conformance").write_text(FAKE.format(python=sys.executable))
        (tools / "conformance").chmod(0o755)
        (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        (tools / "python").chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "SEEN": str(folder / "seen.json"),
            "FAKE_CODE": str(code),
        }

    def run(self) -> int:
        """Every script but the installation; the last one's exit code."""
        codes = [self.step(step) for step in STEPS if "run" in step and step["name"] != "Install the suite"]
        return codes[-1]

    def step(self, step: dict[str, Any]) -> int:
        output = self.folder / f"output-{len(self.outputs)}"
        output.touch()
        environment = {name: self.filled(value) for name, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.folder,
            env=self.environment | environment | {"GITHUB_OUTPUT": str(output)},
            capture_output=True,
            text=True,
            check=False,
        )
        self.printed += done.stdout + done.stderr
        lines = [line.split("=", 1) for line in output.read_text().splitlines()]
        self.outputs[step.get("id", step["name"])] = dict(lines)
        return done.returncode

    def filled(self, value: str) -> str:
        return EXPRESSION.sub(lambda match: self.value(match[1]), value)

    def value(self, expression: str) -> str:
        kind, _, rest = expression.partition(".")
        if kind == "inputs":
            return self.inputs[rest]
        step, _, name = rest.partition(".outputs.")
        return self.outputs[step].get(name, "")

    @property
    def seen(self) -> list[Any]:
        return json.loads((self.folder / "seen.json").read_text())


def test_inputs_become_arguments_and_the_key_stays_in_the_environment(tmp_path):
    (tmp_path / "old.json").write_text("{}")
    runner = Runner(
        tmp_path,
        {
            "base-url": "https://api.example.com/v1",
            "api-key": "sk-secret",
            "models": "text=a b\n\nimages=$(touch pwned)\n",
            "operations": "POST /v1/chat/*",
            "baseline": "old.json",
            "strict": "true",
            "arguments": "--rate\n2",
            "out": "out dir",
        },
        0,
    )
    assert runner.run() == 0
    assert runner.seen == [
        ["run", "--out", "out dir",
         "--base-url", "https://api.example.com/v1", "--api-key-env", "CONFORMANCE_KEY",
         "--model", "text=a b", "--model", "images=$(touch pwned)", "--operation", "POST /v1/chat/*",
         "--baseline", "old.json", "--strict", "--rate", "2"],
        "sk-secret",
    ]  # fmt: skip
    assert not (tmp_path / "pwned").exists()
    assert "sk-secret" not in runner.printed


def test_a_baseline_that_is_not_there_is_none(tmp_path):
    runner = Runner(tmp_path, {"baseline": "missing.json"}, 0)
    assert runner.run() == 0
    assert runner.seen[0] == ["run", "--out", "conformance-report"]


@pytest.mark.parametrize(
    ("code", "accept", "ends"), [(0, "", 0), (1, "", 1), (3, "", 3), (3, "3", 0), (1, "3", 1), (4, "3 4", 0)]
)
def test_the_exit_code_is_passed_on_unless_it_is_accepted(tmp_path, code, accept, ends):
    runner = Runner(tmp_path, {"accept": accept}, code)
    assert runner.run() == ends
    assert runner.outputs["run"] == {"exit-code": str(code)}


def test_results_become_annotations_and_outputs(tmp_path):
    made = sample(60, hostile=True)
    out = tmp_path / "conformance-report"
    out.mkdir()
    (out / "results.json").write_text(json.dumps(made.results))
    runner = Runner(tmp_path, {}, 1)
    assert runner.run() == 1
    assert runner.outputs["report"] == {
        "verdict": "violations",
        "sentence": "Does not conform: 7 requirements are broken, on 4 operations.",
        "failures": "7",
        "results": "conformance-report/results.json",
        "report": "conformance-report/index.html",
    }
    assert "::error title=API conformance::Does not conform" in runner.printed
