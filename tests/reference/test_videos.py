from __future__ import annotations

from typing import Any

import pytest

from conformance.wire.media import sniff
from tests.reference.client import Client
from tests.reference.forms import TYPE, form

PATH = "/v1/videos"
ASK = {"model": "ref-video", "prompt": "a red dot moves", "seconds": "4", "size": "720x1280"}


def completed(client: Client) -> Any:
    path = f"{PATH}/{client.post(PATH, ASK)['id']}"
    client.get(path)
    return client.get(path)


def test_a_task_moves_on_as_it_is_looked_at(client: Client) -> None:
    created = client.post(PATH, ASK)
    path = f"{PATH}/{created['id']}"
    seen = [created, *(client.get(path) for _ in range(3))]
    assert [one["status"] for one in seen] == ["queued", "in_progress", "completed", "completed"]
    assert [one["progress"] for one in seen] == [0, 49, 100, 100]
    assert seen[0]["completed_at"] is None
    assert seen[-1]["expires_at"] > seen[-1]["completed_at"] >= seen[-1]["created_at"]
    assert client.send("GET", path).header("openai-poll-after-ms") == "50"


def test_a_task_can_be_created_from_a_form(client: Client) -> None:
    assert client.post(PATH, form(*ASK.items()), headers=TYPE)["seconds"] == "4"


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("", "video/mp4"),
        ("?variant=video", "video/mp4"),
        ("?variant=thumbnail", "image/webp"),
        ("?variant=spritesheet", "image/webp"),
    ],
)
def test_content_is_what_its_type_says(client: Client, query: str, kind: str) -> None:
    response = client.send("GET", f"{PATH}/{completed(client)['id']}/content{query}")
    assert response.header("content-type") == kind
    assert sniff(response.body).kind == kind


def test_content_and_remix_wait_for_completion(client: Client) -> None:
    path = f"{PATH}/{client.post(PATH, ASK)['id']}"
    assert client.refusal("GET", f"{path}/content") == (400, "video_not_ready", None)
    assert client.refusal("POST", f"{path}/remix", {"prompt": "x"}) == (400, "video_not_ready", None)


def test_a_remix_names_its_source(client: Client) -> None:
    source = completed(client)
    remix = client.post(f"{PATH}/{source['id']}/remix", {"prompt": "bluer"})
    assert remix["remixed_from_video_id"] == source["id"]
    assert remix["id"] != source["id"]
    assert remix["status"] == "queued"


def test_an_unknown_variant_is_refused(client: Client) -> None:
    path = f"{PATH}/{completed(client)['id']}/content?variant=hologram"
    assert client.refusal("GET", path) == (400, "invalid_value", "variant")


@pytest.mark.parametrize(("method", "end"), [("GET", ""), ("GET", "/content"), ("POST", "/remix")])
def test_an_unknown_task_is_not_found(client: Client, method: str, end: str) -> None:
    body = {"prompt": "x"} if method == "POST" else None
    assert client.refusal(method, f"{PATH}/video_nope{end}", body) == (404, None, None)


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"prompt": None}, "invalid_type", "prompt"),
        ({"seconds": 4}, "invalid_type", "seconds"),
        ({"seconds": "5"}, "invalid_value", "seconds"),
        ({"seconds": "12"}, "unsupported_value", "seconds"),
        ({"size": "1x1"}, "invalid_value", "size"),
        ({"model": "ref-image"}, "unsupported_value", "model"),
    ],
)
def test_a_breach_is_refused(client: Client, changes: Any, code: str, param: str) -> None:
    assert client.refusal("POST", PATH, {**ASK, **changes}) == (400, code, param)
