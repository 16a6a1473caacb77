"""Hand-made answers to cases of the contract, judged by one requirement at a time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Sequence
from typing import Any

from conformance.answer import Answer
from conformance.cases import Case
from conformance.checks.subject import NotShown, Subject, registered_checks
from conformance.contract import load_contract
from conformance.datafiles import data_root
from conformance.exchange import Chunk, Exchange, Headers, Request, Response

Found = list[tuple[str, str, str]]
"""Expected, seen and where of each finding."""

CONTRACT = load_contract()
JSON = "application/json"


def media(name: str) -> bytes:
    """A media fixture."""
    return (data_root() / "fixtures" / "media" / name).read_bytes()


def answer(
    case_id: str,
    body: Any = b"",
    content_type: str | None = JSON,
    *,
    status: int = 200,
    headers: Headers = (),
    path: str | None = None,
    at: tuple[float, float] = (1_750_000_000.0, 1_750_000_001.0),
    step: int = 0,
) -> Answer:
    """The answer to a case: ``body`` as bytes, text, or a value to be sent as JSON."""
    case = CONTRACT.cases[case_id]
    data = (
        body
        if isinstance(body, bytes)
        else body.encode()
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    head = (*((("Content-Type", content_type),) if content_type else ()), *headers)
    exchange = Exchange(
        id=f"{case_id}#{step}",
        case=case_id,
        request=_request(case, path),
        response=Response(status, head, (Chunk(0.1, data),) if data else ()),
        step=step,
        started_at=at[0],
        ended_at=at[1],
    )
    return Answer(case, CONTRACT.operation_of(case), exchange)


def _request(case: Case, path: str | None) -> Request:
    body = b"" if case.body is None else json.dumps(case.body).encode()
    return Request(case.method or "POST", path or case.path or "/v1/x", (), body)


def refused(case_id: str, message: str = "no", **more: Any) -> Answer:
    """A documented refusal of a case."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return answer(case_id, {"error": error}, status=400, **more)


def events(*payloads: dict[str, Any]) -> bytes:
    """A stream of events, each named for its type."""
    frames = (f"event: {payload['type']}\ndata: {json.dumps(payload)}\n\n" for payload in payloads)
    return "".join(frames).encode()


def red(prefix: str, *answers: Answer, without: Collection[str] = ()) -> dict[str, Found]:
    """What every requirement of ``prefix`` finds that is of these answers; what they do not show is not red."""
    found = {}
    for requirement in CONTRACT.requirements.values():
        covers = all(requirement.applies_to.covers(one.case, one.operation) for one in answers)
        if (
            requirement.check
            and requirement.id.startswith(prefix)
            and requirement.id not in without
            and covers
        ):
            with contextlib.suppress(NotShown):
                found[requirement.id] = findings(requirement.id, *answers)
    return {requirement: seen for requirement, seen in found.items() if seen}


def findings(requirement_id: str, *answers: Answer, others: Sequence[Answer] = ()) -> Found:
    """What the requirement finds in ``answers``; ``others`` are those it may look at beside them."""
    requirement = CONTRACT.requirements[requirement_id]
    for one in answers:
        assert requirement.applies_to.covers(one.case, one.operation), (
            f"{requirement_id} is not of {one.case.id}"
        )
    by_case: dict[str, tuple[Answer, ...]] = {}
    for one in (*others, *answers):
        by_case[one.case.id] = (*by_case.get(one.case.id, ()), one)
    subject = Subject(CONTRACT, answers, lambda case_id: by_case.get(case_id, ()))
    check = registered_checks()[requirement.check or ""]
    return [(f.expected, f.seen, f.where) for f in check(subject, **(requirement.arguments or {}))]
