"""Checks: pure functions that judge one requirement on the exchanges it needs, a module a concern."""
