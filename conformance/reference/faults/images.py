"""Lies of the image rows, whole and streamed."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.reference import errors, media
from conformance.reference.editing import (
    Answer,
    Event,
    Stream,
    answer_with,
    is_call,
    is_stream,
    refuse,
    sent_json,
    status_of,
)
from conformance.reference.faults.frame import fault, json_fault, stream_fault

IMAGES = "/v1/images/*"
GENERATIONS = "/v1/images/generations"
EDITS = "/v1/images/edits"


def _images(answer: Answer) -> Iterator[Any]:
    return iter(answer.body["data"])


def _redraw(answer: Answer, data: bytes) -> None:
    for image in _images(answer):
        image["b64_json"] = base64.b64encode(data).decode()


@json_fault(IMAGES)
def draws_one_image_for_many(answer: Answer) -> None:
    """n is accepted, and one image comes."""
    del answer.body["data"][1:]


@json_fault(IMAGES)
def draws_the_same_image_twice(answer: Answer) -> None:
    """The images of one answer are the same."""
    for image in _images(answer):
        image["b64_json"] = answer.body["data"][0]["b64_json"]


@json_fault(IMAGES, defects=("D217",))
def writes_a_data_url_for_base64(answer: Answer) -> None:
    """b64_json begins with data:image/png;base64."""
    for image in _images(answer):
        image["b64_json"] = f"data:image/png;base64,{image['b64_json']}"


@json_fault(IMAGES)
def strips_the_padding_of_images(answer: Answer) -> None:
    """b64_json has no padding."""
    for image in _images(answer):
        image["b64_json"] = image["b64_json"].rstrip("=")[:-1]


@json_fault(IMAGES, defects=("D213",))
def links_to_a_relative_path(answer: Answer) -> None:
    """Images come as a relative path on the server."""
    answer.body["data"] = [{"url": "/data/image/x.png"} for _ in _images(answer)]


@fault()
def gives_base64_for_a_link(exchange: Exchange) -> Exchange:
    """response_format url is accepted, and base64 comes."""
    if not is_call(exchange, IMAGES) or sent_json(exchange).get("response_format") != "url":
        return exchange
    data = base64.b64encode(media.image("png", "1024x1024", (0, 0, 0))).decode()
    return answer_with(exchange, 200, {"created": 1_700_000_000, "data": [{"b64_json": data}]})


@json_fault(IMAGES)
def draws_another_format(answer: Answer) -> None:
    """The bytes are a JPEG whatever was asked for."""
    if answer.body["output_format"] != "jpeg":
        _redraw(answer, media.image("jpeg", answer.body["size"], (0, 0, 0)))


@json_fault(IMAGES)
def draws_a_text(answer: Answer) -> None:
    """The bytes are no image at all."""
    _redraw(answer, media.blob("not-an-image.txt"))


@json_fault(IMAGES)
def cuts_images_off(answer: Answer) -> None:
    """The image breaks off in the middle."""
    for image in _images(answer):
        data = base64.b64decode(image["b64_json"])
        image["b64_json"] = base64.b64encode(data[: len(data) // 2]).decode()


@json_fault(IMAGES)
def draws_another_size(answer: Answer) -> None:
    """The image has another width and height than was asked for."""
    if answer.body["output_format"] == "png":
        _redraw(answer, media.png(512, 512, (9, 9, 9)))


@json_fault(IMAGES)
def names_another_size(answer: Answer) -> None:
    """The answer names another size than was asked for."""
    answer.body["size"] = "1536x1024" if answer.body["size"] != "1536x1024" else "1024x1024"


@json_fault(IMAGES)
def names_another_quality(answer: Answer) -> None:
    """The answer names another quality than was asked for."""
    answer.body["quality"] = "high"


@json_fault(IMAGES)
def draws_a_solid_background(answer: Answer) -> None:
    """A transparent background is accepted, and the image is opaque."""
    if answer.body["background"] == "transparent":
        _redraw(answer, media.image(answer.body["output_format"], answer.body["size"], (9, 9, 9)))


@json_fault(IMAGES)
def answers_without_images(answer: Answer) -> None:
    """data is empty although images were charged."""
    answer.body["data"] = []


@json_fault(IMAGES)
def dates_images_in_milliseconds(answer: Answer) -> None:
    """created of an image counts milliseconds."""
    answer.body["created"] *= 1000


@json_fault(IMAGES)
def omits_created_of_images(answer: Answer) -> None:
    """An image answer has no created."""
    del answer.body["created"]


@json_fault(IMAGES, defects=("D216",))
def counts_images_as_chat_does(answer: Answer) -> None:
    """The usage of an image has prompt_tokens and completion_tokens of 0."""
    answer.body["usage"] = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@json_fault(IMAGES)
def miscounts_images(answer: Answer) -> None:
    """total_tokens of an image is not the sum of its parts."""
    answer.body["usage"]["total_tokens"] += 1


@json_fault(IMAGES)
def counts_nothing_for_images(answer: Answer) -> None:
    """The usage of an image counts no output."""
    usage = answer.body["usage"]
    usage["output_tokens_details"] = {"text_tokens": 0, "image_tokens": 0}
    usage.update(output_tokens=0, total_tokens=usage["input_tokens"])


@json_fault(EDITS)
def counts_no_edited_image(answer: Answer) -> None:
    """The usage of an edit does not count the image that was edited."""
    usage = answer.body["usage"]
    spared = usage["input_tokens_details"]["image_tokens"]
    usage["input_tokens_details"]["image_tokens"] = 0
    usage["input_tokens"] -= spared
    usage["total_tokens"] -= spared


@fault(defects=("D210",))
def loses_the_fields_of_a_form(exchange: Exchange) -> Exchange:
    """The model in a form is not seen, and the edit is refused for want of it."""
    if not is_call(exchange, EDITS) or status_of(exchange) != 200:
        return exchange
    return refuse(exchange, errors.missing("model"))


@fault(defects=("D212",))
def refuses_partial_images(exchange: Exchange) -> Exchange:
    """partial_images is refused on a model that streams images."""
    asked = sent_json(exchange).get("partial_images") or b'name="partial_images"' in exchange.request.body
    if not is_call(exchange, IMAGES) or not asked or status_of(exchange) != 200:
        return exchange
    text = "Streaming must have non-zero partial images."
    return refuse(exchange, errors.invalid_value("partial_images", text))


@fault()
def ignores_the_stream_of_images(exchange: Exchange) -> Exchange:
    """A streamed image is refused with 500."""
    if not is_call(exchange, IMAGES) or not is_stream(exchange):
        return exchange
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))


def _completed(event: Event) -> bool:
    return isinstance(event.data, dict) and str(event.data.get("type")).endswith(".completed")


@stream_fault(IMAGES)
def never_completes_an_image(stream: Stream) -> None:
    """A stream of images ends without a completed event."""
    stream.events = [event for event in stream.events if not _completed(event)]


@stream_fault(IMAGES)
def completes_an_image_twice(stream: Stream) -> None:
    """The completed event comes twice for one image."""
    stream.events = [copy for event in stream.events for copy in [event] * (1 + _completed(event))]


@stream_fault(IMAGES)
def previews_an_image_after_its_completion(stream: Stream) -> None:
    """A partial image follows the completed one."""
    partial = [event for event in stream.events if not _completed(event)]
    stream.events += partial[-1:]


@stream_fault(IMAGES)
def numbers_partial_images_from_one(stream: Stream) -> None:
    """The first partial image has index 1."""
    for chunk in stream.chunks:
        if "partial_image_index" in chunk:
            chunk["partial_image_index"] += 1


@stream_fault(IMAGES)
def previews_more_than_asked(stream: Stream) -> None:
    """There are more partial images than were asked for."""
    done = next(event for event in stream.events if _completed(event))
    kind = done.data["type"].replace(".completed", ".partial_image")
    so_far = sum(not _completed(event) for event in stream.events)
    for number in range(so_far, so_far + 4):
        data = {**done.data, "type": kind, "partial_image_index": number}
        data.pop("usage", None)
        stream.events.insert(number, Event(kind, data))


@stream_fault(IMAGES)
def streams_images_under_another_name(stream: Stream) -> None:
    """The events of a generation are named as those of an edit."""
    for event in stream.events:
        event.name = event.data["type"] = event.data["type"].replace("image_generation.", "image_edit.")


@stream_fault(IMAGES)
def contradicts_the_type_of_image_events(stream: Stream) -> None:
    """The event: line of an image contradicts its type."""
    for event in stream.events:
        event.name = "message"


@stream_fault(IMAGES)
def strips_the_names_of_image_events(stream: Stream) -> None:
    """Frames of images have no event: line."""
    for event in stream.events:
        event.name = None


@stream_fault(IMAGES)
def changes_the_size_in_mid_stream(stream: Stream) -> None:
    """The completed image names another quality than the partial ones."""
    for chunk in stream.chunks[-1:]:
        chunk["quality"] = "high" if chunk["quality"] != "high" else "low"


@stream_fault(IMAGES)
def omits_the_usage_of_streamed_images(stream: Stream) -> None:
    """The completed image has no usage."""
    for chunk in stream.chunks:
        chunk.pop("usage", None)


@stream_fault(IMAGES)
def streams_broken_base64(stream: Stream) -> None:
    """The base64 of streamed images has line breaks in it."""
    for chunk in stream.chunks:
        text = chunk["b64_json"]
        chunk["b64_json"] = f"{text[:40]}\n{text[40:]}"
