"""WebSocket answers for checks: cases played with the reference target, without a network, and lies told in them."""

from __future__ import annotations

import copy
import json
import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from conformance import pointer
from conformance.answer import Answer
from conformance.cases import split_reference
from conformance.checks.subject import NotShown, Spoiled, Subject, registered_checks
from conformance.contract import Requirement, load_contract
from conformance.exchange import Exchange, Failure, Frame, Headers, Request, Response
from conformance.reference.realtime import RealtimeSession
from conformance.reference.responses_socket import ResponsesSession
from conformance.reference.sockets import Reply, Session
from conformance.reference.state import Identifiers, State

Event = dict[str, Any]
Lie = Callable[[Event], Any]
"""What is sent in the place of an event: it or another, several, none (None), raw bytes, or a frame."""

Found = dict[str, list[tuple[str, str, str]]]
"""Expected, seen and where of each finding, by requirement."""

CONTRACT = load_contract()
OURS = ("SOCK-", "RT-", "RSOCK-")
MODELS = {"realtime": "ref-realtime", "responses-socket": "ref-text"}
NOW = 1_750_000_000.0
ACCEPTED = Response(101, (("x-request-id", "req_1"),))


def played(
    case_id: str,
    lie: Lie | None = None,
    *,
    answers: Mapping[str, Answer] | None = None,
    response: Response | None = None,
    close: Frame | None = None,
    stop: Callable[[list[Frame]], bool] = lambda _: False,
    step: int = 0,
    state: State | None = None,
) -> Answer:
    """The answer to a case as the reference target gives it, with every event that ``lie`` replaces.

    ``stop`` says when the target drops the conversation with ``close``; without it the client closes.
    """
    case = CONTRACT.cases[case_id]
    frames: list[Frame] = []
    session = _session(case.area, state or State(clock=lambda: NOW, new_id=Identifiers(f"{case_id}{step}")))
    for reply in _replies(session, case.script, case.area, answers or {}, frames):
        frames += _told(reply, lie)
        if stop(frames):
            break
    if not stop(frames):
        frames.append(Frame(9.0, "client", "close", struct.pack("!H", 1000)))
    frames.append(close or closing(1000))
    return as_answer(case_id, frames, response=response or _accepted(case.headers), step=step)


def _accepted(headers: Mapping[str, str | None]) -> Response:
    """101, with the subprotocol of the two that is no key."""
    offered = "Sec-WebSocket-Protocol" in headers
    return Response(101, ACCEPTED.headers + ((("Sec-WebSocket-Protocol", "realtime"),) if offered else ()))


def _session(area: str, state: State) -> Session:
    return (
        ResponsesSession(state) if area == "responses-socket" else RealtimeSession(state, MODELS["realtime"])
    )


def _replies(
    session: Session,
    script: Sequence[Mapping[str, Any]],
    area: str,
    answers: Mapping[str, Answer],
    frames: list[Frame],
) -> Iterator[Reply]:
    yield session.opened()
    for step in script:
        text = step.get("send_text")
        if "send" in step:
            text = json.dumps(filled(step["send"], MODELS[area], answers), ensure_ascii=False)
        if text is not None:
            frames.append(Frame(1.0, "client", "text", text.encode()))
            yield session.receive(frames[-1])


def filled(value: Any, model: str, answers: Mapping[str, Answer]) -> Any:
    """A message with its model and what it takes from earlier answers."""
    if isinstance(value, dict):
        return {key: filled(member, model, answers) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(member, model, answers) for member in value]
    if isinstance(value, str) and value.startswith("$from:"):
        case_id, where = split_reference(value)
        documents = answers[case_id].messages or (answers[case_id].json,)
        return next(found for document in documents if (found := _resolved(document, where)) is not None)
    return (
        {"$model": model, "$no_such_model": "no-such-model"}.get(value, value)
        if isinstance(value, str)
        else value
    )


def _resolved(document: Any, where: str) -> Any:
    try:
        return pointer.resolve(document, where)
    except LookupError:
        return None


def _told(reply: Reply, lie: Lie | None) -> Iterator[Frame]:
    for frame in reply:
        if lie is None or frame.kind != "text":
            yield frame
        else:
            yield from as_frames(lie(json.loads(frame.data)))


def as_frames(told: Any) -> Iterator[Frame]:
    """What a lie gives, as frames of the target."""
    match told:
        case None:
            return
        case list():
            for one in told:
                yield from as_frames(one)
        case Frame():
            yield told
        case bytes():
            yield Frame(2.0, "server", "text", told)
        case _:
            yield Frame(2.0, "server", "text", json.dumps(told).encode())


def closing(code: int | None, reason: str = "", sender: Any = "server") -> Frame:
    """A close frame."""
    return Frame(9.5, sender, "close", b"" if code is None else struct.pack("!H", code) + reason.encode())


def as_answer(
    case_id: str,
    frames: Iterable[Frame],
    *,
    response: Response | None = ACCEPTED,
    failure: Failure | None = None,
    step: int = 0,
) -> Answer:
    """An answer made of frames."""
    case = CONTRACT.cases[case_id]
    operation = CONTRACT.operation_of(case)
    query = "&".join(f"{name}={filled(value, 'ref-realtime', {})}" for name, value in case.query.items())
    headers: Headers = tuple((name, value) for name, value in case.headers.items() if value is not None)
    request = Request("GET", operation.path + (f"?{query}" if query else ""), headers)
    exchange = Exchange(
        f"{case_id}#{step}.1", case_id, request, response, tuple(frames), failure, step, 1, NOW, NOW + 1
    )
    return Answer(case, operation, exchange)


