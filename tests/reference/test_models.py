from __future__ import annotations

import json

from tests.reference.client import Client


def test_every_listed_model_can_be_retrieved_as_it_was_listed(client: Client) -> None:
    listed = client.get("/v1/models")["data"]
    assert [client.get(f"/v1/models/{entry['id'].replace('/', '%2F')}") for entry in listed] == listed


def test_ids_are_unique_and_one_holds_a_slash(client: Client) -> None:
    ids = [entry["id"] for entry in client.get("/v1/models")["data"]]
    assert len(set(ids)) == len(ids)
    assert "ref/text-mini" in ids


def test_an_unencoded_slash_is_understood(client: Client) -> None:
    assert client.get("/v1/models/ref/text-mini")["id"] == "ref/text-mini"


def test_an_unknown_model_is_not_found(client: Client) -> None:
    assert client.refusal("GET", "/v1/models/nope") == (404, "model_not_found", None)


def test_head_answers_as_get_does(client: Client) -> None:
    assert client.send("HEAD", "/v1/models").status == 200


def test_models_differ_in_date_and_owner(client: Client) -> None:
    body = json.loads(client.send("GET", "/v1/models").body)
    assert len({entry["created"] for entry in body["data"]}) == len(body["data"])
    assert len({entry["owned_by"] for entry in body["data"]}) == 2
