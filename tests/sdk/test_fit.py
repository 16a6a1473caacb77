"""What fits a type of the official client, and where something does not."""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, Union  # noqa: UP035 - as the SDK writes its types

import pytest
from openai import BaseModel
from openai.types.responses import ResponseStreamEvent

from conformance.sdk.fit import Misfit, misfits


class Text(BaseModel):
    type: Literal["text"]
    text: str


class Picture(BaseModel):
    type: Literal["picture"]
    width: Optional[int] = None  # noqa: UP045


class Page(BaseModel):
    parts: List[Union[Text, Picture]]  # noqa: UP006, UP007
    scores: Optional[Dict[str, float]] = None  # noqa: UP006, UP045
    final: bool
    anything: object = None


def page(*parts: Any, **more: Any) -> Any:
    return {"parts": list(parts), "final": True, **more}


@pytest.mark.parametrize(
    "value",
    [
        page(),
        page({"type": "text", "text": "a"}, {"type": "picture"}, {"type": "picture", "width": 3.0}),
        page({"type": "sound", "wave": []}),
        page(scores={"a": 1, "b": 0.5}, extra=1, anything=[None]),
        page(scores=None),
    ],
)
def test_what_fits(value: Any) -> None:
    assert list(misfits(value, Page)) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([], Misfit("", "an object (Page of the SDK)", [])),
        (page(final=1), Misfit("/final", "true or false (Page.final of the SDK)", 1)),
        (page(final=None), Misfit("/final", "true or false (Page.final of the SDK)", None, absent=True)),
        (page(scores={"a": True}), Misfit("/scores/a", "a number (Page.scores of the SDK)", True)),
        (page(scores=[]), Misfit("/scores", "an object (Page.scores of the SDK)", [])),
        (page({"type": "text", "text": 1}), Misfit("/parts/0/text", "text (Text.text of the SDK)", 1)),
        (page({"type": "picture", "width": 0.5}), Misfit("/parts/0/width", "an integer (Picture.width of the SDK)", 0.5)),
        (page({"type": "picture", "width": "9"}), Misfit("/parts/0/width", "an integer (Picture.width of the SDK)", "9")),
        (page({"type": 5}), Misfit("/parts/0/type", "'picture' (Picture.type of the SDK)", 5)),
        ({"final": True}, Misfit("", "the member 'parts' (Page of the SDK requires it)", {"final": True}, absent=True)),
    ],
)
def test_what_does_not_fit(value: Any, found: Misfit) -> None:
    assert list(misfits(value, Page)) == [found]


def test_the_unions_of_the_client_are_told_apart_by_their_tags() -> None:
    event = {"type": "response.output_text.delta", "sequence_number": 1, "item_id": "a", "output_index": 0}
    found = list(misfits({**event, "content_index": 0, "delta": 7, "logprobs": []}, ResponseStreamEvent))
    assert found == [Misfit("/delta", "text (ResponseTextDeltaEvent.delta of the SDK)", 7)]
