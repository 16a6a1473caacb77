"""Asks the reference target without a network, and reads what comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from conformance.exchange import Exchange, Headers, Request, Response
from conformance.reference.app import Reference, reference
from conformance.reference.state import State


@dataclass
class Client:
    """Sends one request at a time to an application and reads what comes back."""

    state: State
    target: Reference = field(init=False)

    def __post_init__(self) -> None:
        self.target = reference(self.state)

    def exchange(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Headers = (),
        key: str | None = "sk-reference",
    ) -> Exchange:
        """The exchange of a request; ``body`` is JSON unless it is bytes."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        names = {name.lower() for name, _ in headers}
        head = list(headers)
        if key is not None:
            head.append(("authorization", f"Bearer {key}"))
        if body is not None and "content-type" not in names:
            head.append(("content-type", "application/json"))
        return self.target.answer(Request(method, path, tuple(head), raw))

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Response:
        """The response to a request."""
        response = self.exchange(method, path, body, **options).response
        assert response is not None
        return response

    def post(self, path: str, body: Any, **options: Any) -> Any:
        """The JSON of a 200 to a POST."""
        response = self.send("POST", path, body, **options)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def get(self, path: str) -> Any:
        """The JSON of a 200 to a GET."""
        response = self.send("GET", path)
        assert response.status == 200, response.body
        return json.loads(response.body)

    def events(self, path: str, body: Any) -> list[Any]:
        """The JSON of every event of a stream, ``[DONE]`` as it is."""
        return list(self._events(self.send("POST", path, body)))

    def replay(self, path: str) -> list[Any]:
        """The JSON of every event that a GET streams."""
        return list(self._events(self.send("GET", path)))

    def _events(self, response: Response) -> Iterator[Any]:
        assert response.media_type == "text/event-stream", response.body
        for chunk in response.chunks:
            data = chunk.data.decode().split("data: ", 1)[1].strip()
            yield data if data == "[DONE]" else json.loads(data)

    def refusal(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any, Any]:
        """The status, code and param of a refusal."""
        response = self.send(method, path, body, **options)
        assert response.media_type == "application/json"
        error = json.loads(response.body)["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["message"]
        return response.status, error["code"], error["param"]
