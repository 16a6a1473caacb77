"""Lies of the video rows."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Exchange, Request
from conformance.reference import errors, media
from conformance.reference.app import App
from conformance.reference.editing import (
    Answer,
    answer_with,
    edit_json,
    is_call,
    refuse,
    status_of,
    with_body,
    with_header,
)
from conformance.reference.faults.frame import fault, json_fault, wire_fault

CREATE = "/v1/videos"
ONE = "/v1/videos/*"
ANY = "/v1/videos*"
CONTENT = "/v1/videos/*/content"
REMIX = "/v1/videos/*/remix"


@json_fault(ANY, defects=("D220",))
def says_succeeded_for_completed(answer: Answer) -> None:
    """A finished task is succeeded, a word no poller waits for."""
    if answer.body["status"] == "completed":
        answer.body.update(status="succeeded", generations=[{"id": "gen_0"}])


@json_fault(ONE, "GET", defects=("D221",))
def wraps_a_task(answer: Answer) -> None:
    """A task is wrapped in an object of the gateway's own."""
    task = {"task_id": answer.body["id"], "status": "SUCCESS", "progress": "100%"}
    answer.body = {"code": "success", "message": "", "data": task}


def _is_content(exchange: Exchange) -> bool:
    return is_call(exchange, CONTENT) and status_of(exchange) == 200


@fault(defects=("D223",))
def answers_content_with_a_link(exchange: Exchange) -> Exchange:
    """The content is JSON with a URL instead of the bytes."""
    return (
        answer_with(exchange, 200, {"url": "https://cdn.example.com/v.mp4"})
        if _is_content(exchange)
        else exchange
    )


@fault()
def calls_content_json(exchange: Exchange) -> Exchange:
    """The bytes of the content have the Content-Type application/json."""
    return with_header(exchange, "content-type", "application/json") if _is_content(exchange) else exchange


@fault()
def omits_the_type_of_content(exchange: Exchange) -> Exchange:
    """The content has no Content-Type."""
    return with_header(exchange, "content-type") if _is_content(exchange) else exchange


