"""The document scanner of a kiosk that has none: says so, instead of being None everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class AbsentScanner:
    """No document scanner is configured."""

    def preview(self) -> NDArray[np.uint8] | None:
        """Return None: there is nothing to see."""
        return None

    def capture(self, *, timeout_s: float) -> NDArray[np.uint8]:  # noqa: ARG002 - there is nothing to wait for
        """Say that there is no scanner.

        Raises:
            DeviceMissingError: Always.
        """
        raise DeviceMissingError("No document scanner is configured. Set [document_scanner] source.")

    def status(self) -> DeviceStatus:
        """Tell that the device is not configured."""
        return DeviceStatus(
            device="document_scanner", state=DeviceState.DISABLED, cause="device.not_configured"
        )

    def close(self) -> None:
        """Do nothing: nothing is open."""
