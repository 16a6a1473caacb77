"""The video rows: create, retrieve, content, remix. A task moves on each time it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from conformance.exchange import Request, Response
from conformance.reference import errors, media
from conformance.reference.answers import JsonObject, bytes_answer, json_answer
from conformance.reference.bodies import Form
from conformance.reference.forms import files, form_or_json
from conformance.reference.models import model_for
from conformance.reference.parameters import Rule, check, one_of, string
from conformance.reference.state import State, keep
from conformance.wire.media import sniff

SIZES = ("720x1280", "1280x720", "1024x1792", "1792x1024")
KEPT_FOR = 86_400
"""Seconds that content can be downloaded."""

PROMPT: Rule = string(shortest=1, longest=32_000)
RULES: dict[str, Rule] = {
    "prompt": PROMPT,
    "model": string(shortest=1),
    "seconds": one_of("4", "8", "12"),
    "size": one_of(*SIZES),
}


@dataclass(slots=True)
class Video:
    """A video task; ``reads`` counts how often it was retrieved."""

    identifier: str
    model: str
    prompt: str
    created_at: int
    remixed_from: str | None = None
    reads: int = 0
    completed_at: int | None = None


def create_video(state: State, request: Request) -> Response:
    """Start a task from a form or from JSON."""
    body, form = form_or_json(request, {})
    check(body, RULES, ("prompt",))
    model = model_for(state, body.get("model") or "ref-video", "videos", "video generation")
    _check_options(body, form)
    return json_answer(_record(state, _start(state, model.id, body["prompt"], None)))


def _check_options(body: JsonObject, form: Form) -> None:
    if body.get("seconds", "4") != "4":
        raise errors.unsupported_value("seconds", "This model makes videos of 4 seconds.")
    if body.get("size", SIZES[0]) != SIZES[0]:
        raise errors.unsupported_value("size", f"This model makes videos of {SIZES[0]}.")
    for reference in files(form, "input_reference"):
        if sniff(reference.data).kind not in ("image/png", "image/jpeg", "image/webp"):
            raise errors.invalid_value("input_reference", "The reference must be a png, jpeg or webp image.")


def _start(state: State, model: str, prompt: str, source: str | None) -> Video:
    video = Video(state.new_id("video_"), model, prompt, state.now(), source)
    keep(state.videos, video.identifier, video)
    return video


def retrieve_video(state: State, request: Request, identifier: str) -> Response:
    """Look at a task; each look moves it on, until it is complete."""
    video = _find(state, identifier)
    video.reads += 1
    if video.reads >= state.polls_to_complete and video.completed_at is None:
        video.completed_at = state.now()
    return json_answer(_record(state, video), headers=(("openai-poll-after-ms", "50"),))


def _record(state: State, video: Video) -> JsonObject:
    done = video.completed_at is not None
    progress = 100 if done else 99 * video.reads // max(state.polls_to_complete, 1)
    return {
        "id": video.identifier,
        "object": "video",
        "model": video.model,
        "status": "completed" if done else "in_progress" if video.reads else "queued",
        "progress": progress,
        "created_at": video.created_at,
        "completed_at": video.completed_at,
        "expires_at": None if video.completed_at is None else video.completed_at + KEPT_FOR,
        "prompt": video.prompt,
        "size": SIZES[0],
        "seconds": "4",
        "remixed_from_video_id": video.remixed_from,
        "error": None,
    }


def download_video(state: State, request: Request, identifier: str) -> Response:
    """The finished video, its thumbnail or its spritesheet."""
    query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
    variant = query.get("variant", ["video"])[-1]
    one_of("video", "thumbnail", "spritesheet")(variant, "variant")
    _completed(state, identifier)
    if variant == "video":
        return bytes_answer(media.blob("clip-720x1280.mp4"), "video/mp4")
    return bytes_answer(media.blob("tall-1024x1536.webp"), "image/webp")


def remix_video(state: State, request: Request, identifier: str) -> Response:
    """Start a task from a finished one."""
    body, _ = form_or_json(request, {})
    check(body, {"prompt": PROMPT}, ("prompt",))
    source = _completed(state, identifier)
    return json_answer(_record(state, _start(state, source.model, body["prompt"], source.identifier)))


def _find(state: State, identifier: str) -> Video:
    video = state.videos.get(identifier)
    if not isinstance(video, Video):
        raise errors.not_found("Video", identifier[:200])
    return video


def _completed(state: State, identifier: str) -> Video:
    video = _find(state, identifier)
    if video.completed_at is None:
        raise errors.Refusal(400, f"Video '{identifier[:200]}' is not ready yet.", code="video_not_ready")
    return video
