"""The data of unavailable operations: complete, quoted, and harmless to probe."""

from __future__ import annotations

import functools
import hashlib
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from conformance.datafiles import check_against_schema, data_root, load_yaml
from conformance.errors import DataError

COUNTS = {  # operations that the OpenAPI document or an SDK knows; what was added is counted apart
    "files": 5,
    "uploads": 4,
    "vector-stores": 16,
    "batches": 4,
    "image-variations": 1,
    "dall-e-models": 0,
    "videos": 6,
    "fine-tuning": 13,
    "evals": 13,
    "assistants": 5,
    "threads": 18,
    "containers": 9,
    "conversations": 8,
    "responses-beta": 7,
    "chatkit": 6,
    "admin-organization": 71,
    "admin-projects": 59,
    "admin-usage": 12,
    "admin-audit-logs": 1,
    "stored-chat": 5,
    "responses-lifecycle": 1,
    "models-delete": 1,
    "skills": 11,
    "content-provenance-checks": 1,
    "audio-voices": 7,
    "realtime-rest": 9,
    "realtime-ws": 1,
    "live": 8,
    "agents": 47,
    "vaults": 10,
    "decisions": 1,
    "safety": 2,
    "webhooks": 8,
}
KNOWN_SHA256 = "f9a33daba98510f6461442160f22676ccb8671f818776e94b1299b8b3e9e452d"
NAMED = [  # words of the reference's section on what is not available, and the family that stands for them
    ("Background mode", "responses-lifecycle"),
    ("list APIs", "responses-lifecycle"),
    ("Files", "files"),
    ("uploads", "uploads"),
    ("vector stores", "vector-stores"),
    ("batches", "batches"),
    ("POST /v1/images/variations", "image-variations"),
    ("legacy DALL-E model surfaces", "dall-e-models"),
    ("Video list, delete, characters, edits, extensions", "videos"),
    ("Fine-tuning", "fine-tuning"),
    ("evals", "evals"),
    ("assistants", "assistants"),
    ("threads", "threads"),
    ("containers", "containers"),
    ("conversations", "conversations"),
    ("beta resources", "responses-beta"),
    ("beta resources", "chatkit"),
    ("Admin organization", "admin-organization"),
    ("project", "admin-projects"),
    ("usage", "admin-usage"),
    ("audit log", "admin-audit-logs"),
    ("Stored Chat objects", "stored-chat"),
]


@functools.cache
def families() -> dict[str, Any]:
    loaded: dict[str, Any] = load_yaml(data_root() / "spec/unavailable.yaml", "unavailable")["families"]
    return loaded


@functools.cache
def reference() -> str:
    return (data_root() / "spec/source/api-reference.txt").read_text("utf-8")


def operations(**wanted: Any) -> list[dict[str, Any]]:
    """Every operation whose members are ``wanted``."""
    flat = [operation for family in families().values() for operation in family["operations"]]
    return [it for it in flat if all(it.get(key) == value for key, value in wanted.items())]


def names(found: list[dict[str, Any]]) -> list[str]:
    return [f"{operation['method']} {operation['path']}" for operation in found]


def split(path: str) -> set[str]:
    return set(path.partition("?")[0].split("/"))


