"""Video tasks: what is said of a task, at once and over time, and the bytes that it ends in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from conformance.answer import Answer
from conformance.checks.excerpt import shown
from conformance.checks.media_bytes import content, described
from conformance.checks.picture_view import asked, pixels
from conformance.checks.subject import Finding, NotShown, Spoiled, Subject, check

_YEAR_2015 = 1_420_000_000
_DAY = 86_400
_ORDER = {"queued": 0, "in_progress": 1, "completed": 2, "failed": 2}
_CREATE, _REMIX = "POST /v1/videos", "POST /v1/videos/{video_id}/remix"


@dataclass(frozen=True)
class Task:
    """A video task as one answer tells of it."""

    answer: Answer
    value: dict[str, Any]

    @property
    def identifier(self) -> str | None:
        """Its id."""
        value = self.value.get("id")
        return value if isinstance(value, str) and value else None

    @property
    def status(self) -> str | None:
        """One of the documented states; None for another word, of which the schema tells."""
        value = self.value.get("status")
        return value if value in _ORDER else None

    def number(self, name: str) -> int | None:
        """An integer member."""
        value = self.value.get(name)
        return value if type(value) is int else None


def tasks(subject: Subject) -> list[Task]:
    """The tasks that the answers tell of, in the order of time. Raises NotShown when there are none."""
    told = [
        Task(answer, answer.json)
        for answer in subject.answers
        if answer.state == "answered" and answer.case.expects == "answer" and isinstance(answer.json, dict)
    ]
    if not told:
        raise NotShown("no answer that tells of a video was seen")
    return sorted(told, key=lambda task: task.answer.exchange.started_at)


def _completed(subject: Subject) -> list[Task]:
    """The tellings of completed tasks. Raises NotShown when there are none."""
    found = [task for task in tasks(subject) if task.status == "completed"]
    if not found:
        raise NotShown("no completed task was seen")
    return found


def _histories(subject: Subject) -> Iterator[tuple[Task, Task]]:
    """Each two tellings of one task of which the first had ended before the second was asked for.

    Raises NotShown when there are no such two.
    """
    by_id: dict[str, list[Task]] = defaultdict(list)
    for task in tasks(subject):
        if task.identifier is not None:
            by_id[task.identifier].append(task)
    pairs = [
        (earlier, later)
        for told in by_id.values()
        for earlier, later in pairwise(told)
        if earlier.answer.exchange.ended_at <= later.answer.exchange.started_at
    ]
    if not pairs:
        raise NotShown("no task was told of twice, one time after the other")
    yield from pairs


@check
def video_status_moves_forward(subject: Subject) -> Iterator[Finding]:
    """queued, in_progress, then completed or failed for good."""
    for earlier, later in _histories(subject):
        before, after = earlier.status, later.status
        if before is None or after is None or before == after:
            continue
        if _ORDER[after] <= _ORDER[before]:
            expected = f"{before}, or what comes after it" if _ORDER[before] < 2 else f"{before}, for good"
            yield Finding(expected, after, "/status", later.answer.exchange.id)


@check
def video_progress_never_falls(subject: Subject) -> Iterator[Finding]:
    """A failed task may keep or lose what it had."""
    for earlier, later in _histories(subject):
        before, after = earlier.number("progress"), later.number("progress")
        if before is not None and after is not None and after < before and later.status != "failed":
            yield Finding(f"at least {before}", str(after), "/progress", later.answer.exchange.id)


@check
def video_keeps_what_it_is(
    subject: Subject, members: Sequence[str], *, forgets: bool = False
) -> Iterator[Finding]:
    """What was said of a task at first is said of it later, or not mentioned; or is null, where it ``forgets``."""
    for earlier, later in _histories(subject):
        for name in members:
            before, after = earlier.value.get(name), later.value.get(name)
            told = after is not None or (name in later.value and not forgets)
            if before is not None and told and before != after:
                expected = f"{shown(before)}, as before"
                yield Finding(expected, shown(after), f"/{name}", later.answer.exchange.id)


@check
def video_ids_differ(subject: Subject) -> Iterator[Finding]:
    """Each create and each remix makes a task of its own."""
    made: dict[str, Task] = {}
    for task in tasks(subject):
        if task.answer.case.operation not in {_CREATE, _REMIX} or task.identifier is None:
            continue
        first = made.setdefault(task.identifier, task)
        if first is not task:
            seen = f"{task.identifier!r}, as of {first.answer.case.id}"
            yield Finding("an id of its own", seen, "/id", task.answer.exchange.id)


@check
def retrieved_video_is_the_one_asked_for(subject: Subject) -> Iterator[Finding]:
    """The id in the path is the id in the answer."""
    for task in tasks(subject):
        wanted = unquote(task.answer.exchange.request.path.partition("?")[0].rpartition("/videos/")[2])
        if task.identifier is not None and task.identifier != wanted:
            yield Finding(repr(wanted), repr(task.identifier), "/id", task.answer.exchange.id)


@check
def completed_video_is_done(subject: Subject) -> Iterator[Finding]:
    """progress is 100 when nothing is left to do."""
    for task in _completed(subject):
        progress = task.number("progress")
        if progress is not None and progress != 100:
            yield Finding("100, as it is completed", str(progress), "/progress", task.answer.exchange.id)


@check
def completed_video_says_when(subject: Subject) -> Iterator[Finding]:
    """A completed task has the time of its completion."""
    for task in _completed(subject):
        if task.value.get("completed_at") is None:
            yield Finding("the time of completion", "none", "/completed_at", task.answer.exchange.id)


@check
def video_times_are_in_order(subject: Subject) -> Iterator[Finding]:
    """Created, then completed; a task that has not ended was not completed at any time."""
    for task in tasks(subject):
        created, completed = task.number("created_at"), task.number("completed_at")
        if completed is not None and task.status in {"queued", "in_progress"}:
            seen = f"{completed}, and {task.status}"
            yield Finding("null until it is completed", seen, "/completed_at", task.answer.exchange.id)
        elif completed is not None and created is not None and completed < created:
            expected = f"not before created_at, {created}"
            yield Finding(expected, str(completed), "/completed_at", task.answer.exchange.id)


@check
def video_expires_after_it_is_ready(subject: Subject) -> Iterator[Finding]:
    """There is time to download it."""
    for task in _completed(subject):
        ready = task.number("completed_at") or task.number("created_at")
        expires = task.number("expires_at")
        if expires is not None and ready is not None and expires <= ready:
            yield Finding(f"after {ready}", str(expires), "/expires_at", task.answer.exchange.id)


@check
def video_times_are_plausible(subject: Subject) -> Iterator[Finding]:
    """Seconds since 1970: not 0, not milliseconds, not tomorrow."""
    for task in tasks(subject):
        latest = task.answer.exchange.started_at + _DAY
        for name in ("created_at", "completed_at"):
            value = task.number(name)
            if value is not None and not _YEAR_2015 < value < latest:
                yield Finding("seconds since 1970", str(value), f"/{name}", task.answer.exchange.id)


@check
def video_error_fits_its_status(subject: Subject) -> Iterator[Finding]:
    """A failed task says why, and no other has an error."""
    for task in tasks(subject):
        error = task.value.get("error")
        said = error.get("message") or error.get("code") if isinstance(error, dict) else error
        if task.status == "failed" and not error:
            yield Finding("an error, as it failed", shown(error), "/error", task.answer.exchange.id)
        elif task.status not in {"failed", None} and said:
            yield Finding(f"null, as it is {task.status}", shown(error), "/error", task.answer.exchange.id)


@check
def video_is_what_was_asked_for(subject: Subject, members: Sequence[str]) -> Iterator[Finding]:
    """Options of the request that the answer names."""
    for task in tasks(subject):
        for name in members:
            due, told = asked(task.answer).get(name), task.value.get(name)
            if isinstance(due, str) and isinstance(told, str) and told != due:
                yield Finding(shown(due), shown(told), f"/{name}", task.answer.exchange.id)


@check
def remix_names_its_source(subject: Subject) -> Iterator[Finding]:
    """The id in the path."""
    for task in tasks(subject):
        path = task.answer.exchange.request.path.partition("?")[0]
        source = unquote(path.removesuffix("/remix").rpartition("/videos/")[2])
        told = task.value.get("remixed_from_video_id")
        if told != source:
            yield Finding(repr(source), shown(told), "/remixed_from_video_id", task.answer.exchange.id)


@check
def new_video_has_no_source(subject: Subject) -> Iterator[Finding]:
    """Null, or absent."""
    for task in tasks(subject):
        told = task.value.get("remixed_from_video_id")
        if told is not None:
            yield Finding("null", shown(told), "/remixed_from_video_id", task.answer.exchange.id)


@check
def video_reaches_its_end(subject: Subject) -> Iterator[Finding]:
    """A task that is still under way was not looked at for long enough, which is no fault of the target."""
    last = tasks(subject)[-1]
    if last.status in {"queued", "in_progress"}:
        looks = len(subject.answers)
        raise Spoiled(f"the task was still {last.status} after {looks} look{'s' if looks != 1 else ''}")
    if last.status is None:
        raise Spoiled(f"the task's status is {shown(last.value.get('status'))}")
    if last.status == "failed":
        seen = f"failed: {shown(last.value.get('error'))}"
        yield Finding("completed, as the task was taken on", seen, "/status", last.answer.exchange.id)


@check
def poll_hint_is_a_number(subject: Subject) -> Iterator[Finding]:
    """Milliseconds; openai-python and openai-node wait as long as it says."""
    for answer in subject.answers:
        value = answer.exchange.response.header("openai-poll-after-ms") if answer.exchange.response else None
        if value is not None and not value.strip().isdigit():
            yield Finding("milliseconds", repr(value), "openai-poll-after-ms", answer.exchange.id)


@check
def video_content_is_mp4(subject: Subject) -> Iterator[Finding]:
    """A file type box first, whatever the Content-Type says."""
    for answer in subject.answers:
        if content(answer).kind != "video/mp4":
            yield Finding("video/mp4", described(answer), "body", answer.exchange.id)


@check
def video_variant_is_an_image(subject: Subject) -> Iterator[Finding]:
    """Thumbnails and spritesheets are pictures."""
    for answer in subject.answers:
        if not content(answer).kind.startswith("image/"):
            yield Finding("an image", described(answer), "body", answer.exchange.id)


@check
def media_is_whole(subject: Subject) -> Iterator[Finding]:
    """Up to the end that its own structure names."""
    for answer in subject.answers:
        info = content(answer)
        if not info.kind.startswith(("video/", "image/")):
            raise Spoiled(f"the body is {described(answer)}")
        if info.truncated:
            size = f"{len(answer.response.body)} bytes of {info.kind} that break off"
            yield Finding("a whole file", size, f"byte {len(answer.response.body)}", answer.exchange.id)


@check
def video_has_the_size_of_its_task(subject: Subject) -> Iterator[Finding]:
    """Width and height as they are played."""
    task = subject.answered(subject.case.compare[0])
    told = task.json.get("size") if task is not None and isinstance(task.json, dict) else None
    due, seen = pixels(told if isinstance(told, str) else None), content(subject.answer).size
    if due is None or seen is None:
        raise NotShown("the task or the video names no size")
    if seen != due:
        size = f"{seen[0]}x{seen[1]} pixels"
        yield Finding(f"{due[0]}x{due[1]} pixels", size, "body", subject.answer.exchange.id)


@check
def content_waits_for_the_video(subject: Subject) -> Iterator[Finding]:
    """Judged where a later look still found the task under way: then there was nothing to hand out yet."""
    for answer in subject.answers:
        looks = [look for case_id in answer.case.compare for look in subject.others(case_id)]
        later = [look for look in looks if look.exchange.started_at >= answer.exchange.ended_at]
        states = {look.json.get("status") for look in later if isinstance(look.json, dict)}
        if not states & {"queued", "in_progress"}:
            raise NotShown("the video may have been ready by then")
        if answer.state == "answered":
            expected = "a refusal, as the video is not ready"
            yield Finding(expected, described(answer), "status", answer.exchange.id)


@check
def completed_video_can_be_downloaded(subject: Subject) -> Iterator[Finding]:
    """A refusal could be a gate, had the same target not said that the video is ready."""
    looks = [look for look in subject.others("video/poll/created") if look.state == "answered"]
    if not looks or not isinstance(looks[-1].json, dict) or looks[-1].json.get("status") != "completed":
        raise NotShown("no video was completed")
    for answer in subject.answers:
        if answer.case.baseline and answer.state == "refused":
            seen = f"{answer.status}: {shown(answer.error.get('message'))}"
            yield Finding("the content of a completed video", seen, "status", answer.exchange.id)
