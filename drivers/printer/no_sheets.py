"""The A4 printer of a kiosk that has none: staff print at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import SheetOutcome, SheetProgress


class NoSheets:
    """A `SheetPrinter` where the configuration names none."""

    def status(self) -> DeviceStatus:
        """Tell that no print queue is configured."""
        return DeviceStatus(device="a4_printer", state=DeviceState.DISABLED, cause="device.not_configured")

    def print_pdf(
        self,
        pdf: bytes,
        *,
        title: str,
        copies: int,
        told: Callable[[SheetProgress], None],
        stop: Callable[[], bool],
    ) -> SheetOutcome:
        """Refuse.

        Raises:
            DeviceMissingError: Always.
        """
        del pdf, title, copies, told, stop
        raise DeviceMissingError("No A4 printer is configured; set a4_printer.queue.", detail="a4.no_queue")

    def close(self) -> None:
        """Do nothing: there is no line."""
