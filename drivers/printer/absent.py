"""What stands in where there is no ticket printer: numbers stay on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from drivers.errors import DriverError
    from drivers.ports import PrintOutcome, Ticket

NOT_CONFIGURED = "printer.not_configured"
MISCONFIGURED = "printer.misconfigured"


class AbsentPrinter:
    """A `TicketPrinter` where the configuration names none, or one that cannot be.

    Args:
        refused: Why what the configuration says cannot be used; None where it says nothing.
    """

    def __init__(self, refused: DriverError | None = None) -> None:
        self._refused = refused

    def status(self) -> DeviceStatus:
        """Tell that no printer is configured, or that what is configured cannot be used."""
        if self._refused is None:
            return DeviceStatus(device="ticket_printer", state=DeviceState.DISABLED, cause=NOT_CONFIGURED)
        return DeviceStatus(
            device="ticket_printer",
            state=DeviceState.FAULT,
            cause=MISCONFIGURED,
            detail=self._refused.detail,
        )

    def print_ticket(self, ticket: Ticket, *, timeout_s: float) -> PrintOutcome:
        """Refuse.

        Raises:
            DeviceMissingError: Always.
        """
        del ticket, timeout_s
        if self._refused is not None:
            raise DeviceMissingError(str(self._refused), detail=MISCONFIGURED) from self._refused
        raise DeviceMissingError(
            "No ticket printer is configured; set ticket_printer.address.", detail=NOT_CONFIGURED
        )

    def close(self) -> None:
        """Do nothing: there is no line."""
