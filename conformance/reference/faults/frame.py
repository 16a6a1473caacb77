"""What a fault is, and how each kind is declared.

The name of the function is the fault's name, the first line of its docstring the lie in one sentence. A fault
alters an exchange, so that it works on a recording as on the server's answers; on a WebSocket it alters what
the server says at once to one message, and a Response it alters wherever that is told. A fault that remembers
is begun anew for each server and each recording. A fault that changes what is asked next, or answers without
asking, wraps the application and is told on the wire only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict, Unpack

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
from conformance.reference.telling import (
    SOCKET,
    EditObject,
    EditTelling,
    Telling,
    altered_telling,
    edit_turn,
    editing_events,
    editing_whole,
    items,
    parts,
    responses,
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
    begin: Callable[[], Alter]
    defects: tuple[str, ...] = ()
    remembers: bool = False  # what it does to an exchange depends on those before it
    touches: tuple[str, ...] = ()  # on the wire: globs of the operations that it can alter; all when empty


class Claims(TypedDict, total=False):
    """What a declaration may say about its fault."""

    defects: tuple[str, ...]


class WireClaims(Claims, total=False):
    """What a declaration may say about a fault that is told on the wire only."""

    touches: tuple[str, ...]


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
        wrap = _wrapping(lambda: alter)
        _declare(Fault(alter.__name__, _lie(alter), "recording", wrap, lambda: alter, **claims))
        return alter

    return declare


Begin = Callable[[], Alter]


def remembering_fault(**claims: Unpack[Claims]) -> Callable[[Begin], Begin]:
    """Declare a fault that alters exchanges in the order in which they came; called once for all of them."""

    def declare(begin: Begin) -> Begin:
        _declare(
            Fault(begin.__name__, _lie(begin), "recording", _wrapping(begin), begin, remembers=True, **claims)
        )
        return begin

    return declare


def _wrapping(begin: Begin) -> Callable[[Reference], Reference]:
    def wrap(target: Reference) -> Reference:
        alter = begin()
        return replace(target, answer=lambda request: alter(target.answer(request)))

    return wrap


Wrap = Callable[[App], App]


def wire_fault(**claims: Unpack[WireClaims]) -> Callable[[Wrap], Wrap]:
    """Declare a fault that wraps the application."""

    def declare(wrap: Wrap) -> Wrap:
        def whole(target: Reference) -> Reference:
            return replace(target, answer=wrap(target.answer))

        _declare(Fault(wrap.__name__, _lie(wrap), "wire", whole, lambda: _unchanged, **claims))
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

    _declare(Fault(named.__name__, _lie(named), "recording", wrap, lambda: apply, **claims))


# Responses, wherever they are told


def _declare_telling(edit: EditTelling, named: Callable[..., object], claims: Claims) -> None:
    on_the_socket = editing_turns(lambda turn: edit_turn(turn, edit))

    def apply(exchange: Exchange) -> Exchange:
        if status_of(exchange) == 101 and is_call(exchange, SOCKET):
            return altered_transcript(exchange, on_the_socket)
        return altered_telling(exchange, edit)

    def wrap(target: Reference) -> Reference:
        connect = altered_session(target.connect, SOCKET, on_the_socket)
        return replace(target, answer=lambda request: apply(target.answer(request)), connect=connect)

    _declare(Fault(named.__name__, _lie(named), "recording", wrap, lambda: apply, **claims))


def response_fault(*kinds: str, **claims: Unpack[Claims]) -> Callable[[EditObject], EditObject]:
    """Declare a fault that edits every copy of a Response, or of the objects of these kinds, as it stands."""

    def declare(edit: EditObject) -> EditObject:
        return _each(edit, lambda telling: responses(telling, kinds or ("response",)), claims)

    return declare


def item_fault(*kinds: str, **claims: Unpack[Claims]) -> Callable[[EditObject], EditObject]:
    """Declare a fault that edits every copy of an output item of these types as it stands."""
    return lambda edit: _each(edit, lambda telling: items(telling, *kinds), claims)


def part_fault(**claims: Unpack[Claims]) -> Callable[[EditObject], EditObject]:
    """Declare a fault that edits every copy of a part of a message as it stands."""
    return lambda edit: _each(edit, parts, claims)


def _each(edit: EditObject, found: Callable[[Telling], Iterator[Any]], claims: Claims) -> EditObject:
    def edit_each(telling: Telling) -> None:
        for one in list(found(telling)):
            edit(one)

    _declare_telling(edit_each, edit, claims)
    return edit


def whole_fault(**claims: Unpack[Claims]) -> Callable[[EditObject], EditObject]:
    """Declare a fault that edits the finished Response; its events are told anew, and say the same."""

    def declare(edit: EditObject) -> EditObject:
        _declare_telling(editing_whole(edit), edit, claims)
        return edit

    return declare


def events_fault(**claims: Unpack[Claims]) -> Callable[[EditTelling], EditTelling]:
    """Declare a fault that edits the events of every stream of a Response; what is told whole stays."""

    def declare(edit: EditTelling) -> EditTelling:
        _declare_telling(editing_events(edit), edit, claims)
        return edit

    return declare


def lying(target: Reference, faults: tuple[Fault, ...]) -> Reference:
    """``target`` telling every lie of ``faults``."""
    for one in faults:
        target = one.wrap(target)
    return target


def lied(exchange: Exchange, one: Fault) -> Exchange:
    """A recorded exchange as it would have been under a fault; itself when the lie has no place in it."""
    return lie_of(one)(exchange)


def lie_of(one: Fault) -> Alter:
    """An alteration for the exchanges of one recording, in the order in which they came."""
    alter = one.begin()

    def lie(exchange: Exchange) -> Exchange:
        if exchange.response is None and exchange.failure is not None:
            return exchange
        altered = alter(exchange)
        return altered if altered is exchange else replace(altered, id=exchange.id, case=exchange.case)

    return lie
