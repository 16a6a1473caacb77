"""Which handler answers a method and a path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from conformance.exchange import Request, Response
from conformance.reference import (
    audio,
    chat,
    completions,
    embeddings,
    errors,
    images,
    models,
    moderations,
    refusals,
    responses,
    responses_helpers,
    videos,
)

Handler = Callable[..., Response]
"""Takes the state, the request, and the value of each placeholder of the path."""

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v1/models", models.list_models),
    ("GET", "/v1/models/{model}", models.retrieve_model),
    ("POST", "/v1/chat/completions", chat.create_chat),
    ("POST", "/v1/completions", completions.create_completion),
    ("POST", "/v1/responses", responses.create_response),
    ("GET", "/v1/responses", refusals.no_response_list),
    ("POST", "/v1/responses/compact", responses_helpers.compact_response),
    ("POST", "/v1/responses/input_tokens", responses_helpers.count_input_tokens),
    ("GET", "/v1/responses/{response}", responses_helpers.retrieve_response),
    ("POST", "/v1/responses/{response}/cancel", responses_helpers.cancel_response),
    ("POST", "/v1/embeddings", embeddings.create_embeddings),
    ("POST", "/v1/moderations", moderations.create_moderation),
    ("POST", "/v1/images/generations", images.generate_images),
    ("POST", "/v1/images/edits", images.edit_images),
    ("POST", "/v1/videos", videos.create_video),
    ("GET", "/v1/videos/{video}", videos.retrieve_video),
    ("GET", "/v1/videos/{video}/content", videos.download_video),
    ("POST", "/v1/videos/{video}/remix", videos.remix_video),
    ("POST", "/v1/audio/transcriptions", audio.transcribe),
    ("POST", "/v1/audio/translations", audio.translate),
    ("POST", "/v1/audio/speech", audio.speak),
    ("GET", "/v1/realtime", refusals.realtime_needs_upgrade),
)


@dataclass(frozen=True, slots=True)
class Match:
    """A handler and the placeholders' values."""

    operation: str
    handler: Handler
    values: tuple[str, ...]


def _pattern(path: str) -> re.Pattern[str]:
    # A model id may hold a slash, also unencoded; no other placeholder does.
    pattern = re.escape(path).replace(r"\{model\}", "(.+)")
    return re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", pattern))


_TABLE = tuple((method, path, _pattern(path), handler) for method, path, handler in ROUTES)


def match(request: Request) -> Match:
    """The handler of a request, or the refusal of its path or method."""
    path, _, query = request.path.partition("?")
    if "beta=true" in query.split("&"):  # the beta surface of the SDKs, which shares its paths with what is served
        raise errors.unknown_path(request.method, request.path[:200])
    found = [(method, name, pattern.fullmatch(path), handler) for method, name, pattern, handler in _TABLE]
    here = [(method, name, hit, handler) for method, name, hit, handler in found if hit]
    if not here:
        raise errors.unknown_path(request.method, path[:200])
    wanted = "GET" if request.method == "HEAD" else request.method
    for method, name, hit, handler in here:
        if method == wanted:
            return Match(f"{method} {name}", handler, tuple(unquote(value) for value in hit.groups()))
    allowed = tuple(sorted({method for method, _, _, _ in here}))
    raise errors.wrong_method(request.method, path[:200], allowed)
