"""The QR scanner of a kiosk that has none: says so, instead of being None everywhere."""

from __future__ import annotations

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus


class AbsentCodeScanner:
    """No QR scanner is configured."""

    def read(self, *, timeout_s: float) -> str | None:  # noqa: ARG002 - there is nothing to wait for
        """Say that there is no scanner.

        Raises:
            DeviceMissingError: Always.
        """
        raise DeviceMissingError("No QR scanner is configured. Set [qr_scanner] source.")

    def flush(self) -> None:
        """Do nothing: nothing was seen."""

    def status(self) -> DeviceStatus:
        """Tell that the device is not configured."""
        return DeviceStatus(device="qr_scanner", state=DeviceState.DISABLED, cause="device.not_configured")

    def close(self) -> None:
        """Do nothing: nothing is open."""
