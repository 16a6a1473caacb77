"""The official Python clients, blocking and awaited, over every row of the reference target, WebSockets too."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import openai
import pytest

from conformance.contract import load_contract
from conformance.datafiles import data_root
from conformance.reference.server import serve
from conformance.reference.state import KEY
from tests.e2e.both import all_of, ask, entered, until

MEDIA = data_root() / "fixtures" / "media"
MESSAGES: Any = [{"role": "user", "content": "Say hello."}]
HELLO = "Hello! How can I help you today?"
USER_ITEM: Any = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Say hello."}]}
WEATHER: Any = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}
# The SDK marks video methods as deprecated, and opens blocking sockets in a way that websockets has deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
CLIENTS = {"blocking": openai.OpenAI, "awaited": openai.AsyncOpenAI}

Scenario = Callable[[Any], Awaitable[None]]
ROWS: dict[str, list[str]] = {}
SCENARIOS: dict[str, Scenario] = {}


def row(*operations: str) -> Callable[[Scenario], Scenario]:
    """Declare a scenario and the operations that it drives."""

    def declare(scenario: Scenario) -> Scenario:
        ROWS[scenario.__name__] = list(operations)
        SCENARIOS[scenario.__name__] = scenario
        return scenario

    return declare


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with serve() as url:
        yield url


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_client_is_served(base_url: str, name: str, kind: str) -> None:
    async def drive() -> None:
        async with entered(CLIENTS[kind](base_url=base_url, api_key=KEY, max_retries=0)) as client:
            await SCENARIOS[name](client)

    asyncio.run(drive())


def test_every_row_is_driven() -> None:
    rows = {op.name for op in load_contract().operations.values() if op.availability != "unavailable"}
    assert {operation for operations in ROWS.values() for operation in operations} == rows


def assert_identified(answer: Any) -> None:
    assert re.fullmatch("req_[0-9a-f]{24}", answer._request_id)


@row("GET /v1/models", "GET /v1/models/{model}")
async def models(client: Any) -> None:
    listed = await all_of(client.models.list())
    assert [model.id for model in listed][:2] == ["ref-text", "ref/text-mini"]
    one = await ask(client.models.retrieve("ref/text-mini"))
    assert_identified(one)
    assert one in listed


@row("POST /v1/chat/completions")
async def chat(client: Any) -> None:
    answer = await ask(client.chat.completions.create(model="ref-text", messages=MESSAGES))
    assert_identified(answer)
    assert answer.choices[0].message.content == HELLO


@row("POST /v1/chat/completions")
async def chat_chunks(client: Any) -> None:
    options = {"include_usage": True}
    stream = client.chat.completions.create(model="ref-text", messages=MESSAGES, stream=True, stream_options=options)
    chunks = await all_of(await ask(stream))
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == HELLO
    assert [chunk.usage is None for chunk in chunks] == [True] * (len(chunks) - 1) + [False]


@row("POST /v1/chat/completions")
async def chat_helper(client: Any) -> None:
    async with entered(client.chat.completions.stream(model="ref-text", messages=MESSAGES, n=2)) as stream:
        kinds = {event.type for event in await all_of(stream)}
        final = await ask(stream.get_final_completion())
    assert kinds == {"chunk", "content.delta", "content.done"}
    assert [choice.message.content for choice in final.choices] == [HELLO, f"Well, {HELLO}"]


@row("POST /v1/completions")
async def completions(client: Any) -> None:
    whole = await ask(client.completions.create(model="ref-text", prompt="Why?"))
    assert_identified(whole)
    chunks = await all_of(await ask(client.completions.create(model="ref-text", prompt="Why?", stream=True)))
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text


@row(
    "POST /v1/responses",
    "GET /v1/responses/{response_id}",
    "GET /v1/responses/{response_id}?stream=true",
    "POST /v1/responses/{response_id}/cancel",
)
async def responses(client: Any) -> None:
    first = await ask(client.responses.create(model="ref-text", input="My name is Ada."))
    assert_identified(first)
    options = {"model": "ref-text", "input": "What is my name?", "previous_response_id": first.id}
    assert (await ask(client.responses.create(**options))).output_text == "It is Ada."
    assert await ask(client.responses.retrieve(first.id)) == first
    replay = await all_of(await ask(client.responses.retrieve(first.id, stream=True, starting_after=2)))
    assert [event.sequence_number for event in replay] == list(range(3, 3 + len(replay)))
    assert (await ask(client.responses.cancel(first.id))).status == "completed"


@row("POST /v1/responses")
async def responses_helper(client: Any) -> None:
    options = {"tools": [WEATHER], "reasoning": {"effort": "low", "summary": "auto"}}
    asked = {"model": "ref-text", "input": "What is the weather in Paris?", **options}
    async with entered(client.responses.stream(**asked)) as stream:
        kinds = [event.type for event in await all_of(stream)]
        final = await ask(stream.get_final_response())
    assert (kinds[0], kinds[-1]) == ("response.created", "response.completed")
    assert [item.type for item in final.output] == ["reasoning", "function_call"]


@row("POST /v1/responses/compact", "POST /v1/responses/input_tokens")
async def compaction(client: Any) -> None:
    compacted = await ask(client.responses.compact(model="ref-text", input="My name is Ada."))
    assert_identified(compacted)
    items = [item.model_dump(exclude_none=True, warnings=False) for item in compacted.output]
    asked = [*items, {"role": "user", "content": "What is my name?"}]
    assert (await ask(client.responses.create(model="ref-text", input=asked))).output_text == "It is Ada."
    assert (await ask(client.responses.input_tokens.count(model="ref-text", input="hi"))).input_tokens == 8


@row("POST /v1/embeddings")
async def embeddings(client: Any) -> None:
    decoded = await ask(client.embeddings.create(model="ref-embed", input=["one", "two"]))
    assert_identified(decoded)
    plain = await ask(client.embeddings.create(model="ref-embed", input=["one", "two"], encoding_format="float"))
    for packed, listed in zip(decoded.data, plain.data, strict=True):
        assert packed.embedding == pytest.approx(listed.embedding, rel=1e-6)


@row("POST /v1/moderations")
async def moderations(client: Any) -> None:
    answer = await ask(client.moderations.create(model="ref-moderation", input=["hello", "goodbye"]))
    assert_identified(answer)
    assert [result.flagged for result in answer.results] == [False, False]


@row("POST /v1/images/generations")
async def images(client: Any) -> None:
    answer = await ask(client.images.generate(model="ref-image", prompt="a red dot", n=2))
    assert_identified(answer)
    assert [base64.b64decode(image.b64_json)[:4] for image in answer.data] == [b"\x89PNG"] * 2
    stream = client.images.generate(model="ref-image", prompt="a red dot", stream=True, partial_images=2)
    kinds = [event.type for event in await all_of(await ask(stream))]
    assert kinds == ["image_generation.partial_image"] * 2 + ["image_generation.completed"]


@row("POST /v1/images/edits")
async def image_edits(client: Any) -> None:
    picture = ("square.png", (MEDIA / "square-1024.png").read_bytes(), "image/png")
    mask = ("mask.png", (MEDIA / "mask-1024.png").read_bytes(), "image/png")
    options = {"model": "ref-image", "prompt": "a red dot"}
    answer = await ask(client.images.edit(**options, image=[picture, picture], mask=mask))
    assert_identified(answer)
    assert len(answer.data) == 1
    events = await all_of(await ask(client.images.edit(**options, image=picture, stream=True)))
    assert [event.type for event in events][-1] == "image_edit.completed"


@row(
    "POST /v1/videos",
    "GET /v1/videos/{video_id}",
    "GET /v1/videos/{video_id}/content",
    "POST /v1/videos/{video_id}/remix",
)
async def videos(client: Any) -> None:
    video = await ask(client.videos.create(model="ref-video", prompt="a red dot", seconds="4"))
    assert_identified(video)
    for _ in range(20):
        if video.status == "completed":
            break
        video = await ask(client.videos.retrieve(video.id))
    content = await ask(client.videos.download_content(video.id))
    assert content.content[4:8] == b"ftyp"
    remixed = await ask(client.videos.remix(video.id, prompt="a blue dot"))
    assert remixed.remixed_from_video_id == video.id


@row("POST /v1/audio/transcriptions", "POST /v1/audio/translations")
async def transcripts(client: Any) -> None:
    options = {"model": "ref-audio-transcribe", "file": MEDIA / "hello-world.wav"}
    plain = await ask(client.audio.transcriptions.create(**options))
    assert_identified(plain)
    verbose = await ask(client.audio.transcriptions.create(**options, response_format="verbose_json"))
    assert verbose.segments[0].text.strip() == plain.text == verbose.text
    subtitles = await ask(client.audio.translations.create(**options, response_format="srt"))
    assert subtitles.startswith("1\n00:00:00,000 --> ")
    assert (await ask(client.audio.translations.create(**options))).text


@row("POST /v1/audio/speech")
async def speech(client: Any) -> None:
    options = {"model": "ref-tts", "voice": "alloy", "input": "hi"}
    sound = await ask(client.audio.speech.create(**options, response_format="wav"))
    assert sound.content[:4] == b"RIFF"
    async with entered(client.audio.speech.with_streaming_response.create(**options)) as streamed:
        assert (await ask(streamed.read()))[:2] == b"\xff\xf3"


@row("GET /v1/realtime")
async def realtime(client: Any) -> None:
    async with entered(client.realtime.connect(model="ref-realtime")) as connection:
        assert [event.type for event in await until(connection, "session.created")] == ["session.created"]
        await ask(connection.session.update(session={"type": "realtime", "output_modalities": ["text"]}))
        assert (await until(connection, "session.updated"))[-1].session.output_modalities == ["text"]
        await ask(connection.conversation.item.create(item=USER_ITEM))
        await until(connection, "conversation.item.done")
        await ask(connection.response.create())
        events = await until(connection, "response.done")
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert events[-1].response.status == "completed"


@row("GET /v1/realtime")
async def realtime_error(client: Any) -> None:
    async with entered(client.realtime.connect(model="ref-realtime")) as connection:
        await until(connection, "session.created")
        await ask(connection.send({"type": "no.such.event", "event_id": "mine"}))
        assert (await until(connection, "error"))[-1].error.event_id == "mine"
        await ask(connection.response.create())
        assert (await until(connection, "response.done"))[-1].response.status == "completed"


@row("GET /v1/responses")
async def responses_socket(client: Any) -> None:
    async with entered(client.responses.connect()) as connection:
        await ask(connection.response.create(model="ref-text", input="My name is Ada."))
        first = (await until(connection, "response.completed"))[-1].response
        asked = {"model": "ref-text", "input": "What is my name?", "previous_response_id": first.id}
        await ask(connection.response.create(**asked))
        second = (await until(connection, "response.completed"))[-1].response
        await ask(connection.send({"type": "no.such.event"}))
        assert (await until(connection, "error"))[-1].type == "error"
    assert second.output[0].content[0].text == "It is Ada."


@row("POST /v1/chat/completions")
async def refusals(client: Any) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await ask(client.chat.completions.create(model="no-such-model", messages=MESSAGES))
    assert (unknown.value.code, unknown.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.AuthenticationError) as wrong_key:
        await ask(client.with_options(api_key="sk-wrong").models.retrieve("ref-text"))
    assert wrong_key.value.code == "invalid_api_key"
    with pytest.raises(openai.BadRequestError) as missing:
        await ask(client.chat.completions.create(model="ref-text", messages=[]))
    for caught in (unknown, wrong_key, missing):
        assert re.fullmatch("req_[0-9a-f]{24}", caught.value.request_id)


@row("GET /v1/realtime")
async def handshakes_refused(client: Any) -> None:
    from websockets.exceptions import InvalidStatus

    for connecting in (
        client.realtime.connect(model="no-such-model"),
        client.with_options(api_key="sk-wrong").responses.connect(),
    ):
        with pytest.raises(InvalidStatus) as caught:
            async with entered(connecting):
                pass
        assert caught.value.response.headers["x-request-id"].startswith("req_")
