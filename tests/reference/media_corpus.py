"""One exchange of every kind that the media faults lie about, made by the reference target itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.exchange import Exchange
from conformance.reference import media
from tests.reference.client import Client
from tests.reference.forms import TYPE, form

PHOTO = ("a.png", "image/png", media.blob("square-1024.png"))
SOUND = ("hello.wav", "audio/wav", media.blob("hello-world.wav"))
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}


def media_exchanges(client: Client) -> Iterator[Exchange]:
    """Embeddings, moderations, images, videos, audio."""
    yield from _embeddings(client)
    yield from _moderations(client)
    yield from _images(client)
    yield from _videos(client)
    yield from _audio(client)


def _embeddings(client: Client) -> Iterator[Exchange]:
    for given in ("hi there", ["hi", "there"], [1, 2]):
        for options in ({}, {"encoding_format": "base64"}, {"dimensions": 8}):
            yield client.exchange("POST", "/v1/embeddings", {"model": "ref-embed", "input": given, **options})


def _moderations(client: Client) -> Iterator[Exchange]:
    for given in ("hi", ["hi", "I will kill"], [{"type": "text", "text": "hi"}, PICTURE]):
        yield client.exchange("POST", "/v1/moderations", {"input": given})


def _images(client: Client) -> Iterator[Exchange]:
    options: tuple[dict[str, Any], ...] = (
        {"n": 2},
        {"background": "transparent"},
        {"stream": True, "partial_images": 2},
    )
    for option in options:
        yield client.exchange("POST", "/v1/images/generations", {"prompt": "a dot", **option})
    body = form(("prompt", "bluer"), ("image", PHOTO))
    yield client.exchange("POST", "/v1/images/edits", body, headers=TYPE)
    yield client.exchange("POST", "/v1/images/edits", form(("prompt", "x"))[:-9], headers=TYPE)


def _videos(client: Client) -> Iterator[Exchange]:
    created = client.exchange("POST", "/v1/videos", {"prompt": "a dot"})
    yield created
    path = f"/v1/videos/{client.post('/v1/videos', {'prompt': 'a dot'})['id']}"
    yield client.exchange("GET", f"{path}/content")
    yield client.exchange("GET", path)
    yield client.exchange("GET", path)
    yield client.exchange("GET", f"{path}/content")
    yield client.exchange("GET", f"{path}/content?variant=thumbnail")
    yield client.exchange("POST", f"{path}/remix", {"prompt": "bluer"})


def _audio(client: Client) -> Iterator[Exchange]:
    sent = (("model", "ref-audio-transcribe"), ("file", SOUND))
    for path in ("/v1/audio/transcriptions", "/v1/audio/translations"):
        for kind in ("json", "text", "srt", "vtt", "verbose_json"):
            yield client.exchange("POST", path, form(*sent, ("response_format", kind)), headers=TYPE)
    words = (("response_format", "verbose_json"), ("timestamp_granularities[]", "word"))
    for more in (words, (("stream", "true"),)):
        yield client.exchange("POST", "/v1/audio/transcriptions", form(*sent, *more), headers=TYPE)
    text = form(sent[0], ("file", ("a.wav", "audio/wav", b"no sound")))
    yield client.exchange("POST", "/v1/audio/transcriptions", text, headers=TYPE)
    for kind in ("mp3", "wav"):
        body = {"model": "ref-tts", "input": "hello there", "voice": "alloy", "response_format": kind}
        yield client.exchange("POST", "/v1/audio/speech", body)
