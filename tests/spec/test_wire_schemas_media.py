"""The wire schemas of embeddings, moderations, images, videos and audio: what they accept and refuse."""

from __future__ import annotations

import copy
import functools
from typing import Any

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from conformance.datafiles import data_root, load_yaml

FILES = ("embeddings", "moderations", "images", "videos", "audio", "realtime")
HOST = "https://spec.invalid/"

CATEGORIES = (
    "hate", "hate/threatening", "harassment", "harassment/threatening",
    "self-harm", "self-harm/intent", "self-harm/instructions", "sexual", "sexual/minors",
    "violence", "violence/graphic", "illicit", "illicit/violent",
)  # fmt: skip
IMAGE_USAGE = {
    "input_tokens": 9,
    "output_tokens": 272,
    "total_tokens": 281,
    "input_tokens_details": {"text_tokens": 9, "image_tokens": 0},
}
SEGMENT = {
    "id": 0,
    "seek": 0,
    "start": 0.0,
    "end": 0.9,
    "text": " Hello world.",
    "tokens": [50364, 2425],
    "temperature": 0.0,
    "avg_logprob": -0.2,
    "compression_ratio": 0.6,
    "no_speech_prob": 0.01,
}
VERBOSE = {
    "task": "transcribe",
    "language": "english",
    "duration": 1.0,
    "text": "Hello world.",
    "segments": [SEGMENT],
}
IMAGE_EVENT = {
    "b64_json": "iVBORw0=",
    "created_at": 1,
    "size": "1024x1024",
    "quality": "low",
    "background": "auto",
    "output_format": "png",
}
ANSWERS: dict[str, dict[str, Any]] = {
    "EmbeddingList": {
        "object": "list",
        "model": "m",
        "data": [{"object": "embedding", "index": 0, "embedding": [0.6, -0.8]}],
        "usage": {"prompt_tokens": 1, "total_tokens": 1},
    },
    "Moderation": {
        "id": "modr-1",
        "model": "m",
        "results": [
            {
                "flagged": False,
                "categories": dict.fromkeys(CATEGORIES, False),
                "category_scores": dict.fromkeys(CATEGORIES, 0.01),
                "category_applied_input_types": {name: ["text"] for name in CATEGORIES},
            }
        ],
    },
    "ImagesResponse": {"created": 1, "data": [{"b64_json": "iVBORw0="}], "usage": IMAGE_USAGE},
    "ImageGenerationPartialImageEvent": {
        **IMAGE_EVENT,
        "type": "image_generation.partial_image",
        "partial_image_index": 0,
    },
    "ImageGenerationCompletedEvent": {
        **IMAGE_EVENT,
        "type": "image_generation.completed",
        "usage": IMAGE_USAGE,
    },
    "ImageEditPartialImageEvent": {
        **IMAGE_EVENT,
        "type": "image_edit.partial_image",
        "partial_image_index": 1,
    },
    "ImageEditCompletedEvent": {**IMAGE_EVENT, "type": "image_edit.completed", "usage": IMAGE_USAGE},
    "Video": {
        "id": "video_1",
        "object": "video",
        "model": "m",
        "status": "queued",
        "progress": 0,
        "created_at": 1,
        "completed_at": None,
        "expires_at": None,
        "prompt": "a red dot moves",
        "size": "720x1280",
        "seconds": "4",
        "remixed_from_video_id": None,
        "error": None,
    },
    "Transcription": {"text": "Hello world.", "usage": {"type": "duration", "seconds": 1}},
    "TranscriptionVerbose": VERBOSE,
    "Translation": {"text": "Hello world."},
    "TranslationVerbose": {**VERBOSE, "task": "translate"},
}
REQUESTS: dict[str, dict[str, Any]] = {
    "CreateEmbeddingRequest": {"model": "m", "input": "hi"},
    "CreateModerationRequest": {"input": "hi"},
    "CreateImageRequest": {"prompt": "a red dot on white", "n": 1, "quality": "low", "size": "1024x1024"},
    "CreateImageEditRequest": {"image": "…", "prompt": "a red dot on white"},
    "CreateVideoRequest": {"prompt": "a red dot moves", "seconds": "4"},
    "RemixVideoRequest": {"prompt": "a red dot turns"},
    "CreateTranscriptionRequest": {"file": "…", "model": "m"},
    "CreateTranslationRequest": {"file": "…", "model": "m"},
    "CreateSpeechRequest": {"model": "m", "input": "hi", "voice": "alloy"},
}


