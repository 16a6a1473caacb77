"""What a fault is, and how each kind is declared.

The name of the function is the fault's name, the first line of its docstring the lie in one sentence. A fault
alters an exchange, so that it works on a recording as on the server's answers; on a WebSocket it alters what
the server says at once to one message. A fault that needs to remember, or to answer without asking, wraps the
application and is told on the wire only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypedDict, Unpack

from conformance.exchange import Exchange
from conformance.reference.app import App, Reference
from conformance.reference.editing import (
    Answer,
    Stream,
    edit_events,
    edit_json,
    is_call,
    is_json,
    is_stream,
    status_of,
)
from conformance.reference.turns import (
    AlterReply,
    EditTurn,
    altered_session,
    altered_transcript,
    editing_turns,
)

Alter = Callable[[Exchange], Exchange]
"""Returns the exchange itself when the lie has no place in it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One lie. ``defects`` are the field defects it stands for; what it turns red is in ``fixtures/claims.yaml``."""

    name: str
    lies: str
    where: Literal["recording", "wire"]
    wrap: Callable[[Reference], Reference]
    apply: Alter
    defects: tuple[str, ...] = ()


class Claims(TypedDict, total=False):
    """What a declaration may say about its fault."""

    defects: tuple[str, ...]


FAULTS: dict[str, Fault] = {}
"""Every declared fault by name."""


def _declare(fault: Fault) -> None:
    if fault.name in FAULTS:
        raise ValueError(f"two faults are named {fault.name}")
    FAULTS[fault.name] = fault


def _lie(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0]


def _unchanged(exchange: Exchange) -> Exchange:
    return exchange


def fault(**claims: Unpack[Claims]) -> Callable[[Alter], Alter]:
    """Declare a fault that alters an exchange."""

    def declare(alter: Alter) -> Alter:
        def wrap(target: Reference) -> Reference:
            return replace(target, answer=lambda request: alter(target.answer(request)))

        _declare(Fault(alter.__name__, _lie(alter), "recording", wrap, alter, **claims))
        return alter

    return declare


Wrap = Callable[[App], App]


def wire_fault(**claims: Unpack[Claims]) -> Callable[[Wrap], Wrap]:
    """Declare a fault that wraps the application."""

    def declare(wrap: Wrap) -> Wrap:
        def whole(target: Reference) -> Reference:
            return replace(target, answer=wrap(target.answer))

        _declare(Fault(wrap.__name__, _lie(wrap), "wire", whole, _unchanged, **claims))
        return wrap

    return declare


EditAnswer = Callable[[Answer], None]
EditStream = Callable[[Stream], None]


def json_fault(
    path: str, method: str | None = None, **claims: Unpack[Claims]
) -> Callable[[EditAnswer], EditAnswer]:
    """Declare a fault that edits the JSON of a 200 at ``path``, a glob."""

    def declare(edit: EditAnswer) -> EditAnswer:
        def alter(exchange: Exchange) -> Exchange:
            here = status_of(exchange) == 200 and is_call(exchange, path, method)
            return edit_json(exchange, edit) if here else exchange

        _named(alter, edit, claims)
        return edit

    return declare


def error_fault(path: str = "*", **claims: Unpack[Claims]) -> Callable[[EditAnswer], EditAnswer]:
    """Declare a fault that edits the envelope of every refusal at ``path``, a glob."""

    def declare(edit: EditAnswer) -> EditAnswer:
        def alter(exchange: Exchange) -> Exchange:
            here = status_of(exchange) >= 400 and is_call(exchange, path) and is_json(exchange)
            return edit_json(exchange, edit) if here else exchange

        _named(alter, edit, claims)
        return edit

    return declare


def stream_fault(path: str, **claims: Unpack[Claims]) -> Callable[[EditStream], EditStream]:
    """Declare a fault that edits the events of a 200 at ``path``, a glob."""

    def declare(edit: EditStream) -> EditStream:
        def alter(exchange: Exchange) -> Exchange:
            here = status_of(exchange) == 200 and is_call(exchange, path) and is_stream(exchange)
            return edit_events(exchange, edit) if here else exchange

        _named(alter, edit, claims)
        return edit

    return declare


def _named(alter: Alter, edit: Callable[..., None], claims: Claims) -> None:
    """Declare ``alter`` under the name and the lie of ``edit``."""
    alter.__name__, alter.__doc__ = edit.__name__, edit.__doc__
    fault(**claims)(alter)


def reply_fault(path: str, **claims: Unpack[Claims]) -> Callable[[AlterReply], AlterReply]:
    """Declare a fault that alters the frames of each reply on the WebSocket at ``path``."""

    def declare(alter: AlterReply) -> AlterReply:
        _declare_socket(path, alter, alter, claims)
        return alter

    return declare


def turn_fault(path: str, **claims: Unpack[Claims]) -> Callable[[EditTurn], EditTurn]:
    """Declare a fault that edits the events of each reply on the WebSocket at ``path``."""

    def declare(edit: EditTurn) -> EditTurn:
        _declare_socket(path, editing_turns(edit), edit, claims)
        return edit

    return declare


def _declare_socket(path: str, alter: AlterReply, named: Callable[..., object], claims: Claims) -> None:
    def apply(exchange: Exchange) -> Exchange:
        here = status_of(exchange) == 101 and is_call(exchange, path)
        return altered_transcript(exchange, alter) if here else exchange

    def wrap(target: Reference) -> Reference:
        return replace(target, connect=altered_session(target.connect, path, alter))

    _declare(Fault(named.__name__, _lie(named), "recording", wrap, apply, **claims))


def lying(target: Reference, faults: tuple[Fault, ...]) -> Reference:
    """``target`` telling every lie of ``faults``."""
    for one in faults:
        target = one.wrap(target)
    return target


def lied(exchange: Exchange, one: Fault) -> Exchange:
    """A recorded exchange as it would have been under a fault; itself when the lie has no place in it."""
    if exchange.response is None and exchange.failure is not None:
        return exchange
    return replace(one.apply(exchange), id=exchange.id)
