"""Which method of the official client reads which operation, called with the least that it asks for.

Arguments only matter where the SDK reads the answer by them: ``stream`` and ``response_format``. ``encoding_format`` is
left out, as users do, so that the SDK decodes what it would have asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from openai import ContentFilterFinishReasonError, LengthFinishReasonError, OpenAI
from openai.pagination import SyncPage
from openai.types import (
    Completion,
    CreateEmbeddingResponse,
    ImageEditStreamEvent,
    ImageGenStreamEvent,
    ImagesResponse,
    Model,
    ModerationCreateResponse,
    Video,
)
from openai.types.audio import (
    Transcription,
    TranscriptionDiarized,
    TranscriptionVerbose,
    Translation,
    TranslationVerbose,
)
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.realtime import RealtimeServerEvent
from openai.types.responses import (
    CompactedResponse,
    InputTokenCountResponse,
    Response,
    ResponsesServerEvent,
    ResponseStreamEvent,
)

from conformance.cases import Case

_SOUND = ("speech.wav", b"RIFF")
_TRANSCRIPTS = {"verbose_json": TranscriptionVerbose, "diarized_json": TranscriptionDiarized}
_TEXTS = frozenset({"text", "srt", "vtt"})


@dataclass(frozen=True, slots=True)
class Call:
    """A method as a user writes it, and how to call it; ``helper`` is the streaming helper over the same method."""

    name: str
    make: Callable[[OpenAI, Case], Any]
    helper: str = ""
    follow: Callable[[OpenAI, Case], None] | None = None


def option(case: Case, name: str) -> Any:
    """What the case's request says of ``name``, in JSON or in a form."""
    given = case.body if isinstance(case.body, Mapping) else (case.form or {}).get("fields")
    return given.get(name) if isinstance(given, Mapping) else None


def _transcribe(client: OpenAI, case: Case) -> Any:
    asked: Any = option(case, "response_format") or "json"
    return client.audio.transcriptions.create(file=_SOUND, model="m", response_format=asked)


def _translate(client: OpenAI, case: Case) -> Any:
    asked: Any = option(case, "response_format") or "json"
    return client.audio.translations.create(file=_SOUND, model="whisper-1", response_format=asked)


def _respond(client: OpenAI, case: Case) -> Any:
    response = client.responses.create(model="m", input="i")
    _ = response.output_text  # made up by the SDK when it is asked for
    return response


def _retrieve_response(client: OpenAI, case: Case) -> Any:
    response = client.responses.retrieve("id")
    _ = response.output_text
    return response


def _list_models(client: OpenAI, case: Case) -> Any:
    page = client.models.list()
    if isinstance(page, SyncPage):
        list(page)  # asks for the next page too, had the answer told of one
    return page


def _follow_chat(client: OpenAI, case: Case) -> None:
    documented = suppress(LengthFinishReasonError, ContentFilterFinishReasonError)  # they tell what the model did
    with client.chat.completions.stream(model="m", messages=[]) as stream, documented:
        stream.get_final_completion()


def _follow_response(client: OpenAI, case: Case) -> None:
    with client.responses.stream(model="m", input="i") as stream:
        kinds = [event.type for event in stream]
        if "response.completed" in kinds:
            stream.get_final_response()


def _edit_image(client: OpenAI, case: Case) -> Any:
    return client.images.edit(image=b"i", prompt="p")


