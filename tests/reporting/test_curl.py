from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.exchange import Exchange, Frame, Request, Response
from conformance.reporting.curl import command
from conformance.text import UNSEEN

BASE = "https://api.example.com/v1"
_TOOLS = """
curl() { printf '%s\\0' "$@"; for a in "$@"; do case "$a" in @-) printf 'stdin\\0'; cat;; esac; done; }
websocat() { printf '%s\\0' "$@"; printf 'stdin\\0'; cat; }
"""


def run(text: str, folder: Path | None = None) -> list[bytes]:
    """The words that the command would be given, and what it would read."""
    script = _TOOLS + text
    done = subprocess.run(
        ["bash", "-c", script],
        capture_output=True,
        check=True,
        cwd=folder,
        env={"OPENAI_API_KEY": "sk-secret", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )
    assert done.stderr == b""
    return done.stdout.split(b"\0")


def exchange(**request: object) -> Exchange:
    fields: dict[str, object] = {"method": "POST", "path": "/v1/chat/completions"} | request
    return Exchange("chat/minimal/json#0.1", "chat/minimal/json", Request(**fields))  # type: ignore[arg-type]


def body_sent(words: list[bytes]) -> bytes:
    if b"--data-raw" in words:
        return words[words.index(b"--data-raw") + 1]
    return b"\0".join(words[words.index(b"stdin") + 1 :])


def headers_sent(words: list[bytes]) -> list[bytes]:
    return [words[n + 1] for n, word in enumerate(words) if word == b"-H"]


def test_the_key_is_left_to_the_environment():
    text = command(exchange(headers=(("Authorization", "Bearer [key]*****"),)), BASE)
    assert "[key]" not in text
    assert headers_sent(run(text)) == [b"Authorization: Bearer sk-secret"]


def test_a_wrong_key_of_ours_stays_as_it_was_sent():
    text = command(exchange(headers=(("Authorization", "Bearer sk-conformance-wrong"),)), BASE)
    assert headers_sent(run(text)) == [b"Authorization: Bearer sk-conformance-wrong"]


def test_what_curl_makes_itself_is_left_out_and_the_rest_is_kept_in_order():
    sent = (
        ("Host", "x"),
        ("Content-Type", "application/json"),
        ("X-A", "1"),
        ("X-A", "2"),
        ("Content-Length", "2"),
        ("X-Empty", ""),
    )
    words = run(command(exchange(headers=sent, body=b"{}"), BASE))
    assert headers_sent(words) == [b"Content-Type: application/json", b"X-A: 1", b"X-A: 2", b"X-Empty;"]


def test_a_body_without_content_type_is_sent_without_one():
    assert headers_sent(run(command(exchange(body=b"{}"), BASE))) == [b"Content-Type:"]


@pytest.mark.parametrize(
    ("request_fields", "words"),
    [
        ({"method": "GET"}, []),
        ({"method": "POST"}, [b"-X", b"POST"]),
        ({"method": "POST", "body": b"{}"}, []),
        ({"method": "GET", "body": b"{}"}, [b"-X", b"GET"]),
        ({"method": "DELETE"}, [b"-X", b"DELETE"]),
        ({"method": "HEAD"}, [b"-I"]),
        ({"method": "GET", "path": "/v1/models?a[]=1&b={x}"}, [b"-g"]),
        ({"method": "GET", "path": "/v1/../models"}, [b"--path-as-is"]),
    ],
)
def test_the_method_and_odd_urls_are_kept(request_fields, words):
    made = run(command(exchange(**request_fields), BASE))
    options = [w for w in made if w.startswith(b"-") or w in {b"POST", b"GET", b"DELETE"}]
    assert [w for w in options if w not in {b"-sS", b"-i", b"-N", b"-H", b"--data-raw"}] == words
    path = str(request_fields.get("path", "/v1/chat/completions"))
    assert f"https://api.example.com{path}".encode() in made


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")) | st.binary(max_size=60))
def test_any_body_reaches_the_server_byte_for_byte(body):
    text = command(exchange(body=body), BASE)
    assert not UNSEEN.search(text.replace("\n", ""))
    assert (body_sent(run(text)) if body else b"") == body


@pytest.mark.parametrize(
    "body",
    [
        b"@/etc/passwd",
        b"$(touch pwned) `touch pwned` '; touch pwned; '",
        b"\xff\xfe",
        "\u202e\x1b[2J".encode(),
        b"a\0b",
        b"a\r\nb\n\n",
    ],
)
def test_a_body_that_would_run_or_hide_does_neither(body, tmp_path):
    assert body_sent(run(command(exchange(body=body), BASE), tmp_path)) == body
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["/v1/models/$(touch pwned)", "/v1/models/';touch pwned;'", "/v1/models/a\nb", "/v1/models/`id`"]
)
def test_a_path_that_the_target_chose_is_one_word(path, tmp_path):
    words = run(command(exchange(method="GET", path=path), BASE), tmp_path)
    assert f"https://api.example.com{path}".encode() in words
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq reads the recording")
@pytest.mark.parametrize("body", [b"\xff" * 6000, b'{"a":"' + b"x" * 6000 + b'"}'])
def test_a_long_body_is_read_from_the_recording(body, tmp_path):
    made = exchange(body=body)
    try:
        content = {"text": body.decode()}
    except UnicodeDecodeError:
        content = {"base64": base64.b64encode(body).decode()}
    folder = tmp_path / "recording"
    folder.mkdir()
    line = {"kind": "exchange", "id": made.id, "request": {"body": content}}
    other = {"kind": "exchange", "id": "other", "request": {"body": {"text": "no"}}}
    (folder / "exchanges.jsonl").write_text(
        f"{json.dumps({'kind': 'header'})}\n{json.dumps(other)}\n{json.dumps(line)}\n"
    )
    assert body_sent(run(command(made, BASE), tmp_path)) == body


def test_a_socket_is_repeated_with_its_messages():
    headers = (("Authorization", "Bearer [key]"), ("Upgrade", "websocket"), ("Sec-WebSocket-Key", "k"))
    frames = (
        Frame(0.1, "client", "text", b'{"type":"it\'s"}'),
        Frame(0.2, "server", "text", b"{}"),
        Frame(0.3, "client", "text", b"{}"),
    )
    request = Request("GET", "/v1/realtime?model=m", headers)
    made = Exchange("r#0.1", "realtime/a/b", request, Response(101), frames=frames)
    words = run(command(made, BASE))
    assert words[:4] == [
        b"-n",
        b"-H",
        b"Authorization: Bearer sk-secret",
        b"wss://api.example.com/v1/realtime?model=m",
    ]
    assert body_sent(words) == b'{"type":"it\'s"}\n{}\n'


def test_a_refused_handshake_is_repeated_without_messages():
    made = exchange(method="GET", path="/v1/realtime", headers=(("Upgrade", "websocket"),))
    assert command(made, "http://127.0.0.1:8080/v1") == "websocat -n \\\n  ws://127.0.0.1:8080/v1/realtime"
