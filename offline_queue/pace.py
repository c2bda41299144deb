"""How fast the line is, how big a part should be on it, and how much of it a kiosk may take. Pure."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
UNKNOWN_PART = 64 * KIB
"""While the line was never measured: two get through 64 kbit/s with loss between cuts every 30 s."""
_STEPS = ((64 * KIB, 256 * KIB), (24 * KIB, 128 * KIB), (0, 64 * KIB))
_WEIGHT = 0.3


def part_bytes(bytes_per_s: float | None) -> int:
    """Return how big the parts of the next dossier should be, 64 to 256 KiB.

    Args:
        bytes_per_s: Measured speed of the line; None while unknown.
    """
    if bytes_per_s is None:
        return UNKNOWN_PART
    return next(size for speed, size in _STEPS if bytes_per_s >= speed)


@dataclass(slots=True)
class Speed:
    """A running mean of what the line carries.

    Args:
        bytes_per_s: What is known from earlier, or None.
    """

    bytes_per_s: float | None = None

    def carried(self, size: int, elapsed_s: float) -> None:
        """Note that so many bytes were answered for after so many seconds."""
        now = size / max(elapsed_s, 1e-6)
        old = self.bytes_per_s
        self.bytes_per_s = now if old is None else old + _WEIGHT * (now - old)

    def failed(self) -> None:
        """Note that a part did not get through: the next dossiers are cut smaller."""
        if self.bytes_per_s is not None:
            self.bytes_per_s /= 2


def rest_s(size: int, elapsed_s: float, limit_bytes_per_s: float | None) -> float:
    """Return how long to rest after a request, so that the kiosk stays under its share of the line.

    Args:
        size: Bytes sent.
        elapsed_s: Seconds they took.
        limit_bytes_per_s: None or 0 = no limit.
    """
    if not limit_bytes_per_s:
        return 0.0
    return max(0.0, size / limit_bytes_per_s - elapsed_s)
