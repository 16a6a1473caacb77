from __future__ import annotations

import base64
import dataclasses
import itertools
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conformance.exchange import Chunk, Exchange, Failure, Frame, Request, Response
from conformance.probing.redaction import Redactor

KEY = 'sk-a/b"c+d=0123'
HIDDEN = b"[key]**********"

KEYS = st.text(st.characters(codec="ascii", min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=60)
BYTES = st.binary(max_size=80)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(KEY, id="as-it-is"),
        pytest.param(json.dumps(KEY)[1:-1], id="in-json"),
        pytest.param(json.dumps(KEY)[1:-1].replace("/", "\\/"), id="in-json-with-escaped-slashes"),
        pytest.param(quote(KEY, safe=""), id="percent-encoded"),
        pytest.param(quote(KEY, safe="").replace("%2F", "%2f"), id="percent-encoded-in-small-letters"),
        pytest.param(quote(KEY), id="percent-encoded-but-for-slashes"),
        pytest.param(base64.b64encode(KEY.encode()).decode(), id="base64"),
        pytest.param(base64.urlsafe_b64encode(KEY.encode()).decode(), id="base64-for-urls"),
    ],
)
def test_every_form_of_the_key_is_overwritten(form: str) -> None:
    data = b"before " + form.encode() + b" behind"
    hidden = Redactor([KEY]).data(data)
    assert len(hidden) == len(data)
    assert hidden.startswith(b"before [key]**")
    assert hidden.endswith(b" behind")
    assert KEY.encode() not in hidden


def test_nothing_else_is_touched() -> None:
    data = bytes(range(256)) + b"sk-a/b"
    assert Redactor([KEY]).data(data) == data
    assert Redactor([]).data(data) == data


@given(key=KEYS, before=BYTES, behind=BYTES, cuts=st.lists(st.integers(0, 250), max_size=6))
def test_a_body_never_shows_the_key_however_it_is_cut(
    key: str, before: bytes, behind: bytes, cuts: list[int]
) -> None:
    assume(key.encode() not in b"[key]" + b"*" * 60)
    body = before + key.encode() + behind
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    chunks = tuple(Chunk(float(at), body[at:to]) for at, to in itertools.pairwise(places))
    exchange = Exchange("a#0.1", "a", Request("GET", "/"), Response(200, (), chunks))
    response = Redactor([key]).exchange(exchange).response
    assert response is not None
    assert [len(chunk.data) for chunk in response.chunks] == [len(chunk.data) for chunk in chunks]
    assert [chunk.at for chunk in response.chunks] == [chunk.at for chunk in chunks]
    assert response.body[: len(before)] in (before, Redactor([key]).data(body)[: len(before)])
    assert key.encode() not in response.body.replace(b"*", b"\0")


def test_every_part_of_an_exchange_is_covered() -> None:
    raw = KEY.encode()
    exchange = Exchange(
        id="a#0.1",
        case="a",
        request=Request(
            "POST", f"/v1/x?key={quote(KEY, safe='')}", (("Authorization", f"Bearer {KEY}"),), b"<" + raw
        ),
        response=Response(
            401, (("X-Echo", KEY), (KEY, "name")), (Chunk(0.1, raw[:4]), Chunk(0.2, raw[4:] + b">"))
        ),
        frames=(Frame(0.1, "server", "text", raw), Frame(0.2, "server", "close", b"\x03\xe8" + raw)),
        failure=Failure("protocol", f"bad header {KEY}"),
    )
    shown = repr(dataclasses.asdict(Redactor([KEY]).exchange(exchange)))
    assert KEY not in shown
    assert KEY[:4] not in shown
    assert "X-Echo" in shown
    assert "Bearer [key]**********" in shown


@pytest.mark.parametrize("key", ["null", "EMPTY", "1234", "secret"])
def test_a_key_that_may_be_a_word_is_hidden_as_a_credential_only(key: str) -> None:
    redactor = Redactor([key])
    body = f'{{"{key}": {key}}}'.encode()
    assert redactor.data(body) == body
    assert redactor.data(b"Bearer " + key.encode()) == b"Bearer " + b"[key]*"[: len(key)]
    assert redactor.data(b"Bearer " + key.encode() + b"x") == b"Bearer " + key.encode() + b"x"


def test_a_short_key_that_is_no_word_is_hidden_everywhere() -> None:
    assert Redactor(["a-b"]).data(b"xa-by") == b"x[key"[:4] + b"y"


def test_of_two_secrets_the_longer_is_overwritten_whole() -> None:
    assert Redactor(["sk-12345", "sk-12345-more"]).data(b"sk-12345-more") == b"[key]********"
