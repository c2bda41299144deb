"""How long to wait before trying again: full jitter, so that a thousand kiosks never come back at once."""

from __future__ import annotations

BASE_S = 2.0
CAP_S = 300.0


def delay_s(tries: int, share: float, *, retry_after_s: float | None = None) -> float:
    """Return the seconds to wait after the `tries`-th failure.

    Args:
        tries: Failures so far, from 1.
        share: Random, 0.0 to 1.0: the share of the longest wait that is taken.
        retry_after_s: What the backend asked for, seconds; honoured up to the cap.

    Source: QUEUE.md, States; "full jitter" as in Brooker, Exponential Backoff And Jitter (AWS, 2015).
    """
    longest = CAP_S if tries > 16 else min(CAP_S, BASE_S * 2.0 ** max(0, tries - 1))  # noqa: PLR2004 - 2**16 s is far over the cap; avoids a huge power
    asked = 0.0 if retry_after_s is None else max(0.0, retry_after_s)
    return min(CAP_S, max(asked, share * longest))


def pause_s(failures: int, share: float, *, busy_s: float | None) -> float:
    """Return how long the whole kiosk rests after a turn that met no line, or a backend that is full.

    Not cut short by the heartbeat: ten thousand kiosks must not come back at once.

    Args:
        failures: Such turns in a row, from 1.
        share: Random, 0.0 to 1.0.
        busy_s: What the backend asked for, seconds; None when it said nothing.
    """
    return max(1.0, delay_s(failures, share, retry_after_s=busy_s))


def is_due(next_try_at: float, now: float) -> bool:
    """Tell whether a dossier may be tried now.

    A time further away than the longest wait can only come from a clock that jumped: it is due.

    Args:
        next_try_at: Unix seconds.
        now: Unix seconds.
    """
    return next_try_at <= now or next_try_at - now > CAP_S
