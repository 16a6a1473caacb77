"""A fresh reference target for each test."""

from __future__ import annotations

import pytest

from conformance.reference.state import Identifiers, State
from tests.reference.client import Client


@pytest.fixture
def client() -> Client:
    return Client(State(clock=lambda: 1_750_000_000.0, new_id=Identifiers("test")))
