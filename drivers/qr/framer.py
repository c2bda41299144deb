"""Cuts the bytes of a serial scanner into codes: a code comes in bursts and ends with CR, LF or both."""

from __future__ import annotations

import re

LONGEST_FRAME = 4096


class Framer:
    """Collects bytes and gives whole frames; empty ones and overlong ones are dropped."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False

    def feed(self, burst: bytes) -> list[bytes]:
        """Take the next bytes and return the frames they complete."""
        *frames, self._rest = re.split(rb"[\r\n]", self._rest + burst)
        if frames and self._skipping:
            frames, self._skipping = frames[1:], False
        if len(self._rest) > LONGEST_FRAME:
            self._rest, self._skipping = b"", True
        return [frame for frame in frames if 0 < len(frame) <= LONGEST_FRAME]

    def end_of_burst(self) -> bytes | None:
        """Return what waits without an end mark: the scanner's suffix is not configured."""
        rest, self._rest = self._rest, b""
        if self._skipping:
            self._skipping = False
            return None
        return rest or None

    def reset(self) -> None:
        """Forget what waits."""
        self._rest = b""
        self._skipping = False
