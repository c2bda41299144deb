"""What every device promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Progress = Callable[[float], None]
"""Called with the share done, 0.0 to 1.0, on the thread that works."""
Stop = Callable[[], bool]
"""Asked several times a second on the thread that works; True ends the work."""


def never() -> bool:
    """Let work run to its end: the `Stop` of a caller that never changes its mind."""
    return False


class DeviceState(StrEnum):
    """How a device is; unknown is never READY. Source: DEVICES.md 2.2."""

    ABSENT = "absent"
    CONNECTING = "connecting"
    READY = "ready"
    DEGRADED = "degraded"
    BLOCKED = "blocked"
    FAULT = "fault"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """The state of one device now, and the code of its likely cause (`ok`, `printer.paper_out`, …)."""

    device: str
    state: DeviceState
    cause: str = "ok"
    detail: str = ""
    """Model, firmware or raw status bytes for the technician; never personal data."""


class Device(Protocol):
    """Anything plugged into the kiosk."""

    def status(self) -> DeviceStatus:
        """Tell how the device is, within one second; never raises."""
        ...

    def close(self) -> None:
        """Let the device go; safe to call twice."""
        ...
