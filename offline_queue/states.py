"""The fate table: what an answer of the backend means for the dossier it was about. Pure.

Source: QUEUE.md, States; DESIGN.md, The wire.
"""

from __future__ import annotations

from enum import StrEnum

_WELL = frozenset({200, 201})
NOT_ALLOWED = frozenset({401, 403})
_NEVER_ACCEPTED = frozenset({400, 413, 422})


class DossierState(StrEnum):
    """Where a dossier is on this kiosk."""

    READY = "ready"
    SENDING = "sending"
    STORED = "stored"
    QUARANTINED = "quarantined"


class Fate(StrEnum):
    """What to do after an answer."""

    GO_ON = "go_on"
    RETRY = "retry"
    PAUSE = "pause"
    QUARANTINE = "quarantine"


def fate(status: int | None, *, ours: bool) -> Fate:
    """Return what an answer means.

    Args:
        status: HTTP status, or None when nothing answered in time.
        ours: The body decoded as wire v1 (and, after a commit, its signature held).
    """
    if status in _WELL:
        # A captive portal says 200 to everything: without our own words it is a network failure.
        return Fate.GO_ON if ours else Fate.RETRY
    if status in NOT_ALLOWED:
        return Fate.PAUSE
    if status in _NEVER_ACCEPTED:
        return Fate.QUARANTINE
    return Fate.RETRY
