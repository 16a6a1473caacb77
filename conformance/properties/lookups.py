"""Requests without a body: ids that name nothing, and odd ids, queries and headers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from hypothesis import strategies as st

from conformance.properties.changes import Families, Kind, changing, with_more
from conformance.properties.values import ODD_HEADER, ODD_QUERY, ODD_TEXT, has_surrogates

_NOTHING = "conformance-none"
_LONGEST = 300  # characters; servers may cut a longer path off before they look at it
_ID = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.:", max_size=40)
_METHOD = changing(
    "method", st.sampled_from(["PUT", "PATCH"]), "wrong-method"
)  # DELETE is no harmless method here


def families(path: str) -> Mapping[Kind, Families]:
    """Families by kind for an operation at ``path``, which may have one placeholder; none of them can spend."""
    odd = {"query": changing("query", ODD_QUERY, "odd"), "header": changing("headers", ODD_HEADER, "odd")}
    named = re.findall(r"\{(\w+)\}", path)
    if not named:
        return {
            "should-refuse": with_more({"method": _METHOD}, consent=False),
            "odd": with_more(odd, consent=False),
        }
    (name,) = named
    nothing = {"params": {name: _NOTHING}, "consent": False}
    unknown = _ID.map(lambda text: {name: f"{_NOTHING}{text}"})
    odd["id"] = changing(
        "params", ODD_TEXT.filter(_is_sendable).map(lambda text: {name: text + _NOTHING}), "odd"
    )
    return {
        "must-refuse": {"unknown-id": changing("params", unknown, "unknown-id", consent=False)},
        "should-refuse": with_more({"method": _METHOD}, **nothing),
        "odd": with_more(odd, **nothing),
    }


def _is_sendable(text: str) -> bool:
    """Fit for one segment of a path; what looks like a step up would name another path."""
    return len(text) < _LONGEST and ".." not in text and not has_surrogates(text)
