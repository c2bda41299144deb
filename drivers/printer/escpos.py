"""A raster becomes an ESC/POS job: small strips, blank rows as feed, no hidden real-time command.

What python-escpos gives here: the names of the control codes (`escpos.constants`, 16 ms to import) and its
database of printer models, read as the JSON file it ships. What it does not give: connections and status
(a silent printer reads as "adequate paper", writes block for ever: DEVICES.md 2.1), and `image()`, whose
strips cannot be cropped or scanned (twice the bytes). Its `escpos.capabilities` is never imported: that makes
a temporary folder on every import, unpickles a file found there and reconfigures the root logger.

Source: Epson ESC/POS command reference: GS v 0, ESC J, GS P, ESC @, GS V, GS r, GS a, DLE EOT.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from escpos import constants

from drivers.errors import PrinterError
from drivers.printer.profiles import PROFILES, PrinterProfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.printer.raster import Raster

RESET: bytes = constants.HW_INIT
STATUS_REQUEST: bytes = constants.RT_STATUS
"""`DLE EOT`; the number of the answer wanted follows."""
FENCE: bytes = constants.GS + b"r\x01"
"""Answered only when everything before it has been worked off."""
REPORTS_OFF: bytes = constants.GS + b"a\x00"
"""No unasked status blocks: they would stand between a question and its answer."""

_RASTER: bytes = constants.GS + b"v0\x00"
_FEED: bytes = constants.ESC + b"J"
_FEED_MOST = 255
_UNITS: bytes = constants.GS + b"P"
_UNITS_MOST = 255
"""Parts of an inch that fit the byte; a finer printer keeps its own units."""
_LEAST_FEED = 8
"""Shorter blank runs stay in the strip: stopping the motor for them costs more than their bytes."""

_LEAST_RECOVERY = 2048
"""NUL bytes that ended a broken strip 40 times of 40; 64 did so 23 times (DEVICES.md 2.2)."""

_SETS_UNITS = "Epson"
"""The maker in python-escpos' database whose raster printers all know GS P."""

_REAL_TIME = re.compile(rb"\x10(?=[\x04\x05\x14])")
"""DLE EOT, DLE ENQ, DLE DC4: obeyed even inside pixel data."""
_NUDGED = b"\x18"
"""DLE with the dot to the right of its one black dot blackened too; never half of another command."""


def end_of_strip(profile: PrinterProfile) -> bytes:
    """Return what ends a raster strip that was cut off anywhere, in its head too, and does nothing else.

    It must be the first thing a printer hears after a job that broke: a status request taken for the rest of
    a strip's head makes a strip of a megabyte of it.
    """
    longest_strip = (profile.dots + 7) // 8 * profile.strip_rows
    return bytes(max(_LEAST_RECOVERY, longest_strip + 64))


def recovery(profile: PrinterProfile) -> bytes:
    """Return what ends a broken strip and starts afresh."""
    return end_of_strip(profile) + RESET


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """The bytes of one ticket, in pieces that may be sent with a rest between them."""

    pieces: tuple[bytes, ...] = field(repr=False)

    @property
    def data(self) -> bytes:
        """All bytes in order."""
        return b"".join(self.pieces)


def encode(raster: Raster, profile: PrinterProfile) -> PrintJob:
    """Encode one ticket, from reset to cut, without the closing fence.

    Args:
        raster: The drawing; must not be wider than the printer.
        profile: The printer model.
    """
    if raster.width > profile.dots:
        raise ValueError(f"{raster.width} dots do not fit {profile.name} with {profile.dots}")
    tail = _feed(profile.tail_rows) + profile.cut
    pieces = (RESET + REPORTS_OFF + _units(profile), *_pieces(raster, profile), tail)
    return PrintJob(pieces=tuple(piece for piece in pieces if piece))


def _pieces(raster: Raster, profile: PrinterProfile) -> Iterator[bytes]:
    """Walk down the picture: long runs of blank rows as feed, the rest as strips."""
    blank_below = _blank_runs(raster)
    y = 0
    while y < raster.height:
        if blank_below[y] >= _LEAST_FEED:
            yield _feed(blank_below[y])
            y += blank_below[y]
            continue
        end = y + 1
        while end < min(y + profile.strip_rows, raster.height) and blank_below[end] < _LEAST_FEED:
            end += 1
        yield _strip([raster.row(row) for row in range(y, end)])
        y = end


def _blank_runs(raster: Raster) -> list[int]:
    """Count, for each row, the blank rows from it downwards."""
    white = bytes(raster.row_bytes)
    runs = [0] * (raster.height + 1)
    for y in range(raster.height - 1, -1, -1):
        runs[y] = runs[y + 1] + 1 if raster.row(y) == white else 0
    return runs


def _strip(rows: list[bytes]) -> bytes:
    """Encode rows cropped to their rightmost black byte, with no real-time command among the dots."""
    width = max(1, *(len(row.rstrip(b"\0")) for row in rows))
    dots = _REAL_TIME.sub(_NUDGED, b"".join(row[:width] for row in rows))
    return _RASTER + width.to_bytes(2, "little") + len(rows).to_bytes(2, "little") + dots


def _units(profile: PrinterProfile) -> bytes:
    """Make a unit of movement one dot, across and down; reset forgets it."""
    if not profile.sets_units or profile.dpi > _UNITS_MOST:
        return b""
    return _UNITS + bytes([profile.dpi, profile.dpi])


def _feed(rows: int) -> bytes:
    steps = [_FEED_MOST] * (rows // _FEED_MOST) + ([rows % _FEED_MOST] if rows % _FEED_MOST else [])
    return b"".join(_FEED + bytes([step]) for step in steps)


def known_profile(name: str) -> PrinterProfile:
    """Find a printer model: our own table first, then python-escpos' database.

    Raises:
        PrinterError: Nobody knows the name, or the model cannot print raster pictures.
    """
    if name in PROFILES:
        return PROFILES[name]
    # Read as data, not through escpos.capabilities (see the module docstring).
    held: dict[str, Any] = json.loads(files("escpos").joinpath("capabilities.json").read_text("utf-8"))
    entry = held["profiles"].get(name)
    dots = entry["media"].get("width", {}).get("pixels") if entry else None
    if not isinstance(dots, int) or not entry["features"].get("bitImageRaster"):
        raise PrinterError(
            "ticket_printer.profile names no printer this kiosk knows; use one of "
            + ", ".join(sorted(PROFILES)),
            detail=name,
        )
    dpi = entry["media"].get("dpi")
    spare = PROFILES["generic-58"]
    found = PrinterProfile(
        name=name,
        dots=dots,
        dpi=dpi if isinstance(dpi, int) else 203,
        sets_units=entry.get("vendor") == _SETS_UNITS,
    )
    return (
        found if entry["features"].get("paperPartCut") else replace(found, cut=b"", tail_rows=spare.tail_rows)
    )
