"""Whether a JSON value fits a type of the official client, strictly but for what its types may not yet know.

    Literal      any value of the right JSON type: enums grow
    a union      of what is tagged, only the members with the value's tag are tried; an unknown tag fits
    a model      every required member is there; members that it does not name fit

The SDK's own strict mode refuses both growths, which is why it is not asked.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ForwardRef, Literal, TypeVar, Union, get_args, get_origin

from openai import BaseModel

from conformance.pointer import format_pointer

_TAGS = ("type", "object", "role")
_WIDER = {("Embedding", "embedding")}  # base64 text too, which is what the SDK itself asks for
_KINDS: Mapping[Any, tuple[str, tuple[type, ...]]] = {
    str: ("text", (str,)),
    int: ("an integer", (int,)),
    float: ("a number", (int, float)),
    bool: ("true or false", (bool,)),
    datetime: ("text", (str, int, float)),
    date: ("text", (str,)),
    type(None): ("null", (type(None),)),
}


@dataclass(frozen=True, slots=True)
class Misfit:
    """One place where a value does not fit. ``absent`` is a required member that is missing, or null."""

    pointer: str
    expected: str
    seen: Any
    absent: bool = False


def misfits(value: Any, wanted: Any) -> Iterator[Misfit]:
    """Every place where a JSON value does not fit an SDK type, in the value's order."""
    yield from _against(value, _bare(wanted), (), "")


def _against(value: Any, wanted: Any, path: tuple[str | int, ...], owner: str) -> Iterator[Misfit]:
    origin = get_origin(wanted) or wanted
    if origin in (Union, types.UnionType):
        yield from _against_union(value, get_args(wanted), path, owner)
    elif origin is Literal:
        yield from _against_literal(value, get_args(wanted), path, owner)
    elif origin in (list, dict):
        yield from _against_container(value, origin, get_args(wanted), path, owner)
    elif isinstance(origin, type) and issubclass(origin, BaseModel):
        yield from _against_model(value, wanted, path, owner)
    elif wanted in _KINDS:
        yield from _against_kind(value, *_KINDS[wanted], path, owner)


def _bare(wanted: Any) -> Any:
    """The type inside of ``Annotated`` and of named aliases."""
    while True:
        if get_origin(wanted) is Annotated:
            wanted = get_args(wanted)[0]
        elif hasattr(wanted, "__value__"):
            wanted = wanted.__value__
        else:
            return wanted


def _against_kind(
    value: Any, name: str, kinds: tuple[type, ...], path: tuple[str | int, ...], owner: str
) -> Iterator[Misfit]:
    fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
    whole = int in kinds and isinstance(value, float) and value.is_integer()
    if not fits and not whole:
        yield _misfit(value, name, path, owner)


def _against_literal(
    value: Any, options: tuple[Any, ...], path: tuple[str | int, ...], owner: str
) -> Iterator[Misfit]:
    kinds = tuple({type(option) for option in options})
    if not isinstance(value, kinds):
        yield _misfit(value, " or ".join(repr(option) for option in options[:4]), path, owner)


def _against_container(
    value: Any, container: Any, inner: tuple[Any, ...], path: tuple[str | int, ...], owner: str
) -> Iterator[Misfit]:
    if not isinstance(value, container):
        yield _misfit(value, "an array" if container is list else "an object", path, owner)
    elif inner and (wanted := _bare(inner[-1])) not in (object, Any):
        members: Iterable[tuple[str | int, Any]] = enumerate(value) if isinstance(value, list) else value.items()
        for key, member in members:
            yield from _against(member, wanted, (*path, key), owner)


def _against_model(value: Any, model: Any, path: tuple[str | int, ...], owner: str) -> Iterator[Misfit]:
    if not isinstance(value, dict):
        yield _misfit(value, "an object", path, owner or model.__name__)
        return
    for member in _members(model):
        if member.name in value:
            if (model.__name__, member.name) not in _WIDER or not isinstance(value[member.name], str):
                place = f"{model.__name__}.{member.name}"
                yield from _against(value[member.name], member.type, (*path, member.name), place)
        elif member.required:
            expected = f"the member {member.name!r} ({model.__name__} of the SDK requires it)"
            yield Misfit(format_pointer(list(path)), expected, value, absent=True)


def _against_union(
    value: Any, options: tuple[Any, ...], path: tuple[str | int, ...], owner: str
) -> Iterator[Misfit]:
    if value is None and type(None) in options:
        return
    tries = []
    for candidate in _candidates(value, options):
        found = list(_against(value, candidate, path, owner))
        if not found:
            return
        tries.append(found)
    yield from min(tries, key=len, default=[])


def _candidates(value: Any, options: tuple[Any, ...]) -> tuple[Any, ...]:
    """The members of a union that the value may be; none when its tag is one that the SDK does not know yet."""
    if not isinstance(value, dict):
        return _flattened(options)
    tags = ((tag, value[tag]) for tag in _TAGS if isinstance(value.get(tag), str))
    return functools.reduce(lambda left, tag: _tagged(left, *tag), tags, _flattened(options))


@functools.lru_cache(maxsize=4096)  # an untrusted value is part of the key
def _tagged(options: tuple[Any, ...], tag: str, value: str) -> tuple[Any, ...]:
    return tuple(option for option in options if value in (_tag_values(option, tag) or (value,)))


@functools.cache
def _flattened(options: tuple[Any, ...]) -> tuple[Any, ...]:
    """The members of a union, those of unions among them in their place, without null."""
    flat: list[Any] = []
    for option in map(_bare, options):
        if get_origin(option) in (Union, types.UnionType):
            flat += _flattened(get_args(option))
        elif option is not type(None):
            flat.append(option)
    return tuple(flat)


@functools.cache
def _tag_values(model: Any, tag: str) -> tuple[Any, ...]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return ()
    member = next((member for member in _members(model) if member.name == tag), None)
    wanted = member.type if member else None
    return get_args(wanted) if get_origin(wanted) is Literal else ()


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    type: Any
    required: bool


@functools.cache
def _members(model: type[BaseModel]) -> tuple[_Member, ...]:
    return tuple(
        _Member(field.alias or name, _known(field.annotation), field.is_required())
        for name, field in model.model_fields.items()
    )


def _known(annotation: Any) -> Any:
    """The type, where Python knows it; what refers to a type not yet defined, or to none, fits anything."""
    return object if isinstance(annotation, (str, ForwardRef, TypeVar)) else _bare(annotation)


def _misfit(value: Any, expected: str, path: tuple[str | int, ...], owner: str) -> Misfit:
    place = f" ({owner} of the SDK)" if owner else ""
    return Misfit(format_pointer(list(path)), expected + place, value, absent=value is None)
