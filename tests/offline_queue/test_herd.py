"""Every kiosk of the country comes back after four hours: the shipped waits keep the backend on its feet.

The backend of this simulation stores as much as its steady peak (QUEUE.md: 138 dossiers a second for 10,000
kiosks) and says 503 with Retry-After to the rest; the kiosks wait as `offline_queue.backoff` says.
"""

from __future__ import annotations

import heapq
import os
import random
from collections import Counter

from offline_queue.backoff import CAP_S, pause_s

KIOSKS = int(os.environ.get("KIOSK_HERD", "2000"))
STEADY = 138.0 * KIOSKS / 10_000
OUTAGE_S = 4 * 3600.0
BACKLOG = 50
"""A hundred dossiers in eight hours."""
HAND_IN_S = 288.0
UPLOAD_S = 0.5
RETRY_AFTER_S = 10.0
WINDOW_S = 10


class Country:
    """All kiosks after the line is back at time 0."""

    def __init__(self) -> None:
        self._chance = random.Random(7)
        self.waiting = [BACKLOG] * KIOSKS
        self._failures = [20] * KIOSKS
        self._tokens, self._filled_at = STEADY, 0.0
        self.asked: Counter[int] = Counter()
        self.stored = 0

    def admitted(self, now: float) -> bool:
        """Tell whether the backend takes one more dossier now."""
        self._tokens = min(STEADY, self._tokens + (now - self._filled_at) * STEADY)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def rest_s(self, kiosk: int, busy_s: float | None) -> float:
        """Return how long a kiosk rests after it was turned away."""
        self._failures[kiosk] += 1
        return pause_s(self._failures[kiosk], self._chance.random(), busy_s=busy_s)

    def _left_s(self, kiosk: int) -> float:
        """Return what is left of the wait a kiosk is in: at some moment of the outage."""
        moment = self._chance.uniform(OUTAGE_S / 2, OUTAGE_S)
        at = 0.0
        while at < moment:
            at += self.rest_s(kiosk, None)
        return at - moment

    def drain(self) -> float:
        """Run until nothing is left and return when that was, seconds after the line came back."""
        turns = [(self._left_s(kiosk), kiosk) for kiosk in range(KIOSKS)]
        heapq.heapify(turns)
        now = 0.0
        while turns:
            now, kiosk = heapq.heappop(turns)
            self.asked[int(now // WINDOW_S)] += 1
            if not self.admitted(now):
                heapq.heappush(turns, (now + self.rest_s(kiosk, RETRY_AFTER_S), kiosk))
                continue
            self.stored += 1
            self.waiting[kiosk] -= 1
            if self.waiting[kiosk] > 0:
                heapq.heappush(turns, (now + UPLOAD_S, kiosk))
        return now


def test_the_herd_peaks_at_twice_the_steady_rate_and_is_gone_in_half_the_outage() -> None:
    country = Country()
    # People go on handing in while the backlog drains: at most half an outage's worth.
    country.waiting = [BACKLOG + int(OUTAGE_S / 2 / HAND_IN_S)] * KIOSKS
    promised = sum(country.waiting)
    drained_s = country.drain()
    peak = max(country.asked.values()) / WINDOW_S
    assert country.stored == promised
    assert peak <= 2 * STEADY, f"{peak:.0f}/s against {STEADY:.0f}/s"
    assert drained_s <= OUTAGE_S / 2, f"{drained_s:.0f} s"
    times = f"peak {peak:.0f}/s against {STEADY:.0f}/s steady, drained after {drained_s / 60:.0f} min"
    print(f"{KIOSKS} kiosks, {promised} dossiers: {times}")  # noqa: T201 - kept in docs/reliability.md


def test_without_jitter_the_same_herd_would_trample_the_backend() -> None:
    """The bound above can fail: kiosks that all wait the same time come back in one stampede."""
    waits = [pause_s(20, 1.0, busy_s=None) for _ in range(KIOSKS)]
    assert Counter(int(wait // WINDOW_S) for wait in waits)[int(CAP_S // WINDOW_S)] / WINDOW_S > 2 * STEADY
