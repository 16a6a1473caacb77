"""The bearer key."""

from __future__ import annotations

from hmac import compare_digest

from conformance.exchange import Request
from conformance.reference import errors


def authenticate(request: Request, key: str) -> None:
    """Refuse a request that does not carry ``key`` as a bearer token (RFC 6750 §2.1)."""
    scheme, _, token = (request.header("authorization") or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise errors.no_key()
    if not compare_digest(token.strip().encode("utf-8", "replace"), key.encode()):
        raise errors.wrong_key()
