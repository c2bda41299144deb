"""The doctor looks at the machine: disk, clock, line, queue, certificates, touch screen, sound."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import statistics
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState
from kiosk_app.wiring.findings import Finding, Measures, finding
from offline_queue.errors import QueueError

if TYPE_CHECKING:
    from kiosk_app.config import Config
    from offline_queue.courier import Beat, Courier

FSYNCS: Final = 20
SLOW_FSYNC_MS: Final = 250.0
EARLIEST: Final = 2026
"""No kiosk runs this software before this year: an earlier date is a clock that lost its battery."""
SKEWED_S: Final = 120.0
BEATS: Final = 3
SLOW_LINE_MS: Final = 3000.0
LAST_DAYS: Final = 30
"""Authorities that all end within so many days are soon none."""
_INPUTS: Final = Path("/proc/bus/input/devices")
_ABS_MT_POSITION_X: Final = 0x35
"""Source: Linux input-event-codes.h; a device with this axis is a touch screen."""
_APLAY_S: Final = 5.0


def disk(folder: Path) -> Finding:
    """Measure how long a small write takes to be safe on the disk, and how much room is left."""
    from offline_queue.guards import Storage, measure, storage

    room = measure(folder)
    level = storage(room)
    times = _fsyncs(folder / ".doctor")
    measured: Measures = {
        "free_gib": round(room.free_bytes / (1 << 30), 1),
        "fsync_ms": round(statistics.median(times), 1),
        "fsync_worst_ms": round(max(times), 1),
    }
    if level is Storage.NO_INTAKE:
        return finding("disk", DeviceState.BLOCKED, "disk.full", measured)
    if level is not Storage.WELL:
        return finding("disk", DeviceState.FAULT, "disk.little_space", measured)
    if statistics.median(times) > SLOW_FSYNC_MS:
        return finding("disk", DeviceState.FAULT, "disk.slow", measured)
    return finding("disk", DeviceState.READY, measured=measured)


def _fsyncs(probe: Path) -> list[float]:
    """Return how long each of some writes of 4 KiB took until the disk had it, milliseconds."""
    times = []
    with probe.open("wb") as file:
        for _ in range(FSYNCS):
            started = time.perf_counter()
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - started) * 1000)
    probe.unlink()
    return times


def clock(now: dt.datetime, skew_s: float | None) -> Finding:
    """Judge this clock by the year and by the backend's, where it was heard."""
    measured: Measures = {"now": f"{now:%d/%m/%Y %H:%M %z}"}
    if now.year < EARLIEST:
        return finding("clock", DeviceState.FAULT, "clock.lost", measured)
    if skew_s is None:
        return finding("clock", DeviceState.READY, measured=measured)
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
    """Ask the backend to prove itself a few times; return the finding and this clock's skew in seconds."""
    from kiosk_app.wiring.queue import open_courier, open_outbox, open_queue

    try:
        with closing(open_queue(config)) as opened:
            courier, let_go = open_courier(config, open_outbox(opened))
            try:
                beats, times = _beats(courier)
            finally:
                let_go()
            speed = opened.line_speed()
    except QueueError as error:
        return finding("backend", DeviceState.FAULT, error.code), None
    measured: Measures = {"answer_ms": round(statistics.median(times))}
    if speed is not None:
        measured["sending_kbit_s"] = round(speed * 8 / 1000)
    last = beats[-1]
    if not last.well:
        return finding(
            "backend", DeviceState.ABSENT, f"backend.{last.cause or 'line'}", measured
        ), last.skew_s
    slow = statistics.median(times) > SLOW_LINE_MS
    state = DeviceState.DEGRADED if slow else DeviceState.READY
    return finding("backend", state, "backend.slow" if slow else "ok", measured), last.skew_s


def _beats(courier: Courier) -> tuple[list[Beat], list[float]]:
    """Exchange some heartbeats, as long as they go well; return them and how long each took, milliseconds."""
    beats: list[Beat] = []
    times: list[float] = []
    for _ in range(BEATS):
        started = time.perf_counter()
        beats.append(courier.heartbeat())
        times.append((time.perf_counter() - started) * 1000)
        if not beats[-1].well:
            break
    return beats, times


def certificates(config: Config, now: dt.datetime) -> Finding:
    """Count the authorities whose cards are believed, and see whether one lasts."""
    from drivers.card.trust import load_folder

    anchors, unusable = load_folder(Path(config.card.csca_dir), now)
    valid = sum(anchor.valid_at(now) for anchor in anchors)
    lasting = sum(anchor.valid_at(now + dt.timedelta(days=LAST_DAYS)) for anchor in anchors)
    measured: Measures = {"authorities": valid, "expired": len(anchors) - valid, "unusable": unusable}
    if not valid:
        return finding("certificates", DeviceState.DEGRADED, "certificates.none", measured)
    if not lasting:
        return finding("certificates", DeviceState.FAULT, "certificates.ending", measured)
    return finding("certificates", DeviceState.READY, measured=measured)


def touch(listing: Path = _INPUTS) -> Finding:
    """Look for a touch screen among the input devices; its corners are tried on the technician's screen."""
    try:
        text = listing.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return finding("touch", DeviceState.DISABLED, "touch.none")
    names = [
        line.split('"')[1]
        for block in text.split("\n\n")
        if _touches(block)
        for line in block.splitlines()
        if line.startswith("N: ") and '"' in line
    ]
    if not names:
        return finding("touch", DeviceState.DISABLED, "touch.none")
    return finding("touch", DeviceState.READY, measured={"told": names[0]})


def _touches(block: str) -> bool:
    """Tell whether a device has the axis of a finger; its axes are words of 64 bits, highest first."""
    axes = next((line[7:] for line in block.splitlines() if line.startswith("B: ABS=")), "0")
    bits = 0
    for word in axes.split():
        bits = bits << 64 | int(word, 16)
    return bool(bits >> _ABS_MT_POSITION_X & 1)


def sound() -> Finding:
    """Look for a loudspeaker by what ALSA lists."""
    program = shutil.which("aplay")
    if program is None:
        return finding("sound", DeviceState.DISABLED, "sound.no_player")
    try:
        listed = subprocess.run(
            [program, "-l"], capture_output=True, text=True, timeout=_APLAY_S, check=False
        )
    except subprocess.TimeoutExpired:
        return finding("sound", DeviceState.FAULT, "device.timeout")
    cards = [line for line in listed.stdout.splitlines() if line.startswith("card ")]
    if not cards:
        return finding("sound", DeviceState.DISABLED, "sound.none")
    return finding("sound", DeviceState.READY, measured={"told": cards[0][:60]})