def findings(*answers: Answer, others: Sequence[Answer] = (), also: Sequence[str] = ()) -> Found:
    """What every requirement of WebSockets finds in ``answers``, and those of ``also``; others are not listed."""
    by_case: dict[str, tuple[Answer, ...]] = {}
    for one in (*others, *answers):
        by_case[one.case.id] = (*by_case.get(one.case.id, ()), one)
    found: Found = {}
    for requirement in CONTRACT.requirements.values():
        if requirement.check is not None and (requirement.id.startswith(OURS) or requirement.id in also):
            covered = [a for a in answers if requirement.applies_to.covers(a.case, a.operation)]
            if covered:
                subject = Subject(CONTRACT, tuple(covered), lambda case_id: by_case.get(case_id, ()))
                found[requirement.id] = list(_findings(requirement, subject))
    return {key: value for key, value in found.items() if value}


def _findings(requirement: Requirement, subject: Subject) -> Iterator[tuple[str, str, str]]:
    judge = registered_checks()[requirement.check or ""]
    try:
        for finding in judge(subject, **(requirement.arguments or {})):
            yield finding.expected, finding.seen, finding.where
    except (NotShown, Spoiled):
        return


def outcome(requirement_id: str, *answers: Answer, others: Sequence[Answer] = ()) -> str:
    """``not shown: …`` or ``spoiled: …``, or empty when the requirement was judged."""
    requirement = CONTRACT.requirements[requirement_id]
    by_case = {one.case.id: (one,) for one in (*others, *answers)}
    subject = Subject(CONTRACT, answers, lambda case_id: by_case.get(case_id, ()))
    try:
        list(registered_checks()[requirement.check or ""](subject, **(requirement.arguments or {})))
    except NotShown as reason:
        return f"not shown: {reason}"
    except Spoiled as cause:
        return f"spoiled: {cause}"
    return ""


def spoiled(answer: Answer) -> list[str]:
    """Requirements of WebSockets that could not be judged on an answer, each with the cause."""
    covering = (
        r.id
        for r in CONTRACT.requirements.values()
        if r.id.startswith(OURS) and r.check and r.applies_to.covers(answer.case, answer.operation)
    )
    outcomes = {rid: outcome(rid, answer) for rid in covering}
    return [f"{rid} {seen}" for rid, seen in outcomes.items() if seen.startswith("spoiled")]


# Lies, made of small parts


def on(kind: str, change: Callable[[Event], Any], *, nth: int | None = None) -> Lie:
    """Apply ``change`` to each event of a type, or only to the ``nth`` of them."""
    seen = -1

    def lie(event: Event) -> Any:
        nonlocal seen
        if event["type"] != kind:
            return event
        seen += 1
        return change(event) if nth is None or seen == nth else event

    return lie


def without(_: Event) -> None:
    """Leave the event out."""


def setting(path: str, value: Any) -> Callable[[Event], Event]:
    """The event with another value at a JSON Pointer."""
    return lambda event: pointer.replace(event, path, value)


def lacking(path: str) -> Callable[[Event], Event]:
    """The event without what is at a JSON Pointer."""
    return lambda event: pointer.remove(event, path)


def renamed(old: str, new: str) -> Lie:
    """Types that begin with ``old`` begin with ``new``."""
    return lambda event: {**event, "type": event["type"].replace(old, new)}


def all_of(*lies: Lie) -> Lie:
    """Several lies, each in what the one before it gives, as long as that is one event."""

    def lie(event: Event) -> Any:
        told: Any = copy.deepcopy(event)
        for one in lies:
            told = one(told) if isinstance(told, dict) else told
        return told

    return lie


def setting_where(path: str, value: Any) -> Lie:
    """Every event that has a value at a JSON Pointer has another."""
    return lambda event: event if _resolved(event, path) is None else pointer.replace(event, path, value)


def typed(kind: str) -> Callable[[Event], Event]:
    """The event under another type."""
    return lambda event: {**event, "type": kind}


def twice(event: Event) -> list[Event]:
    """The event, and again under an event_id of its own."""
    return [event, {**event, "event_id": "event_again"}]


def spoken_to(frames: list[Frame]) -> bool:
    """Whether the client has said anything."""
    return any(frame.sender == "client" for frame in frames)


Told = tuple[str, Callable[[], dict[str, Any]], list[str]]
"""A case, how it is played (as a call, for lies that count), and the line of every finding."""


def lines(found: Found) -> list[str]:
    """Each finding as ``ID at WHERE: EXPECTED | SEEN``."""
    return [f"{rid} at {where}: {want} | {seen}" for rid, all_ in found.items() for want, seen, where in all_]


def assert_told(told: Told) -> None:
    """The lie is found, where it is told and by nothing but what the lines say; … stands for any text."""
    case_id, playing, wanted = told
    found = lines(findings(played(case_id, **playing())))
    patterns = [re.compile(re.escape(line).replace("…", ".*"), re.DOTALL) for line in wanted]
    assert len(found) == len(wanted), found
    assert all(pattern.fullmatch(line) for pattern, line in zip(patterns, found, strict=True)), found
