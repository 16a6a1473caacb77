"""Examples have no deadline: how long one takes says how busy the machine is, and nothing of what is tested."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
