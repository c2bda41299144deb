"""Looks at every part of the kiosk once and says what is ill, why, and what to do."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app.health import describe
from kiosk_app.wiring import paths
from kiosk_app.wiring.house import open_house, statuses_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk_app.config import Config
    from kiosk_app.wiring.house import House

LITTLE_SPACE: Final = 0.10
"""Share of the disk below which a technician should come."""
SLOW_FSYNC_MS: Final = 250.0
ASKED: Final = 3
"""A device answers "connecting" until it missed three times: it is asked so often before it is judged."""
EARLIEST: Final = 2026
"""No kiosk runs this software before this year: an earlier date is a clock that lost its battery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part and how it is; no personal data."""

    part: str
    state: str
    cause: str
    next_step: str
    well: bool


def examine(config: Config, *, only: str | None = None) -> tuple[Finding, ...]:
    """Return the findings, in a stable order.

    Args:
        config: The effective configuration.
        only: Name of the one part to look at; None looks at all.

    Raises:
        DataFolderError: The data folder cannot be used.
    """
    folder = paths.prepare(config)
    house = open_house(config, simulate=False)
    try:
        parts: dict[str, Callable[[], Finding]] = {
            **{name: _device(house, name) for name in house.devices},
            "queue": lambda: _queue(house),
            "disk": lambda: _disk(folder),
            "clock": lambda: _clock(house),
            "backend": lambda: _backend(house),
        }
        return tuple(look() for name, look in parts.items() if only in {None, name})
    finally:
        house.close()


def _device(house: House, name: str) -> Callable[[], Finding]:
    def look() -> Finding:
        status = DeviceStatus(device=name, state=DeviceState.CONNECTING)
        for _try in range(ASKED):
            (status,) = statuses_of({name: house.devices[name]})
            if status.state is not DeviceState.CONNECTING:
                break
        well = status.state in {DeviceState.READY, DeviceState.DEGRADED, DeviceState.DISABLED}
        return Finding(
            part=name, state=status.state.value, cause=status.cause, next_step=describe(status)[1], well=well
        )

    return look


def _queue(house: House) -> Finding:
    from offline_queue.errors import QueueError

    try:
        status = house.services.queue.status()
    except QueueError as error:
        return Finding(part="queue", state="fault", cause=error.code, next_step=error.next_step, well=False)
    if status.paused is not None:
        step = "Sending is paused: check the enrolment and the clock; dossiers are safe and wait."
        return Finding(part="queue", state="paused", cause=status.paused, next_step=step, well=False)
    if status.quarantined:
        step = "Some dossiers were refused: `kiosk queue list`, then `kiosk queue export DIR`."
        return Finding(part="queue", state="degraded", cause="queue.quarantined", next_step=step, well=False)
    step = f"{status.ready + status.sending} waiting, {status.stored} delivered."
    return Finding(part="queue", state="ready", cause="ok", next_step=step, well=True)


def _disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    probe = folder / ".doctor"
    started = time.perf_counter()
    with probe.open("wb") as file:
        file.write(b"\0" * 4096)
        file.flush()
        os.fsync(file.fileno())
    elapsed_ms = (time.perf_counter() - started) * 1000
    probe.unlink()
    share = usage.free / usage.total
    words = f"{usage.free / (1 << 30):.1f} GiB free, fsync {elapsed_ms:.0f} ms."
    if share < LITTLE_SPACE:
        step = f"{words} Free some space: below 5 % the kiosk takes no dossiers."
        return Finding(part="disk", state="degraded", cause="disk.little_space", next_step=step, well=False)
    if elapsed_ms > SLOW_FSYNC_MS:
        step = f"{words} The disk is slow: it may be failing, plan its replacement."
        return Finding(part="disk", state="degraded", cause="disk.slow", next_step=step, well=False)
    return Finding(part="disk", state="ready", cause="ok", next_step=words, well=True)


def _clock(house: House) -> Finding:
    now = house.services.now()
    if now.year < EARLIEST:
        step = f"The clock says {now:%d/%m/%Y}: set it and change the battery on the mainboard."
        return Finding(part="clock", state="fault", cause="clock.lost", next_step=step, well=False)
    return Finding(part="clock", state="ready", cause="ok", next_step=f"{now:%d/%m/%Y %H:%M %z}", well=True)


def _backend(house: House) -> Finding:
    if house.services.progress.reachable():
        return Finding(part="backend", state="ready", cause="ok", next_step="Answers.", well=True)
    step = "No signed answer yet: check the network cable, `kiosk enrol`, and the address in [backend]."
    return Finding(part="backend", state="absent", cause="backend.unreachable", next_step=step, well=False)
