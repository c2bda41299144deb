"""The document scanner of a kiosk that has none: says so, instead of being None everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState, DeviceStatus, never

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.errors import DriverError
    from drivers.ports import Stop

BAD_ADDRESS = "device.bad_address"


class AbsentScanner:
    """No document scanner is configured, or one that cannot be.

    Args:
        refused: Why what the configuration says cannot be used; None where it says nothing.
    """

    def __init__(self, refused: DriverError | None = None) -> None:
        self._refused = refused

    def preview(self) -> NDArray[np.uint8] | None:
        """Return None: there is nothing to see."""
        return None

    def capture(
        self,
        *,
        timeout_s: float,  # noqa: ARG002 - there is nothing to wait for
        stop: Stop = never,  # noqa: ARG002 - nor to stop
    ) -> NDArray[np.uint8]:
        """Say that there is no scanner.

        Raises:
            DeviceMissingError: Always.
        """
        if self._refused is not None:
            raise DeviceMissingError(str(self._refused), detail=BAD_ADDRESS) from self._refused
        raise DeviceMissingError("No document scanner is configured. Set [document_scanner] source.")

    def status(self) -> DeviceStatus:
        """Tell that the device is not configured, or that what is configured cannot be used."""
        if self._refused is not None:
            return DeviceStatus(
                device="document_scanner",
                state=DeviceState.FAULT,
                cause=BAD_ADDRESS,
                detail=self._refused.detail,
            )
        return DeviceStatus(
            device="document_scanner", state=DeviceState.DISABLED, cause="device.not_configured"
        )

    def close(self) -> None:
        """Do nothing: nothing is open."""
