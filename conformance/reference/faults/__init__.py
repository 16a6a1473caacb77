"""Every lie that the reference target can tell, declared by area."""

from conformance.reference.faults import (
    access,
    chat_chunks,
    chat_json,
    chat_requests,
    chat_stream,
    chat_tools,
    completions,
    errors,
    event_stream,
    headers,
    models,
    responses_helpers,
    responses_items,
    responses_json,
    responses_stream,
    transport,
)
from conformance.reference.faults.frame import FAULTS, Fault, lied, lying

__all__ = [
    "FAULTS",
    "Fault",
    "access",
    "chat_chunks",
    "chat_json",
    "chat_requests",
    "chat_stream",
    "chat_tools",
    "completions",
    "errors",
    "event_stream",
    "headers",
    "lied",
    "lying",
    "models",
    "responses_helpers",
    "responses_items",
    "responses_json",
    "responses_stream",
    "transport",
]
