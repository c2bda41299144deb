"""Writes what a command was asked for whole or not at all: a full disk leaves the file that was there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place and put it there once it is whole; a link keeps pointing where it did.

    A pipe or a device, such as `/dev/stdout`, is written to as it is.

    Raises:
        OSError: It cannot be written; what was there before is still there.
    """
    place = path.resolve()
    if place.exists() and not place.is_file():
        path.write_bytes(data)
        return
    fresh = place.with_name(f".{place.name[:200]}.{os.getpid()}")
    try:
        with fresh.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