@functools.cache
def components() -> dict[str, dict[str, Any]]:
    """Every component file, also those of other areas, by its stem."""
    return {path.stem: load_yaml(path) for path in sorted((data_root() / "spec/components").glob("*.yaml"))}


@functools.cache
def owners() -> dict[str, str]:
    return {name: stem for stem in FILES for name in components()[stem]}


@functools.cache
def registry() -> Registry[Any]:
    resources = {f"{HOST}{stem}.yaml": DRAFT202012.create_resource(it) for stem, it in components().items()}
    return Registry[Any]().with_resources(resources.items())


@functools.cache
def fast_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    resources = [(f"{HOST}{stem}.yaml", content) for stem, content in components().items()]
    reference = {"$ref": f"{HOST}{owners()[name]}.yaml#/{name}"}
    return jsonschema_rs.Draft202012Validator(reference, registry=jsonschema_rs.Registry(resources))


def problems(name: str, document: Any) -> set[str]:
    """The JSON paths at which ``document`` breaks schema ``name``; both engines must agree that it does."""
    validator = Draft202012Validator({"$ref": f"{HOST}{owners()[name]}.yaml#/{name}"}, registry=registry())
    paths = {error.json_path for error in validator.iter_errors(document)}
    assert fast_validator(name).is_valid(document) is (not paths)
    return paths


def edited(name: str, pointer: str, value: Any) -> Any:
    """A copy of the answer or request ``name`` with ``value`` at ``pointer``; ``...`` removes it."""
    document: Any = copy.deepcopy({**ANSWERS, **REQUESTS}[name])
    parts = [part.replace("~1", "/") for part in pointer.split("/")[1:]]
    *parents, last = [int(part) if part.isdigit() else part for part in parts]
    holder = functools.reduce(lambda node, part: node[part], parents, document)
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return document


def walk(node: Any) -> list[dict[str, Any]]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    own = [node] if isinstance(node, dict) else []
    return own + [inner for child in children for inner in walk(child)]


@pytest.mark.parametrize("stem", FILES)
def test_every_schema_is_a_schema_and_its_references_resolve(stem: str) -> None:
    content = components()[stem]
    resolver = registry().resolver(f"{HOST}{stem}.yaml")
    for name, schema in content.items():
        if not name.startswith("x-"):
            Draft202012Validator.check_schema(schema)
    for node in walk(content):
        if "$ref" in node:
            assert isinstance(resolver.lookup(node["$ref"]).contents, dict)


def test_no_name_is_used_by_two_files() -> None:
    names = [name for content in components().values() for name in content if not name.startswith("x-")]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("stem", ["images", "realtime"])
def test_events_are_mapped_to_the_schema_of_their_type(stem: str) -> None:
    content = components()[stem]
    consts = {content[name]["properties"]["type"]["const"]: name for name in content["x-events"].values()}
    assert consts == content["x-events"]


@pytest.mark.parametrize("stem", FILES)
def test_answers_never_forbid_unknown_keys(stem: str) -> None:
    schemas = components()[stem].items()
    closed = {name for name, schema in schemas if schema.get("additionalProperties") is False}
    assert closed <= {*REQUESTS, "ModerationPart"}


@pytest.mark.parametrize("name", [*ANSWERS, *REQUESTS])
def test_the_plain_form_is_accepted(name: str) -> None:
    assert problems(name, {**ANSWERS, **REQUESTS}[name]) == set()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_unknown_key_is_accepted(name: str) -> None:
    assert problems(name, {**ANSWERS[name], "brand_new": {"x": 1}}) == set()


@pytest.mark.parametrize("name", [*ANSWERS, *REQUESTS])
def test_an_empty_object_is_refused(name: str) -> None:
    assert problems(name, {}) == {"$"}


