"""Line, queue, disk and clock in the same health model as the devices.

Each has a state and a cause as a printer has, so that a line that flapped all night stands among the last
changes. What citizens may still do is decided from the queue itself (`kiosk_app.flow.staff`), not from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.wiring.doctor_machine import EARLIEST, SKEWED_S
from kiosk_app.wiring.looked import Seen
from offline_queue.errors import NotEnrolledError, QueueError
from offline_queue.guards import Storage, measure, storage

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from drivers.ports import Device
    from offline_queue.guards import Room
    from offline_queue.ports import DossierQueue, ProgressDesk

MISSES_TO_ABSENT: Final = 3
"""Heartbeats lost in a row; no heartbeat at all for as long (`offline_queue.sync.ONLINE_S`) is one too."""
_LATE: Final = {"old": "queue.old", "many": "queue.many"}
_LEVELS: Final = {
    Storage.WELL: Seen(state=DeviceState.READY),
    Storage.WARN: Seen(state=DeviceState.DEGRADED, cause="disk.little_space"),
    Storage.NO_SCANNING: Seen(state=DeviceState.BLOCKED, cause="disk.no_scanning"),
    Storage.NO_INTAKE: Seen(state=DeviceState.BLOCKED, cause="disk.full"),
}
_LINES: Final = {
    "": Seen(state=DeviceState.READY),
    "not_heard": Seen(state=DeviceState.CONNECTING, cause="part.not_seen"),
    "not_enrolled": Seen(state=DeviceState.BLOCKED, cause=NotEnrolledError.code),
    "line": Seen(state=DeviceState.ABSENT, cause="backend.line"),
}
"""What `ProgressDesk.trouble` tells; what else it tells needs a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InnerPart:
    """A part of this machine whose look takes milliseconds; implements `drivers.ports.Device`."""

    name: str
    look: Callable[[], Seen]

    def status(self) -> DeviceStatus:
        """Look, and tell how it is."""
        seen = self.look()
        return DeviceStatus(device=self.name, state=seen.state, cause=seen.cause, detail=seen.detail)

    def close(self) -> None:
        """Let nothing go: the queue is closed by who opened it."""


def open_inner_parts(
    data_dir: Path, queue: DossierQueue, desk: ProgressDesk, *, now: Callable[[], dt.datetime]
) -> dict[str, Device]:
    """Return the parts by the names the doctor has for them.

    Args:
        data_dir: On the disk that is looked at.
        queue: The queue, or what stands in for it.
        desk: Knows whether the backend answers.
        now: The wall clock.
    """
    looks: dict[str, Callable[[], Seen]] = {
        "backend": lambda: line_seen(desk),
        "queue": lambda: queue_seen(queue),
        "disk": lambda: disk_seen(data_dir),
        "clock": lambda: clock_seen(queue, now()),
    }
    return {name: InnerPart(name=name, look=look) for name, look in looks.items()}


def line_seen(desk: ProgressDesk) -> Seen:
    """Tell how the line is: only the third heartbeat lost in a row, not the third look, is an absence."""
    trouble = desk.trouble()
    if trouble == "line" and 0 < desk.lost_heartbeats() < MISSES_TO_ABSENT:
        return Seen(state=DeviceState.CONNECTING, cause="backend.line")
    return _LINES.get(trouble) or Seen(state=DeviceState.BLOCKED, cause=f"backend.{trouble}")


def queue_seen(queue: DossierQueue) -> Seen:
    """Tell whether the queue is open, sends, and has nothing that somebody must look at."""
    try:
        status = queue.status()
    except QueueError as error:
        return Seen(state=DeviceState.FAULT, cause=error.code)
    if status.paused is not None:
        return Seen(state=DeviceState.BLOCKED, cause=f"queue.paused_{status.paused}")
    if status.quarantined:
        return Seen(state=DeviceState.BLOCKED, cause="queue.quarantined")
    late = next((cause for name, cause in _LATE.items() if name in status.warnings), None)
    return Seen(state=DeviceState.DEGRADED if late else DeviceState.READY, cause=late or "ok")


def disk_seen(data_dir: Path) -> Seen:
    """Tell what the disk still allows; how fast it writes is measured by the doctor only."""
    try:
        room = measure(data_dir)
    except OSError as error:
        return Seen(state=DeviceState.FAULT, cause="disk.unreadable", detail=type(error).__name__)
    return room_seen(room)


def room_seen(room: Room) -> Seen:
    """Tell what this much room still allows."""
    return _LEVELS[storage(room)]


def clock_seen(queue: DossierQueue, at: dt.datetime) -> Seen:
    """Tell whether this clock is believable: by the year, and by the backend's where it was ever heard."""
    if at.year < EARLIEST:
        return Seen(state=DeviceState.FAULT, cause="clock.lost", detail=f"{at:%d/%m/%Y}")
    try:
        skew_s = queue.status().clock_skew_s
    except QueueError:
        skew_s = None
    if skew_s is None:
        return Seen(state=DeviceState.DEGRADED, cause="clock.not_compared")
    if abs(skew_s) > SKEWED_S:
        return Seen(state=DeviceState.FAULT, cause="clock.skewed", detail=f"{skew_s:+.0f} s")
    return Seen(state=DeviceState.READY)
