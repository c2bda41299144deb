"""The doctor looks at the machine: disk, clock, line, queue, touch screen."""

from __future__ import annotations

import errno
import os
import re
import statistics
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.wiring.findings import Finding, Measures, finding
from offline_queue.errors import BackendRefusedError, BackendUnreachableError, QueueError

if TYPE_CHECKING:
    import datetime as dt

    from kiosk_app.config import Config

FSYNCS: Final = 20
SLOW_FSYNC_MS: Final = 250.0
EARLIEST: Final = 2026
"""No kiosk runs this software before this year: an earlier date is a clock that lost its battery."""
SKEWED_S: Final = 120.0
DOSSIER_BYTES: Final = 5_000_000
NARROW_KBIT_S: Final = 256
"""Below that a dossier of 5 MB takes more than two and a half minutes."""
SLOW_LINE_MS: Final = 3000.0
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_INPUTS: Final = Path("/proc/bus/input/devices")
_ABS_MT_POSITION_X: Final = 0x35
"""Source: Linux input-event-codes.h; a device with this axis is a touch screen."""
_POINTS: Final = re.compile(r"^H: Handlers=.*\bmouse\d", re.MULTILINE)
"""A mouse, a touch pad or the pointer of a virtual machine. No keyboard: a code scanner may be one."""


def disk(folder: Path) -> Finding:
    """Tell how much room is left, as the health model does, then how long a small write takes to be safe."""
    from kiosk_app.wiring.inner_parts import room_seen
    from offline_queue.guards import measure

    measured: Measures = {}
    try:
        room = measure(folder)
        measured["free_gib"] = round(room.free_bytes / (1 << 30), 1)
        seen = room_seen(room)
        if seen.state is DeviceState.BLOCKED:
            return finding("disk", seen.state, seen.cause, measured)  # nothing is written on a full disk
        times = _fsyncs(folder / ".doctor")
    except OSError as error:
        if error.errno in _NO_ROOM:
            return finding("disk", DeviceState.BLOCKED, "disk.full", measured)
        return finding(
            "disk", DeviceState.FAULT, "disk.unreadable", measured | {"error": type(error).__name__}
        )
    measured["fsync_ms"] = round(statistics.median(times), 1)
    measured["fsync_worst_ms"] = round(max(times), 1)
    if statistics.median(times) > SLOW_FSYNC_MS:
        return finding("disk", DeviceState.FAULT, "disk.slow", measured)
    return finding("disk", seen.state, seen.cause, measured)


def _fsyncs(probe: Path) -> list[float]:
    """Return how long each of some writes of 4 KiB took until the disk had it, milliseconds."""
    times = []
    try:
        with probe.open("wb") as file:
            for _ in range(FSYNCS):
                started = time.perf_counter()
                file.write(b"\0" * 4096)
                file.flush()
                os.fsync(file.fileno())
                times.append((time.perf_counter() - started) * 1000)
    finally:
        probe.unlink(missing_ok=True)
    return times


def clock(now: dt.datetime, skew_s: float | None) -> Finding:
    """Judge this clock by the year and by the backend's, where it was heard."""
    measured: Measures = {"now": f"{now:%d/%m/%Y %H:%M %z}"}
    if now.year < EARLIEST:
        return finding("clock", DeviceState.FAULT, "clock.lost", measured)
    if skew_s is None:
        return finding("clock", DeviceState.DEGRADED, "clock.not_compared", measured)
    measured["skew_s"] = round(skew_s, 1)
    if abs(skew_s) > SKEWED_S:
        return finding("clock", DeviceState.FAULT, "clock.skewed", measured)
    return finding("clock", DeviceState.READY, measured=measured)


def queue(config: Config) -> Finding:
    """Check every page of the encrypted database and the chain of events, and count what waits."""
    from kiosk_app.wiring.queue import open_queue
    from offline_queue.journal import first_broken

    try:
        with closing(open_queue(config)) as opened:
            damaged = len(opened.vault.rows("PRAGMA cipher_integrity_check"))
            pages = [row for row in opened.vault.rows("PRAGMA quick_check") if "ok" not in row.values()]
            broken = first_broken(opened.vault)
            status = opened.status()
    except QueueError as error:
        return finding("queue", DeviceState.FAULT, error.code)
    measured: Measures = {
        "waiting": status.ready + status.sending,
        "delivered": status.stored,
        "quarantined": status.quarantined,
        "oldest_h": round(status.oldest_age_s / 3600, 1),
    }
    if damaged or pages:
        return finding("queue", DeviceState.FAULT, "queue.damaged", measured)
    if broken is not None:
        return finding("queue", DeviceState.FAULT, "queue.events_broken", measured | {"event": broken})
    if status.paused is not None:
        return finding("queue", DeviceState.BLOCKED, f"queue.paused_{status.paused}", measured)
    if status.quarantined:
        return finding("queue", DeviceState.BLOCKED, "queue.quarantined", measured)
    return finding("queue", DeviceState.READY, measured=measured)


