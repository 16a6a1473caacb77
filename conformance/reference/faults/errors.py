"""Lies in refusals: their status, their envelope, and what they disclose."""

from __future__ import annotations

from conformance.exchange import Exchange
from conformance.reference import errors
from conformance.reference.editing import (
    Answer,
    answer_with,
    edit_json,
    is_call,
    is_json,
    refuse,
    sent_json,
    status_of,
    with_body,
    with_header,
    with_status,
)
from conformance.reference.faults.frame import error_fault, fault

CHAT = "/v1/chat/completions"


def _refused(exchange: Exchange) -> bool:
    return 400 <= status_of(exchange) < 500 and is_json(exchange)


def _code(exchange: Exchange) -> str | None:
    found: list[str | None] = []

    def look(answer: Answer) -> None:
        found.append((answer.body.get("error") or {}).get("code"))

    edit_json(exchange, look)
    return found[0] if found else None


def _broken(exchange: Exchange) -> Exchange:
    return refuse(exchange, errors.Refusal(500, "Internal server error.", kind="server_error"))


# The envelope


@error_fault(defects=("D241",))
def says_only_detail(answer: Answer) -> None:
    """A refusal is {"detail": …} without an error object."""
    answer.body = {"detail": answer.body["error"]["message"]}


@error_fault(defects=("D246",))
def says_only_message(answer: Answer) -> None:
    """A refusal is {"message": …} without an error object."""
    answer.body = {"message": answer.body["error"]["message"]}


@error_fault(defects=("D244",))
def says_error_in_a_string(answer: Answer) -> None:
    """error is a string."""
    answer.body["error"] = answer.body["error"]["message"]


@error_fault(defects=("D267",))
def refuses_as_a_web_framework(answer: Answer) -> None:
    """A refusal is {"message", "error": text, "statusCode"}."""
    answer.body = {"message": answer.body["error"]["message"], "error": "Not Found", "statusCode": 404}


@error_fault("/v1/[iv][mi]*", defects=("D263",))
def refuses_media_otherwise(answer: Answer) -> None:
    """Image and video rows refuse with a code and a text, while the others send objects."""
    answer.body = {"code": "invalid-argument", "error": answer.body["error"]["message"]}


@error_fault(defects=("D270",))
def puts_an_object_into_the_message(answer: Answer) -> None:
    """message is an object with a list of validation errors."""
    message = answer.body["error"]["message"]
    answer.body["error"]["message"] = {"detail": [{"type": "value_error", "loc": ["body"], "msg": message}]}


@error_fault()
def empties_the_message(answer: Answer) -> None:
    """message is empty."""
    answer.body["error"]["message"] = ""


@error_fault()
def omits_the_error_type(answer: Answer) -> None:
    """A refusal has no type."""
    del answer.body["error"]["type"]


@error_fault()
def omits_param(answer: Answer) -> None:
    """A refusal has no param key."""
    del answer.body["error"]["param"]


@error_fault()
def omits_code(answer: Answer) -> None:
    """A refusal has no code key."""
    del answer.body["error"]["code"]


@error_fault(defects=("D251",))
def writes_the_status_as_code(answer: Answer) -> None:
    """code is the status as a number."""
    answer.body["error"]["code"] = 400


@error_fault(defects=("D243",))
def names_a_validator_in_the_type(answer: Answer) -> None:
    """type is a name from inside the server's validator."""
    answer.body["error"]["type"] = "list_type"


@error_fault(defects=("D276",))
def contradicts_the_status_by_its_type(answer: Answer) -> None:
    """type says internal_server_error although the status says 4xx."""
    answer.body["error"]["type"] = "internal_server_error"


@error_fault()
def blames_another_field(answer: Answer) -> None:
    """param names a field that is not the one at fault."""
    if answer.body["error"]["param"]:
        answer.body["error"]["param"] = "somewhere_else"


@error_fault()
def forgets_that_the_model_was_not_found(answer: Answer) -> None:
    """An unknown model is refused without the code that clients look for."""
    if answer.body["error"]["code"] == "model_not_found":
        answer.body["error"]["code"] = None


