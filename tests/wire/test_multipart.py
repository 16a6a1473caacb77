from __future__ import annotations

import email.parser
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.wire.multipart import File, MultipartError, Part, encode, parse

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="%\\\0", exclude_categories=["Cc"]), min_size=1
)
NAMES |= st.sampled_from(['a"b', "a\r\nb", "timestamp_granularities[]"])
FIELDS = st.lists(st.tuples(NAMES, st.text(st.characters(codec="utf-8"))), max_size=4)
FILES = st.lists(st.builds(File, NAMES, NAMES, st.just("image/png"), st.binary(max_size=60)), max_size=3)


@settings(deadline=None)
@given(FIELDS, FILES)
def test_what_is_encoded_is_parsed(fields: list[tuple[str, str]], files: list[File]) -> None:
    content_type, body = encode(fields, files, boundary="=-boundary-7")
    assert parse(content_type, body) == [
        *(Part(name, value.encode()) for name, value in fields),
        *(Part(file.field, file.data, file.filename, file.content_type) for file in files),
    ]


def test_the_bytes_are_those_of_the_standard() -> None:
    file = File("file", "a.wav", "audio/wav", b"\r\n--x\0")
    content_type, body = encode([("model", "m"), ("include[]", "é")], [file], boundary="b")
    assert content_type == "multipart/form-data; boundary=b"
    assert body == (
        b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n'
        b'--b\r\nContent-Disposition: form-data; name="include[]"\r\n\r\n\xc3\xa9\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
        b"Content-Type: audio/wav\r\n\r\n\r\n--x\0\r\n--b--\r\n"
    )


def test_another_reader_agrees() -> None:
    content_type, body = encode(
        [("a", "1")], [File("f", 'x"y.png', "image/png", b"\x89PNG")], boundary="with space"
    )
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    first, second = message.iter_parts()
    assert first.get_param("name", header="content-disposition") == "a"
    assert first.get_payload(decode=True) == b"1"
    assert second.get_content_type() == "image/png"


def test_preamble_padding_and_epilogue_are_skipped() -> None:
    body = b"hello\r\n--b \t\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--b--\r\nbye"
    assert parse('Multipart/Form-Data; charset=utf-8; boundary="b"', body) == [Part("a", b"1")]


BROKEN = {
    "json": ("application/json", b"{}", "not multipart"),
    "no boundary": ("multipart/form-data", b"--b--", "names no boundary"),
    "other boundary": ("multipart/form-data; boundary=c", b"--b\r\n\r\n--b--", "does not occur"),
    "cut": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        "closing boundary",
    ),
    "no header": ("multipart/form-data; boundary=b", b"--b\r\nx\r\n--b--", "no header"),
    "no name": (
        "multipart/form-data; boundary=b",
        b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
        "no name",
    ),
    "form data object": ("multipart/form-data; boundary=b", b"[object FormData]", "does not occur"),
}


@pytest.mark.parametrize(("content_type", "body", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_multipart_is_refused(content_type: str, body: bytes, message: str) -> None:
    with pytest.raises(MultipartError, match=message):
        parse(content_type, body)


@settings(deadline=None)
@given(st.lists(st.sampled_from([b"--b", b"\r\n", b"--", b"Content-Disposition: form-data; name=a", b"x"])))
def test_no_body_raises_anything_else(pieces: list[bytes]) -> None:
    try:
        parse("multipart/form-data; boundary=b", b"".join(pieces))
    except MultipartError:
        return


@pytest.mark.parametrize("boundary", ["", "x" * 71, "a\r\nb", "ends with space ", "é"])
def test_an_illegal_boundary_is_refused(boundary: str) -> None:
    with pytest.raises(ValueError, match="not a boundary"):
        encode([], boundary=boundary)


def test_a_boundary_in_the_content_is_refused() -> None:
    with pytest.raises(ValueError, match="occurs in the content"):
        encode([("a", "x--b")], boundary="b")
