"""POST /v1/images/generations and /v1/images/edits, as JSON and as a stream of partial images."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from conformance.exchange import Request, Response
from conformance.reference import errors, media
from conformance.reference.answers import JsonObject, json_answer, named_event, stream_answer
from conformance.reference.bodies import Form, json_body
from conformance.reference.forms import Kinds, files, form_or_json
from conformance.reference.models import model_for
from conformance.reference.parameters import (
    Rule,
    array,
    boolean,
    check,
    integer,
    mapping,
    one_of,
    string,
    text,
)
from conformance.reference.state import State
from conformance.reference.tokens import count
from conformance.wire.media import Base64Error, MediaInfo, decode_base64, sniff

MOST_IMAGES = 16
_COSTS = {"low": 272, "medium": 1056, "high": 4160}

RULES: dict[str, Rule] = {
    "model": string(shortest=1),
    "prompt": string(shortest=1, longest=32_000),
    "n": integer(1, 10),
    "size": one_of("auto", *media.SHAPES),
    "quality": one_of("auto", *_COSTS),
    "output_format": one_of("png", "jpeg", "webp"),
    "output_compression": integer(0, 100),
    "background": one_of("auto", "transparent", "opaque"),
    "moderation": one_of("auto", "low"),
    "input_fidelity": one_of("high", "low"),
    "stream": boolean,
    "partial_images": integer(0, 3),
    "response_format": one_of("url", "b64_json"),
    "user": text,
}
_KINDS: Kinds = {
    "n": "integer",
    "output_compression": "integer",
    "partial_images": "integer",
    "stream": "boolean",
}


def generate_images(state: State, request: Request) -> Response:
    """Images for a prompt."""
    body = json_body(request)
    _check(state, body)
    return _answer(state, body, "image_generation", 0)


def edit_images(state: State, request: Request) -> Response:
    """Images for a prompt and the images that it speaks of; a form, or JSON with data URLs."""
    body, form = form_or_json(request, _KINDS)
    check(body, RULES, ("prompt",))
    originals = _uploaded(form) if form else _referred(body)
    _check(state, body)
    return _answer(state, body, "image_edit", len(originals))


def _check(state: State, body: JsonObject) -> None:
    check(body, RULES, ("prompt",))
    model_for(state, body.get("model") or "ref-image", "images", "image generation")
    if body.get("style") is not None:
        raise errors.unsupported_parameter("style")
    if body.get("response_format") == "url":
        raise errors.unsupported_value("response_format", "Images come as base64 only.")
    if body.get("partial_images") and not body.get("stream"):
        raise errors.invalid_value(
            "partial_images", "'partial_images' is only allowed when 'stream' is true."
        )
    if body.get("background") == "transparent" and body.get("output_format") in ("jpeg", "webp"):
        message = "Transparent backgrounds are only supported for png."
        raise errors.unsupported_value("background", message)


def _uploaded(form: Form) -> list[MediaInfo]:
    """What the uploaded images are; the mask must fit the first one."""
    images = [_image(file.data, "image") for file in files(form, "image")]
    if not images:
        raise errors.missing("image")
    if len(images) > MOST_IMAGES:
        raise errors.out_of_bounds(
            "image", "array_above_max_length", f"At most {MOST_IMAGES} images are allowed."
        )
    for mask in files(form, "mask"):
        _check_mask(_image(mask.data, "mask"), images[0])
    return images


def _referred(body: JsonObject) -> list[MediaInfo]:
    """What the images of a JSON body are: data URLs only, as nothing is fetched from here."""
    check(body, {"images": array(mapping, fewest=1, most=MOST_IMAGES), "mask": mapping}, ("images",))
    images = [
        _image(_data_url(entry, f"images[{place}]"), "images") for place, entry in enumerate(body["images"])
    ]
    if body.get("mask"):
        _check_mask(_image(_data_url(body["mask"], "mask"), "mask"), images[0])
    return images


def _data_url(entry: JsonObject, at: str) -> bytes:
    check(entry, {"image_url": text}, ("image_url",), at=f"{at}.")
    head, _, data = entry["image_url"].partition(";base64,")
    try:
        return decode_base64(data if head.startswith("data:image/") else "not a data URL")
    except Base64Error:
        raise errors.invalid_value(f"{at}.image_url", "The image URL is not a base64 data URL.") from None


def _image(data: bytes, param: str) -> MediaInfo:
    found = sniff(data)
    if found.kind not in ("image/png", "image/jpeg", "image/webp") or found.truncated:
        message = f"Invalid image file for '{param}'. Supported are whole png, jpeg and webp files."
        raise errors.Refusal(400, message, code="invalid_image_file", param=param)
    return found


def _check_mask(mask: MediaInfo, image: MediaInfo) -> None:
    if mask.kind != "image/png" or not mask.alpha or mask.size != image.size:
        message = "The mask must be a png with an alpha channel and the size of the first image."
        raise errors.Refusal(400, message, code="invalid_image_file", param="mask")


def _answer(state: State, body: JsonObject, family: str, originals: int) -> Response:
    options = _effective(body)
    usage = _usage(body, options, originals)
    if body.get("stream"):
        return stream_answer(_events(state, body, family, options, usage))
    data = [{"b64_json": _encoded(body, options, place)} for place in range(int(body.get("n") or 1))]
    return json_answer({"created": state.now(), **options, "data": data, "usage": usage})


def _effective(body: JsonObject) -> JsonObject:
    """The options that took effect: ``auto`` resolved."""
    given = {name: body.get(name) for name in ("background", "output_format", "quality", "size")}
    defaults = {"background": "opaque", "output_format": "png", "quality": "low", "size": "1024x1024"}
    return {name: defaults[name] if value in (None, "auto") else value for name, value in given.items()}


def _encoded(body: JsonObject, options: JsonObject, place: int) -> str:
    digest = hashlib.sha256(f"{place}/{body['prompt']}".encode("utf-8", "replace")).digest()
    shade = (digest[0], digest[1], digest[2])
    transparent = options["background"] == "transparent"
    drawn = media.image(options["output_format"], options["size"], shade, transparent=transparent)
    return base64.b64encode(drawn).decode()


def _usage(body: JsonObject, options: JsonObject, originals: int) -> JsonObject:
    words, pictures = count(body["prompt"]), originals * 194
    drawn = _COSTS[options["quality"]] * int(body.get("n") or 1)
    return {
        "input_tokens": words + pictures,
        "input_tokens_details": {"text_tokens": words, "image_tokens": pictures},
        "output_tokens": drawn,
        "output_tokens_details": {"text_tokens": 0, "image_tokens": drawn},
        "total_tokens": words + pictures + drawn,
    }


def _events(
    state: State, body: JsonObject, family: str, options: JsonObject, usage: JsonObject
) -> Iterator[bytes]:
    """The partial images, numbered, then each image with what all of them cost."""
    common: Any = {"created_at": state.now(), **options}
    for place in range(int(body.get("partial_images") or 0)):
        partial = {"b64_json": _encoded(body, options, 100 + place), "partial_image_index": place}
        yield named_event({"type": f"{family}.partial_image", **common, **partial})
    for place in range(int(body.get("n") or 1)):
        whole = {"b64_json": _encoded(body, options, place), "usage": usage}
        yield named_event({"type": f"{family}.completed", **common, **whole})
