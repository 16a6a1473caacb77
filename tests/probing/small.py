"""A small contract, and a target that a test scripts in a few lines."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from conformance.cases import Case
from conformance.contract import Applicability, Contract, Operation, Requirement
from conformance.exchange import Chunk, Failure, Request, Response
from conformance.plan import make_plan
from conformance.probing.pacing import Waits
from conformance.probing.prober import ProbeOptions, probe
from conformance.probing.recording import Recorder, Recording, read
from conformance.probing.transport import Reply, Script
from conformance.target import Selection, Target

KEY = "sk-test-0123456789abcdef"
BASE = "http://127.0.0.1:9/v1"
SHORT = Waits(backoff=0.001, longest=0.05, poll=0.001)

OPERATIONS = (
    Operation("GET /v1/models", "GET", "/v1/models", "ready", "models", hallmark="data"),
    Operation(
        "POST /v1/chat/completions", "POST", "/v1/chat/completions", "ready", "text", hallmark="choices"
    ),
    Operation("POST /v1/completions", "POST", "/v1/completions", "limited", "text", hallmark="choices"),
    Operation("POST /v1/embeddings", "POST", "/v1/embeddings", "ready", "embeddings", hallmark="data"),
    Operation("POST /v1/videos", "POST", "/v1/videos", "limited", "videos", hallmark="id"),
    Operation(
        "GET /v1/videos/{video_id}", "GET", "/v1/videos/{video_id}", "limited", "videos", hallmark="id"
    ),
    Operation("POST /v1/images/edits", "POST", "/v1/images/edits", "limited", "images", hallmark="data"),
    Operation("POST /v1/audio/speech", "POST", "/v1/audio/speech", "limited", "audio"),
    Operation("GET /v1/realtime", "GET", "/v1/realtime", "limited", "realtime", transport="websocket"),
    Operation("POST /v1/assistants", "POST", "/v1/assistants", "unavailable", "text", "Assistants"),
)
"""Rows of the contract, one of each kind."""

MODELS = Case("models/list/all", "GET /v1/models", "models", baseline=True)
NONSENSE = Case(
    "models/unknown-path/nonsense",
    "GET /v1/models",
    "models",
    expects="refusal",
    path="/v1/no-such-thing",
    features=frozenset({"nonsense"}),
)
CHAT = Case(
    "chat/minimal/json",
    "POST /v1/chat/completions",
    "chat",
    baseline=True,
    body={"model": "$model", "messages": [{"role": "user", "content": "Say hello."}]},
)
VIDEO = Case(
    "videos/create/json",
    "POST /v1/videos",
    "videos",
    baseline=True,
    body={"model": "$model", "prompt": "A cube."},
)


ANYTHING = Requirement(
    "ANY-001",
    "MUST",
    "Something comes back.",
    {},
    Applicability(expects=("answer", "refusal", "either", "robust")),
    check="x",
)


def again(case: Case, case_id: str, **changes: Any) -> Case:
    """A case like another that is no baseline."""
    return dataclasses.replace(case, **{"id": case_id, "baseline": False, "base": case.id, **changes})


def contract_of(*cases: Case) -> Contract:
    """The small contract with these cases."""
    return Contract(
        name="small",
        version="1",
        sha256="0" * 64,
        operations={operation.name: operation for operation in OPERATIONS},
        requirements={"ANY-001": ANYTHING},
        cases={case.id: case for case in cases},
        schemas=cast(Any, None),
        grammars={},
        root=Path(__file__).parents[2],
    )


def json_reply(status: int, document: Any, *headers: tuple[str, str]) -> Reply:
    """A whole answer."""
    body = json.dumps(document).encode()
    return Reply(Response(status, (("Content-Type", "application/json"), *headers), (Chunk(0.0, body),)))


def refusal(status: int, message: str = "No.", *headers: tuple[str, str], code: str | None = None) -> Reply:
    """The contract's own refusal."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return json_reply(status, {"error": error}, *headers)


LOST = Reply(failure=Failure("cut", "Server disconnected without sending a response."))
CLOSED_PORT = Reply(failure=Failure("connect", "Connection refused"))
PAGE = Reply(Response(500, (("Content-Type", "text/html"),), (Chunk(0.0, b"<h1>Oops</h1>"),)))
LISTING = json_reply(200, {"object": "list", "data": [{"id": "text-embedding-3"}, {"id": "gpt-small"}]})
CHATTED = json_reply(200, {"id": "chat-1", "choices": []})

Answering = Callable[[Request], Reply]


class FakeTarget:
    """A transport that answers as told and remembers what it was asked."""

    def __init__(self, routes: Mapping[str, Reply | list[Reply] | Answering], wait: float = 0.0) -> None:
        self._routes = {
            name: list(reply) if isinstance(reply, list) else reply for name, reply in routes.items()
        }
        self._wait = wait
        self.asked: list[Request] = []
        self.times: list[float] = []
        self.at_once = self.most_at_once = 0

    async def send(self, request: Request, script: Script | None) -> Reply:
        self.asked.append(request)
        self.times.append(time.monotonic())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self._wait)
        self.at_once -= 1
        return self._reply(request)

    def _reply(self, request: Request) -> Reply:
        reply = self._routes.get(f"{request.method} {request.path}")
        if reply is None:
            return refusal(404, "There is no such path.")
        if isinstance(reply, list):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply if isinstance(reply, Reply) else reply(request)

    @property
    def names(self) -> list[str]:
        """Method and path of every request, in the order of arrival."""
        return [f"{request.method} {request.path}" for request in self.asked]


WORKING: dict[str, Reply | list[Reply] | Answering] = {
    "GET /v1/models": LISTING,
    "POST /v1/chat/completions": CHATTED,
    "POST /v1/videos": json_reply(200, {"id": "video_1", "status": "queued"}),
    "GET /v1/videos/video_1": json_reply(200, {"id": "video_1", "status": "completed"}),
}


def run(
    folder: Path,
    contract: Contract,
    transport: FakeTarget,
    *,
    models: Mapping[str, str] | None = None,
    options: ProbeOptions | None = None,
    key: str | None = KEY,
    base: str = BASE,
    resume: bool = False,
) -> Recording:
    """Probe ``transport`` with every case and read back what was recorded."""
    target = Target(
        base, key is not None, models if models is not None else {"text": "gpt-small", "videos": "sora"}
    )
    plan = make_plan(contract, target, Selection())
    with Recorder(folder, {"target": {"base_url": base}}, [key] if key else [], resume=resume) as recorder:
        asyncio.run(
            probe(
                plan,
                contract,
                target,
                key,
                recorder,
                options or ProbeOptions(waits=SHORT),
                transport=transport,
            )
        )
    return read(folder)
