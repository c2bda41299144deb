"""Counts how often the kiosk had to start of late, so that a crash for ever becomes a calm screen."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)
MOST: Final = 4
"""Starts within `WITHIN_S` that still are bad luck; the next one is a storm."""
WITHIN_S: Final = 180.0


class Restarts:
    """Remembers the starts in a file that lives as long as the machine runs.

    Args:
        folder: A folder that survives a restart of the unit (`RuntimeDirectoryPreserve=restart`).
        clock: Seconds that no setting of the clock moves, such as `CLOCK_BOOTTIME`.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._file = folder / "starts"
        self._clock = clock

    def storm(self) -> bool:
        """Note this start; return whether the kiosk now starts again and again."""
        now = self._clock()
        starts = [start for start in self._read() if 0 <= now - start < WITHIN_S]
        starts.append(now)
        self._write(starts)
        if len(starts) > MOST:
            log.critical("kiosk.restart_storm", extra={"count": len(starts)})
            return True
        return False

    def forget(self) -> None:
        """The kiosk ended because it was told to: what came before was no storm."""
        self._file.unlink(missing_ok=True)

    def _read(self) -> list[float]:
        try:
            return [float(line) for line in self._file.read_text(encoding="ascii").splitlines()]
        except (OSError, ValueError):
            return []  # no start noted yet, or a file cut off by the crash: begin to count again

    def _write(self, starts: list[float]) -> None:
        partial = self._file.with_suffix(".partial")
        try:
            partial.write_text("".join(f"{start:.1f}\n" for start in starts), encoding="ascii")
            partial.replace(self._file)
        except OSError as error:
            # Not being able to count must not keep the kiosk from starting.
            log.warning("kiosk.starts_not_noted", extra={"cause": type(error).__name__})
