"""What stands in for a room that could not be opened: it says why, and the rest of the kiosk goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from offline_queue.errors import QueueError
    from offline_queue.ports import (
        DossierProgress,
        HandIn,
        HandInReceipt,
        LocalDossier,
        PrintState,
        QueueStatus,
        QueueTicket,
    )


class ShutQueue:
    """A queue that cannot be opened: every call raises what opening raised, so nothing is promised.

    Implements `offline_queue.ports.DossierQueue`, `ProgressDesk` and `RatingBox`.
    """

    def __init__(self, error: QueueError) -> None:
        self._error = error

    def put(self, hand_in: HandIn) -> HandInReceipt:
        """Refuse; nothing is stored."""
        del hand_in
        self._refuse()

    def status(self) -> QueueStatus:
        """Refuse."""
        self._refuse()

    def find(self, receipt_code: str, *, token: str | None) -> LocalDossier | None:
        """Refuse."""
        del receipt_code, token
        self._refuse()

    def issue_ticket(self, *, series: str, service: str) -> QueueTicket:
        """Refuse; no number is given twice."""
        del series, service
        self._refuse()

    def rate(self, *, score: int, reasons: tuple[str, ...] = ()) -> None:
        """Refuse."""
        del score, reasons
        self._refuse()

    def note_print(self, number: str, state: PrintState) -> None:
        """Refuse."""
        del number, state
        self._refuse()

    def wake(self) -> None:
        """Refuse."""
        self._refuse()

    def look_up(self, code: str, *, token: str | None = None, id_tail: str | None = None) -> DossierProgress:
        """Refuse."""
        del code, token, id_tail
        self._refuse()

    def reachable(self) -> bool:
        """Tell that nothing is reached from here."""
        return False

    def people_waiting(self) -> int | None:
        """Tell that nobody knows."""
        return None

    def trouble(self) -> str:
        """Tell that nothing was asked."""
        return "not_heard"

    def lost_heartbeats(self) -> int:
        """Tell that none was sent."""
        return 0

    def _refuse(self) -> NoReturn:
        raise self._error
