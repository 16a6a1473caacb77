from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire import sse
from conformance.wire.sse import Event, Parser, Transcript, encode, parse


def in_pieces(body: bytes, cuts: list[int]) -> Transcript:
    parser = Parser()
    events: list[Event] = []
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    for start, end in pairwise(edges):
        events += parser.feed(body[start:end])
    events += parser.close()
    return Transcript(tuple(events), tuple(parser.deviations), parser.unterminated)


def byte_by_byte(body: bytes) -> Transcript:
    return in_pieces(body, list(range(len(body))))


def kinds(body: bytes) -> list[str]:
    return [deviation.kind for deviation in parse(body).deviations]


def data(body: bytes) -> list[str]:
    return [event.data for event in parse(body).events]


LEGAL = {
    "lf": (b"data: a\n\ndata: b\n\n", ["a", "b"]),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]),
    "cr": (b"data: a\r\rdata: b\r\r", ["a", "b"]),
    "mixed line ends": (b"data: a\r\n\ndata: b\n\r\n", ["a", "b"]),
    "no space": (b"data:a\n\n", ["a"]),
    "one space only is dropped": (b"data:  a\n\n", [" a"]),
    "comment keep-alive": (b": ping\n\n:\n\ndata: a\n\n", ["a"]),
    "comment inside a block": (b"event: x\n: ping\ndata: a\n\n", ["a"]),
    "extra blank lines": (b"\n\n\ndata: a\n\n\n\n", ["a"]),
    "named event": (b"event: x\ndata: a\n\n", ["a"]),
    "name behind data": (b"data: a\nevent: x\n\n", ["a"]),
    "unicode": ("data: zażółć 🎉\u2028x\n\n".encode(), ["zażółć 🎉\u2028x"]),
    "done": (b"data: a\n\ndata: [DONE]\n\n", ["a", "[DONE]"]),
    "comment after done": (b"data: [DONE]\n\n: bye\n\n", ["[DONE]"]),
    "cut comment": (b"data: a\n\n: pi", ["a"]),
    "done in a text": (b'data: "[DONE]"\n\ndata: a\n\n', ['"[DONE]"', "a"]),
    "empty": (b"", []),
}


@pytest.mark.parametrize(("body", "expected"), LEGAL.values(), ids=LEGAL.keys())
def test_legal_streams_have_no_deviation(body: bytes, expected: list[str]) -> None:
    assert data(body) == expected
    assert kinds(body) == []
    assert byte_by_byte(body) == parse(body)


DEVIANT = {
    "unterminated": (b"data: a\n\ndata: b\n", ["a"], ["unterminated"]),
    "cut in a line": (b"data: a\n\ndata: b", ["a"], ["unterminated"]),
    "cut in a field name": (b"data: a\n\nda", ["a"], ["unterminated"]),
    "cut behind the name": (b"event: x\n", [], ["unterminated"]),
    "cr at the very end": (b"data: a\r\r", ["a"], []),
    "unterminated with cr": (b"data: a\r", [], ["unterminated"]),
    "bom": (b"\xef\xbb\xbfdata: a\n\n", ["a"], ["bom"]),
    "bom alone": (b"\xef\xbb\xbf", [], ["bom"]),
    "bom later is a field name": (b"\n\xef\xbb\xbfdata: a\n\n", [], ["unknown_field"]),
    "invalid utf-8": (b"data: \xff\n\n", ["�"], ["invalid_utf8"]),
    "utf-8 cut by a line end": (b"data: \xe2\x82\n\n", ["�"], ["invalid_utf8"]),
    "space before the name": (b" data: a\n\n", [], ["unknown_field"]),
    "upper case": (b"DATA: a\n\n", [], ["unknown_field"]),
    "space behind the name": (b"data : a\n\n", [], ["unknown_field"]),
    "bare json": (b'{"a": 1}\n\n', [], ["unknown_field"]),
    "html": (b"<html>\n</html>\n", [], ["unknown_field", "unknown_field", "unterminated"]),
    "id": (b"id: 7\ndata: a\n\n", ["a"], []),
    "id alone": (b"id: 7\n\ndata: a\n\n", ["a"], ["id_field", "no_data"]),
    "comment behind an id": (b"id: 7\ndata: a\n\n: hi\n\ndata: b\n\n", ["a", "b"], ["id_field"]),
    "blank line behind an id": (b"id: 7\ndata: a\n\n\ndata: b\n\n", ["a", "b"], ["id_field"]),
    "blank line behind done": (b"id: 7\ndata: [DONE]\n\n\n", ["[DONE]"], []),
    "id at the end": (b"data: a\n\nid: 7\n", ["a"], ["id_field", "unterminated"]),
    "retry": (b"retry: 10\ndata: a\n\n", ["a"], []),
    "retry alone": (b"retry: 10\n\n", [], ["retry_field", "no_data"]),
    "name alone": (b"event: ping\n\n", [], ["no_data"]),
    "blank line behind the name": (b"event: x\n\ndata: a\n\n", ["a"], ["no_data"]),
    "empty data": (b"data:\n\n", [""], ["empty_data"]),
    "data without a colon": (b"data\n\n", [""], ["empty_data"]),
    "two data lines": (b"data: a\ndata: b\n\n", ["a\nb"], ["multi_line_data"]),
    "nul": (b"data: a\0b\n\n", ["a\0b"], ["nul"]),
    "event after done": (b"data: [DONE]\n\ndata: a\n\n", ["[DONE]", "a"], ["after_done"]),
    "done twice": (b"data: [DONE]\n\ndata: [DONE]\n\n", ["[DONE]", "[DONE]"], ["after_done"]),
    "bytes after done": (b"data: [DONE]\n\nx", ["[DONE]"], ["after_done", "unterminated"]),
    "done with a space": (b"data: [DONE] \n\n", ["[DONE] "], ["done_with_extra"]),
    "done behind a space": (b"data:  [DONE]\n\n", [" [DONE]"], ["done_with_extra"]),
    "done unterminated": (b"data: [DONE]\n", [], ["unterminated"]),
}


