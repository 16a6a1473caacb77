"""All exchanges of a run on disk, one JSON line each; without its footer a recording is not whole.

    header     who was asked, with what contract and selection
    exchange   what was sent and what came back
    skip       a case that was not sent, and why
    fact       something learned on the way: ``models``, ``preflight``
    footer     count and SHA-256 of all lines before it

While a run goes on, the lines are in ``exchanges.jsonl.part``; the footer renames it to ``exchanges.jsonl``.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from conformance.datafiles import check_against_schema
from conformance.errors import DataError, OutputError, RecordingError
from conformance.exchange import Exchange
from conformance.probing import lines
from conformance.probing.redaction import Redactor

SCHEMA = "conformance-recording/1"
FILE = "exchanges.jsonl"

SkipKind = Literal["gated", "prerequisite", "budget", "preflight", "interrupted"]


@dataclass(frozen=True, slots=True)
class Skip:
    """Why a case that was to be sent was not, or not to its end."""

    case: str
    kind: SkipKind
    reason: str


@dataclass(frozen=True, slots=True)
class Recording:
    """What ``read`` gives back. ``finished_at`` is seconds since the epoch; None for a partial one."""

    header: Mapping[str, Any]
    exchanges: tuple[Exchange, ...]
    skips: Mapping[str, Skip]
    facts: Mapping[str, Any]
    finished_at: float | None = None
    interrupted: bool = False

    def of(self, case: str) -> tuple[Exchange, ...]:
        """Every exchange of a case, in the order of its steps and attempts."""
        own = [exchange for exchange in self.exchanges if exchange.case == case]
        return tuple(sorted(own, key=lambda exchange: (exchange.step, exchange.attempt)))


class Recorder:
    """Appends to a recording; every line is on its way to the disk when the call returns.

    With ``resume`` the answers of an unfinished run are kept in ``earlier`` and its skips are forgotten: what
    was skipped is decided anew. Raises RecordingError when that run asked something else.
    """

    def __init__(
        self, folder: Path, header: Mapping[str, Any], secrets: Iterable[str] = (), *, resume: bool = False
    ) -> None:
        self._folder = folder
        self._part = folder / f"{FILE}.part"
        self._redactor = Redactor(secrets)
        self._header = {"kind": "header", "schema": SCHEMA, "started_at": time.time(), **header}
        self._digest = hashlib.sha256()
        self._count = 0
        self.skipped: dict[str, Skip] = {}
        self.earlier = _unfinished(folder, self._header) if resume else None
        self._open()

    def _open(self) -> None:
        """The file replaces what lay there only once the earlier answers are in it."""
        fresh = self._folder / f"{FILE}.new"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = fresh.open("wb", buffering=0)
        except OSError as error:
            raise _output_error(self._folder, error) from None
        try:
            self._begin()
            self._move(fresh, self._part)
        except OutputError:
            self.close()
            raise
        (self._folder / FILE).unlink(missing_ok=True)

    def _begin(self) -> None:
        """The header, and what an unfinished run had."""
        if self.earlier is None:
            self._write(self._header)
            return
        self._header["started_at"] = self.earlier.header["started_at"]
        self._write(self._header)
        for exchange in self.earlier.exchanges:
            self.exchange(exchange)
        for name, value in self.earlier.facts.items():
            self.fact({name: value})

    @property
    def header(self) -> Mapping[str, Any]:
        """The header as it was written."""
        return self._header

    def exchange(self, exchange: Exchange) -> None:
        """Write one exchange, its secrets overwritten."""
        self._append(lines.exchange_line(self._redactor.exchange(exchange)))

    def skip(self, case: str, kind: SkipKind, reason: str) -> None:
        """Say why a case is not sent."""
        self.skipped[case] = Skip(case, kind, self._redactor.text(reason))
        self._append({"kind": "skip", "case": case, "skip": kind, "reason": self.skipped[case].reason})

    def fact(self, fact: Mapping[str, Any]) -> None:
        """Note what was learned; a later fact of the same name replaces an earlier one."""
        text = self._redactor.text(json.dumps(fact, ensure_ascii=False))
        self._append({"kind": "fact", "fact": json.loads(text)})

    def finish(self, *, interrupted: bool = False) -> None:
        """Write the footer; afterwards the recording can be judged. An interrupted one says so: exit 3."""
        footer = {
            "kind": "footer",
            "count": self._count,
            "sha256": self._digest.hexdigest(),
            "finished_at": time.time(),
            "interrupted": interrupted,
        }
        self._write(footer)
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _output_error(self._folder, error) from None
        self.close()
        self._move(self._part, self._folder / FILE)

    def close(self) -> None:
        """Let go of the file; without ``finish`` it stays a partial recording that can be resumed."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        self._write(line)
        self._count += 1

    def _write(self, line: Mapping[str, Any]) -> None:
        data = json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._digest.update(data)
        try:
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            raise _output_error(self._folder, error) from None

    def _move(self, source: Path, destination: Path) -> None:
        try:
            source.replace(destination)
        except OSError as error:
            raise _output_error(self._folder, error) from None


