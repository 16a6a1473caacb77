"""Messages that a WebSocket must survive, each followed by valid ones that show whether it did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from conformance.properties.changes import Change, Families, Kind
from conformance.properties.values import (
    DEPTH,
    ODD_JSON,
    ODD_NUMBER,
    ODD_TEXT,
    PLAIN,
    has_surrogates,
    json_text,
)

Script = Sequence[Mapping[str, Any]]

_ENDED = ["response.completed", "response.incomplete", "response.failed"]
_TURN = {"send": {"type": "response.create", "model": "$model", "input": "Say hello."}, "until": _ENDED}
_OPENED = {"until": ["session.created", "transcription_session.created"]}
_SESSION = {"type": "session.update", "session": {"type": "realtime", "instructions": "Hi."}}
_UPDATE = {"send": _SESSION, "until": ["session.updated"]}


def families(path: str) -> Mapping[Kind, Families]:
    """Families by kind for the socket at ``path``."""
    texts = _texts()
    if path == "/v1/realtime":  # an error and the first update end the waiting for one event each
        return {"message": {name: found.map(_in_a_session) for name, found in texts.items()}}
    return {"message": {name: found.map(_before_a_turn) for name, found in texts.items()}}


def _in_a_session(text: str) -> Change:
    script = [_OPENED, {"send_text": text}, _UPDATE, _UPDATE]
    return {"script": script, "features": ["socket", "session", "invalid-message"]}


def _before_a_turn(text: str) -> Change:
    return {
        "script": [{"send_text": text, "until": _ENDED}, _TURN],
        "features": ["socket", "invalid-message"],
    }


def _texts() -> Mapping[str, st.SearchStrategy[str]]:
    text = json.dumps(_SESSION)
    no_object = st.lists(ODD_JSON, max_size=2) | st.integers() | st.none() | st.booleans()
    kinds: st.SearchStrategy[Any] = st.sampled_from([7, None, [], {}, True])
    return {
        "cut": st.integers(1, len(text) - 1).map(lambda end: text[:end]),
        "no-json": ODD_TEXT.filter(_is_no_json),
        "no-object": no_object.map(json_text),
        "unknown-type": st.builds(
            lambda name, value: json_text({"type": f"x.{name}", "x": value}), PLAIN, ODD_JSON
        ),
        "type-is-no-text": kinds.map(lambda kind: json.dumps({"type": kind})),
        "deep": DEPTH.map(lambda deep: f'{{"type": "x.deep", "x": {deep}}}'),
        "number": ODD_NUMBER.map(lambda number: f'{{"type": "x.number", "x": {number}}}'),
    }


def _is_no_json(text: str) -> bool:
    """Text that could be no event, and that a text frame can hold (RFC 6455 §5.6)."""
    return text[0] not in '{["-0123456789tfn ' and not has_surrogates(text)
