"""Where the SSE parser says that something stands, and in which words: a report points there."""

from __future__ import annotations

import pytest

from conformance.wire import sse

DEVIATIONS = {
    b"\xef\xbb\xbfdata: x\n\n": [("bom", "a byte order mark before the first line", 0)],
    b"data: a\n\nid: 7\n\n": [
        ("id_field", "id: '7' without data", 9),
        ("no_data", "a block without a data line", 9),
    ],
    b"id: 7\ndata: a\n\n: c\n\n": [("id_field", "a blank line without an event, behind an id", 19)],
    b"data: a\n\nfoo: 1\ndata: b\n\n": [("unknown_field", "'foo' is not a field name", 9)],
    b"data: a\n\nevent: e\n\n": [("no_data", "a block of event 'e' without a data line", 9)],
    b"data: a\n\nretry: 10\n\n": [
        ("retry_field", "retry: '10' without data", 9),
        ("no_data", "a block without a data line", 9),
    ],
    b"data: a\n\ndata:\n\n": [("empty_data", "an event whose data is empty", 9)],
    b"data: a\n\ndata: p\ndata: q\n\n": [("multi_line_data", "2 data lines in one event", 9)],
    b"data: a\n\ndata: [DONE] \n\n": [("done_with_extra", "'[DONE] ' is not exactly [DONE]", 9)],
    b"data: [DONE]\n\ndata: late\n\n": [("after_done", "'data: late' after [DONE]", 14)],
    b"data: ok\n\ndata: cut": [("unterminated", "the stream ends inside a block", 10)],
    b"data: a\x00b\x00\n\n": [("nul", "a NUL byte in 'data: a\\x00b\\x00'", 7)],
    b"data: a\n\ndata: \xff\n\n": [("invalid_utf8", "invalid start byte in 'data: \ufffd'", 15)],
}
EVENTS = {
    b"\xef\xbb\xbfdata: x\n\n": [("x", 3, 12, 9)],
    b"data:a\n\ndata:  two\n\n": [("a", 0, 8, 5), (" two", 8, 20, 14)],
    b"event: e\ndata: p\ndata: q\n\n": [("p\nq", 0, 26, 15)],
    b": c\n\r\ndata: x\r\n\r\n": [("x", 6, 17, 12)],
}


@pytest.mark.parametrize("body", DEVIATIONS)
def test_deviations_have_their_words_and_their_place(body: bytes) -> None:
    found = [(d.kind, d.message, d.offset) for d in sse.parse(body).deviations]
    assert found == DEVIATIONS[body]


@pytest.mark.parametrize("body", EVENTS)
def test_events_have_their_place(body: bytes) -> None:
    events = sse.parse(body).events
    assert [(event.data, event.start, event.end, event.data_offset) for event in events] == EVENTS[body]


def test_the_cut_event_is_kept_with_its_place() -> None:
    cut = sse.parse(b"data: ok\n\nevent: e\ndata: cut").unterminated
    assert cut is not None
    assert (cut.data, cut.event_field, cut.start, cut.end, cut.data_offset) == ("cut", "e", 10, 28, 25)


def test_what_follows_too_many_events_is_told_once() -> None:
    parser = sse.Parser(max_events=2)
    events = parser.feed(b"data: 1\n\ndata: 2\n\ndata: 3\n\n")
    assert [event.data for event in events] == ["1", "2"]
    found = [(d.kind, d.message, d.offset) for d in parser.deviations]
    assert found == [("too_many_events", "more than 2 events; the rest was not read", 18)]
    assert parser.feed(b"data: 4\n\n") == []
    assert len(parser.deviations) == 1
