"""An independent reader of ESC/POS: job bytes on stdin, one PBM (P4) per cut on stdout.

Shares no code with us. Written from Epson's command reference alone and built differently from the simulated
printer: all bytes at once, and a row of dots is a number. It knows what a picture ticket needs (ESC @, ESC J,
GS P, GS v 0, GS V, and the lengths of GS a, GS r, GS I) and stops with an error at anything else, so a byte
that does not belong into a job is a failure and not a silently skipped one. NUL is padding, also where it
comes in the place of a command's letter: then the command was cut off.

Usage: peer_escpos_reader.py DOTS DPI UNITS_AN_INCH_AFTER_ESC_@ <job.bin >tickets.pbm
Source: Epson ESC/POS Command Reference: GS v 0 (raster bit image, `m xL xH yL yH d1..dk`, k = x * y, most
significant bit leftmost, 1 prints), ESC J n (feed n vertical motion units), GS P x y (the vertical one is 1/y
inch until ESC @; 0 is the default), GS V m n (cut).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Strip:
    """Paper that grows downwards; each row of dots is one whole number, the leftmost dot its highest bit."""

    def __init__(self, dots: int) -> None:
        self.dots = dots
        self.rows: list[int] = []

    def feed(self, count: int) -> None:
        self.rows += [0] * count

    def burn(self, packed: bytes) -> None:
        spare = len(packed) * 8 - self.dots
        value = int.from_bytes(packed, "big")
        self.rows.append(value >> spare if spare > 0 else value << -spare)

    def pbm(self) -> bytes:
        stride = -(-self.dots // 8)
        fill = stride * 8 - self.dots
        return b"P4\n%d %d\n" % (self.dots, len(self.rows)) + b"".join(
            (row << fill).to_bytes(stride, "big") for row in self.rows
        )


class Ruler:
    """How far a command moves the paper, and in which units the next ones are counted."""

    def __init__(self, dpi: int, after_reset: int) -> None:
        self.dpi, self.after_reset, self.an_inch = dpi, after_reset, after_reset

    def rows(self, two: bytes, said: bytes) -> int:
        if two == b"\x1bJ":
            return said[0] * self.dpi // self.an_inch
        if two == b"\x1b@":
            self.an_inch = self.after_reset
        elif two == b"\x1dP":
            self.an_inch = said[1] or self.after_reset
        return 0


LENGTHS = {b"\x1b@": 2, b"\x1bJ": 3, b"\x1dP": 4, b"\x1da": 3, b"\x1dr": 3, b"\x1dI": 3}


def read(job: bytes, dots: int, dpi: int, after_reset: int) -> Iterator[Strip]:
    """Yield what falls at each cut."""
    at, strip, ruler = 0, Strip(dots), Ruler(dpi, after_reset)
    while at < len(job):
        two = job[at : at + 2]
        if two[:1] == b"\0":
            at += 1
        elif two[1:] == b"\0" or job[at : at + 3] == b"\x1dv\0":
            at += 2
        elif two == b"\x1dv":
            at = picture(job, at, strip)
        elif two == b"\x1dV":
            yield strip
            strip, at = Strip(dots), at + (4 if job[at + 2] in {65, 66} else 3)
        elif two in LENGTHS:
            strip.feed(ruler.rows(two, job[at + 2 : at + LENGTHS[two]]))
            at += LENGTHS[two]
        else:
            raise SystemExit(f"byte {at}: {two.hex(' ')} is no command of a picture ticket")
    if any(strip.rows):
        raise SystemExit("the job ends without a cut")


def picture(job: bytes, at: int, strip: Strip) -> int:
    """Burn the rows of one GS v 0 and return where the next command begins."""
    kind, scale = job[at + 2], job[at + 3]
    if kind != ord("0") or scale != 0:
        raise SystemExit(f"byte {at}: GS v with {kind} {scale}")
    across = job[at + 4] + 256 * job[at + 5]
    down = job[at + 6] + 256 * job[at + 7]
    start = at + 8
    if start + across * down > len(job):
        raise SystemExit(f"byte {at}: the picture is cut off")
    for row in range(down):
        strip.burn(job[start + row * across : start + (row + 1) * across])
    return start + across * down


if __name__ == "__main__":
    width, fine, own_units = (int(text) for text in sys.argv[1:])
    for fallen in read(sys.stdin.buffer.read(), width, fine, own_units):
        sys.stdout.buffer.write(fallen.pbm())