@error_fault()
def forgets_that_the_key_was_wrong(answer: Answer) -> None:
    """A wrong key is refused without the code that clients look for."""
    if answer.body["error"]["code"] == "invalid_api_key":
        answer.body["error"]["code"] = None


@error_fault()
def forgets_that_a_parameter_was_missing(answer: Answer) -> None:
    """A missing field is refused without the code that clients look for."""
    if answer.body["error"]["code"] == "missing_required_parameter":
        answer.body["error"]["code"] = "bad_request"


# Disclosure


@error_fault(defects=("D254",))
def quotes_an_exception(answer: Answer) -> None:
    """message is the text of an exception."""
    answer.body["error"]["message"] = " list index out of range"


@error_fault(defects=("D255",))
def quotes_a_traceback(answer: Answer) -> None:
    """message ends with a traceback and paths of the server."""
    trace = '\nTraceback (most recent call last):\n  File "/usr/lib/python3/site-packages/server.py", line 7'
    answer.body["error"]["message"] += trace


@error_fault(defects=("D257",))
def quotes_the_routing_table(answer: Answer) -> None:
    """message lists the operator's fallbacks and the provider behind the gateway."""
    answer.body["error"]["message"] = (
        "litellm.APIConnectionError: Vertex_aiException - 503. Available Model Group Fallbacks=[{'a': ['b']}]"
    )


@error_fault(defects=("D264",))
def quotes_an_upstream_error(answer: Answer) -> None:
    """message is an upstream error as a printed dictionary."""
    text = answer.body["error"]["message"].replace("'", "")
    answer.body["error"]["message"] = f"Error code: 400 - {{'error': {{'message': '{text}', 'type': None}}}}"


@error_fault(defects=("D269",))
def names_the_provider(answer: Answer) -> None:
    """A refusal names the provider behind the gateway and quotes its raw answer."""
    answer.body["error"]["metadata"] = {
        "provider_name": "Fireworks",
        "raw": '{"error": "bad gateway at 10.0.3.7"}',
    }


@fault(defects=("D259",))
def forwards_the_operators_key(exchange: Exchange) -> Exchange:
    """A valid key gets an upstream 401 that shows part of the operator's own key."""
    if not is_call(exchange, CHAT) or status_of(exchange) != 200:
        return exchange
    text = "Incorrect API key provided: sk-proj-abc1********************xyz9."
    return refuse(exchange, errors.Refusal(401, text, code="invalid_api_key"))


@fault()
def echoes_the_key(exchange: Exchange) -> Exchange:
    """A refusal of a wrong key repeats the whole key."""
    scheme, _, key = (exchange.request.header("authorization") or "").partition(" ")
    if status_of(exchange) != 401 or scheme != "Bearer":
        return exchange
    message = f"Incorrect API key provided: {key}."
    return edit_json(exchange, lambda answer: answer.body["error"].update(message=message))


# The status


@fault()
def accepts_everything(exchange: Exchange) -> Exchange:
    """Bad requests are answered 200."""
    return with_status(exchange, 200) if status_of(exchange) == 400 and is_json(exchange) else exchange


@fault(defects=("D252",))
def fails_on_long_input(exchange: Exchange) -> Exchange:
    """Too long an input is answered 500."""
    return _broken(exchange) if _code(exchange) == "context_length_exceeded" else exchange


@fault()
def fails_on_malformed_json(exchange: Exchange) -> Exchange:
    """Malformed JSON is answered 500."""
    malformed = status_of(exchange) == 400 and not sent_json(exchange) and _code(exchange) is None
    return _broken(exchange) if malformed else exchange


@fault()
def fails_on_a_missing_field(exchange: Exchange) -> Exchange:
    """A missing field is answered 500."""
    return _broken(exchange) if _code(exchange) == "missing_required_parameter" else exchange


@fault(defects=("D251",))
def fails_on_a_bad_value(exchange: Exchange) -> Exchange:
    """A value outside its documented set is answered 500."""
    return _broken(exchange) if _code(exchange) == "invalid_value" else exchange


