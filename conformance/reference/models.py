"""GET /v1/models and GET /v1/models/{model}, and the look-up of the model that a request names."""

from __future__ import annotations

from typing import Any

from conformance.exchange import Request, Response
from conformance.reference import errors
from conformance.reference.answers import json_answer
from conformance.reference.state import Model, State


def list_models(state: State, request: Request) -> Response:
    """Every public model."""
    return json_answer({"object": "list", "data": [model.record() for model in state.models]})


def retrieve_model(state: State, request: Request, model: str) -> Response:
    """One model."""
    return json_answer(find_model(state, model, None).record())


def find_model(state: State, identifier: str, param: str | None = "model") -> Model:
    """The model with this id, or the documented refusal; ``param`` is the request's field that named it."""
    for model in state.models:
        if model.id == identifier:
            return model
    raise errors.model_not_found(identifier[:200], param)


def model_for(state: State, identifier: Any, workload: str, operation: str) -> Model:
    """The named model, provided that it serves ``workload``."""
    model = find_model(state, identifier)
    if workload not in model.workloads:
        raise errors.wrong_workload(model.id, operation)
    return model
