"""What stands in where there is no A4 printer: staff print at the counter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.errors import DriverError
    from drivers.ports import SheetOutcome, SheetProgress


MISCONFIGURED = "a4.misconfigured"


class NoSheets:
    """A `SheetPrinter` where the configuration names none, or one that cannot be.

    Args:
        refused: Why what the configuration says cannot be used; None where it says nothing.
    """

    def __init__(self, refused: DriverError | None = None) -> None:
        self._refused = refused

    def status(self) -> DeviceStatus:
        """Tell that no print queue is configured, or that what is configured cannot be used."""
        if self._refused is None:
            return DeviceStatus(
                device="a4_printer", state=DeviceState.DISABLED, cause="device.not_configured"
            )
        return DeviceStatus(
            device="a4_printer",
            state=DeviceState.FAULT,
            cause=MISCONFIGURED,
            detail=self._refused.detail,
        )

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
        if self._refused is not None:
            raise DeviceMissingError(str(self._refused), detail=MISCONFIGURED) from self._refused
        raise DeviceMissingError("No A4 printer is configured; set a4_printer.queue.", detail="a4.no_queue")

    def close(self) -> None:
        """Do nothing: there is no line."""