@pytest.mark.parametrize(("body", "events", "expected"), DEVIANT.values(), ids=DEVIANT.keys())
def test_each_deviation_is_named(body: bytes, events: list[str], expected: list[str]) -> None:
    assert data(body) == events
    assert kinds(body) == expected
    assert byte_by_byte(body) == parse(body)


def test_offsets_count_bytes_of_the_body() -> None:
    body = b"\xef\xbb\xbf: c\nevent: x\r\ndata:\xc3\xa9\r\n\r\ndata: [DONE]\n\n"
    first, second = parse(body).events
    assert body[first.start : first.end] == b"event: x\r\ndata:\xc3\xa9\r\n\r\n"
    assert body[first.data_offset :].startswith("é".encode())
    assert body[second.start : second.end] == b"data: [DONE]\n\n"


def test_deviations_point_at_their_byte() -> None:
    body = b"data: a\n\nevent: x\ndata: b\0\nfoo: c\n\n"
    assert [(d.kind, body[d.offset :][:3]) for d in parse(body).deviations] == [
        ("nul", b"\0\nf"),
        ("unknown_field", b"foo"),
    ]


def test_fields_reach_the_event() -> None:
    first, second = parse(b"id: 7\nretry: 3\nevent: x\ndata: a\n\ndata: b\n\n").events
    assert (first.type, first.event_field, first.last_event_id, first.retry) == ("x", "x", "7", 3)
    assert (second.type, second.event_field) == ("message", None)
    assert (second.last_event_id, second.retry) == ("7", None)


def test_an_id_with_nul_and_a_retry_that_is_no_number_are_ignored() -> None:
    (event,) = parse(b"id: a\0\nretry: 1s\ndata: a\n\n").events
    assert (event.last_event_id, event.retry) == ("", None)


def test_an_empty_event_name_dispatches_as_message() -> None:
    (event,) = parse(b"event:\ndata: a\n\n").events
    assert (event.type, event.event_field) == ("message", "")


def test_the_unterminated_block_is_kept_apart() -> None:
    rest = parse(b"event: x\ndata: a\n").unterminated
    assert rest is not None
    assert (rest.type, rest.data) == ("x", "a")


def test_the_event_bound_stops_reading() -> None:
    transcript = parse(b"data: a\n\n" * 5, max_events=3)
    assert len(transcript.events) == 3
    assert [(d.kind, d.offset) for d in transcript.deviations] == [("too_many_events", 27)]


def test_exactly_the_bound_is_no_deviation() -> None:
    assert parse(b"data: a\n\n" * 3, max_events=3).deviations == ()


def test_one_kind_of_deviation_cannot_flood_the_others() -> None:
    transcript = parse(b"x\n\n" * 1000 + b"id: 1\n\n")
    assert len(transcript.of_kind("unknown_field")) == 100
    assert len(transcript.of_kind("id_field")) == 1


def test_a_closed_parser_refuses_bytes() -> None:
    parser = Parser()
    assert parser.close() == []
    assert parser.close() == []
    with pytest.raises(ValueError, match="closed"):
        parser.feed(b"x")


FRAGMENTS = st.sampled_from(
    b"data|event|id|retry|:|: |\n|\r|\r\n|\n\n|[DONE]|\0|x|{}| |\xef\xbb\xbf|\xe2\x82|\xac|\xc3\xa9".split(
        b"|"
    )
)


@settings(deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map(b"".join), st.lists(st.integers(0, 200), max_size=6))
def test_any_division_gives_the_same_result(body: bytes, cuts: list[int]) -> None:
    whole = parse(body)
    assert in_pieces(body, cuts) == whole
    assert byte_by_byte(body) == whole


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(body: bytes) -> None:
    transcript = parse(body)
    assert all(event.start < event.end <= len(body) for event in transcript.events)
    assert all(0 <= deviation.offset <= len(body) for deviation in transcript.deviations)


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20)
EVENTS = st.builds(
    Event,
    data=st.lists(LINE, min_size=1, max_size=3).map("\n".join),
    event_field=st.none() | LINE,
    last_event_id=st.just("") | LINE,
    retry=st.none() | st.integers(0, 10**9),
)


@settings(deadline=None)
@given(st.lists(EVENTS, max_size=8))
def test_what_is_encoded_is_parsed(events: list[Event]) -> None:
    parsed = parse(encode(events)).events
    assert [(e.data, e.event_field, e.last_event_id, e.retry) for e in parsed] == [
        (e.data, e.event_field, e.last_event_id, e.retry) for e in events
    ]


@pytest.mark.parametrize("event", [Event("\r"), Event("", event_field="\n"), Event("", last_event_id="\r")])
def test_values_that_cannot_be_carried_are_refused(event: Event) -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        sse.encode([event])
