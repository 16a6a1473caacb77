"""Which events may follow which: stream grammars as data, and the engine that holds a stream to one.

    spec/streams.yaml ──▶ Grammar ──▶ Tracker.feed(index, event_type, payload)… .close(ended) ──▶ violations

A grammar is machines (a response, its items, their parts …) and one table of legal transitions, plus clauses
about values: what stays constant, counts up, adds up, or is said again. Payloads may be malformed: what a
schema check reports makes the engine look away, never raise and never report the consequences.
"""

from conformance.wire.grammar.model import DONE, RULES, Grammar, Violation
from conformance.wire.grammar.reading import load_grammars
from conformance.wire.grammar.tracker import Ended, Tracker

__all__ = ["DONE", "RULES", "Ended", "Grammar", "Tracker", "Violation", "load_grammars"]
