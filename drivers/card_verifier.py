"""What the kiosk promises a remote authority that judges cards, and what it wants of it.

The exact files hold what the driver drops everywhere else (religion, personal marks), so a reader hands them
on only when it was built with `keep_files`, and whoever takes them drops them with the visit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.ports import Verdict


class CardVerifier(Protocol):
    """A remote authority that says whether the files of a card are genuine (C06, RAR)."""

    def verify(self, files: Mapping[str, bytes], *, timeout_s: float) -> Verdict:
        """Ask about the exact files of `CardReading.files`.

        Raises:
            DeviceTimeoutError: No answer in time; the card's own proof stands.
        """
        ...
