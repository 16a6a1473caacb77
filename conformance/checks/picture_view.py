"""The pictures of an answer, of a JSON body or of a stream, with what was asked and said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.answer import Answer
from conformance.checks.answering import require_json
from conformance.checks.streams import judged_payloads
from conformance.checks.subject import Spoiled, Subject, request_json
from conformance.wire.media import Base64Error, MediaInfo, decode_base64, sniff

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_EVENT = re.compile(r"image_(generation|edit)\.(partial_image|completed)")


@dataclass(frozen=True)
class Picture:
    """One picture: its text on the wire, and the object around it.

    ``options`` holds what the answer says of size, format and background: the event, or the whole JSON body.
    """

    answer: Answer
    value: dict[str, Any]
    where: str
    options: dict[str, Any]
    is_partial: bool = False

    @property
    def text(self) -> str | None:
        """The base64 text, where there is one."""
        text = self.value.get("b64_json")
        return text if isinstance(text, str) else None

    @property
    def place(self) -> str:
        """Where the base64 text stands."""
        return f"{self.where}/b64_json" if self.where.startswith("/") else f"{self.where} /b64_json"

    @property
    def fault(self) -> str | None:
        """Why the text is no base64; None when it is."""
        try:
            decode_base64(self.text or "")
        except Base64Error as error:
            return str(error)
        return None

    @property
    def info(self) -> MediaInfo | None:
        """What the bytes are; None when there are none."""
        if self.text is None or self.fault is not None:
            return None
        return self.answer.remembered(f"picture {self.where}", lambda: sniff(decode_base64(self.text or "")))

    @property
    def image(self) -> MediaInfo | None:
        """What the bytes are, when they are an image that is whole."""
        info = self.info
        return info if info and info.kind.startswith("image/") and not info.truncated else None

    def told(self, name: str) -> str | None:
        """An option as the answer says that it took effect; None where it does not, or says ``auto``."""
        value = self.options.get(name)
        return value if isinstance(value, str) and value not in ("", "auto") else None


def pictures(subject: Subject) -> Iterator[Picture]:
    """Each picture of the subject's answers, partial ones among them."""
    for answer in subject.answers:
        if answer.state == "answered" and answer.case.expects == "answer":
            yield from pictures_of(answer)


def pictures_of(answer: Answer) -> list[Picture]:
    """The pictures of one answer. Raises Spoiled when it cannot be read as one."""
    return _streamed(answer) if answer.case.stream else _listed(answer)


def _listed(answer: Answer) -> list[Picture]:
    body = require_json(answer)
    data = body.get("data")
    if not isinstance(data, list):
        raise Spoiled("the answer has no list of images")
    return [Picture(answer, v, f"/data/{i}", body) for i, v in enumerate(data) if isinstance(v, dict)]


def _streamed(answer: Answer) -> list[Picture]:
    if not answer.is_event_stream and not answer.transcript.events:
        raise Spoiled("the answer is not a stream")
    found = []
    for index, payload in judged_payloads(answer):
        kind = _EVENT.fullmatch(str(payload.get("type"))) if isinstance(payload, dict) else None
        if kind:
            found.append(Picture(answer, payload, f"event {index}", payload, kind[2] == "partial_image"))
    return found


def asked(answer: Answer) -> dict[str, Any]:
    """The options of the request: its JSON body, or the fields of its form."""
    body = request_json(answer)
    if isinstance(body, dict):
        return body
    fields = (answer.case.form or {}).get("fields", {})
    return dict(fields)


def asked_text(answer: Answer, name: str) -> str | None:
    """An option that was asked for; None where it was not, or left to the target with ``auto``."""
    value = asked(answer).get(name)
    return value if isinstance(value, str) and value != "auto" else None


def asked_number(answer: Answer, name: str, otherwise: int) -> int:
    """A number that was asked for, be it as the text of a form."""
    value = asked(answer).get(name)
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isdigit() else otherwise


def pixels(size: str | None) -> tuple[int, int] | None:
    """``1024x1536`` as width and height."""
    match = _SIZE.fullmatch(size or "")
    return (int(match[1]), int(match[2])) if match else None
