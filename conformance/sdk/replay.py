"""The official client with a recorded response where its network would be."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import httpx2
from openai import OpenAI

from conformance.exchange import Response

# The recording holds the body as it was after these were undone.
_UNDONE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def client_for(response: Response) -> OpenAI:
    """The client with the SDK's defaults but for retries, which is given ``response`` whatever it asks for next.

    One client serves all replays, one after the other: making it takes longer than most answers take to read.
    """
    client, transport = _client()
    transport.response = response
    return client


@functools.cache
def _client() -> tuple[OpenAI, _Recorded]:
    transport = _Recorded()
    http_client = httpx2.Client(transport=transport, trust_env=False)
    base_url = "http://replay.invalid/v1"
    return OpenAI(api_key="sk-replay", base_url=base_url, max_retries=0, http_client=http_client), transport


class _Recorded(httpx2.BaseTransport):
    def __init__(self) -> None:
        self.response = Response(500)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            self.response.status,
            headers=[
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in self.response.headers
                if name.lower() not in _UNDONE
            ],
            stream=_Body(self.response),
            request=request,
        )


class _Body(httpx2.SyncByteStream):
    """The body in the pieces that it came in."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._response.chunks:
            yield chunk.data
