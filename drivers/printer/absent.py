"""The ticket printer of a kiosk that has none: numbers stay on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from drivers.ports import PrintOutcome, Ticket


class AbsentPrinter:
    """A `TicketPrinter` where the configuration names none."""

    def status(self) -> DeviceStatus:
        """Tell that no printer is configured."""
        return DeviceStatus(
            device="ticket_printer", state=DeviceState.DISABLED, cause="printer.not_configured"
        )

    def print_ticket(self, ticket: Ticket, *, timeout_s: float) -> PrintOutcome:
        """Refuse.

        Raises:
            DeviceMissingError: Always.
        """
        del ticket, timeout_s
        raise DeviceMissingError(
            "No ticket printer is configured; set ticket_printer.address.", detail="printer.not_configured"
        )

    def close(self) -> None:
        """Do nothing: there is no line."""
