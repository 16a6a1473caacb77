from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Chunk, Exchange, Failure, Frame, Request, Response
from conformance.reporting.excerpt import Limits, body_excerpt
from conformance.reporting.json_layout import lay_out
from conformance.reporting.place import Place, read_place
from conformance.reporting.timeline import timeline

LIMITS = Limits()


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("", Place()),
        ("x-request-id", Place(header="x-request-id")),
        ("header X-Request-Id", Place(header="x-request-id")),
        ("status", Place(status=True)),
        ("body", Place()),
        ("/choices/0/a~1b", Place(pointer=("choices", "0", "a/b"))),
        ("/", Place(pointer=())),
        ("event 3", Place(event=3)),
        ("event 3 /choices/0", Place(event=3, pointer=("choices", "0"))),
        ("message 2 /type", Place(message=2, pointer=("type",))),
        ("byte 120", Place(byte=120)),
        ("somewhere else entirely", Place()),
        ("\x00</script>", Place()),
    ],
)
def test_places_are_read_as_checks_write_them(where, place):
    assert read_place(where) == place


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8), inner),
        max_leaves=20,
    )
)
def test_layout_only_adds_white_space(value):
    text = json.dumps([value])
    layout = lay_out(text, string_limit=10_000)
    assert layout is not None
    assert layout.whole
    assert json.dumps(json.loads(layout.text)) == text


def test_layout_keeps_tokens_that_a_parser_would_change():
    layout = lay_out('{"a":1.0,"a":1e2, "b" : NaN,"c":"\\u00e9"}')
    assert layout is not None
    assert layout.text == '{\n  "a": 1.0,\n  "a": 1e2,\n  "b": NaN,\n  "c": "\\u00e9"\n}'


@pytest.mark.parametrize(
    ("pointer", "marked", "missing"),
    [
        (("a", "1", "b"), "true", ()),
        (("a", "0"), "[]", ()),
        (("x/y",), '"z"', ()),
        (("d",), "2", ()),
        (("a", "1", "none", "deeper"), '{\n      "b": true\n    }', ("none", "deeper")),
        (("a", "9"), '[\n    [],\n    {\n      "b": true\n    }\n  ]', ("9",)),
    ],
)
def test_layout_marks_what_a_pointer_names_or_its_nearest_parent(pointer, marked, missing):
    layout = lay_out('{"a":[[],{"b":true}],"x\\/y":"z","d":1,"d":2}', pointer)
    assert layout is not None
    assert layout.mark is not None
    assert layout.text[slice(*layout.mark)] == marked
    assert layout.missing == missing


@pytest.mark.parametrize("text", ["", "hello", "<html>", '{"a": 1}}', "]"])
def test_what_is_not_json_is_not_laid_out(text):
    assert lay_out(text) is None


@given(st.text(alphabet='{}[],:"\\ab1 \n', max_size=60))
def test_layout_survives_anything(text):
    lay_out(text, ("a", "0"))


def marked(excerpt) -> str:
    return "".join(run.text for run in excerpt.runs if run.kind == "mark")


def shown(excerpt) -> str:
    return "".join(run.text for run in excerpt.runs)


def test_a_long_body_is_cut_around_what_is_marked():
    body = json.dumps({"items": list(range(1000)), "last": "here"}).encode()
    excerpt = body_excerpt(body, Place(pointer=("items", "500")), LIMITS)
    assert marked(excerpt) == "500"
    assert excerpt.is_cut
    assert shown(excerpt).count("lines cut") == 2
    assert '"last": "here"' in shown(excerpt)
    assert len(shown(excerpt)) < 500


def test_a_missing_member_is_said():
    excerpt = body_excerpt(b'{"usage":{"total_tokens":1}}', Place(pointer=("usage", "prompt_tokens")), LIMITS)
    assert excerpt.note == "there is no /prompt_tokens in what is marked"
    assert marked(excerpt).startswith("{")


def test_a_byte_is_marked_in_the_bytes_as_received():
    body = b"data: {}\n\n" * 100 + b"data: broken" + b"\ntail"
    excerpt = body_excerpt(body, Place(byte=1000), LIMITS)
    assert marked(excerpt) == "data: broken"
    assert excerpt.note == "bytes as received, from 600 of 1,017"