def known(family: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = families()[family]["operations"]
    return [operation for operation in found if operation.get("source", "openapi") in {"openapi", "sdk"}]


def test_the_schema_is_a_schema() -> None:
    schema = load_yaml(data_root() / "spec/schemas/unavailable.schema.json")
    Draft202012Validator.check_schema(schema)


def test_all_known_operations_are_here() -> None:
    assert {family: len(known(family)) for family in families()} == COUNTS
    assert sum(COUNTS.values()) == 370
    text = "\n".join(sorted(names([operation for family in families() for operation in known(family)])))
    assert hashlib.sha256(text.encode()).hexdigest() == KNOWN_SHA256


def test_operations_that_no_document_lists_are_here_too() -> None:
    assert set(names(operations(source="seed"))) == {
        "GET /v1/models/dall-e-2",
        "GET /v1/models/dall-e-3",
        "GET /v1/responses?limit=1",
        "DELETE /v1/responses/{response_id}",
    }
    assert set(names(operations(source="legacy"))) == {
        "POST /v1/video/generations",
        "GET /v1/video/generations/{generation_id}",
        "GET /v1/video/generations/{generation_id}/content",
        "POST /v1/video/generations/jobs",
        "GET /v1/video/generations/jobs/{job_id}",
    }


def test_no_operation_is_listed_twice() -> None:
    listed = names(operations())
    assert sorted(listed) == sorted(set(listed))


def test_quotes_are_verbatim() -> None:
    quotes = {family["seed"] for family in families().values()} - {None}
    assert [quote for quote in quotes if f"\n{quote}\n" not in reference()] == []
    assert len(quotes) == 7


@pytest.mark.parametrize(("words", "family"), NAMED)
def test_what_the_reference_names_is_quoted_and_sampled(words: str, family: str) -> None:
    assert words in families()[family]["seed"]
    assert families()[family]["level"] == "MUST"
    assert any(operation.get("sample") for operation in families()[family]["operations"])


def test_only_named_families_are_must() -> None:
    must = {name for name, family in families().items() if family["level"] == "MUST"}
    assert must == {family for _, family in NAMED}


def test_the_sample_is_small_and_has_every_method() -> None:
    sample = operations(sample=True)
    assert len(sample) == 49
    assert {operation["method"] for operation in sample} == {
        operation["method"] for operation in operations()
    }


def test_each_kind_of_video_management_is_sampled() -> None:
    sampled = [it for it in families()["videos"]["operations"] if it.get("sample")]
    assert names(sampled) == [
        "POST /v1/video/generations",
        "GET /v1/video/generations/{generation_id}",
        "GET /v1/videos",
        "POST /v1/videos/characters",
        "POST /v1/videos/edits",
        "POST /v1/videos/extensions",
        "DELETE /v1/videos/{video_id}",
    ]


def test_a_probe_differs_from_its_path_in_the_placeholders_alone() -> None:
    templated = [operation for operation in operations() if "probe_path" in operation]
    patterns = [re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation["path"])) for operation in templated]
    assert all(re.fullmatch(p, it["probe_path"]) for p, it in zip(patterns, templated, strict=True))
    assert all("{" in operation["path"] for operation in templated)


def test_made_up_ids_could_not_be_real() -> None:
    probes = [(split(it["probe_path"]), split(it["path"])) for it in operations() if "probe_path" in it]
    filled = {part for sent, template in probes for part in sent - template}
    assert {part for part in filled if "probe" not in part} == {"1"}


def test_bodies_could_make_nothing() -> None:
    """Empty, or one member that is unknown or of the wrong type."""
    bodies = [operation["body"] for operation in operations() if "body" in operation]
    assert max(len(body) for body in bodies) == 1
    assert {value for body in bodies for value in body.values()} == {"probe", "nothing", 0}


def test_what_cannot_be_probed_without_harm_is_never_sent() -> None:
    assert names([it for it in operations() if "unsafe" in it]) == ["DELETE /v1/organization/spend_limit"]


def test_only_twins_of_supported_operations_may_succeed() -> None:
    assert set(names(operations(may_succeed=True))) == {
        "POST /v1/responses?beta=true",
        "POST /v1/responses/compact?beta=true",
        "POST /v1/responses/input_tokens?beta=true",
        "POST /v1/responses/{response_id}/cancel?beta=true",
        "GET /v1/responses/{response_id}?beta=true",
    }


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param({"method": "GET", "path": "/v1/files/{file_id}"}, id="placeholder-not-filled"),
        pytest.param({"method": "GET", "path": "/files"}, id="outside-v1"),
        pytest.param({"method": "POST", "path": "/v1/files", "body": {}}, id="body-of-unknown-type"),
        pytest.param(
            {"method": "DELETE", "path": "/v1/files", "content_type": "application/json", "body": {}},
            id="delete-with-a-body",
        ),
        pytest.param(
            {"method": "POST", "path": "/v1/files", "sample": True, "unsafe": "It would do harm."},
            id="sampled-though-unsafe",
        ),
        pytest.param({"method": "GET", "path": "/v1/files", "smaple": True}, id="misspelt-member"),
    ],
)
def test_the_schema_refuses(operation: dict[str, Any]) -> None:
    family = {"level": "SHOULD", "seed": None, "workload": "text", "operations": [operation]}
    with pytest.raises(DataError):
        check_against_schema({"families": {"files": family}}, "unavailable", "unavailable.yaml")


@pytest.mark.parametrize(("level", "seed"), [("MUST", None), ("SHOULD", "Files, uploads, vector stores.")])
def test_the_level_follows_from_the_quote(level: str, seed: str | None) -> None:
    operation = {"method": "GET", "path": "/v1/files"}
    family = {"level": level, "seed": seed, "workload": "text", "operations": [operation]}
    with pytest.raises(DataError):
        check_against_schema({"families": {"files": family}}, "unavailable", "unavailable.yaml")