@pytest.mark.parametrize(
    ("name", "pointer", "value"),
    [
        pytest.param("EmbeddingList", "/data/0/embedding", "mpkZP83MTL8=", id="embedding-in-base64"),
        pytest.param("Moderation", "/results/0/categories/illicit", None, id="null-illicit"),
        pytest.param("Moderation", "/results/0/categories/illicit", ..., id="no-illicit"),
        pytest.param("Moderation", "/results/0/category_scores/illicit~1violent", None, id="null-score"),
        pytest.param("Moderation", "/results/0/category_applied_input_types", ..., id="no-input-types"),
        pytest.param("Moderation", "/results/0/categories/new-category", True, id="a-new-category"),
        pytest.param("ImagesResponse", "/data/0", {"url": "https://x.test/a.png"}, id="image-by-url"),
        pytest.param(
            "ImagesResponse", "/data/0", {"url": "http://x.test/", "b64_json": None}, id="other-null"
        ),
        pytest.param("ImagesResponse", "/usage", ..., id="image-without-usage"),
        pytest.param("ImagesResponse", "/usage", None, id="image-with-null-usage"),
        pytest.param("ImagesResponse", "/quality", "max", id="a-new-quality"),
        pytest.param("ImageGenerationCompletedEvent", "/output_format", "svg", id="a-new-output-format"),
        pytest.param("Video", "/completed_at", ..., id="video-key-that-sdks-do-not-need"),
        pytest.param("Video", "/error", {"code": "c", "message": "m"}, id="video-error"),
        pytest.param("Transcription", "/usage", ..., id="transcription-without-usage"),
        pytest.param("Transcription", "/usage", {"type": "minutes"}, id="a-new-kind-of-usage"),
        pytest.param("Transcription", "/text", "", id="silence"),
        pytest.param("TranscriptionVerbose", "/segments", ..., id="words-only"),
        pytest.param("TranscriptionVerbose", "/duration", 1, id="whole-seconds"),
    ],
)
def test_what_must_never_look_red(name: str, pointer: str, value: Any) -> None:
    assert problems(name, edited(name, pointer, value)) == set()


def test_segments_may_be_empty_beside_words_and_for_silence() -> None:
    word = {"word": "Hello", "start": 0, "end": 0.4}
    assert problems("TranscriptionVerbose", {**VERBOSE, "segments": [], "words": [word]}) == set()
    assert problems("TranscriptionVerbose", {**VERBOSE, "segments": [], "text": " "}) == set()


