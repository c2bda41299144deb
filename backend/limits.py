"""How often somebody may ask: a bucket of tokens each, in memory."""

from __future__ import annotations

import math
import threading

KEPT = 50_000
"""More askers than this at once: full buckets are forgotten, which changes nothing for them."""


class Buckets:
    """Buckets that refill steadily.

    Args:
        per_s: Tokens that come back each second.
        burst: Tokens a fresh bucket holds.
    """

    def __init__(self, *, per_s: float, burst: float) -> None:
        self._per_s = per_s
        self._burst = burst
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, asker: str, now: float) -> int | None:
        """Take one token; return None, or after how many seconds to ask again.

        Args:
            asker: A kiosk or an address.
            now: Unix seconds.
        """
        with self._lock:
            if len(self._buckets) >= KEPT:
                self._forget(now)
            left, at = self._buckets.get(asker, (self._burst, now))
            # A clock that was set back refills nothing; it must not lock anybody out either.
            left = min(self._burst, left + max(0.0, now - at) * self._per_s)
            if left < 1:
                self._buckets[asker] = (left, now)
                return math.ceil((1 - left) / self._per_s)
            self._buckets[asker] = (left - 1, now)
            return None

    def _forget(self, now: float) -> None:
        self._buckets = {
            asker: (left, at)
            for asker, (left, at) in self._buckets.items()
            if left + (now - at) * self._per_s < self._burst
        }
