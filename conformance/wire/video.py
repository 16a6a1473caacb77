"""MP4 and WebM: what they are, and whether the file is whole."""

from __future__ import annotations

from conformance.wire.media_info import MediaInfo


def mp4(data: bytes) -> MediaInfo | None:
    """MP4: a file type box first, then boxes that tell their sizes; size from the track header."""
    if data[4:8] != b"ftyp":
        return None
    boxes, truncated = _boxes(data, 0, len(data))
    names = {name for name, _, _ in boxes}
    # A film without its index cannot be played, whatever the box sizes say; fragments count as one.
    truncated = truncated or b"moov" not in names
    width, height = _track_size(data, boxes) or (None, None)
    kind = "audio/mp4" if data[8:11] == b"M4A" else "video/mp4"
    return MediaInfo(kind, width, height, truncated=truncated)


def _boxes(data: bytes, start: int, end: int) -> tuple[list[tuple[bytes, int, int]], bool]:
    """Name, content start and end of each box in a range, and whether one reaches beyond it."""
    found: list[tuple[bytes, int, int]] = []
    while start + 8 <= end:
        size, name, head = int.from_bytes(data[start : start + 4], "big"), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        elif size == 0:  # up to the end of the file
            size = end - start
        if size < head:
            return found, True
        found.append((name, start + head, min(start + size, end)))
        start += size
    return found, start != end


def _track_size(data: bytes, boxes: list[tuple[bytes, int, int]]) -> tuple[int, int] | None:
    for track in _inside(data, _inside(data, boxes, b"moov"), b"trak"):
        name, start, end = track
        field = data[end - 8 : end]
        if (
            name == b"tkhd" and end - start >= 84 and any(field)
        ):  # sixteen bits before the point, sixteen behind
            size = int.from_bytes(field[:2], "big"), int.from_bytes(field[4:6], "big")
            return size[::-1] if _is_turned(data[end - 44 : end - 8]) else size
    return None


def _is_turned(matrix: bytes) -> bool:
    """True when the track is played on its side: a quarter turn keeps nothing of x in x (ISO/IEC 14496-12 §8.3.2)."""
    return not any(matrix[:4]) and any(matrix[4:8])


def _inside(data: bytes, boxes: list[tuple[bytes, int, int]], wanted: bytes) -> list[tuple[bytes, int, int]]:
    """The boxes within every box called ``wanted``."""
    return [inner for name, start, end in boxes if name == wanted for inner in _boxes(data, start, end)[0]]


def webm(data: bytes) -> MediaInfo | None:
    """WebM and Matroska: an EBML header that names the document type."""
    if data[:4] != b"\x1a\x45\xdf\xa3":
        return None
    head = data[:256]
    return MediaInfo("video/webm" if b"webm" in head else "video/x-matroska", truncated=len(data) < 64)
