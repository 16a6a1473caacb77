"""What a legal difference is, and how each kind is declared: by its function's name and first sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from conformance.exchange import Exchange
from conformance.reference.app import App, Reference
from conformance.reference.sockets import Framing
from conformance.reference.state import State
from conformance.reference.turns import EditTurn, altered_session, altered_transcript, editing_turns

Alter = Callable[[Exchange], Exchange]


@dataclass(frozen=True, slots=True)
class Variant:
    """One legal difference. ``configure`` changes the state that a target starts from."""

    name: str
    differs: str
    where: Literal["recording", "wire"]
    wrap: Callable[[Reference], Reference]
    apply: Alter
    configure: Callable[[State], None]
    module: str


VARIANTS: dict[str, Variant] = {}
"""Every declared variant by name."""


def _sentence(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").strip().partition("\n")[0]


def _as_it_is(target: Reference) -> Reference:
    return target


def _unchanged(exchange: Exchange) -> Exchange:
    return exchange


def _conforming(state: State) -> None:
    """The state as it is."""


def _declare(
    function: Callable[..., object],
    where: Literal["recording", "wire"],
    wrap: Callable[[Reference], Reference] = _as_it_is,
    apply: Alter = _unchanged,
    configure: Callable[[State], None] = _conforming,
) -> None:
    name = function.__name__
    VARIANTS[name] = Variant(name, _sentence(function), where, wrap, apply, configure, function.__module__)


def variant(alter: Alter) -> Alter:
    """Declare a variant that alters an exchange."""

    def wrap(target: Reference) -> Reference:
        return replace(target, answer=lambda request: alter(target.answer(request)))

    _declare(alter, "recording", wrap, alter)
    return alter


def variant_of_turns(edit: EditTurn) -> Callable[[Alter], Alter]:
    """Declare a variant that alters an exchange, and by ``edit`` each reply on a WebSocket."""
    alter_reply = editing_turns(edit)

    def declare(alter: Alter) -> Alter:
        def apply(exchange: Exchange) -> Exchange:
            return altered_transcript(alter(exchange), alter_reply)

        def wrap(target: Reference) -> Reference:
            connect = altered_session(target.connect, "*", alter_reply)
            return replace(target, answer=lambda request: alter(target.answer(request)), connect=connect)

        _declare(alter, "recording", wrap, apply)
        return alter

    return declare


def wire_variant(wrap: Callable[[App], App]) -> Callable[[App], App]:
    """Declare a variant that wraps the application."""

    def whole(target: Reference) -> Reference:
        return replace(target, answer=wrap(target.answer))

    _declare(wrap, "wire", whole)
    return wrap


def framed(frame: Callable[[Framing], Framing]) -> Callable[[Framing], Framing]:
    """Declare a variant that frames WebSocket messages otherwise."""

    def whole(target: Reference) -> Reference:
        return replace(target, framing=frame(target.framing))

    _declare(frame, "wire", whole)
    return frame


def configured(configure: Callable[[State], None]) -> Callable[[State], None]:
    """Declare a variant that starts from another state."""
    _declare(configure, "wire", configure=configure)
    return configure
