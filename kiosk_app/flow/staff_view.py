"""What the technician sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from drivers.ports import DeviceState, DeviceStatus
    from kiosk_app.flow.steps import Notice
    from offline_queue.ports import QueueStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One device that became well or ill."""

    at: dt.datetime
    device: str
    before: DeviceState
    after: DeviceState
    cause: str
    detail: str = ""
    """Model or raw status bytes; never personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffView:
    """Devices and the queue; never a citizen's datum."""

    devices: tuple[DeviceStatus, ...]
    queue: QueueStatus | None
    line_trouble: str
    """Why the backend is not reached, or empty."""
    said: Notice | None = None
    """What came of the technician's last button, or what to do now."""
    show_code: str = ""
    """Text of a code to hold the scanner at."""
    busy: bool = False
    tools: bool = False
    """False where there is nobody who could do what the buttons ask for."""
