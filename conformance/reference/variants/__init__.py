"""Legal differences: a target that answers in any of these ways keeps the contract, and must stay green."""

from __future__ import annotations

from conformance.reference.variants import (
    behaviour,
    chunks,
    conversations,
    framing,
    heads,
    media,
    refusals,
    texts,
    values,
)
from conformance.reference.variants.frame import VARIANTS as _DECLARED
from conformance.reference.variants.frame import Variant

_MODULES = (behaviour, refusals, texts, chunks, conversations, media, values, framing, heads)
"""What is said comes before how it is written, and that before how it is sent: each would undo what follows it."""

VARIANTS: dict[str, Variant] = {
    name: one
    for module in _MODULES
    for name, one in _DECLARED.items()
    if one.module == module.__name__
}
"""Every declared variant by name, in the order in which those that are switched on together take hold."""

_EXCLUSIVE = (
    # openai-python reads a comment alone behind an id as an empty event
    ("numbers_events_and_says_when_to_retry", "keeps_streams_alive_with_comments"),
    ("sends_streams_in_odd_pieces", "sends_streams_at_once"),
    ("ends_lines_with_crlf", "ends_lines_with_cr"),
    ("writes_headers_in_title_case", "writes_headers_in_capitals"),
    ("sends_null_usage_in_every_chunk", "omits_usage_until_the_last_chunk"),
    ("names_sounds_otherwise", "sends_media_as_octets"),
    ("tells_no_limits_on_realtime", "tells_limits_first_on_realtime"),
    ("reads_no_responses", "replays_no_streams"),
    tuple(name for name in VARIANTS if name.startswith("refuses_unavailable_families_")),
    tuple(name for name in VARIANTS if name.startswith("gates_limited_rows_")),
)


def are_compatible(one: str, other: str) -> bool:
    """True when both variants can show in the same target; of those that contradict, one would hide the other."""
    return not any(one in group and other in group for group in _EXCLUSIVE)


__all__ = ["VARIANTS", "Variant", "are_compatible"]