@fault()
def fails_on_a_wrong_type(exchange: Exchange) -> Exchange:
    """A field of the wrong type is answered 500."""
    return _broken(exchange) if _code(exchange) == "invalid_type" else exchange


@fault(defects=("D309",))
def fails_without_a_content_type(exchange: Exchange) -> Exchange:
    """A request without Content-Type is answered 500."""
    return _broken(exchange) if _code(exchange) == "unsupported_content_type" else exchange


@fault()
def fails_on_an_unknown_model(exchange: Exchange) -> Exchange:
    """An unknown model is answered 500."""
    return _broken(exchange) if _code(exchange) == "model_not_found" else exchange


@fault()
def answers_for_any_model(exchange: Exchange) -> Exchange:
    """An unknown model is answered as if it were another."""
    if _code(exchange) != "model_not_found" or not is_call(exchange, CHAT):
        return exchange
    message = {"role": "assistant", "content": "Hello!", "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    body = {"id": "chatcmpl-0", "object": "chat.completion", "created": 1750000000, "model": "gpt-4o"}
    return answer_with(exchange, 200, {**body, "choices": [choice], "usage": usage})


@fault(defects=("D266",))
def fails_on_a_wrong_key(exchange: Exchange) -> Exchange:
    """A wrong key is answered 500 with only a detail."""
    if status_of(exchange) != 401:
        return exchange
    return answer_with(exchange, 500, {"detail": "Internal server error: An unexpected error occurred."})


@fault()
def forbids_where_it_should_ask_for_a_key(exchange: Exchange) -> Exchange:
    """A missing key is answered 400."""
    return with_status(exchange, 400) if status_of(exchange) == 401 else exchange


# The form


@fault(defects=("D292",))
def asks_for_the_key_in_html(exchange: Exchange) -> Exchange:
    """A 401 is a page of HTML."""
    return _page(exchange) if status_of(exchange) == 401 else exchange


@fault(defects=("D292",))
def asks_for_the_key_in_silence(exchange: Exchange) -> Exchange:
    """A 401 has no body."""
    return with_header(with_body(exchange, b""), "content-type") if status_of(exchange) == 401 else exchange


def _page(exchange: Exchange) -> Exchange:
    page = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Error</h1></body></html>"
    return answer_with(exchange, status_of(exchange), page, "text/html; charset=utf-8")


@fault()
def refuses_in_html(exchange: Exchange) -> Exchange:
    """Every refusal is a page of HTML."""
    return _page(exchange) if _refused(exchange) else exchange


@fault()
def calls_a_refusal_text(exchange: Exchange) -> Exchange:
    """A refusal's JSON has the Content-Type text/plain."""
    return with_header(exchange, "content-type", "text/plain") if _refused(exchange) else exchange


@fault()
def refuses_in_silence(exchange: Exchange) -> Exchange:
    """Refusals have no body."""
    return with_body(exchange, b"") if _refused(exchange) else exchange


# What is disclosed


@error_fault()
def shows_a_path_of_the_server(answer: Answer) -> None:
    """message names a file of the server."""
    answer.body["error"]["message"] += " (/opt/gateway/app/routes/chat.py)"


@error_fault()
def shows_a_private_address(answer: Answer) -> None:
    """message names a private address."""
    answer.body["error"]["message"] += " (upstream 10.0.3.17:8000)"


@error_fault()
def shows_a_query(answer: Answer) -> None:
    """message quotes a query of the database."""
    answer.body["error"]["message"] += " (SELECT * FROM api_keys WHERE id = 7)"


@error_fault()
def shows_a_deployment(answer: Answer) -> None:
    """message names the deployment behind the gateway."""
    answer.body["error"]["message"] += " (deployment_id: prod-a100-7)"


@fault()
def asks_for_an_upgrade_without_naming_it(exchange: Exchange) -> Exchange:
    """A refusal with 426 has no Upgrade."""
    return with_header(exchange, "upgrade") if status_of(exchange) == 426 else exchange
