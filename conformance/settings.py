"""What the user asked for: flags, configuration file and environment, made into one validated object."""

from __future__ import annotations

import math
import os
import re
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from conformance.contract import Contract
from conformance.datafiles import check_against_schema, load_yaml, read_text
from conformance.errors import DataError, UsageError
from conformance.exchange import Headers
from conformance.target import Selection, check_base_url, parse_models

_HEADER_TEXT = re.compile(r"[!-~]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of RFC 9110, section 5.6.2

PropertyMode = Literal["off", "negative", "all"]


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: a flag of ``conformance run``, an option of the pytest plugin, and a key of conformance.toml."""

    name: str
    help: str
    metavar: str = ""
    kind: Literal["text", "integer", "number", "flag"] = "text"
    multiple: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None

    @property
    def key(self) -> str:
        """The name as an identifier."""
        return self.name.replace("-", "_")


OPTIONS = (
    Option(
        "base-url",
        "Where the API is, with its /v1. Default: OPENAI_BASE_URL, else the embedded reference target.",
        "URL",
    ),
    Option(
        "api-key", "The bearer key; better given by --api-key-env, as others can read a command line.", "KEY"
    ),
    Option("api-key-env", "The environment variable that holds the key. Default: OPENAI_API_KEY.", "NAME"),
    Option(
        "model",
        "The model of a workload or of one operation; for all but text, consent to spend.",
        "WORKLOAD=ID",
        multiple=True,
    ),
    Option("workload", "Judge only this workload; models always is.", "NAME", multiple=True),
    Option(
        "operation", "Judge only operations that match, such as 'POST /v1/chat/*'.", "GLOB", multiple=True
    ),
    Option(
        "unavailable",
        "Which operations that must be refused are probed.",
        choices=("sample", "all", "none"),
        default="sample",
    ),
    Option(
        "expect",
        "available=OPERATION[#CAPABILITY]: a refusal of it is a failure, not gated.",
        "CLAIM",
        multiple=True,
    ),
    Option(
        "properties",
        "Generated requests: none, those that must be refused, or valid ones too.",
        choices=("off", "negative", "all"),
        default="negative",
    ),
    Option(
        "max-examples", "Generated requests for each property of an operation.", "N", "integer", default=5
    ),
    Option("seed", "Seed of the generated requests.", "N", "integer", default=1),
    Option(
        "cases",
        "More cases: a case file, or a folder of them such as the frozen/ of an earlier run.",
        "PATH",
        multiple=True,
    ),
    Option("repeat", "Send each case so many times.", "K", "integer", default=1),
    Option("strict", "A warning fails the run too.", kind="flag", default=False),
    Option("waivers", "Failures that are excused, until when and why.", "FILE"),
    Option("baseline", "The results.json of an earlier run, to say what got worse.", "RESULTS"),
    Option("concurrency", "Requests under way at once.", "N", "integer", default=8),
    Option("rate", "Requests started a second, at the most.", "R", "number"),
    Option("max-requests", "Requests sent, at the most.", "N", "integer"),
    Option(
        "timeout", "Seconds until the head of an answer, and between its parts.", "S", "number", default=60.0
    ),
    Option("shard", "Judge part I of N of the cases.", "I/N"),
    Option("resume", "Go on with the unfinished recording in --out.", kind="flag", default=False),
    Option("header", "A header sent with every request.", "'NAME: VALUE'", multiple=True),
    Option("ca", "Certificates that are trusted besides the system's.", "FILE"),
    Option(
        "config", "Read settings from this file. Default: conformance.toml here, if there is one.", "FILE"
    ),
    Option("allure", "Write allure-results too.", kind="flag", default=False),
    Option("verbose", "Say what becomes of each case.", kind="flag", default=False),
    Option("out", "Where results, recording and report are written. Default: reports/ and the time.", "DIR"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of a run. The key is left out of ``repr``, so that no message or traceback shows it."""

    base_url: str | None
    key: str | None = field(repr=False)
    models: Mapping[str, str]
    selection: Selection
    properties: PropertyMode
    max_examples: int
    seed: int
    cases: Mapping[str, Any]  # the documents of the user's case files, by file name
    strict: bool
    waivers: Path | None
    baseline: Path | None
    concurrency: int
    rate: float | None
    max_requests: int | None
    timeout: float
    shard: tuple[int, int] | None
    resume: bool
    headers: Headers
    ca: Path | None
    allure: bool
    verbose: bool
    out: Path
    key_env: str | None = None


def make_settings(
    given: Mapping[str, Any], contract: Contract, environ: Mapping[str, str] | None = None
) -> Settings:
    """Flags over configuration file over environment over defaults. Raises UsageError on what cannot be meant."""
    environ = os.environ if environ is None else environ
    values = {option.key: option.default for option in OPTIONS} | _from_file(given.get("config"))
    values |= {key: value for key, value in given.items() if value not in (None, (), [])}
    base_url = values["base_url"] or environ.get("OPENAI_BASE_URL") or None
    out = Path(values["out"] or f"reports/{time.strftime('%Y%m%d-%H%M%S')}")
    key, key_env = _key(values, environ)
    key = _checked_key(key)
    return Settings(
        base_url=check_base_url(base_url) if base_url else None,
        key=key,
        models=parse_models(tuple(values["model"] or ()), contract),
        selection=_selection(values),
        properties=values["properties"],
        max_examples=_positive(values, "max_examples"),
        seed=values["seed"],
        cases=_case_files(values["cases"] or (), out),
        strict=values["strict"],
        waivers=_file(values, "waivers"),
        baseline=_file(values, "baseline"),
        concurrency=_positive(values, "concurrency"),
        rate=_positive(values, "rate"),
        max_requests=_positive(values, "max_requests"),
        timeout=_positive(values, "timeout"),
        shard=_shard(values["shard"]),
        resume=values["resume"],
        headers=tuple(_header(text) for text in values["header"] or ()),
        ca=_file(values, "ca"),
        allure=values["allure"],
        verbose=values["verbose"],
        out=out,
        key_env=key_env,
    )


def _from_file(path: str | None) -> dict[str, Any]:
    file = Path(path) if path else Path("conformance.toml")
    if not path and not file.is_file():
        return {}
    try:
        document = tomllib.loads(read_text(file))
    except tomllib.TOMLDecodeError as error:
        raise DataError(str(file), "", f"is not TOML: {error}") from None
    check_against_schema(document, "config", str(file))
    models = [f"{name}={model}" for name, model in document.pop("models", {}).items()]
    values = {key.replace("-", "_"): value for key, value in document.items()}
    return values | ({"model": models} if models else {})


def _key(values: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[str | None, str | None]:
    if values["api_key"]:
        return values["api_key"], None
    name = values["api_key_env"]
    if name and not environ.get(name):
        raise UsageError(f"--api-key-env {name}: there is no such environment variable, or it is empty")
    name = name or "OPENAI_API_KEY"
    return environ.get(name) or None, name


def _checked_key(key: str | None) -> str | None:
    """The key, which no message may show."""
    if key is not None and not _HEADER_TEXT.fullmatch(key):
        raise UsageError(
            "the key has a space, a line break or another character that it cannot have: was it copied whole, and alone?"
        )
    return key


def _selection(values: Mapping[str, Any]) -> Selection:
    expected = []
    for claim in values["expect"] or ():
        kind, _, name = claim.partition("=")
        if kind != "available" or not name:
            raise UsageError(f"--expect takes available=OPERATION[#CAPABILITY], not {claim!r}")
        expected.append(name)
    return Selection(
        workloads=tuple(values["workload"] or ()),
        operations=tuple(values["operation"] or ()),
        unavailable=values["unavailable"],
        expected=tuple(expected),
        repeat=_positive(values, "repeat"),
    )


def _positive(values: Mapping[str, Any], key: str) -> Any:
    value = values[key]
    if value is not None and not 0 < value < math.inf:
        raise UsageError(f"--{key.replace('_', '-')} must be more than 0, not {value}")
    return value


def _file(values: Mapping[str, Any], key: str) -> Path | None:
    if values[key] is None:
        return None
    path = Path(values[key])
    if not (path / "results.json" if key == "baseline" and path.is_dir() else path).is_file():
        raise UsageError(f"--{key.replace('_', '-')} {path}: there is no such file")
    return path


def _case_files(paths: Iterable[str], out: Path) -> dict[str, Any]:
    files: dict[str, Any] = {}
    for text in paths:
        path = Path(text)
        found = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not found or not all(file.is_file() for file in found):
            raise UsageError(f"--cases {path}: there is no case file")
        if any(out.resolve() in file.resolve().parents for file in found):
            raise UsageError(f"--cases {path} lies in --out {out}, which is written anew: keep it elsewhere")
        for file in found:  # by its name, as another machine has it elsewhere
            files[str(file) if file.name in files else file.name] = load_yaml(file, "cases")
    return files


def _shard(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    part, _, parts = text.partition("/")
    if not (part.isdigit() and parts.isdigit() and 1 <= int(part) <= int(parts)):
        raise UsageError(f"--shard takes I/N with 1 ≤ I ≤ N, not {text!r}")
    return int(part), int(parts)


def _header(text: str) -> tuple[str, str]:
    name, separator, value = text.partition(":")
    if not separator or not _HEADER_NAME.fullmatch(name.strip()) or not value.strip().isprintable():
        raise UsageError(f"--header takes 'NAME: VALUE' in one line, not {text!r}")
    return name.strip(), value.strip()
