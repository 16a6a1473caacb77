"""What is sent before everything else: nonsense first, then the models, then one text model that answers.

A target that is not there, or refuses the key, is asked nothing more: one failure says it all.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from conformance.answer import Answer
from conformance.cases import Case
from conformance.contract import Contract, Operation
from conformance.exchange import Exchange, Request
from conformance.plan import DISCOVERY_TRIES, Plan
from conformance.probing.pacing import Priority
from conformance.probing.sending import Sender
from conformance.probing.together import all_to_their_ends
from conformance.target import Target
from conformance.text import one_line

DISCOVERY = "discovery"
"""Id of the case under which tries with models that did not answer are recorded."""

_MODELS = "GET /v1/models"
_CHAT = "POST /v1/chat/completions"
_FIRST: Priority = (-1_000_000,)
_OTHER_PURPOSES = (
    "embed", "bge", "whisper", "tts", "image", "dall-e", "moderation", "guard", "video", "sora", "realtime",
    "audio", "transcri", "speech", "rerank", "clip", "ocr", "davinci", "babbage", "instruct", "deep-research",
    "codex",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preflight:
    """Whether it makes sense to go on; ``models`` are those discovered."""

    status: Literal["ok", "stopped"]
    reason: str = ""
    hint: str = ""
    models: dict[str, str] = dataclasses.field(default_factory=dict)

    def as_fact(self) -> dict[str, Any]:
        """The ``preflight`` fact of a recording."""
        return {"status": self.status, "reason": self.reason, "hint": self.hint}


class Stop(Exception):  # noqa: N818 - not an error: a way out of the sequence
    """Nothing more is to be sent."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.preflight = Preflight("stopped", reason, hint)


async def check(plan: Plan, contract: Contract, target: Target, sender: Sender) -> Preflight:
    """Send the first requests and say whether the rest may follow. Raises BudgetSpentError."""
    sequence = _Sequence(plan, contract, target, sender)
    try:
        return Preflight("ok", models=await sequence.run())
    except Stop as stop:
        return stop.preflight


