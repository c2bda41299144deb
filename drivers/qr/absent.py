"""The QR scanner of a kiosk that has none: says so, instead of being None everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    from drivers.errors import DriverError

BAD_ADDRESS = "device.bad_address"


class AbsentCodeScanner:
    """No QR scanner is configured, or one that cannot be.

    Args:
        refused: Why what the configuration says cannot be used; None where it says nothing.
    """

    def __init__(self, refused: DriverError | None = None) -> None:
        self._refused = refused

    def read(self, *, timeout_s: float) -> str | None:  # noqa: ARG002 - there is nothing to wait for
        """Say that there is no scanner.

        Raises:
            DeviceMissingError: Always.
        """
        if self._refused is not None:
            raise DeviceMissingError(str(self._refused), detail=BAD_ADDRESS) from self._refused
        raise DeviceMissingError("No QR scanner is configured. Set [qr_scanner] source.")

    def flush(self) -> None:
        """Do nothing: nothing was seen."""

    def status(self) -> DeviceStatus:
        """Tell that the device is not configured, or that what is configured cannot be used."""
        if self._refused is not None:
            return DeviceStatus(
                device="qr_scanner",
                state=DeviceState.FAULT,
                cause=BAD_ADDRESS,
                detail=self._refused.detail,
            )
        return DeviceStatus(device="qr_scanner", state=DeviceState.DISABLED, cause="device.not_configured")

    def close(self) -> None:
        """Do nothing: nothing is open."""