def backend(config: Config) -> tuple[Finding, float | None]:
    """Have the backend prove itself and measure the line; return the finding and this clock's skew, s."""
    from kiosk_app.wiring.certificates import kiosk_key
    from kiosk_app.wiring.queue import now, open_courier, open_outbox, open_queue

    if kiosk_key(config.data_dir, 0, now=now).state is DeviceState.FAULT:
        return finding("backend", DeviceState.BLOCKED, "backend.not_asked"), None
    try:
        with closing(open_queue(config)) as opened:
            courier, let_go = open_courier(config, open_outbox(opened))
            try:
                began = time.perf_counter()
                beat = courier.heartbeat()
                took_ms = (time.perf_counter() - began) * 1000
            finally:
                let_go()
            measured = _measured(config, took_ms, well=beat.well)
    except QueueError as error:
        return finding("backend", DeviceState.FAULT, error.code), None
    if not beat.well:
        ill = finding("backend", DeviceState.ABSENT, f"backend.{beat.cause or 'line'}", measured)
        return ill, beat.skew_s
    cause = _line_cause(measured)
    state = DeviceState.READY if cause == "ok" else DeviceState.DEGRADED
    return finding("backend", state, cause, measured), beat.skew_s


def _measured(config: Config, took_ms: float, *, well: bool) -> Measures:
    """Measure the line, where the backend is there and of a release that helps with that."""
    from kiosk_app.wiring.queue import measure_line

    if not well:
        return {"answer_ms": round(took_ms)}
    try:
        speed = measure_line(config)
    except BackendRefusedError:
        return {"answer_ms": round(took_ms)}
    except BackendUnreachableError:
        return {"answer_ms": round(took_ms), "line": "cut"}
    return {
        "answer_ms": round(speed.answer_ms),
        "answer_worst_ms": round(speed.answer_worst_ms),
        "up_kbit_s": round(speed.up_kbit_s),
        "down_kbit_s": round(speed.back_kbit_s),
        "dossier_min": round(speed.minutes_for(DOSSIER_BYTES), 1),
    }


def _line_cause(measured: Measures) -> str:
    if "line" in measured:
        return "backend.cut"
    if float(measured.get("up_kbit_s", NARROW_KBIT_S)) < NARROW_KBIT_S:
        return "backend.narrow"
    return "backend.slow" if float(measured["answer_ms"]) > SLOW_LINE_MS else "ok"


def touch(listing: Path = _INPUTS, *, simulated: bool = False) -> Finding:
    """Look for a touch screen among the input devices; its corners are tried on the technician's screen.

    Args:
        listing: The input devices as Linux lists them.
        simulated: Nobody stands at this machine, so it may be without anything to touch.
    """
    try:
        blocks = listing.read_text(encoding="utf-8", errors="replace").split("\n\n")
    except OSError:
        blocks = []
    names = [
        line.split('"')[1]
        for block in blocks
        if _touches(block)
        for line in block.splitlines()
        if line.startswith("N: ") and '"' in line
    ]
    if names:
        return finding("touch", DeviceState.READY, measured={"told": names[0]})
    if simulated or any(_POINTS.search(block) for block in blocks):
        return finding("touch", DeviceState.DISABLED, "touch.none")
    return finding("touch", DeviceState.ABSENT, "touch.missing")


def _touches(block: str) -> bool:
    """Tell whether a device has the axis of a finger; its axes are words of 64 bits, highest first."""
    axes = next((line[7:] for line in block.splitlines() if line.startswith("B: ABS=")), "0")
    bits = 0
    for word in axes.split():
        bits = bits << 64 | int(word, 16)
    return bool(bits >> _ABS_MT_POSITION_X & 1)
