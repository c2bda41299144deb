"""Measures how wide the line to the backend is, with requests that leave nothing behind.

A request takes as long as an empty one and its bytes: what an empty one takes is subtracted. Sizes grow only
while the last was quick, so that a line of 64 kbit/s is measured in seconds and pays little for it.
"""

from __future__ import annotations

import hashlib
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from offline_queue.errors import BackendRefusedError
from offline_queue.messages import Probed, decode
from offline_queue.signing import signature_holds

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_queue.transport import Line

ASKED: Final = 5
"""Empty requests; the second worst of so few is no percentile, so the worst stands for 95 %."""
UP_SIZES: Final = (16 * 1024, 64 * 1024, 256 * 1024)
BACK_SIZES: Final = (8 * 1024, 32 * 1024)
QUICK_S: Final = 0.8
"""What took longer is measured well enough; the next size would take four times as long."""
_LEAST_S: Final = 1e-3
"""Shorter than that is noise: a line so wide is told as what it surely carries."""
_OK: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSpeed:
    """What a line carries."""

    answer_ms: float
    """Median of the empty requests."""
    answer_worst_ms: float
    up_kbit_s: float
    back_kbit_s: float

    def minutes_for(self, size: int) -> float:
        """Return how long so many bytes take to the backend, minutes."""
        return size * 8 / 1000 / max(self.up_kbit_s, 0.1) / 60


def measure(
    line: Line,
    *,
    verify_key: str,
    randomness: Callable[[int], bytes],
    monotonic: Callable[[], float] = time.monotonic,
) -> LineSpeed:
    """Measure a line; takes about ten seconds at 64 kbit/s, less on a wider one.

    Args:
        line: To the backend, with no limit of its own.
        verify_key: Whose signature proves that the bytes went to the backend and not to a portal.
        randomness: Returns that many random bytes.
        monotonic: Seconds that only grow.

    Raises:
        BackendUnreachableError: An answer did not come in time.
        BackendRefusedError: Something else answered, or a backend that does not know this request.
    """
    probe = _Probe(line, verify_key, randomness, monotonic)
    empty = [probe.ask(up=0, back=0) for _ in range(ASKED)]
    base = statistics.median(empty)
    up = probe.widest(UP_SIZES, base, lambda size: probe.ask(up=size, back=0))
    back = probe.widest(BACK_SIZES, base, lambda size: probe.ask(up=0, back=size))
    return LineSpeed(answer_ms=base * 1000, answer_worst_ms=max(empty) * 1000, up_kbit_s=up, back_kbit_s=back)


@dataclass(frozen=True, slots=True)
class _Probe:
    line: Line
    verify_key: str
    randomness: Callable[[int], bytes]
    monotonic: Callable[[], float]

    def ask(self, *, up: int, back: int) -> float:
        """Send so many bytes, ask for so many, and return the seconds it took."""
        body = self.randomness(up) if up else b""
        query = {"back": str(back)} if back else None
        began = self.monotonic()
        answer = self.line.ask("POST", "/v1/probe", body, query=query)
        took = self.monotonic() - began
        told = decode(answer.body, Probed) if answer.status == _OK else None
        whole = (
            told is not None
            and told.sha256 == hashlib.sha256(body).hexdigest()
            and told.filler_sha256 == hashlib.sha256(told.filler.encode()).hexdigest()
            and signature_holds(self.verify_key, told.signature, told.signed_bytes())
        )
        if not whole:
            raise BackendRefusedError(
                f"the line was not measured (status {answer.status}); update the backend, or wait a minute"
            )
        return took

    @staticmethod
    def widest(sizes: tuple[int, ...], base: float, take: Callable[[int], float]) -> float:
        """Return kbit/s of the largest size that was worth trying."""
        kbit_s = 0.0
        for size in sizes:
            took = take(size)
            kbit_s = size * 8 / 1000 / max(took - base, _LEAST_S)
            if took > QUICK_S:
                break
        return kbit_s
