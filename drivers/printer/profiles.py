"""What each printer model can do: dots, dots per inch, strip height, cut, pause.

python-escpos' own table lacks the models sold in Vietnam (DEVICES.md 2.1), so ours comes first; a name we do
not know is looked up there (`escpos.known_profile`).
"""

from __future__ import annotations

from dataclasses import dataclass

CUT_AT_BLADE = b"\x1dVB\x00"
"""`GS V 66 0`: feed the last row past the blade, then cut leaving one point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterProfile:
    """One printer model."""

    name: str
    dots: int
    """Printable dots across."""
    dpi: int = 203
    strip_rows: int = 24
    """Rows in one raster command; small enough that 2048 NUL bytes end a broken one."""
    feed_units_per_dot: int = 1
    """Units of `ESC J` in one dot row: TM-T88 counts in half dots."""
    cut: bytes = CUT_AT_BLADE
    """What ends a ticket; empty where there is no cutter."""
    tail_rows: int = 0
    """Blank rows before the cut, or up to the tear bar where there is no cutter."""
    pause_s: float = 0.0
    """Seconds of rest after each strip, for printers that lose bytes when hurried."""


_TEAR_BAR_ROWS = 96

PROFILES: dict[str, PrinterProfile] = {
    profile.name: profile
    for profile in (
        PrinterProfile(name="generic-80", dots=576),
        PrinterProfile(name="generic-58", dots=384, cut=b"", tail_rows=_TEAR_BAR_ROWS),
        PrinterProfile(name="xprinter-xp80", dots=576),
        PrinterProfile(name="xprinter-xp58", dots=384, cut=b"", tail_rows=_TEAR_BAR_ROWS),
        PrinterProfile(name="zjiang-80", dots=576),
        PrinterProfile(name="zjiang-58", dots=384, cut=b"", tail_rows=_TEAR_BAR_ROWS, pause_s=0.002),
        PrinterProfile(name="rongta-rp326", dots=576),
        PrinterProfile(name="epson-tm-t82", dots=576),
        PrinterProfile(name="epson-tm-t88", dots=512, dpi=180, feed_units_per_dot=2),
    )
}
