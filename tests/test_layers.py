"""The import order: everything flows one way, from the contract to the reports, and only the prober has a network."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "conformance"
# A module may import from its own layer and from those before it.
LAYERS = (
    ("beside", "errors", "exchange", "pointer", "text", "wire"),
    ("datafiles", "cases", "schemas", "unavailable", "contract"),
    ("target", "plan", "answer"),
    ("probing",),
    ("checks",),
    ("judging",),
    ("reporting",),
    ("reference",),
    ("settings", "run", "output", "summary", "proof", "properties", "sdk"),
    ("second_judge",),
    ("session", "plugin", "suite", "commands", "cli"),
)
# Reading a recording is no networking; and the reference is a peer of the suite, not a part of its flow.
RECORDING = {"probing.recording", "probing.lines", "probing.redaction"}
NETWORK = {"socket", "httpx", "websockets", "requests", "urllib.request", "http.client", "asyncio", "ssl"}
IMPURE = {"time", "random", "datetime", "subprocess", "os"}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def layer(name: str) -> int:
    first = name.split(".")[0]
    return next(number for number, members in enumerate(LAYERS) if first in members)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every module that is imported when this one is; imports under TYPE_CHECKING and in functions are left out."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(path: Path) -> Iterator[str]:
    for imported in imports(path):
        if imported.startswith("conformance.") and "__version__" not in imported:
            yield imported.removeprefix("conformance.")


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_nothing_flows_back(path: Path) -> None:
    name = name_of(path)
    if name in {"", "__init__"}:
        return
    later = [
        imported
        for imported in own(path)
        if layer(imported) > layer(name) and ".".join(imported.split(".")[:2]) not in RECORDING
    ]
    assert later == []


@pytest.mark.parametrize("path", [p for p in modules() if name_of(p).split(".")[0] in {"checks", "wire"}], ids=name_of)
def test_checks_and_parsers_are_pure(path: Path) -> None:
    loaded = {imported.split(".")[0] for imported in imports(path)}
    assert loaded & (NETWORK | IMPURE) == set()


@pytest.mark.parametrize("path", [p for p in modules() if name_of(p).startswith("judging")], ids=name_of)
def test_judging_has_neither_clock_nor_network(path: Path) -> None:
    loaded = set(imports(path))
    assert loaded & (NETWORK | {"time", "random"}) == set()
    probing = {name for name in own(path) if name.startswith("probing.")}
    assert {".".join(name.split(".")[:2]) for name in probing} <= RECORDING


def test_the_layers_name_every_module() -> None:
    named = {member for members in LAYERS for member in members}
    found = {name_of(path).split(".")[0] for path in modules()} - {"", "__init__"}
    assert found - named == set()
