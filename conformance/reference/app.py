"""The reference target without a network: a request in, an exchange out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from conformance.exchange import Exchange, Headers, Request, Response
from conformance.reference import errors
from conformance.reference.auth import authenticate
from conformance.reference.handshake import SOCKETS, accept, is_upgrade, open_session
from conformance.reference.router import match
from conformance.reference.sockets import Framing, Session
from conformance.reference.state import State

App = Callable[[Request], Exchange]
"""What is answered, and how the wire ends where it does not end well (``Exchange.failure``)."""

Connect = Callable[[Request], Session]
"""The session behind a handshake that was answered 101."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A whole target: its HTTP answers, its WebSocket sessions, and how their messages are framed."""

    answer: App
    connect: Connect
    framing: Framing = field(default_factory=Framing)


def reference(state: State) -> Reference:
    """The conforming target over ``state``."""
    return Reference(application(state), lambda request: open_session(state, request))


LIMIT = 60_000
EXPOSED = "x-request-id, retry-after, openai-processing-ms, openai-version"


def application(state: State) -> App:
    """The HTTP answers of the conforming target over ``state``."""

    def answer(request: Request) -> Exchange:
        response = _answer(state, request)
        head = _standard_headers(state, request, response)
        whole = replace(response, headers=(*response.headers, *head))
        return Exchange(state.new_id("exchange_"), "", request, whole)

    return answer


def _answer(state: State, request: Request) -> Response:
    try:
        return _handle(state, request)
    except errors.Refusal as refusal:
        return refusal.answer()
    except RecursionError:
        return errors.malformed("The request is nested too deeply.").answer()


def _handle(state: State, request: Request) -> Response:
    path = request.path.partition("?")[0]
    if request.method == "OPTIONS":
        return _preflight(request)
    if path != "/v1" and not path.startswith("/v1/"):
        raise errors.unknown_path(request.method, path[:200])
    if path in SOCKETS and is_upgrade(request):
        return accept(state, request)
    authenticate(request, state.key)
    found = match(request)
    if len(request.header("x-client-request-id") or "") > 512:
        raise errors.invalid_value(
            "X-Client-Request-Id", "X-Client-Request-Id is longer than 512 characters."
        )
    response = found.handler(state, request, *found.values)
    return replace(response, headers=(*response.headers, *_rate_limits(request, response)))


def _preflight(request: Request) -> Response:
    """A browser's question before it sends the key (Fetch §3.2.2)."""
    asked = request.header("access-control-request-headers") or "authorization, content-type"
    head = (("access-control-allow-methods", "GET, POST, OPTIONS"), ("access-control-allow-headers", asked))
    return Response(204, (*head, ("access-control-max-age", "600")))


def _standard_headers(state: State, request: Request, response: Response) -> Headers:
    common: Headers = (
        ("x-request-id", state.new_id("req_")),
        ("openai-version", "2020-10-01"),
        ("openai-processing-ms", "7"),
    )
    if request.header("origin") is None:
        return common
    return (*common, ("access-control-allow-origin", "*"), ("access-control-expose-headers", EXPOSED))


def _rate_limits(request: Request, response: Response) -> Headers:
    if request.method != "POST" or response.status != 200:
        return ()
    return (
        ("x-ratelimit-limit-requests", str(LIMIT)),
        ("x-ratelimit-remaining-requests", str(LIMIT - 1)),
        ("x-ratelimit-reset-requests", "1ms"),
    )
