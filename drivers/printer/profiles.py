"""What each printer model can do: dots, dots per inch, strip height, cut, pause.

python-escpos' own table lacks the models sold in Vietnam (DEVICES.md 2.1), so ours comes first; a name we do
not know is looked up there (`escpos.known_profile`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from drivers.errors import PrinterError

CUT_AT_BLADE = b"\x1dVB\x00"
"""`GS V 66 0`: feed the last row past the blade, then cut leaving one point."""
CUT_AND_PRESENT = b"\x1bi\x1de\x03\x0c"
"""`ESC i`, `GS e 3 12`: cut through, then hold the ticket out of the mouth, 12 steps of 7.3 mm.

Source: Custom VKP80II command reference ($1B $69, $1D $65). Not tried on the printer itself.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterProfile:
    """One printer model."""

    name: str
    dots: int
    """Printable dots across."""
    dpi: int = 203
    strip_rows: int = 24
    """Rows in one raster command; the more, the longer a broken one takes to end."""
    sets_units: bool = False
    """Whether `GS P` is sent, which makes one unit of `ESC J` one dot row.

    Epson and Custom printers count in half dots until they are told otherwise, so that blank runs would come
    out half as long. Cheap printers count in dots anyway; some do not know the command, and one reads a
    single byte after it, so only models whose manual has it are sent it.
    Source: Epson TM-T88III specification and Custom KPM216H manual, GS P (180/360, 203/406, 204/408).
    """
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
        PrinterProfile(name="epson-tm-t82", dots=576, sets_units=True),
        PrinterProfile(name="epson-tm-t88", dots=512, dpi=180, sets_units=True),
        PrinterProfile(
            name="custom-vkp80", dots=576, cut=CUT_AND_PRESENT, tail_rows=_TEAR_BAR_ROWS, sets_units=True
        ),
    )
}

_NO_CUT: Final = "none"
_RANGES: Final = {
    "dots": (64, 2048),
    "dpi": (90, 600),
    "strip_rows": (8, 24),
    "pause_ms": (0, 1000),
    "tail_rows": (0, 2000),
}


def adjusted(profile: PrinterProfile, *, cut: str = "", **numbers: int) -> PrinterProfile:
    """Return the profile with what the configuration says instead; 0 and an empty `cut` change nothing.

    Args:
        profile: The nearest model.
        cut: Bytes in hexadecimal, or `none`.
        numbers: `dots`, `dpi`, `strip_rows`, `pause_ms` (milliseconds), `tail_rows`.

    Raises:
        PrinterError: A number no printer has, or a cut that is not hexadecimal.
    """
    for name, value in numbers.items():
        least, most = _RANGES[name]
        if value and not least <= value <= most:
            raise PrinterError(
                f"ticket_printer.{name} is {value}; write {least} to {most}, or 0 for the model's",
                detail=f"{name} = {value}",
            )
    said = {name: value for name, value in numbers.items() if value}
    return replace(
        profile,
        dots=said.get("dots", profile.dots),
        dpi=said.get("dpi", profile.dpi),
        strip_rows=said.get("strip_rows", profile.strip_rows),
        tail_rows=said.get("tail_rows", profile.tail_rows),
        pause_s=said["pause_ms"] / 1000 if "pause_ms" in said else profile.pause_s,
        cut=_cut(cut) if cut else profile.cut,
    )


def _cut(text: str) -> bytes:
    if text == _NO_CUT:
        return b""
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise PrinterError(
            f"ticket_printer.cut is {text!r}; write bytes in hexadecimal such as 1d564200, or none",
            detail=f"cut = {text}",
        ) from error