def _output_error(folder: Path, error: OSError) -> OutputError:
    return OutputError(f"the recording cannot be written to {folder}: {error.strerror}")


def read(folder: Path, *, partial: bool = False) -> Recording:
    """The recording in ``folder``. Raises RecordingError unless it is whole (``partial``: begun)."""
    path = _file_in(folder, partial)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordingError(f"the recording {path} cannot be read: {error.strerror}") from None
    return _parse(data, str(path), partial)


def _file_in(folder: Path, partial: bool) -> Path:
    if folder.is_file():
        return folder
    whole, part = folder / FILE, folder / f"{FILE}.part"
    if whole.is_file() or (partial and part.is_file()):
        return part if partial and part.is_file() else whole
    if part.is_file():
        raise RecordingError(f"{part} has no footer: its run did not end; continue it with --resume")
    raise RecordingError(f"there is no recording in {folder} (looked for {FILE})")


def _parse(data: bytes, name: str, partial: bool) -> Recording:
    raw = data.split(b"\n")
    torn = raw.pop()  # a whole file ends with a line break, so that nothing is behind it
    if not raw or (torn and not partial):
        raise RecordingError(f"{name} is cut: {'its last line is broken off' if raw else 'it is empty'}")
    documents = [_document(line, name, number) for number, line in enumerate(raw, 1)]
    _hold(documents[0], "header", name)
    footer = documents.pop() if documents[-1].get("kind") == "footer" else None
    if footer is not None:
        _hold(footer, "footer", name)
        _compare(footer, documents, raw, name)
    elif not partial:
        raise RecordingError(f"{name} has no footer: its run did not end; continue it with --resume")
    return _recording(documents, footer, name)


def _document(line: bytes, name: str, number: int) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except ValueError:
        raise RecordingError(f"{name} is damaged: line {number} is not JSON") from None
    if not isinstance(document, dict):
        raise RecordingError(f"{name} is damaged: line {number} is not an object")
    return document


def _hold(document: dict[str, Any], kind: str, name: str) -> None:
    if document.get("kind") != kind:
        raise RecordingError(f"{name} is not a recording: there is no {kind} where one belongs")
    if kind == "header" and document.get("schema") != SCHEMA:
        raise RecordingError(f"{name} has the format {document.get('schema')!r}; this version reads {SCHEMA}")
    try:
        check_against_schema(document, "recording", name)
    except DataError as error:
        raise RecordingError(str(error)) from None


def _compare(footer: Mapping[str, Any], documents: list[dict[str, Any]], raw: list[bytes], name: str) -> None:
    if footer["count"] != len(documents) - 1:
        raise RecordingError(f"{name} is damaged: {len(documents) - 1} of {footer['count']} lines are there")
    if hashlib.sha256(b"".join(line + b"\n" for line in raw[:-1])).hexdigest() != footer["sha256"]:
        raise RecordingError(f"{name} is damaged: it is not what was written (SHA-256 differs)")


def _recording(documents: list[dict[str, Any]], footer: Mapping[str, Any] | None, name: str) -> Recording:
    exchanges: list[Exchange] = []
    skips: dict[str, Skip] = {}
    facts: dict[str, Any] = {}
    for number, document in enumerate(documents[1:], 2):
        try:
            match document["kind"]:
                case "exchange":
                    exchanges.append(lines.exchange_of(document))
                case "skip":
                    skips[document["case"]] = Skip(document["case"], document["skip"], document["reason"])
                case "fact":
                    facts |= document["fact"]
                case other:
                    raise RecordingError(f"{name} is damaged: line {number} is of the unknown kind {other!r}")
        except (KeyError, TypeError, ValueError) as error:
            raise RecordingError(f"{name} is damaged: line {number}: {error}") from None
    finished = footer["finished_at"] if footer else None
    return Recording(
        documents[0], tuple(exchanges), skips, facts, finished, bool(footer and footer["interrupted"])
    )


_MUST_AGREE = ("contract", "target", "selection", "shard", "properties", "cases")


def _unfinished(folder: Path, header: Mapping[str, Any]) -> Recording | None:
    """The run to be continued; None when there is none yet."""
    if not any((folder / name).is_file() for name in (FILE, f"{FILE}.part")):
        return None
    earlier = read(folder, partial=True)
    for name in _MUST_AGREE:
        if earlier.header.get(name) != json.loads(json.dumps(header.get(name))):
            raise RecordingError(
                f"{folder} cannot be resumed: its run had another {name}; begin anew without --resume"
            )
    return earlier
