"""Targets that answer everything alike, in a thread on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Reply = tuple[int, dict[str, str], bytes]
ENVELOPE = b'{"error": {"message": "%s", "type": "invalid_request_error", "param": null, "code": null}}'


@contextmanager
def target(answer: Callable[[str, str, str], Reply]) -> Iterator[str]:
    """A base URL whose every request is answered by ``answer(method, path, authorization)``."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            status, headers, body = answer(self.command, self.path, self.headers.get("authorization") or "")
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def always(status: int, body: bytes, **headers: str) -> Callable[[str, str, str], Reply]:
    """The same for everything."""
    return lambda *_: (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)
