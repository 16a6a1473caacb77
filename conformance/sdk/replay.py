"""The official client with a recorded response where its network would be."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
from openai import OpenAI

from conformance.exchange import Response

# The recording holds the body as it was after these were undone.
_UNDONE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def client_for(response: Response) -> OpenAI:
    """A client with the SDK's defaults but for retries, which is given ``response`` whatever it asks for."""
    return OpenAI(
        api_key="sk-replay",
        base_url="http://replay.invalid/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=_Recorded(response), trust_env=False),
    )


class _Recorded(httpx2.BaseTransport):
    def __init__(self, response: Response) -> None:
        self._response = response

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            self._response.status,
            headers=[
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in self._response.headers
                if name.lower() not in _UNDONE
            ],
            stream=_Body(self._response),
            request=request,
        )


class _Body(httpx2.SyncByteStream):
    """The body in the pieces that it came in."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._response.chunks:
            yield chunk.data