@pytest.mark.parametrize("offset", [0, 3, 4, 5, 10**9])
def test_any_offset_is_shown(offset):
    assert marked(body_excerpt(b"abcd", Place(byte=offset), LIMITS))


def test_bytes_that_are_not_text_are_shown_in_rows():
    excerpt = body_excerpt(bytes(range(256)) * 10, Place(), LIMITS)
    assert shown(excerpt).startswith("00000000  00 01 02")
    assert excerpt.note == "binary"
    assert excerpt.is_cut


def test_an_enormous_string_is_cut_and_counted():
    excerpt = body_excerpt(json.dumps({"b64_json": "A" * 3_000_000}).encode(), Place(), LIMITS)
    assert "2,999,602 characters cut" in shown(excerpt)
    assert len(shown(excerpt)) < 700


def test_an_enormous_line_is_cut_on_both_sides_of_the_mark():
    excerpt = body_excerpt(b"x" * 5_000_000, Place(), LIMITS)
    assert len(shown(excerpt)) < 1000


def test_an_empty_body_is_said():
    assert shown(body_excerpt(b"", Place(), LIMITS)) == "empty body"


def stream(chunks, **more) -> Exchange:
    response = Response(200, (("content-type", "text/event-stream"),), tuple(chunks))
    return Exchange("x", "c", Request("POST", "/v1/x"), response, **more)


def test_events_have_the_time_at_which_they_were_complete_and_their_offset():
    exchange = stream([Chunk(0.1, b"data: 1\n"), Chunk(0.5, b"\ndata: 2\n\ndata: 3"), Chunk(0.9, b"\n\n")])
    rows = timeline(exchange, Place(), LIMITS).rows
    assert [(row.at, row.offset) for row in rows] == [(0.5, 0), (0.5, 9), (0.9, 18)]


def test_a_marked_event_is_laid_out_and_its_neighbours_are_kept():
    exchange = stream([Chunk(i / 100, b'data: {"n":%d}\n\n' % i) for i in range(300)])
    made = timeline(exchange, Place(event=150, pointer=("n",)), LIMITS)
    numbers = [row.number for row in made.rows if not row.gap]
    assert numbers == [0, 1, 2, 3, 148, 149, 150, 151, 152, 296, 297, 298, 299]
    assert [row.gap for row in made.rows if row.gap] == [144, 143]
    hit = next(row for row in made.rows if row.marked)
    assert [run.text for run in hit.runs if run.kind == "mark"] == ["150"]
    assert made.count == 300
    assert (made.first, made.last) == (0.0, 2.99)
    assert made.ticks[0] == 0
    assert len(made.ticks) <= 160


def test_a_byte_marks_the_event_that_holds_it():
    exchange = stream([Chunk(0.1, b"data: 1\n\ndata: 2\n\n")])
    assert [row.marked for row in timeline(exchange, Place(byte=10), LIMITS).rows] == [False, True]


def test_a_stream_that_breaks_off_says_how():
    failure = Failure("cut", "the connection ended")
    made = timeline(stream([Chunk(0.1, b"data: 1\n\ndata: {")], failure=failure), Place(), LIMITS)
    assert made.ending == "cut: the connection ended; the stream ends inside a block"
    assert [row.runs[0].text for row in made.rows] == ["1", "{"]


def test_messages_of_a_socket_show_direction_kind_and_close_code():
    frames = (
        Frame(0.1, "server", "text", b'{"type":"a"}'),
        Frame(0.2, "client", "text", b"{}"),
        Frame(0.3, "server", "text", b'{"type":"b"}'),
        Frame(0.4, "server", "binary", b"\x01\x02"),
        Frame(0.5, "server", "close", b"\x03\xe8bye"),
    )
    exchange = Exchange("x", "c", Request("GET", "/v1/realtime"), Response(101), frames=frames)
    made = timeline(exchange, Place(message=1, pointer=("type",)), LIMITS)
    assert [row.sender for row in made.rows] == ["server", "client", "server", "server", "server"]
    assert [row.marked for row in made.rows] == [False, False, True, False, False]
    assert [row.runs[0].text for row in made.rows[3:]] == ["01 02", "1000 bye"]


@pytest.mark.parametrize("place", [Place(event=9), Place(message=9), Place(byte=9), Place()])
def test_an_empty_stream_has_an_empty_timeline(place):
    made = timeline(stream([]), place, LIMITS)
    assert (made.rows, made.count, made.ticks) == ((), 0, ())
