"""A contract conformance suite for OpenAI-compatible APIs: spec → plan → recording → checks → results → reports."""

__version__ = "0.1.0"
