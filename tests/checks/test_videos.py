"""Each lie about video tasks and their content, told in hand-made answers."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.answer import Answer
from conformance.checks.subject import NotShown, Spoiled
from tests.checks.media_answers import CONTRACT, Found, answer, findings, media, red, refused

CREATE, FORM, RETRIEVE = "videos/minimal/json", "videos/minimal/form", "video/retrieve/created"
POLL, REMIX, AGAIN = "video/poll/created", "video-remix/minimal/json", "video/retrieve/again"
CONTENT, THUMBNAIL = "video-content/minimal/video", "video-content/variant/thumbnail"
NOT_READY, REMIXED = "video-content/not-ready/remixed", "video/retrieve/remixed"
NOW = 1_750_000_000
CLIP = media("clip-720x1280.mp4")
MP4, WEBP = "video/mp4", "image/webp"


def task(status: str = "queued", **changes: Any) -> dict[str, Any]:
    ended = status == "completed"
    return {
        "id": "video_1",
        "object": "video",
        "model": "m",
        "status": status,
        "progress": {"queued": 0, "in_progress": 50, "completed": 100}.get(status, 10),
        "created_at": NOW,
        "completed_at": NOW + 60 if ended else None,
        "expires_at": NOW + 3600 if ended else None,
        "prompt": "a red dot moves",
        "size": "720x1280",
        "seconds": "4",
        "remixed_from_video_id": None,
        "error": {"code": "refused", "message": "no"} if status == "failed" else None,
    } | changes


def told(case_id: str, value: Any, second: float = 0.0, **more: Any) -> Answer:
    """An answer that tells of a task, begun ``second`` seconds into the run; it takes half a second."""
    at = (NOW + second, NOW + second + 0.5)
    identifier = value.get("id") if isinstance(value, dict) else None
    path = {"video": f"/v1/videos/{identifier}", "video-remix": "/v1/videos/video_1/remix"}
    area = case_id.partition("/")[0]
    return answer(case_id, value, at=at, **{"path": path.get(area), **more})


REMIXED_TASK = task(id="video_2", prompt="a green line grows", remixed_from_video_id="video_1")
LIFE = (
    told(CREATE, task()),
    told(FORM, task(id="video_3", prompt="a blue square turns"), 0.2),
    told(RETRIEVE, task("in_progress"), 1),
    told(POLL, task("in_progress", progress=70), 2),
    told(POLL, task("completed"), 3, step=1),
    told(REMIX, REMIXED_TASK, 4),
    told(REMIXED, REMIXED_TASK | {"status": "in_progress", "progress": 50}, 5),
    told(AGAIN, task("completed"), 6),
)
OVER_TIME = ["VID-001", "VID-002", "VID-003", "VID-004", "VID-005"]
WAITED = {"VID-017"}  # raises Spoiled where a task has not ended


@pytest.mark.parametrize("requirement", OVER_TIME)
def test_a_life_passes(requirement: str) -> None:
    assert findings(requirement, *LIFE) == []


@pytest.mark.parametrize("one", LIFE, ids=lambda one: f"{one.exchange.id}")
def test_each_telling_of_a_life_passes(one: Answer) -> None:
    assert red("VID-", one, without=WAITED) == {}


@pytest.mark.parametrize("status", ["queued", "in_progress", "completed", "failed"])
def test_bare_tasks_pass(status: str) -> None:
    bare = {
        k: v for k, v in task(status).items() if k not in {"prompt", "expires_at", "remixed_from_video_id"}
    }
    assert red("VID-", told(POLL, bare), without=WAITED) == {}


@pytest.mark.parametrize("requirement", ["VID-007", "VID-008", "VID-010"])
def test_only_completed_tasks_are_complete(requirement: str) -> None:
    with pytest.raises(NotShown):
        findings(requirement, told(POLL, task("in_progress")))


@pytest.mark.parametrize("requirement", ["VID-001", "VID-002", "VID-003", "VID-004"])
def test_one_telling_is_no_history(requirement: str) -> None:
    with pytest.raises(NotShown):
        findings(requirement, told(CREATE, task()))


STORIES: dict[str, tuple[str, list[Answer], Found]] = {
    "back-to-queued": (
        "VID-001",
        [told(RETRIEVE, task("in_progress")), told(POLL, task("queued"), 1)],
        [("in_progress, or what comes after it", "queued", "/status")],
    ),
    "not-for-good": (
        "VID-001",
        [told(POLL, task("completed")), told(AGAIN, task("in_progress"), 1)],
        [("completed, for good", "in_progress", "/status")],
    ),
    "failed-after-all": (
        "VID-001",
        [told(POLL, task("completed")), told(AGAIN, task("failed"), 1)],
        [("completed, for good", "failed", "/status")],
    ),
    "progress-falls": (
        "VID-002",
        [told(RETRIEVE, task("in_progress")), told(POLL, task("in_progress", progress=20), 1)],
        [("at least 50", "20", "/progress")],
    ),
    "made-anew": (
        "VID-003",
        [told(CREATE, task()), told(RETRIEVE, task(created_at=NOW + 9), 1)],
        [(f"{NOW}, as before", str(NOW + 9), "/created_at")],
    ),
    "source-forgotten": (
        "VID-003",
        [
            told(CREATE, task(remixed_from_video_id="video_1")),
            told(RETRIEVE, task(remixed_from_video_id=None), 1),
        ],
        [('"video_1", as before', "null", "/remixed_from_video_id")],
    ),
    "other-length": (
        "VID-003",
        [told(CREATE, task()), told(RETRIEVE, task(seconds="8"), 1)],
        [('"4", as before', '"8"', "/seconds")],
    ),
    "source-forgotten-for-another": (
        "VID-003",
        [told(REMIX, REMIXED_TASK), told(REMIXED, REMIXED_TASK | {"remixed_from_video_id": "video_9"}, 1)],
        [('"video_1", as before', '"video_9"', "/remixed_from_video_id")],
    ),
    "prompt-of-another": (
        "VID-004",
        [told(CREATE, task()), told(RETRIEVE, task(prompt="something else"), 1)],
        [('"a red dot moves", as before', '"something else"', "/prompt")],
    ),
    "completed-again": (
        "VID-004",
        [told(POLL, task("completed")), told(AGAIN, task("completed", completed_at=NOW + 99), 1)],
        [(f"{NOW + 60}, as before", str(NOW + 99), "/completed_at")],
    ),
    "one-id-for-two": (
        "VID-005",
        [told(CREATE, task()), told(FORM, task(), 1)],
        [("an id of its own", "'video_1', as of videos/minimal/json", "/id")],
    ),
    "remix-in-place": (
        "VID-005",
        [told(CREATE, task()), told(REMIX, task(), 1)],
        [("an id of its own", "'video_1', as of videos/minimal/json", "/id")],
    ),
}


@pytest.mark.parametrize(("requirement", "story", "expected"), STORIES.values(), ids=STORIES)
def test_lies_over_time(requirement: str, story: list[Answer], expected: Found) -> None:
    assert findings(requirement, *story) == expected


def test_answers_that_overlap_in_time_are_not_compared() -> None:
    overlapping = (told(RETRIEVE, task("completed"), 1), told(POLL, task("in_progress"), 1.2))
    with pytest.raises(NotShown):
        findings("VID-001", *overlapping)


def test_nothing_is_shown_without_tasks() -> None:
    with pytest.raises(NotShown):
        findings("VID-001", refused(CREATE))


LIES: dict[str, tuple[str, Answer, Found]] = {
    "another-task": (
        "VID-006",
        told(RETRIEVE, task(), path="/v1/videos/video_7"),
        [("'video_7'", "'video_1'", "/id")],
    ),
    "completed-at-half": (
        "VID-007",
        told(POLL, task("completed", progress=50)),
        [("100, as it is completed", "50", "/progress")],
    ),
    "completed-at-no-time": (
        "VID-008",
        told(POLL, task("completed", completed_at=None)),
        [("the time of completion", "none", "/completed_at")],
    ),
    "completed-before-created": (
        "VID-009",
        told(POLL, task("completed", completed_at=NOW - 5)),
        [(f"not before created_at, {NOW}", str(NOW - 5), "/completed_at")],
    ),
    "completed-while-queued": (
        "VID-009",
        told(CREATE, task(completed_at=NOW)),
        [("null until it is completed", f"{NOW}, and queued", "/completed_at")],
    ),
    "expired-at-once": (
        "VID-010",
        told(POLL, task("completed", expires_at=NOW + 60)),
        [(f"after {NOW + 60}", str(NOW + 60), "/expires_at")],
    ),
    "milliseconds": (
        "VID-011",
        told(CREATE, task(created_at=NOW * 1000)),
        [("seconds since 1970", str(NOW * 1000), "/created_at")],
    ),
    "failed-without-a-reason": (
        "VID-012",
        told(POLL, task("failed", error=None)),
        [("an error, as it failed", "null", "/error")],
    ),
    "completed-with-an-error": (
        "VID-012",
        told(POLL, task("completed", error={"code": "x", "message": "y"})),
        [("null, as it is completed", '{"code": "x", "message": "y"}', "/error")],
    ),
    "seconds-ignored": ("VID-013", told(FORM, task(seconds="8")), [('"4"', '"8"', "/seconds")]),
    "size-ignored": ("VID-013", told(FORM, task(size="1280x720")), [('"720x1280"', '"1280x720"', "/size")]),
    "other-prompt": (
        "VID-014",
        told(CREATE, task(prompt="[object Object]")),
        [('"a red dot moves"', '"[object Object]"', "/prompt")],
    ),
    "remix-without-source": (
        "VID-015",
        told(REMIX, task(id="video_2")),
        [("'video_1'", "null", "/remixed_from_video_id")],
    ),
    "source-of-nothing": (
        "VID-016",
        told(CREATE, task(remixed_from_video_id="video_0")),
        [("null", '"video_0"', "/remixed_from_video_id")],
    ),
    "hint-as-duration": (
        "VID-018",
        told(RETRIEVE, task(), headers=(("openai-poll-after-ms", "1s"),)),
        [("milliseconds", "'1s'", "openai-poll-after-ms")],
    ),
    "json-for-video": (
        "VID-101",
        answer(CONTENT, {"url": "https://cdn.example/v.mp4"}),
        [("video/mp4", 'application/json: {"url": "https://cdn.example/v.mp4"}', "body")],
    ),
    "empty": ("VID-101", answer(CONTENT, b"", MP4), [("video/mp4", "an empty body", "body")]),
    "base64-for-video": ("VID-101", answer(CONTENT, b"AAAAIGZ0eXBpc29t", MP4), [
        ("video/mp4", "text/plain: AAAAIGZ0eXBpc29t", "body")
    ]),
    "video-for-thumbnail": ("VID-102", answer(THUMBNAIL, CLIP, MP4), [("an image", "video/mp4", "body")]),
    "called-json": (
        "VID-103",
        answer(CONTENT, CLIP, "application/json"),
        [("Content-Type: video/mp4", "application/json", "content-type")],
    ),
    "called-webp": (
        "VID-103",
        answer(THUMBNAIL, media("square-1024.png"), WEBP),
        [("Content-Type: image/png", "image/webp", "content-type")],
    ),
    "called-nothing": ("VID-104", answer(CONTENT, CLIP, None), [("a Content-Type", "none", "content-type")]),
    "cut": (
        "VID-105",
        answer(CONTENT, CLIP[:-30], MP4),
        [("a whole file", "1181 bytes of video/mp4 that break off", "byte 1181")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("requirement", "lie", "expected"), LIES.values(), ids=LIES)
def test_lies_of_one_answer(requirement: str, lie: Answer, expected: Found) -> None:
    assert findings(requirement, lie) == expected


CONTENTS = {
    "typed": (CONTENT, CLIP, "video/mp4"),
    "any-bytes": (CONTENT, CLIP, "application/octet-stream"),
    "binary": (CONTENT, CLIP, "application/binary"),
    "with-parameters": (CONTENT, CLIP, "Video/MP4; codecs=avc1"),
    "thumbnail": (THUMBNAIL, media("tall-1024x1536.webp"), "image/webp"),
    "spritesheet": ("video-content/variant/spritesheet", media("wide-1536x1024.jpeg"), "image/jpeg"),
}


@pytest.mark.parametrize(("case_id", "data", "media_type"), CONTENTS.values(), ids=CONTENTS)
def test_legal_content_passes(case_id: str, data: bytes, media_type: str) -> None:
    kind = "VID-101" if "video" in CONTRACT.cases[case_id].features else "VID-102"
    sent = answer(case_id, data, media_type)
    assert [r for r in (kind, "VID-103", "VID-104", "VID-105") if findings(r, sent)] == []


def test_an_end_is_waited_for() -> None:
    assert (
        findings("VID-017", told(POLL, task("in_progress")), told(POLL, task("completed"), 1, step=1)) == []
    )
    with pytest.raises(Spoiled, match="the task was still in_progress after 1 look"):
        findings("VID-017", told(POLL, task("in_progress")))
    assert findings("VID-017", told(POLL, task("failed"))) == [
        ("completed, as the task was taken on", 'failed: {"code": "refused", "message": "no"}', "/status")
    ]
    with pytest.raises(Spoiled, match='the task\'s status is "succeeded"'):
        findings("VID-017", told(POLL, task("succeeded")))


@pytest.mark.parametrize(("size", "count"), [("720x1280", 0), ("1280x720", 1), ("1024x1792", 1)])
def test_the_video_is_as_large_as_its_task(size: str, count: int) -> None:
    made = told(POLL, task("completed", size=size))
    assert len(findings("VID-106", answer(CONTENT, CLIP, MP4), others=[made])) == count


def test_content_waits_for_the_video() -> None:
    under_way = told(REMIXED, REMIXED_TASK | {"status": "in_progress"}, 5)
    early = {"at": (NOW + 1.0, NOW + 2.0)}
    assert findings("VID-107", refused(NOT_READY, "not ready", **early), others=[under_way]) == []
    assert findings("VID-107", answer(NOT_READY, CLIP, MP4, **early), others=[under_way]) == [
        ("a refusal, as the video is not ready", "video/mp4", "status")
    ]
    done = told(REMIXED, REMIXED_TASK | {"status": "completed"}, 5)
    with pytest.raises(NotShown):
        findings("VID-107", answer(NOT_READY, CLIP, MP4, **early), others=[done])


def test_a_completed_video_can_be_downloaded() -> None:
    done = told(POLL, task("completed"))
    assert findings("VID-108", answer(CONTENT, CLIP, MP4), others=[done]) == []
    assert findings("VID-108", refused(CONTENT, "gone"), others=[done]) == [
        ("the content of a completed video", '400: "gone"', "status")
    ]
    with pytest.raises(NotShown):
        findings("VID-108", refused(CONTENT), others=[told(POLL, task("in_progress"))])


@pytest.mark.parametrize(
    "value",
    [
        task("succeeded"),
        {"code": "success", "data": {"task_id": "video_1", "status": "SUCCESS"}},
        task(seconds=4),
    ],
    ids=["another-word-for-the-end", "an-object-of-its-own", "seconds-as-a-number"],
)
def test_what_the_schema_tells_of(value: dict[str, Any]) -> None:
    assert findings("SHAPE-001", told(POLL, value)) != []
    assert red("VID-", told(POLL, value), without=WAITED) == {}
