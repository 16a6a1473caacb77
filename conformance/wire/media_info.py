"""What the first bytes and the structure of a media file say about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A file's media type and what its container states; None where the container says nothing.

    ``truncated`` is set when the container names an end or a size that the bytes do not reach.
    """

    kind: str
    width: int | None = None
    height: int | None = None
    channels: int | None = None
    sample_rate: int | None = None  # Hz
    bits_per_sample: int | None = None
    data_size: int | None = None  # bytes of sound as the header states it; None when it was streamed
    alpha: bool | None = None
    truncated: bool = False

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height in pixels, when both are known."""
        return None if self.width is None or self.height is None else (self.width, self.height)
