"""Each lie about images, told in a hand-made answer or stream."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import NotShown
from tests.checks.media_answers import Found, answer, events, findings, media, red, refused

MINIMAL, STREAM, PARTIAL = "images/minimal/json", "images/stream/plain", "images/stream/partial"
EDIT = "image-edits/minimal/form"
SSE = "text/event-stream"
PNG, JPEG, WEBP = "square-1024.png", "square-1024.jpeg", "wide-1536x1024.webp"


def b64(name: str, cut: int = 0) -> str:
    data = media(name)
    return base64.b64encode(data[: len(data) - cut]).decode()


def usage(**changes: Any) -> dict[str, Any]:
    details = {"text_tokens": 5, "image_tokens": 194}
    counted = {
        "input_tokens": 199,
        "output_tokens": 272,
        "total_tokens": 471,
        "input_tokens_details": details,
    }
    return {**counted, **changes}


def body(*names: str, **more: Any) -> dict[str, Any]:
    return {"created": 1_750_000_000, "data": [{"b64_json": b64(name)} for name in names or (PNG,)], **more}


def event(kind: str, name: str = PNG, *, family: str = "image_generation", **more: Any) -> dict[str, Any]:
    options = {"size": "1024x1024", "quality": "low", "background": "opaque", "output_format": "png"}
    made = {"type": f"{family}.{kind}", "b64_json": b64(name), "created_at": 1_750_000_000, **options}
    return {**made, **({"usage": usage()} if kind == "completed" else {"partial_image_index": 0}), **more}


def stream(case_id: str, *payloads: dict[str, Any]) -> Answer:
    return answer(case_id, events(*payloads), SSE)


COMPLETED = event("completed")
LEGAL: dict[str, Answer] = {
    "png": answer(MINIMAL, body(usage=usage())),
    "url": answer(MINIMAL, {"created": 1_750_000_000, "data": [{"url": "https://cdn.example/a.png"}]}),
    "auto-resolved": answer(MINIMAL, body(WEBP, size="1536x1024", output_format="webp", quality="low")),
    "no-usage": answer(MINIMAL, body(usage=None)),
    "two": answer("images/n/two", body(PNG, WEBP)),
    "jpeg": answer("images/format/jpeg", body(JPEG, output_format="jpeg", size="1024x1024")),
    "tall-edit": answer("image-edits/size/tall", body("tall-1024x1536.png", usage=usage())),
    "json-edit": answer("image-edits/json/data-url", body()),
    "transparent": answer("images/background/transparent", body("mask-1024.png", background="transparent")),
}


@pytest.mark.parametrize("legal", LEGAL.values(), ids=LEGAL)
def test_legal_answers_pass(legal: Answer) -> None:
    assert red("IMG-", legal, without={"IMG-107"}) == {}


@pytest.mark.parametrize("requirement", ["IMG-002", "IMG-003", "IMG-004", "IMG-005"])
def test_images_behind_an_address_are_not_looked_at(requirement: str) -> None:
    with pytest.raises(NotShown):
        findings(requirement, LEGAL["url"])


def test_what_the_answer_does_not_name_is_not_compared() -> None:
    with pytest.raises(NotShown):
        findings("IMG-006", answer("images/size/square", body()))


JPEGS = {"output_format": "jpeg"}
LEGAL_STREAMS: dict[str, Answer] = {
    "completed": stream(STREAM, COMPLETED),
    "partials": stream(
        PARTIAL,
        event("partial_image", JPEG, **JPEGS),
        event("partial_image", JPEG, partial_image_index=1, **JPEGS),
        event("completed", JPEG, **JPEGS),
    ),
    "fewer-partials": stream(PARTIAL, event("completed", JPEG, **JPEGS)),
    "small-partial": stream(
        "image-edits/stream/partial",
        event("partial_image", "square-64.png", family="image_edit"),
        event("completed", family="image_edit"),
    ),
    "with-done": answer(STREAM, events(COMPLETED) + b"data: [DONE]\n\n", SSE),
    "unknown-event": stream(STREAM, {"type": "image_generation.progress", "percent": 3}, COMPLETED),
}


@pytest.mark.parametrize("legal", LEGAL_STREAMS.values(), ids=LEGAL_STREAMS)
def test_legal_streams_pass(legal: Answer) -> None:
    assert red("IMG-", legal, without={"IMG-107"}) == {}


AT = "/data/0/b64_json"
LIES: dict[str, tuple[str, Answer, Found]] = {
    "one-of-two": ("IMG-001", answer("images/n/two", body()), [("2 images", "1 of them", "/data")]),
    "two-of-one": ("IMG-001", answer(MINIMAL, body(PNG, PNG)), [("1 image", "2 of them", "/data")]),
    "form-n-ignored": ("IMG-001", answer("image-edits/n/two", body()), [("2 images", "1 of them", "/data")]),
    "no-padding": (
        "IMG-002",
        answer(MINIMAL, {"created": 1, "data": [{"b64_json": "QUJDRA"}]}),
        [("base64", "6 characters are not a multiple of four: padding is missing or wrong", AT)],
    ),
    "url-safe-alphabet": (
        "IMG-002",
        answer(MINIMAL, {"created": 1, "data": [{"b64_json": "QU-_"}]}),
        [("base64", "'-' at 2 is no base64 digit", AT)],
    ),
    "png-for-jpeg": (
        "IMG-003",
        answer("images/format/jpeg", body(PNG)),
        [("image/jpeg", "image/png", AT)],
    ),
    "echo-and-bytes-differ": (
        "IMG-003",
        answer(MINIMAL, body(PNG, output_format="webp")),
        [("image/webp", "image/png", AT)],
    ),
    "text": (
        "IMG-003",
        answer(MINIMAL, {"created": 1, "data": [{"b64_json": base64.b64encode(b"not an image").decode()}]}),
        [("an image", "text/plain", AT)],
    ),
    "cut": (
        "IMG-004",
        answer(MINIMAL, {"created": 1, "data": [{"b64_json": b64(PNG, cut=100)}]}),
        [("a whole image", "image/png that breaks off", AT)],
    ),
    "size-ignored": (
        "IMG-005",
        answer("images/size/wide", body(PNG)),
        [("1536x1024 pixels", "1024x1024 pixels", AT)],
    ),
    "size-misnamed": (
        "IMG-005",
        answer(MINIMAL, body("tall-1024x1536.png", size="1024x1024")),
        [("1024x1024 pixels", "1024x1536 pixels", AT)],
    ),
    "form-size-ignored": (
        "IMG-005",
        answer("image-edits/size/tall", body(PNG)),
        [("1024x1536 pixels", "1024x1024 pixels", AT)],
    ),
    "size-echoed-wrong": (
        "IMG-006",
        answer("images/size/square", body(PNG, size="1536x1024")),
        [("1024x1024", '"1536x1024"', "/size")],
    ),
    "format-echoed-wrong": (
        "IMG-006",
        answer("image-edits/format/jpeg", body(JPEG, output_format="png")),
        [("jpeg", '"png"', "/output_format")],
    ),
    "quality-echoed-wrong": (
        "IMG-007",
        answer("images/quality/low", body(PNG, quality="high")),
        [("low", '"high"', "/quality")],
    ),
    "sum": (
        "IMG-008",
        answer(MINIMAL, body(usage=usage(total_tokens=400))),
        [("471 (199 + 272)", "400", "/usage/total_tokens")],
    ),
    "details": (
        "IMG-008",
        answer(MINIMAL, body(usage=usage(input_tokens=9, total_tokens=281))),
        [("at least 199 (5 + 194)", "9", "/usage/input_tokens")],
    ),
    "zeros": (
        "IMG-009",
        answer(MINIMAL, body(usage=usage(input_tokens=0, output_tokens=0))),
        [("at least 1", "0", "/usage/input_tokens"), ("at least 1", "0", "/usage/output_tokens")],
    ),
    "original-not-counted": (
        "IMG-010",
        answer(EDIT, body(usage=usage(input_tokens_details={"text_tokens": 5, "image_tokens": 0}))),
        [("at least 1", "0", "/usage/input_tokens_details/image_tokens")],
    ),
    "milliseconds": (
        "IMG-011",
        answer(MINIMAL, {**body(), "created": 1_750_000_000_000}),
        [("seconds since 1970", "1750000000000", "/created")],
    ),
    "twice-the-same": (
        "IMG-012",
        answer("images/n/two", body(PNG, PNG)),
        [("an image of its own", "that of /data/0", "/data/1")],
    ),
    "opaque": (
        "IMG-013",
        answer("images/background/transparent", body(PNG)),
        [("an alpha channel", "an image without transparency", AT)],
    ),
    "url-for-base64": (
        "IMG-014",
        answer("images/response-format/b64-json", {"created": 1, "data": [{"url": "https://a/b"}]}),
        [("b64_json", "url", "/data/0")],
    ),
    "base64-for-url": (
        "IMG-015",
        answer("images/response-format/url", body()),
        [("url", "b64_json", "/data/0")],
    ),
    "too-many-partials": (
        "IMG-103",
        stream(STREAM, event("partial_image"), COMPLETED),
        [("at most 0 partial images", "1 of them", "event 0")],
    ),
    "partial-not-an-image": (
        "IMG-003",
        stream(PARTIAL, event("partial_image", "tone.wav", output_format="jpeg")),
        [("image/jpeg", "audio/wav", "event 0 /b64_json")],
    ),
    "partial-cut": (
        "IMG-004",
        stream(STREAM, {**event("partial_image"), "b64_json": b64(PNG, cut=9)}, COMPLETED),
        [("a whole image", "image/png that breaks off", "event 0 /b64_json")],
    ),
    "streamed-sum": (
        "IMG-008",
        stream(STREAM, event("completed", usage=usage(total_tokens=1))),
        [("471 (199 + 272)", "1", "event 0 /usage/total_tokens")],
    ),
    "streamed-size": (
        "IMG-005",
        stream(PARTIAL, event("completed", "tall-1024x1536.jpeg", output_format="jpeg")),
        [("1024x1024 pixels", "1024x1536 pixels", "event 0 /b64_json")],
    ),
    "options-change": (
        "IMG-106",
        stream(PARTIAL, event("partial_image"), event("completed", quality="high")),
        [('"low", as before', '"high"', "event 1 /quality")],
    ),
}


@pytest.mark.parametrize(("requirement", "lie", "expected"), LIES.values(), ids=LIES)
def test_lies(requirement: str, lie: Answer, expected: Found) -> None:
    assert findings(requirement, lie) == expected


FRAME = events(COMPLETED)
GRAMMAR: dict[str, tuple[str, bytes]] = {
    "no-end": ("IMG-101", events(event("partial_image"))),
    "events-of-edits": ("IMG-101", events(event("completed", family="image_edit"))),
    "two-completed": ("IMG-101", FRAME + FRAME),
    "partial-behind-completed": ("IMG-101", FRAME + events(event("partial_image"))),
    "partials-from-one": ("IMG-102", events(event("partial_image", partial_image_index=1)) + FRAME),
    "partials-alike": ("IMG-102", events(event("partial_image"), event("partial_image")) + FRAME),
    "event-name-lies": ("IMG-104", FRAME.replace(b"event: image_generation.completed", b"event: completed")),
    "no-event-name": ("IMG-105", FRAME.replace(b"event: image_generation.completed\n", b"")),
}


@pytest.mark.parametrize(("requirement", "sent"), GRAMMAR.values(), ids=GRAMMAR)
def test_streams_that_break_their_grammar(requirement: str, sent: bytes) -> None:
    found = {
        r for r in ("IMG-101", "IMG-102", "IMG-104", "IMG-105") if findings(r, answer(PARTIAL, sent, SSE))
    }
    assert found == {requirement}


def test_what_streams_takes_partial_images() -> None:
    taken = [answer(STREAM, FRAME, SSE), stream(PARTIAL, COMPLETED)]
    assert findings("IMG-107", *taken) == []
    assert findings("IMG-107", taken[0], refused(PARTIAL, "unknown parameter")) == [
        ("an answer, as streams are answered", '400: "unknown parameter"', "status")
    ]
    with pytest.raises(NotShown):
        findings("IMG-107", refused(STREAM), refused(PARTIAL))


@pytest.mark.parametrize(
    "data",
    [[{"url": "/data/image/x.jpg"}], [{"b64_json": "data:image/png;base64,QUJD"}], [{}], []],
    ids=["relative-url", "data-url", "neither", "none"],
)
def test_what_the_schema_tells_of(data: list[dict[str, Any]]) -> None:
    lie = answer(MINIMAL, {"created": 1_750_000_000, "data": data})
    assert findings("SHAPE-001", lie) != []
    assert red("IMG-", lie, without={"IMG-001", "IMG-107"}) == {}


def test_chat_shaped_usage_is_told_by_the_schema() -> None:
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    lie = answer(MINIMAL, body(usage=zeros))
    assert (
        "the member 'input_tokens'",
        '{"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}',
        "/usage",
    ) in (findings("SHAPE-001", lie))
    assert red("IMG-", lie, without={"IMG-107"}) == {}