class _Sequence:
    def __init__(self, plan: Plan, contract: Contract, target: Target, sender: Sender) -> None:
        self._plan = plan
        self._contract = contract
        self._target = target
        self._sender = sender

    async def run(self) -> dict[str, str]:
        answers = await all_to_their_ends(self._sender.run(case, _FIRST) for case in self._nonsense())
        if all(_is_unconnected(answer) for answer in answers):
            self._stop_without_connection(answers)
        listing = self._contract.baseline_of(_MODELS)
        models = await self._sender.run(listing, _FIRST) if listing else None
        answers += [models] if models else []
        self._stop_without_connection(answers)
        chat = self._text_baseline()
        if chat is None:
            self._stop_without_access(models, None, answers)
            return self._untried(models)
        if self._target.model_for(self._contract.operation_of(chat)):
            return await self._with_named_model(chat, models, answers)
        self._stop_without_access(models, None, answers)
        return {"text": await self._discover(chat, models)}

    def _nonsense(self) -> Iterator[Case]:
        """Requests that no target can answer; one that does answers anything."""
        for planned in self._plan.to_send():
            case = planned.case
            if "nonsense" in case.features and not case.references and not case.after:
                yield case

    def _text_baseline(self) -> Case | None:
        """The baseline by which a text model is known to work; None when nothing in scope needs one."""
        operations = {p.case.operation for p in self._plan.to_send() if self._is_certain_text(p.case)}
        chosen = _CHAT if _CHAT in operations else next(iter(operations), None)
        return self._contract.baseline_of(chosen) if chosen else None

    def _is_certain_text(self, case: Case) -> bool:
        operation: Operation = self._contract.operation_of(case)
        return case.baseline and operation.workload == "text" and operation.availability == "ready"

    def _stop_without_connection(self, answers: list[Answer]) -> None:
        if not answers or any(answer.exchange.response for answer in answers):
            return
        failure = answers[-1].exchange.failure
        kind = failure.kind if failure else "cut"
        hint = {
            "connect": "check the base URL, and that the target is running",
            "no_head": "if the target is only slow, give it more time: --timeout",
        }.get(kind, "check that the base URL has the right scheme (http or https) and port")
        message = failure.message if failure else "no response"
        raise Stop(f"nothing answers at {self._target.base_url}: {message}", hint)

    def _stop_without_access(self, models: Answer | None, chat: Answer | None, answers: list[Answer]) -> None:
        """The key is refused, or nothing works at all."""
        if any(answer.state == "answered" for answer in (models, chat) if answer) and not _is_status(
            chat, 401
        ):
            return
        refusing = next((answer for answer in (chat, models) if _is_status(answer, 401, 403)), None)
        if refusing is not None:
            self._stop_with_refused_key(refusing)
        if models is None or (chat is None and models.state == "refused"):
            return
        if not any(_is_a_word(answer) for answer in answers):
            reason = f"{self._said(models)} and nothing else was answered either"
            raise Stop(reason, self._base_hint(models) or "the target is out of order or is no such API")

    def _said(self, answer: Answer) -> str:
        return f"{answer.operation.name} {self._sender.ending_of(answer)}"

    def _stop_with_refused_key(self, refusing: Answer) -> None:
        reason = self._said(refusing)
        if self._target.has_key:
            raise Stop(
                f"the key is refused: {reason}", "check the key (--api-key, --api-key-env or OPENAI_API_KEY)"
            )
        raise Stop(
            f"the target asks for a key: {reason}", "pass one: --api-key, --api-key-env or OPENAI_API_KEY"
        )

    async def _with_named_model(
        self, chat: Case, models: Answer | None, answers: list[Answer]
    ) -> dict[str, str]:
        answer = await self._sender.run(chat, _FIRST)
        answers.append(answer)
        self._stop_without_access(models, answer, answers)
        model = self._sender.builder.model_of(answer.operation)
        if answer.state == "refused" and _refuses_the_model(answer):
            self._stop_with_unknown_model(model, answer, models)
        if _is_status(answer, 404, 405) and (models is None or _is_status(models, 404, 405)):
            reason = (
                f"neither {_MODELS} nor {answer.operation.name} is there: both were answered {answer.status}"
            )
            raise Stop(reason, self._base_hint(answer) or "check the base URL")
        return {} if "text" in self._target.models else {"text": model}

    def _stop_with_unknown_model(self, model: str, chat: Answer, models: Answer | None) -> None:
        listed = _listed(models)
        if model in listed:
            return
        shown = ", ".join(one_line(name, 80) for name in listed[:10]) + (
            f" and {len(listed) - 10} more" if len(listed) > 10 else ""
        )
        reason = f"the text model {model!r} is unknown to the target: {self._said(chat)}"
        raise Stop(reason, f"{_MODELS} lists: {shown}" if listed else "name another: --model text=ID")

    def _untried(self, models: Answer | None) -> dict[str, str]:
        """Where no text operation is certain to work, the likeliest model is taken unasked."""
        return {"text": candidates[0]} if (candidates := _candidates(models)) else {}

    async def _discover(self, chat: Case, models: Answer | None) -> str:
        """The first listed model that answers the text baseline; its exchange becomes the baseline's."""
        tried: list[str] = []
        for step, model in enumerate(_candidates(models)[:DISCOVERY_TRIES]):
            answer = await self._try(chat, model, step)
            if answer.state == "answered":
                return model
            ending = f"was answered {answer.status}" if answer.status else "got no answer"
            tried.append(f"{one_line(model, 80)} {ending}")
            if answer.status == 401:
                self._stop_with_refused_key(answer)
        raise self._no_text_model(models, tried)

    async def _try(self, chat: Case, model: str, step: int) -> Answer:
        request = dataclasses.replace(self._sender.builder, models={"text": model}).request(
            chat, self._sender.documents
        )
        known = self._known(chat.id, 0, request) or self._known(DISCOVERY, step, request)
        exchanges = known or await self._sender.attempts(chat, request, _FIRST)
        answer = Answer(chat, self._contract.operation_of(chat), exchanges[-1])
        if answer.state == "answered":
            return self._sender.adopt(chat, exchanges)
        tries = [
            dataclasses.replace(each, id=f"{DISCOVERY}#{step}.{each.attempt}", case=DISCOVERY, step=step)
            for each in exchanges
        ]
        self._sender.adopt(dataclasses.replace(chat, id=DISCOVERY), tries)
        return answer

    def _known(self, case_id: str, step: int, request: Request) -> Sequence[Exchange]:
        """What an unfinished run recorded of the same request."""
        earlier = self._sender.earlier(case_id, step)
        return earlier if earlier and earlier[0].request.body == request.body else ()

    def _no_text_model(self, models: Answer | None, tried: list[str]) -> Stop:
        name_one = "name one: --model text=ID"
        if tried:
            return Stop(f"no text model was found: {'; '.join(tried)}", name_one)
        ending = self._sender.ending(models.case.id) if models else "is not part of the contract"
        if models and models.state == "answered":
            return Stop(f"no text model was found: {_MODELS} lists none", name_one)
        hint = self._base_hint(models) if models else None
        return Stop(
            f"no text model was found: {_MODELS} {ending}", f"{hint}, or {name_one}" if hint else name_one
        )

    def _base_hint(self, answer: Answer) -> str | None:
        if answer.status == 404 and not self._target.prefix.endswith("/v1"):
            return f"the base URL has no /v1: try {self._target.base_url}/v1"
        return None


def _is_unconnected(answer: Answer) -> bool:
    return answer.exchange.failure is not None and answer.exchange.failure.kind == "connect"


def _is_a_word(answer: Answer) -> bool:
    """An answer, or a documented refusal that speaks of the request and not of the hour."""
    return answer.state == "answered" or (answer.state == "refused" and answer.status not in {408, 429})


def _is_status(answer: Answer | None, *statuses: int) -> bool:
    return answer is not None and answer.status in statuses


def _refuses_the_model(answer: Answer) -> bool:
    """By code or parameter where the target gives them, else by a message that speaks of the model."""
    error = answer.error
    if error.get("code") == "model_not_found" or error.get("param") == "model":
        return True
    return answer.status in {400, 404, 422} and "model" in str(error.get("message")).lower()


def _listed(models: Answer | None) -> list[str]:
    document = models.json if models and models.state == "answered" else None
    data = document.get("data") if isinstance(document, dict) else None
    entries = data if isinstance(data, list) else []
    names = [entry.get("id") for entry in entries if isinstance(entry, dict)]
    return [name for name in names if isinstance(name, str) and name]


def _candidates(models: Answer | None) -> list[str]:
    """Listed models, those whose names speak of another purpose last."""
    return sorted(_listed(models), key=lambda model: any(word in model.lower() for word in _OTHER_PURPOSES))
