"""A stream grammar, as read from ``spec/streams.yaml``, and the violations of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance.wire.grammar.places import Place

ABSENT = "absent"  # the state of every machine before its first event
LIVE = "open"  # the state in which a machine may hold others


class _Marker(str):
    """A str of its own type, so that the JSON text ``"[DONE]"`` is not taken for the marker."""

    __slots__ = ()


DONE = _Marker("[DONE]")  # stands for the marker where a payload is expected
ERROR = "error"


def is_done(payload: object) -> bool:
    """Whether a payload is the marker."""
    return isinstance(payload, _Marker)


RULES: Mapping[str, str] = {
    # the stream as a whole
    "first_event": "the stream starts with the event that opens it",
    "lifecycle_order": "lifecycle events come in their order, each once",
    "exactly_one_terminal": "the stream ends with exactly one terminal event",
    "nothing_after_terminal": "nothing follows the terminal event",
    "error_position": "an error comes directly before the end, or before the event of failure",
    "event_named": "the frame has an event line that names its type",
    "event_unnamed": "the frame has no event line",
    "event_name_matches_type": "the event line and the payload name the same type",
    # items, parts and their texts
    "opened_before_use": "nothing is said about an item or part before it is announced",
    "opened_once": "an item or part is announced once",
    "closed_once": "an item or part is ended once",
    "not_after_close": "nothing is said about an item or part after its end",
    "closed_before_parent": "an item ends after all its parts",
    "closed_before_terminal": "every item ends before the response completes",
    "closed_before_incomplete": "what is open ends before an incomplete item or response does",
    "done_before_close": "a text is ended before the part or item that holds it",
    "done_once": "a text is ended once",
    "not_after_done": "no delta follows the end of its text",
    "index_contiguous_from_zero": "indexes count up from 0 in order of appearance",
    "done_equals_deltas": "the whole text is the deltas, joined",
    "part_equals_done": "the ended part repeats its text",
    "item_equals_done": "the ended item repeats its parts",
    "terminal_output_equals_items": "the terminal response repeats its items, in order",
    "terminal_matches_status": "the terminal event and the status of its response agree",
    "status_matches_event": "an earlier event and the status of its response agree",
    "starts_empty": "a response is announced without output",
    "usage_only_at_end": "usage is null before the end",
    # counts and identities
    "sequence_contiguous": "sequence numbers count up by one from 0",
    "partial_index": "partial images count up from 0",
    "stable_id": "the id of the response never changes",
    "stable_item_id": "events of one item carry its id",
    "item_ids_unique": "no two items share an id",
    "event_ids_unique": "no two events share an id",
    "response_ids_match": "events name a response that was created",
    "one_completed": "exactly one image is completed for each that was asked for",
    # chunks
    "constant_fields": "id, created, model and object are the same in every chunk",
    "role_first": "the first delta of a choice carries the role",
    "role_once": "the role is sent once",
    "one_finish_reason": "every choice has exactly one finish reason",
    "nothing_after_finish": "nothing follows the finish reason of a choice",
    "tool_fragment_first": "the first fragment of a tool call carries its id, type and name",
    "tool_fragment_order": "later fragments of a tool call carry neither id nor name",
    "tool_type_once": "later fragments of a tool call do not repeat its type",
    "tool_index_contiguous": "tool calls are indexed 0, 1, 2 in order of appearance",
    "tool_ids_unique": "no two tool calls share an id",
    "usage_chunk_last": "the usage chunk is the last chunk",
    "usage_chunk_once": "there is one usage chunk at most",
    "usage_chunk_without_choices": "usage comes in a chunk of its own, with no choices",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule: at event ``index``, as the caller counts, and at a JSON Pointer into its payload."""

    rule: str
    index: int
    pointer: str
    expected: str
    seen: str


CLAUSES = (
    "constant", "unique", "counter", "value", "forbidden", "bound", "identity", "texts", "length", "output",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    """Something that opens, is used and closes: one instance for each key.

    A key is a place, or alternative places, for each of its parts. ``within`` names the machine that must be
    live around it, whose key is a prefix of this one's. ``rules`` names the rule that an illegal move
    breaks: by the state it happens in, or ``again``, ``reopened``, ``index``, ``unfinished``. A machine is
    live, so that others may move inside it, in the state ``open``.
    """

    name: str
    key: tuple[tuple[Place, ...], ...]
    within: str | None
    accept: frozenset[str]  # states in which a stream may end
    indexed: str | None  # in_order, at_end or None
    rules: Mapping[str, str]
    demanding: bool  # held to its end even where its announcement was missed
    at_close: tuple[tuple[str, str], ...] = ()
    at_close_rule: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: ``event`` moves ``machine`` from a state in ``origin`` to ``target``, if any."""

    event: str
    machine: str
    origin: frozenset[str]
    target: str | None
    when: tuple[tuple[Place, tuple[Any, ...]], ...] = ()
    rule: str | None = None
    needs: tuple[tuple[str, str], ...] = ()  # machine, state that the same key must have reached
    all: tuple[tuple[str, str], ...] = ()  # machine, state that everything inside must have reached
    demand: str = ""  # the rule that needs and all stand for

    @property
    def announces(self) -> bool:
        """Whether this row is the one that opens its machine."""
        return self.origin == {ABSENT}


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be at one of several places: ``given`` (not null), ``filled`` (not empty) or ``empty``."""

    places: tuple[Place, ...]
    wanted: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a chunk says: about itself, or about each element that ``each`` reaches."""

    name: str
    each: Place | None
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Turns:
    """Streams of ``grammar`` that share a connection, one after the other in each lane."""

    grammar: Grammar
    lane: Place
    identity: Place


@dataclass(frozen=True, slots=True)
class Grammar:
    """The grammar of one kind of stream: a table and clauses, or ``turns`` of another grammar."""

    name: str
    names: str = "ignored"  # the event line of a frame: required, forbidden or ignored
    root: str = ""
    chunk: Place | None = None  # the list that makes a payload a chunk; None for streams of typed events
    signals: tuple[Signal, ...] = ()
    machines: Mapping[str, Machine] = field(default_factory=dict)
    rows: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)
    clauses: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    turns: Turns | None = None
