"""The error envelope: every refusal the reference target can make, as one exception with its answer."""

from __future__ import annotations

from conformance.exchange import Headers, Response
from conformance.reference.answers import json_answer


class Refusal(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """A documented refusal: raised anywhere in a handler, turned into its envelope by the application."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: Headers = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.code = code
        self.param = param
        self.headers = headers

    def error(self) -> dict[str, str | None]:
        """The ``error`` object of the envelope."""
        return {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}

    def answer(self) -> Response:
        """The HTTP answer: status, envelope and extra headers."""
        return json_answer({"error": self.error()}, status=self.status, headers=self.headers)


def malformed(message: str) -> Refusal:
    """The body is not what its Content-Type says."""
    return Refusal(400, message)


def missing(param: str) -> Refusal:
    """A required field is absent."""
    return Refusal(
        400, f"Missing required parameter: '{param}'.", code="missing_required_parameter", param=param
    )


def wrong_type(param: str, expected: str, seen: str) -> Refusal:
    """A field has another JSON type than the one documented."""
    text = f"Invalid type for '{param}': expected {expected}, but got {seen} instead."
    return Refusal(400, text, code="invalid_type", param=param)


def invalid_value(param: str, message: str) -> Refusal:
    """A field's value is none of those documented."""
    return Refusal(400, message, code="invalid_value", param=param)


def out_of_bounds(param: str, code: str, message: str) -> Refusal:
    """A number, a text or an array is too small or too large; ``code`` says which."""
    return Refusal(400, message, code=code, param=param)


def unsupported_parameter(param: str) -> Refusal:
    """The option exists, but this server or model does not offer it."""
    text = f"Unsupported parameter: '{param}' is not supported here."
    return Refusal(400, text, code="unsupported_parameter", param=param)


def unsupported_value(param: str, message: str) -> Refusal:
    """The option exists, but this server or model does not offer that value of it."""
    return Refusal(400, message, code="unsupported_value", param=param)


def unsupported_content_type(seen: str | None, wanted: str) -> Refusal:
    """The request body has a media type the operation does not take."""
    text = f"Unsupported content type: '{seen or ''}'. This endpoint takes {wanted}."
    return Refusal(400, text, code="unsupported_content_type")


def no_key() -> Refusal:
    """The request carries no credential."""
    text = "You did not provide an API key. Send it as 'Authorization: Bearer YOUR_KEY'."
    return Refusal(401, text, headers=(("www-authenticate", "Bearer"),))


def wrong_key() -> Refusal:
    """The credential is not a known one; it is not echoed."""
    text = "Incorrect API key provided."
    return Refusal(401, text, code="invalid_api_key", headers=(("www-authenticate", "Bearer"),))


def model_not_found(model: str, param: str | None = "model") -> Refusal:
    """No public model has this id."""
    text = f"The model '{model}' does not exist or you do not have access to it."
    return Refusal(404, text, code="model_not_found", param=param)


def wrong_workload(model: str, operation: str) -> Refusal:
    """The model exists and serves another workload."""
    return unsupported_value("model", f"The model '{model}' does not support {operation}.")


def not_found(what: str, identifier: str) -> Refusal:
    """No object has this id."""
    return Refusal(404, f"{what} with id '{identifier}' not found.")


def unknown_path(method: str, path: str) -> Refusal:
    """No operation lives at the path."""
    if path == "/v1" or path.startswith("/v1/"):
        return Refusal(404, f"Invalid URL ({method} {path})")
    return Refusal(404, f"Unknown request URL: {method} {path}. Did you forget /v1?", code="unknown_url")


def wrong_method(method: str, path: str, allowed: tuple[str, ...]) -> Refusal:
    """The path exists and takes other methods (RFC 9110 §15.5.6 requires Allow)."""
    text = f"Not allowed to {method} on {path}."
    return Refusal(405, text, headers=(("allow", ", ".join(allowed)),))


def context_length_exceeded(param: str, limit: int, seen: int) -> Refusal:
    """The prompt has more tokens than the model's context."""
    text = f"This model's maximum context length is {limit} tokens, and your input has {seen}."
    return Refusal(400, text, code="context_length_exceeded", param=param)
