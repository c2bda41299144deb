"""How much room is left, and what is shut before the disk is full. Pure, but for `measure`.

Source: issue 6, "Guards in the write path": 80 % warn, 90 % no scanning, 95 % tickets and look-up only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from offline_queue.ports import QueueStatus

RESERVE_BYTES = 64 * 1024 * 1024
"""Never touched: the system, the log and the tombstones need room when the disk runs full."""
RESERVE_FILES = 256
"""Inodes never touched: SQLite needs a few for its log."""
CAPTURE_BYTES = 64 * 1024 * 1024
"""Free beside the reserve before a paper is scanned: the largest dossier, in the log and in the file."""
AMPLE_BYTES = 16 * 1024 * 1024 * 1024
"""So much free room is a fortnight of dossiers: a share of a big disk says nothing beside it."""
AMPLE_FILES = 100_000
OLD_S = 24 * 3600.0
MANY = 500
SKEW_S = 120.0


class Storage(StrEnum):
    """What the disk still allows."""

    WELL = "well"
    WARN = "warn"
    NO_SCANNING = "no_scanning"
    NO_INTAKE = "no_intake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a file system has, for whoever is not root."""

    free_bytes: int
    total_bytes: int
    free_files: int
    total_files: int
    """0 where the file system does not count them."""


_LEVELS = ((0.95, Storage.NO_INTAKE), (0.90, Storage.NO_SCANNING), (0.80, Storage.WARN))


def measure(folder: Path) -> Room:
    """Return the room of the file system a folder lies on."""
    found = os.statvfs(folder)
    return Room(
        free_bytes=found.f_bavail * found.f_frsize,
        total_bytes=found.f_blocks * found.f_frsize,
        free_files=found.f_favail,
        total_files=found.f_files,
    )


def storage(room: Room) -> Storage:
    """Return what the disk still allows: the worse of bytes and inodes counts."""
    if not has_room(room, 0):
        return Storage.NO_INTAKE
    used = max(
        0.0 if room.free_bytes >= AMPLE_BYTES else _used(room.free_bytes, room.total_bytes),
        0.0 if room.free_files >= AMPLE_FILES else _used(room.free_files, room.total_files),
    )
    level = next((level for share, level in _LEVELS if used >= share), Storage.WELL)
    if level in {Storage.WELL, Storage.WARN} and not has_room(room, CAPTURE_BYTES):
        return Storage.NO_SCANNING
    return level


def has_room(room: Room, needed: int, *, reserve: int = RESERVE_BYTES, files: int = RESERVE_FILES) -> bool:
    """Tell whether so many bytes can be written without touching the reserve.

    Args:
        room: As measured.
        needed: Bytes.
        reserve: Bytes that must stay free.
        files: Inodes that must stay free.
    """
    return room.free_bytes >= needed + reserve and (room.total_files == 0 or room.free_files >= files)


def warnings(status: QueueStatus) -> tuple[str, ...]:
    """Return what staff should look at (`old`, `many`, `disk`, `clock`, `quarantined`); citizens go on.

    Args:
        status: Counts, storage and skew.
    """
    waiting = status.ready + status.sending
    found = {
        "old": status.oldest_age_s > OLD_S,
        "many": waiting > MANY,
        "disk": status.storage != Storage.WELL,
        "clock": abs(status.clock_skew_s or 0.0) > SKEW_S,
        "quarantined": status.quarantined > 0,
    }
    return tuple(name for name, true in found.items() if true)


def _used(free: int, total: int) -> float:
    return 0.0 if total <= 0 else 1.0 - free / total
