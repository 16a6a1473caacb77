"""Chat and completion streams that lie once, and some that only look as if they did."""

from __future__ import annotations

from typing import Any

from conformance.wire.grammar import DONE
from tests.wire.legal_streams import Payloads, chunk

Lies = dict[str, tuple[Payloads, str]]


def delta(said: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": said, "finish_reason": finish}


FIRST = chunk([delta({"role": "assistant", "content": ""})])
TEXT = chunk([delta({"content": "hi"})])
FINISH = chunk([delta({}, "stop")])
USAGE = chunk([], usage={"total_tokens": 3})
ERROR = {"error": {"message": "m", "type": "server_error", "param": None, "code": None}}
CHAT = [FIRST, TEXT, FINISH, USAGE, DONE]


def call(index: int, arguments: str, **head: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": head.pop("name")} if "name" in head else {})}
    fragment = {"index": index, **head, "function": function}
    return chunk([delta({"tool_calls": [fragment]})])


HEAD = call(0, "", id="call_0", type="function", name="f")
SECOND_HEAD = call(1, "", id="call_1", type="function", name="f")

CHAT_LIES: Lies = {
    "no marker": ([*CHAT[:-1]], "exactly_one_terminal"),
    "nothing at all": ([], "exactly_one_terminal"),
    "marker alone": ([DONE], "first_event"),
    "marker twice": ([*CHAT, DONE], "exactly_one_terminal"),
    "chunk after the marker": ([*CHAT, TEXT], "nothing_after_terminal"),
    "chunk after an error": ([FIRST, ERROR, TEXT, DONE], "error_position"),
    "error twice": ([FIRST, ERROR, ERROR], "error_position"),
    "no role": ([TEXT, FINISH, DONE], "role_first"),
    "role late": ([TEXT, FIRST, FINISH, DONE], "role_first"),
    "role twice": ([FIRST, FIRST, FINISH, DONE], "role_once"),
    "no finish reason": ([FIRST, TEXT, DONE], "one_finish_reason"),
    "finish reason empty": ([FIRST, TEXT, chunk([delta({}, "")]), DONE], "one_finish_reason"),
    "finish reason twice": ([FIRST, FINISH, FINISH, DONE], "one_finish_reason"),
    "text after the finish reason": ([FIRST, FINISH, TEXT, DONE], "nothing_after_finish"),
    "choice starts at 1": (
        [chunk([{**c, "index": 1} for c in payload["choices"]]) for payload in (FIRST, FINISH)] + [DONE],
        "index_contiguous_from_zero",
    ),
    "another id": ([FIRST, {**TEXT, "id": "chatcmpl-2"}, FINISH, DONE], "constant_fields"),
    "another model in the usage chunk": ([FIRST, FINISH, {**USAGE, "model": "n"}, DONE], "constant_fields"),
    "usage in every chunk": ([FIRST, {**TEXT, "usage": {}}, FINISH, USAGE, DONE], "usage_only_at_end"),
    "usage with the last choice": ([FIRST, {**FINISH, "usage": {}}, DONE], "usage_chunk_without_choices"),
    "usage twice": ([FIRST, FINISH, USAGE, USAGE, DONE], "usage_chunk_once"),
    "usage before the finish": ([FIRST, USAGE, FINISH, DONE], "usage_chunk_last"),
    "call without a head": ([FIRST, call(0, "{}"), FINISH, DONE], "tool_fragment_first"),
    "call without id": ([FIRST, call(0, "", type="function", name="f"), FINISH, DONE], "tool_fragment_first"),
    "head twice": ([FIRST, HEAD, HEAD, FINISH, DONE], "tool_fragment_order"),
    "empty name repeated": ([FIRST, HEAD, call(0, "{}", name=""), FINISH, DONE], "tool_fragment_order"),
    "parallel calls at one index": (
        [FIRST, HEAD, call(0, "", id="call_1", type="function", name="g"), FINISH, DONE],
        "tool_fragment_order",
    ),
    "type repeated": ([FIRST, HEAD, call(0, "{}", type="function"), FINISH, DONE], "tool_type_once"),
    "calls start at 1": ([FIRST, SECOND_HEAD, FINISH, DONE], "tool_index_contiguous"),
    "calls share an id": (
        [FIRST, HEAD, call(1, "", id="call_0", type="function", name="f"), FINISH, DONE],
        "tool_ids_unique",
    ),
}  # fmt: skip


def completion(index: int, text: str, finish: str | None = None) -> dict[str, Any]:
    return {
        **chunk([{"index": index, "text": text, "logprobs": None, "finish_reason": finish}]),
        "object": "x",
    }


COMPLETION_LIES: Lies = {
    "no finish reason": ([completion(0, "a"), DONE], "one_finish_reason"),
    "two ends": ([completion(0, "a", "stop"), completion(0, "b", "stop"), DONE], "one_finish_reason"),
    "text after the end": ([completion(0, "a", "stop"), completion(0, "b"), DONE], "nothing_after_finish"),
    "gap": ([completion(0, "a", "stop"), completion(2, "b", "stop"), DONE], "index_contiguous_from_zero"),
    "ids change": ([completion(0, "a"), {**completion(0, "b", "stop"), "id": "y"}, DONE], "constant_fields"),
}  # fmt: skip


CHAT_TOLERATED = {
    "no usage": [FIRST, TEXT, FINISH, DONE],
    "error instead of the rest": [FIRST, ERROR],
    "error, then the marker": [FIRST, ERROR, DONE],
    "error alone": [ERROR],
    "chunk without choices or usage": [chunk([]), FIRST, FINISH, DONE],
    "foreign object": [FIRST, {"object": "billing.summary", "usage": {}}, FINISH, DONE],
    "null head repeated": [FIRST, HEAD, call(0, "{}", id=None, type=None, name=None), FINISH, DONE],
    "empty deltas": [FIRST, chunk([delta({})]), FINISH, DONE],
    "null role repeated": [FIRST, chunk([delta({"role": None, "content": "a"})]), FINISH, DONE],
}  # fmt: skip