@pytest.mark.parametrize(
    ("name", "pointer", "value", "where"),
    [
        ("EmbeddingList", "/data", [], "$.data"),
        ("EmbeddingList", "/data/0/index", ..., "$.data[0]"),
        ("EmbeddingList", "/data/0/embedding", [], "$.data[0].embedding"),
        ("EmbeddingList", "/data/0/embedding", [None], "$.data[0].embedding"),
        ("EmbeddingList", "/data/0/embedding", "[0.6]", "$.data[0].embedding"),
        ("EmbeddingList", "/usage", ..., "$"),
        ("EmbeddingList", "/usage/total_tokens", -1, "$.usage.total_tokens"),
        ("Moderation", "/id", ..., "$"),
        ("Moderation", "/results", [], "$.results"),
        ("Moderation", "/results/0/flagged", None, "$.results[0].flagged"),
        ("Moderation", "/results/0/categories/hate", None, "$.results[0].categories.hate"),
        ("Moderation", "/results/0/categories/sexual~1minors", ..., "$.results[0].categories"),
        ("Moderation", "/results/0/category_scores/hate", None, "$.results[0].category_scores.hate"),
        ("Moderation", "/results/0/category_scores/violence", 1.5, "$.results[0].category_scores.violence"),
        ("ImagesResponse", "/created", ..., "$"),
        ("ImagesResponse", "/data", [], "$.data"),
        ("ImagesResponse", "/data/0", {"revised_prompt": "x"}, "$.data[0]"),
        ("ImagesResponse", "/data/0", {"b64_json": "AA==", "url": "https://x.test/"}, "$.data[0].b64_json"),
        ("ImagesResponse", "/data/0", {"url": "/data/image/x.jpg"}, "$.data[0].url"),
        ("ImagesResponse", "/data/0/b64_json", "data:image/png;base64,AA==", "$.data[0].b64_json"),
        (
            "ImagesResponse",
            "/usage",
            {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
            "$.usage",
        ),
        ("ImageGenerationPartialImageEvent", "/partial_image_index", ..., "$"),
        ("ImageGenerationPartialImageEvent", "/type", "image_edit.partial_image", "$.type"),
        ("ImageGenerationCompletedEvent", "/usage", ..., "$"),
        ("ImageGenerationCompletedEvent", "/usage", None, "$.usage"),
        ("ImageGenerationCompletedEvent", "/b64_json", None, "$.b64_json"),
        ("ImageEditPartialImageEvent", "/b64_json", "", "$.b64_json"),
        ("ImageEditCompletedEvent", "/usage/input_tokens_details", ..., "$.usage"),
        ("Video", "/status", "succeeded", "$.status"),
        ("Video", "/seconds", 4, "$.seconds"),
        ("Video", "/progress", 101, "$.progress"),
        ("Video", "/object", "task", "$.object"),
        ("Video", "/error", "it failed", "$.error"),
        ("Transcription", "/text", None, "$.text"),
        ("Transcription", "/usage", {"total_tokens": 0}, "$.usage"),
        ("Transcription", "/usage", {"type": "tokens", "total_tokens": 3}, "$.usage"),
        ("TranscriptionVerbose", "/language", ..., "$"),
        ("TranscriptionVerbose", "/duration", "1.0", "$.duration"),
        ("TranscriptionVerbose", "/segments", [], "$.segments"),
        ("TranscriptionVerbose", "/segments/0/end", ..., "$.segments[0]"),
        ("TranscriptionVerbose", "/segments/0/start", "0.0", "$.segments[0].start"),
        ("TranslationVerbose", "/duration", ..., "$"),
        ("Translation", "/text", ["Hello"], "$.text"),
        ("CreateEmbeddingRequest", "/input", "", "$.input"),
        ("CreateEmbeddingRequest", "/input", [], "$.input"),
        ("CreateImageRequest", "/n", 0, "$.n"),
        ("CreateImageRequest", "/partial_images", 1, "$"),
        ("CreateVideoRequest", "/seconds", 4, "$.seconds"),
        ("CreateSpeechRequest", "/speed", 5, "$.speed"),
    ],
)
def test_what_breaks_clients_is_refused_where_it_lies(
    name: str, pointer: str, value: Any, where: str
) -> None:
    assert problems(name, edited(name, pointer, value)) == {where}


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Video", ["completed_at", "expires_at", "prompt", "remixed_from_video_id", "error"]),
        ("ModerationResult", ["category_applied_input_types"]),
        ("ModerationCategories", ["illicit", "illicit/violent"]),
        ("ModerationScores", ["illicit", "illicit/violent"]),
        ("RealtimeResponse", ["id", "object", "status", "output"]),
    ],
)
def test_keys_that_only_should_be_there(name: str, keys: list[str]) -> None:
    schema = components()[owners()[name]][name]
    assert schema["x-should-require"] == keys
    assert not set(keys) & set(schema.get("required", []))


@pytest.mark.parametrize("stem", FILES)
def test_thrift_names_keywords_that_stand_beside_it(stem: str) -> None:
    thrifty = [node for node in walk(components()[stem]) if "x-thrift" in node]
    assert all(set(node["x-thrift"]) <= set(node) for node in thrifty)


@pytest.mark.parametrize(
    "name", ["CreateImageEditRequest", "CreateTranscriptionRequest", "CreateTranslationRequest"]
)
def test_a_form_holds_no_null(name: str) -> None:
    properties = components()[owners()[name]][name]["properties"]
    assert all(f"$.{key}" in problems(name, {**REQUESTS[name], key: None}) for key in properties)


def test_file_parts_name_a_fixture() -> None:
    files = [node["x-fixture"] for stem in FILES for node in walk(components()[stem]) if "x-fixture" in node]
    assert all((data_root() / "fixtures" / name).is_file() for name in files)
    assert len(files) == 4
