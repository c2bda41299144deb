"""How good the line to the backend is: measured when somebody wants to know, and remembered."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from offline_queue.errors import QueueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.wiring.queue import Health
    from offline_queue.probe import LineSpeed

log = logging.getLogger(__name__)

FRESH_S: Final = 600.0
"""A measurement not older than that is told again: on a narrow line the next would cost ten seconds."""


class LineQuality:
    """Measures the line on request and keeps delay and width. Safe to use from several threads.

    Args:
        measure: Measures; takes up to ten seconds on a line of 64 kbit/s.
        up: Tells whether the backend answers at all; does not block.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        measure: Callable[[], LineSpeed],
        *,
        up: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._measure, self._up, self._monotonic = measure, up, monotonic
        self._lock = threading.Lock()
        self._last: Health = {}
        self._measured_at: float | None = None

    def last(self) -> Health:
        """Return what was measured last, or nothing; does not block."""
        return dict(self._last)

    def fresh(self) -> Health:
        """Return how the line is now: measured, unless that was done a moment ago; nothing without a line."""
        if not self._up():
            return {}
        with self._lock:
            at = self._measured_at
            if at is None or self._monotonic() - at > FRESH_S:
                self._take()
        return self.last()

    def _take(self) -> None:
        try:
            speed = self._measure()
        except QueueError as error:
            log.info("line.not_measured", extra={"code": error.code})
            self._last, self._measured_at = {}, None  # what it was before says nothing any more
            return
        self._last = {"line_answer_ms": round(speed.answer_ms), "line_up_kbit_s": round(speed.up_kbit_s)}
        self._measured_at = self._monotonic()
