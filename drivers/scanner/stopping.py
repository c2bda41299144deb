"""How a picture or a stack that is wanted no longer ends: whoever waits asks now and then, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.errors import ScanError

if TYPE_CHECKING:
    from drivers.ports import Stop

STOPPED: Final = "stopped"
"""`detail` of the `ScanError`."""
ASK_S: Final = 0.1
"""Longest time for which nobody asks whether to stop, seconds."""


def go_on(stop: Stop) -> None:
    """Go on unless it is to stop.

    Raises:
        ScanError: It is; `detail` is `stopped`.
    """
    if stop():
        raise stopped()


def stopped() -> ScanError:
    """Return the error of a scan that was ended from outside."""
    return ScanError("The scan was stopped. Start it again.", detail=STOPPED)
