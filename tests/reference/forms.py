"""Multipart bodies for tests."""

from __future__ import annotations

from conformance.exchange import Headers

BOUNDARY = "reference-boundary"
TYPE: Headers = (("Content-Type", f"multipart/form-data; boundary={BOUNDARY}"),)


def form(*fields: tuple[str, str | tuple[str, str, bytes]]) -> bytes:
    """Fields as (name, text) or (name, (file name, media type, bytes))."""
    return b"".join(_part(name, value) for name, value in fields) + f"--{BOUNDARY}--\r\n".encode()


def _part(name: str, value: str | tuple[str, str, bytes]) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if isinstance(value, str):
        return f"{head}\r\n\r\n{value}\r\n".encode()
    file_name, media_type, data = value
    return f'{head}; filename="{file_name}"\r\nContent-Type: {media_type}\r\n\r\n'.encode() + data + b"\r\n"
