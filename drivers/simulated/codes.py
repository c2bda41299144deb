"""A simulated QR scanner: what it is shown is drawn as a real code, photographed and decoded."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from drivers.errors import DeviceMissingError, ScannerMisconfiguredError
from drivers.ports import DeviceState, DeviceStatus
from drivers.qr.decoder import decode
from drivers.qr.inbox import CodeInbox
from drivers.simulated.scanner.code_picture import draw_code, from_png

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class CodeFault(StrEnum):
    """What can go wrong with the scanner."""

    UNPLUGGED = "unplugged"
    NOT_UTF8 = "not_utf8"


class SimulatedCodeScanner:
    """A QR scanner whose codes a script shows. Safe to use from two threads."""

    def __init__(self) -> None:
        self._inbox = CodeInbox()
        self._inbox.become(DeviceState.READY)
        self._fault: CodeFault | None = None
        self._shown = 0

    def show(self, text: str) -> None:
        """Hold a QR code with this text before the scanner; the next read returns it."""
        if self._fault is CodeFault.UNPLUGGED:
            return
        if self._fault is CodeFault.NOT_UTF8:
            self._inbox.put(ScannerMisconfiguredError())
            return
        self._shown += 1
        for code in decode(draw_code(text, turn_deg=4.0 - self._shown % 9, seed=self._shown)):
            self._inbox.put(code.told)

    def show_png(self, data: bytes) -> None:
        """Hold a PNG file, such as the ticket just printed, before the scanner."""
        self.show_picture(from_png(data))

    def show_picture(self, picture: NDArray[np.uint8]) -> None:
        """Hold a picture, such as the ticket just printed, before the scanner: BGR or grey uint8."""
        if self._fault is None:
            for code in decode(picture):
                self._inbox.put(code.told)

    def break_with(self, fault: CodeFault | None) -> None:
        """Make this go wrong from now on; None makes all well."""
        self._fault = fault
        self._inbox.become(DeviceState.ABSENT if fault is CodeFault.UNPLUGGED else DeviceState.READY)

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over."""
        return self._inbox.take(timeout_s=timeout_s)

    def flush(self) -> None:
        """Forget every code shown before now."""
        self._inbox.clear()

    def status(self) -> DeviceStatus:
        """Tell whether the script has unplugged the scanner."""
        state = self._inbox.state
        cause = DeviceMissingError.code if state is DeviceState.ABSENT else "ok"
        return DeviceStatus(device="qr_scanner", state=state, cause=cause, detail="simulated")

    def close(self) -> None:
        """Forget everything."""
        self._inbox.clear()
        self._inbox.become(DeviceState.DISABLED)
