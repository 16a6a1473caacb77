"""A contract conformance suite for OpenAI-compatible APIs: contract → plan → prober → recording → checks → results → reports."""

__version__ = "0.1.0"
