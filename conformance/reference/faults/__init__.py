"""Every lie that the reference target can tell, declared by area."""

from conformance.reference.faults import (
    access,
    chat_json,
    chat_stream,
    completions,
    errors,
    event_stream,
    headers,
    models,
    responses_json,
    responses_stream,
    transport,
)
from conformance.reference.faults.frame import FAULTS, Fault, lied, lying

__all__ = [
    "FAULTS",
    "Fault",
    "access",
    "chat_json",
    "chat_stream",
    "completions",
    "errors",
    "event_stream",
    "headers",
    "lied",
    "lying",
    "models",
    "responses_json",
    "responses_stream",
    "transport",
]