READS: Mapping[str, Call] = {
    "GET /v1/models": Call("models.list", _list_models),
    "GET /v1/models/{model}": Call("models.retrieve", lambda c, _: c.models.retrieve("id")),
    "POST /v1/chat/completions": Call(
        "chat.completions.create", lambda c, _: c.chat.completions.create(model="m", messages=[])
    ),
    "POST /v1/completions": Call("completions.create", lambda c, _: c.completions.create(model="m", prompt="p")),
    "POST /v1/responses": Call("responses.create", _respond),
    "GET /v1/responses/{response_id}": Call("responses.retrieve", _retrieve_response),
    "POST /v1/responses/{response_id}/cancel": Call("responses.cancel", lambda c, _: c.responses.cancel("id")),
    "POST /v1/responses/compact": Call("responses.compact", lambda c, _: c.responses.compact(model="m")),
    "POST /v1/responses/input_tokens": Call(
        "responses.input_tokens.count", lambda c, _: c.responses.input_tokens.count()
    ),
    "POST /v1/embeddings": Call("embeddings.create", lambda c, _: c.embeddings.create(model="m", input="i")),
    "POST /v1/moderations": Call("moderations.create", lambda c, _: c.moderations.create(input="i")),
    "POST /v1/images/generations": Call("images.generate", lambda c, _: c.images.generate(prompt="p")),
    "POST /v1/images/edits": Call("images.edit", _edit_image),
    "POST /v1/videos": Call("videos.create", lambda c, _: c.videos.create(prompt="p")),
    "GET /v1/videos/{video_id}": Call("videos.retrieve", lambda c, _: c.videos.retrieve("id")),
    "POST /v1/videos/{video_id}/remix": Call("videos.remix", lambda c, _: c.videos.remix("id", prompt="p")),
    "GET /v1/videos/{video_id}/content": Call(
        "videos.download_content", lambda c, _: c.videos.download_content("id")
    ),
    "POST /v1/audio/transcriptions": Call("audio.transcriptions.create", _transcribe),
    "POST /v1/audio/translations": Call("audio.translations.create", _translate),
    "POST /v1/audio/speech": Call(
        "audio.speech.create", lambda c, _: c.audio.speech.create(model="m", voice="alloy", input="i")
    ),
}
"""What a user calls for an answer in one piece."""

STREAMS: Mapping[str, Call] = {
    "POST /v1/chat/completions": Call(
        "chat.completions.create(stream=True)",
        lambda c, _: c.chat.completions.create(model="m", messages=[], stream=True),
        "chat.completions.stream",
        _follow_chat,
    ),
    "POST /v1/completions": Call(
        "completions.create(stream=True)", lambda c, _: c.completions.create(model="m", prompt="p", stream=True)
    ),
    "POST /v1/responses": Call(
        "responses.create(stream=True)",
        lambda c, _: c.responses.create(model="m", input="i", stream=True),
        "responses.stream",
        _follow_response,
    ),
    "GET /v1/responses/{response_id}?stream=true": Call(
        "responses.retrieve(stream=True)", lambda c, _: c.responses.retrieve("id", stream=True)
    ),
    "POST /v1/images/generations": Call(
        "images.generate(stream=True)", lambda c, _: c.images.generate(prompt="p", stream=True)
    ),
    "POST /v1/images/edits": Call(
        "images.edit(stream=True)", lambda c, _: c.images.edit(image=b"i", prompt="p", stream=True)
    ),
}
"""What a user calls for a stream."""

_TYPES: Mapping[str, Any] = {
    "GET /v1/models": SyncPage[Model],
    "GET /v1/models/{model}": Model,
    "POST /v1/chat/completions": ChatCompletion,
    "POST /v1/completions": Completion,
    "POST /v1/responses": Response,
    "GET /v1/responses/{response_id}": Response,
    "POST /v1/responses/{response_id}/cancel": Response,
    "POST /v1/responses/compact": CompactedResponse,
    "POST /v1/responses/input_tokens": InputTokenCountResponse,
    "POST /v1/embeddings": CreateEmbeddingResponse,
    "POST /v1/moderations": ModerationCreateResponse,
    "POST /v1/images/generations": ImagesResponse,
    "POST /v1/images/edits": ImagesResponse,
    "POST /v1/videos": Video,
    "GET /v1/videos/{video_id}": Video,
    "POST /v1/videos/{video_id}/remix": Video,
}

_EVENTS: Mapping[str, Any] = {
    "POST /v1/chat/completions": ChatCompletionChunk,
    "POST /v1/completions": Completion,
    "POST /v1/responses": ResponseStreamEvent,
    "GET /v1/responses/{response_id}?stream=true": ResponseStreamEvent,
    "POST /v1/images/generations": ImageGenStreamEvent,
    "POST /v1/images/edits": ImageEditStreamEvent,
    "GET /v1/realtime": RealtimeServerEvent,
    "GET /v1/responses": ResponsesServerEvent,
}


def type_of_answer(case: Case) -> Any:
    """The SDK's type of the case's JSON answer; str for a transcript as plain text; None for media."""
    asked = option(case, "response_format")
    match case.operation:
        case "POST /v1/audio/transcriptions":
            return str if asked in _TEXTS else _TRANSCRIPTS.get(cast(str, asked), Transcription)
        case "POST /v1/audio/translations":
            return str if asked in _TEXTS else TranslationVerbose if asked == "verbose_json" else Translation
        case other:
            return _TYPES.get(other)


def type_of_event(operation: str) -> Any:
    """The SDK's type of an event of the operation's streams or conversations."""
    return _EVENTS[operation]
