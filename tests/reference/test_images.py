from __future__ import annotations

import base64
from typing import Any

import pytest

from conformance.reference import media
from conformance.wire.media import sniff
from tests.reference.client import Client
from tests.reference.forms import TYPE, form

GENERATE, EDIT = "/v1/images/generations", "/v1/images/edits"
PHOTO = ("a.png", "image/png", media.blob("square-1024.png"))
MASK = ("m.png", "image/png", media.blob("mask-1024.png"))


def ask(**options: Any) -> dict[str, Any]:
    return {"model": "ref-image", "prompt": "a red dot", **options}


@pytest.mark.parametrize("size", ["1024x1024", "1536x1024", "1024x1536"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_images_are_what_was_asked_for(client: Client, kind: str, size: str) -> None:
    answer = client.post(GENERATE, ask(output_format=kind, size=size, n=2))
    found = [sniff(base64.b64decode(image["b64_json"])) for image in answer["data"]]
    assert [(one.kind, one.size, one.truncated) for one in found] == [
        (f"image/{kind}", tuple(map(int, size.split("x"))), False)
    ] * 2
    assert (answer["size"], answer["output_format"]) == (size, kind)
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_transparent_image_has_alpha(client: Client) -> None:
    answer = client.post(GENERATE, ask(background="transparent"))
    assert sniff(base64.b64decode(answer["data"][0]["b64_json"])).alpha


def test_a_stream_numbers_partial_images_and_completes_each_image(client: Client) -> None:
    events = client.events(GENERATE, ask(stream=True, partial_images=2, n=2))
    assert [event["type"] for event in events] == [
        *["image_generation.partial_image"] * 2,
        *["image_generation.completed"] * 2,
    ]
    assert [event["partial_image_index"] for event in events[:2]] == [0, 1]
    assert all(sniff(base64.b64decode(event["b64_json"])).kind == "image/png" for event in events)
    assert "usage" not in events[0]


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"n": 11}, "integer_above_max_value", "n"),
        ({"size": "1x1"}, "invalid_value", "size"),
        ({"output_format": "bmp"}, "invalid_value", "output_format"),
        ({"response_format": "url"}, "unsupported_value", "response_format"),
        ({"partial_images": 2}, "invalid_value", "partial_images"),
        ({"partial_images": 4, "stream": True}, "integer_above_max_value", "partial_images"),
        ({"background": "transparent", "output_format": "jpeg"}, "unsupported_value", "background"),
        ({"prompt": ""}, "string_below_min_length", "prompt"),
        ({"model": "ref-text"}, "unsupported_value", "model"),
    ],
)
def test_a_breach_is_refused(client: Client, changes: Any, code: str, param: str) -> None:
    assert client.refusal("POST", GENERATE, ask(**changes)) == (400, code, param)


def edit(client: Client, *fields: Any) -> Any:
    return client.post(EDIT, form(("model", "ref-image"), ("prompt", "bluer"), *fields), headers=TYPE)


def refused(client: Client, *fields: Any) -> Any:
    return client.refusal("POST", EDIT, form(*fields), headers=TYPE)


def test_an_edit_takes_a_form(client: Client) -> None:
    assert len(edit(client, ("image[]", PHOTO), ("image[]", PHOTO), ("n", "2"))["data"]) == 2


def test_an_edit_streams_under_its_own_name(client: Client) -> None:
    body = form(("prompt", "bluer"), ("image", PHOTO), ("stream", "true"), ("partial_images", "1"))
    response = client.send("POST", EDIT, body, headers=TYPE)
    names = [chunk.data.split(b"\n", 1)[0] for chunk in response.chunks]
    assert names == [b"event: image_edit.partial_image", b"event: image_edit.completed"]


def test_an_edit_takes_a_mask_that_fits(client: Client) -> None:
    edit(client, ("image", PHOTO), ("mask", MASK))
    assert refused(client, ("prompt", "x"), ("image", PHOTO), ("mask", PHOTO))[2] == "mask"


def test_an_edit_takes_json_with_data_urls(client: Client) -> None:
    url = f"data:image/png;base64,{base64.b64encode(PHOTO[2]).decode()}"
    client.post(EDIT, {"prompt": "bluer", "images": [{"image_url": url}]})
    refusal = client.refusal(
        "POST", EDIT, {"prompt": "bluer", "images": [{"image_url": "https://x.test/a.png"}]}
    )
    assert refusal == (400, "invalid_value", "images[0].image_url")


def test_an_edit_without_an_image_or_with_another_file_is_refused(client: Client) -> None:
    assert refused(client, ("prompt", "x")) == (400, "missing_required_parameter", "image")
    assert refused(client, ("image", PHOTO)) == (400, "missing_required_parameter", "prompt")
    text = ("a.png", "image/png", media.blob("not-an-image.txt"))
    assert refused(client, ("prompt", "x"), ("image", text)) == (400, "invalid_image_file", "image")


@pytest.mark.parametrize("n", ["0", "many", "1.5"])
def test_a_number_in_a_form_is_held_to_its_bounds(client: Client, n: str) -> None:
    assert refused(client, ("prompt", "x"), ("image", PHOTO), ("n", n))[2] == "n"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", form(("prompt", "x"))),
        ("multipart/form-data; boundary=other", form(("prompt", "x"))),
        (TYPE[0][1], form(("prompt", "x"))[:-8]),
        (TYPE[0][1], b""),
        (TYPE[0][1], form(("prompt", "x")).replace(b"form-data", b"attachment")),
    ],
)
def test_a_broken_form_is_refused(client: Client, kind: str, body: bytes) -> None:
    assert client.refusal("POST", EDIT, body, headers=(("Content-Type", kind),)) == (400, None, None)


def test_another_content_type_is_refused(client: Client) -> None:
    head = (("Content-Type", "text/plain"),)
    assert client.refusal("POST", EDIT, b"x", headers=head) == (400, "unsupported_content_type", None)