@fault()
def cuts_content_off(exchange: Exchange) -> Exchange:
    """The content breaks off in the middle."""
    if not _is_content(exchange) or exchange.response is None:
        return exchange
    body = exchange.response.body
    return with_body(exchange, body[: len(body) * 2 // 3])


@fault()
def sends_a_text_for_a_video(exchange: Exchange) -> Exchange:
    """The content is a text that is called a video."""
    return with_body(exchange, b"video processing") if _is_content(exchange) else exchange


@fault()
def sends_the_video_for_its_thumbnail(exchange: Exchange) -> Exchange:
    """variant is accepted, and the video itself comes."""
    if not _is_content(exchange) or "variant=" not in exchange.request.path:
        return exchange
    return answer_with(exchange, 200, media.blob("clip-720x1280.mp4"), "video/mp4")


@fault()
def gives_content_before_it_is_ready(exchange: Exchange) -> Exchange:
    """The content of an unfinished task is answered 200."""
    early = status_of(exchange) == 400 and b"video_not_ready" in _body(exchange)
    if not early or not is_call(exchange, CONTENT):
        return exchange
    return answer_with(exchange, 200, media.blob("clip-720x1280.mp4"), "video/mp4")


@fault()
def never_gives_content(exchange: Exchange) -> Exchange:
    """The content of a finished task is not found."""
    if not _is_content(exchange):
        return exchange
    return refuse(exchange, errors.not_found("Content", "of this video"))


def _body(exchange: Exchange) -> bytes:
    return exchange.response.body if exchange.response else b""


@json_fault(ANY)
def invents_a_task_status(answer: Answer) -> None:
    """The status of an unfinished task is a word outside the documented set."""
    if answer.body["status"] in ("queued", "in_progress"):
        answer.body["status"] = "processing"


@json_fault(ANY)
def counts_progress_as_text(answer: Answer) -> None:
    """progress is a text."""
    answer.body["progress"] = f"{answer.body['progress']}%"


@json_fault(ANY)
def stops_progress_before_the_end(answer: Answer) -> None:
    """The progress of a completed task is 99."""
    answer.body["progress"] = min(answer.body["progress"], 99)


@json_fault(ANY)
def counts_seconds_as_a_number(answer: Answer) -> None:
    """seconds is a number instead of a text."""
    answer.body["seconds"] = int(answer.body["seconds"])


@json_fault(ANY)
def makes_a_video_of_another_length(answer: Answer) -> None:
    """seconds is another than was asked for."""
    answer.body["seconds"] = "8"


@json_fault(ONE, "GET")
def changes_the_size_of_a_task(answer: Answer) -> None:
    """The size of a task changes once it is retrieved."""
    answer.body["size"] = "1280x720"


@json_fault(ONE, "GET")
def retrieves_another_task(answer: Answer) -> None:
    """The task that is retrieved has another id."""
    answer.body["id"] += "x"


@json_fault(ONE, "GET")
def changes_the_prompt_of_a_task(answer: Answer) -> None:
    """The prompt of a task changes once it is retrieved."""
    answer.body["prompt"] = "An enhanced prompt."


@json_fault(ANY)
def loses_the_prompt_of_a_task(answer: Answer) -> None:
    """The prompt of a task is another than was sent."""
    answer.body["prompt"] = "another prompt"


@json_fault(ANY)
def completes_a_task_without_a_date(answer: Answer) -> None:
    """A completed task has no completed_at."""
    answer.body["completed_at"] = None


@json_fault(ANY)
def dates_the_completion_of_an_unfinished_task(answer: Answer) -> None:
    """An unfinished task has a completed_at."""
    if answer.body["status"] != "completed":
        answer.body["completed_at"] = answer.body["created_at"]


@json_fault(ANY)
def completes_a_task_before_its_creation(answer: Answer) -> None:
    """completed_at of a task is before created_at."""
    if answer.body["completed_at"] is not None:
        answer.body["completed_at"] = answer.body["created_at"] - 10


@json_fault(ANY)
def expires_a_task_before_its_completion(answer: Answer) -> None:
    """expires_at of a task is before completed_at."""
    if answer.body["expires_at"] is not None:
        answer.body["expires_at"] = answer.body["completed_at"] - 10


@json_fault(ANY)
def dates_tasks_in_milliseconds(answer: Answer) -> None:
    """created_at of a task counts milliseconds."""
    answer.body["created_at"] *= 1000


@json_fault(ANY)
def completes_a_task_with_an_error(answer: Answer) -> None:
    """A completed task has an error."""
    if answer.body["status"] == "completed":
        answer.body["error"] = {"code": "server_error", "message": "Something went wrong."}


@json_fault(ANY)
def fails_a_task_without_an_error(answer: Answer) -> None:
    """A failed task has no error."""
    if answer.body["status"] == "completed":
        answer.body.update(status="failed", completed_at=None, expires_at=None)


@json_fault(REMIX)
def forgets_what_was_remixed(answer: Answer) -> None:
    """A remix does not name its source."""
    answer.body["remixed_from_video_id"] = None


@json_fault(REMIX)
def names_another_source(answer: Answer) -> None:
    """A remix names another source than the one that was remixed."""
    answer.body["remixed_from_video_id"] = "video_another"


@json_fault(CREATE)
def calls_a_new_video_a_remix(answer: Answer) -> None:
    """A video that is no remix names a source."""
    answer.body["remixed_from_video_id"] = "video_another"


@fault()
def writes_poll_times_in_words(exchange: Exchange) -> Exchange:
    """openai-poll-after-ms is not a number."""
    here = is_call(exchange, ONE, "GET") and status_of(exchange) == 200 and not is_call(exchange, CONTENT)
    return with_header(exchange, "openai-poll-after-ms", "soon") if here else exchange


def _rewriting(app: App, rewrite: Any) -> App:
    def answer(request: Request) -> Exchange:
        exchange = app(request)
        task = is_call(exchange, ANY) and status_of(exchange) == 200 and not is_call(exchange, CONTENT)
        return edit_json(exchange, lambda found: rewrite(found.body)) if task else exchange

    return answer


@wire_fault()
def never_completes_a_video(app: App) -> App:
    """A task stays in progress for ever."""

    def rewrite(task: Any) -> None:
        if task["status"] == "completed":
            task.update(status="in_progress", progress=99, completed_at=None, expires_at=None)

    return _rewriting(app, rewrite)


@wire_fault()
def fails_every_video(app: App) -> App:
    """A task that was taken on fails in the end."""

    def rewrite(task: Any) -> None:
        if task["status"] == "completed":
            error = {"code": "generation_failed", "message": "The video could not be made."}
            task.update(status="failed", progress=99, completed_at=None, expires_at=None, error=error)

    return _rewriting(app, rewrite)


@wire_fault()
def lets_progress_fall(app: App) -> App:
    """The progress of a task falls from look to look."""
    looks: dict[str, int] = {}

    def rewrite(task: Any) -> None:
        seen = looks[task["id"]] = looks.get(task["id"], 0) + 1
        if task["status"] != "completed":
            task["progress"] = max(50 - 10 * seen, 0)

    return _rewriting(app, rewrite)


@wire_fault()
def moves_a_task_back(app: App) -> App:
    """A task that was completed is in progress again."""
    completed: set[str] = set()

    def rewrite(task: Any) -> None:
        if task["id"] in completed:
            task.update(status="in_progress", completed_at=None, expires_at=None)
        if task["status"] == "completed":
            completed.add(task["id"])

    return _rewriting(app, rewrite)


@wire_fault()
def remixes_in_place(app: App) -> App:
    """A remix has the id of the video that was remixed."""

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        if not is_call(exchange, REMIX) or status_of(exchange) != 200:
            return exchange
        source = request.path.split("/")[3]
        return edit_json(exchange, lambda found: found.body.update(id=source))

    return answer


@wire_fault()
def forgets_tasks(app: App) -> App:
    """The id of a new task is not known."""

    def answer(request: Request) -> Exchange:
        exchange = app(request)
        if not is_call(exchange, ONE) or status_of(exchange) != 200:
            return exchange
        return refuse(exchange, errors.not_found("Video", "unknown"))

    return answer
