"""Reads ESC/POS as a receipt printer does: a byte stream in, answers and cut tickets out.

Knows ESC @ ! * 2 3 J a d i m t, GS v 0, GS ( L, GS ( k (QR), GS P, GS V, GS r, GS a, GS I and, in passing,
the lengths of what else is common; anything unknown is stepped over, as cheap printers do. Real-time commands
are obeyed wherever they stand, also among pixels: that is what makes them dangerous.

Source: Epson ESC/POS command reference; DEVICES.md 2.3.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PIL import Image

from drivers.simulated.printer.conditions import ANSWERS, Condition
from drivers.simulated.printer.graphics import Keeper
from drivers.simulated.printer.paper import LINE_SPACING, Paper

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.printer.raster import Raster

_DLE, _ESC, _FS, _GS, _LF = 0x10, 0x1B, 0x1C, 0x1D, 0x0A
_FIRST_PRINTABLE = 0x20
_REAL_TIME = re.compile(rb"\x10\x04([\x01-\x04])")
_TEXT = re.compile(rb"[\x20-\xff]+")
_CUTS_WITH_FEED = frozenset(b"ABabgh")
_CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858"}
_NAMES = {65: b"1.0", 66: b"KIOSK", 67: b"SIM-80", 68: b"0001"}
_PRESENTER_PARAMETERS = {3: 1, 32: 2}
_DLE_LENGTHS = {0x04: 3, 0x05: 3, 0x14: 5}
# Parameter bytes after ESC x and GS x; what is not listed has none.
_ESC_PARAMETERS = dict.fromkeys(b"!-EGJMRSTUVadrt3 {", 1) | dict.fromkeys(b"$\\cD", 2) | {ord("p"): 3}
_GS_PARAMETERS = dict.fromkeys(b"!BHIabfhrwE", 1) | dict.fromkeys(b"LW\\$", 2)


class Interpreter:
    """The brain of the simulated printer: no socket, no thread."""

    def __init__(
        self,
        *,
        dots: int,
        answer: Callable[[bytes], None],
        cut: Callable[[Raster], None],
        dpi: int = 203,
        units: int | None = None,
    ) -> None:
        """Start with an empty buffer.

        Args:
            dots: Printable dots across.
            answer: Takes what the printer says back.
            cut: Takes each ticket that falls.
            dpi: Dot rows in an inch.
            units: Units of movement in an inch until GS P sets others; None is one for each dot row.
        """
        self.condition = Condition.OK
        self._answer = answer
        self._cut = cut
        self._paper = Paper(dots, dpi=dpi, units=units or dpi)
        self._keeper = Keeper()
        self._rows_to_go: float | None = None
        self._held = bytearray()
        self._tail = b""
        self._row_bytes = 0
        self._rows_left = 0
        self._reports = False
        self._handlers: dict[tuple[int, int], Callable[[], int]] = {
            (_ESC, ord("*")): self._bit_image,
            (_GS, ord("v")): self._raster,
            (_GS, ord("V")): self._blade,
            (_GS, ord("(")): lambda: self._extended(count_bytes=2),
            (_GS, ord("8")): lambda: self._extended(count_bytes=4),
            (_GS, ord("e")): self._present,
            (_GS, ord("P")): self._motion_units,
            (_ESC, ord("i")): self._old_blade,
            (_ESC, ord("m")): self._old_blade,
        }

    def feed(self, data: bytes) -> None:
        """Take bytes from the line."""
        seen = self._tail + data
        past = 0
        for found in _REAL_TIME.finditer(seen):
            past = found.end()
            self._answer(bytes([ANSWERS[self.condition].realtime[found[1][0] - 1]]))
        self._tail = seen[max(past, len(seen) - 2) :]
        self._held += data
        self.work()

    def change(self, condition: Condition) -> None:
        """Let something happen to the printer; it reports by itself where it was asked to."""
        self.condition = condition
        if self._reports and condition is not Condition.HANG:
            self._answer(ANSWERS[condition].block)
        self.work()

    def work(self) -> None:
        """Work off the buffer as far as the condition, the motor and the bytes allow."""
        while self._held and ANSWERS[self.condition].prints and self._may_move:
            before = self._paper.moved
            taken = self._pixels() if self._rows_left else self._command()
            if not taken:
                return
            del self._held[:taken]
            if self._rows_to_go is not None:
                self._rows_to_go -= self._paper.moved - before
            if self._paper.too_long:
                self._fall()

    @property
    def _may_move(self) -> bool:
        return self._rows_to_go is None or self._rows_to_go > 0

    def turn(self, rows: float) -> None:
        """Let the motor turn for so many more dot rows; from the first call on it stops after them."""
        self._rows_to_go = min(self._rows_to_go or 0.0, 0.0) + rows
        self.work()

    def run_free(self) -> None:
        """Let the motor be infinitely quick again."""
        self._rows_to_go = None
        self.work()

    @property
    def waiting(self) -> int:
        """Bytes in the buffer that are not worked off yet."""
        return len(self._held)

    @property
    def out(self) -> Raster | None:
        """What has come out and is not cut yet, None while there is nothing."""
        return self._paper.so_far()

    # --- each returns how many bytes it used up, 0 while some are still missing -----------------------

    def _pixels(self) -> int:
        if len(self._held) < self._row_bytes:
            return 0
        self._rows_left -= 1
        self._paper.dot_row(bytes(self._held[: self._row_bytes]))
        return self._row_bytes

    def _command(self) -> int:
        first = self._held[0]
        if first >= _FIRST_PRINTABLE:
            found = _TEXT.match(self._held)
            text = bytes(found[0]) if found else b""
            self._paper.put_text(text)
            return len(text)
        if first == _LF:
            self._paper.end_line()
        if first not in (_DLE, _ESC, _FS, _GS):
            return 1
        if len(self._held) < 2:  # noqa: PLR2004 - a command is an introducer and a letter
            return 0
        second = self._held[1]
        if first == _DLE:
            return self._whole(_DLE_LENGTHS.get(second, 1))
        handler = self._handlers.get((first, second))
        return handler() if handler else self._plain(first, second)

    def _whole(self, length: int) -> int:
        return length if len(self._held) >= length else 0

    def _plain(self, first: int, second: int) -> int:
        """Handle commands with a fixed number of parameters."""
        table = _ESC_PARAMETERS if first == _ESC else _GS_PARAMETERS if first == _GS else {}
        length = self._whole(2 + table.get(second, 0))
        if not length:
            return 0
        value = self._held[2] if length > 2 else 0  # noqa: PLR2004 - the first parameter, where there is one
        if first == _ESC:
            self._set_paper(chr(second), value)
        elif first == _GS:
            self._say(chr(second), value)
        return length

    def _set_paper(self, letter: str, value: int) -> None:
        paper = self._paper
        match letter:
            case "@":
                paper.reset_modes()
            case "J":
                paper.feed(paper.rows_of(value))
            case "d":
                paper.feed(value * paper.spacing)
            case "2" | "3":
                paper.spacing = paper.rows_of(value) if letter == "3" else LINE_SPACING
            case "a":
                paper.align = value % 48 if value % 48 <= 2 else 0  # noqa: PLR2004 - 0, 1, 2 or "0", "1", "2"
            case "t":
                paper.code_page = _CODE_PAGES.get(value, "cp437")
            case "!":
                paper.scale = (2 if value & 0x20 else 1, 2 if value & 0x10 else 1)
            case _:
                pass

    def _say(self, letter: str, value: int) -> None:
        answers = ANSWERS[self.condition]
        if letter == "r":
            self._answer(bytes([answers.fence if value in (1, 49) else 0]))
        elif letter == "I":
            name = _NAMES.get(value)
            self._answer(b"_" + name + b"\0" if name else b"\x02")
        elif letter == "a":
            self._reports = value != 0
            if self._reports:
                self._answer(answers.block)

    def _raster(self) -> int:
        """GS v 0: pixels follow row by row, and only they count until the last has come."""
        if len(self._held) > 2 and self._held[2] != ord("0"):  # noqa: PLR2004 - the third byte
            return 3
        if not self._whole(8):
            return 0
        self._row_bytes = int.from_bytes(self._held[4:6], "little")
        self._rows_left = int.from_bytes(self._held[6:8], "little") if self._row_bytes else 0
        return 8

    def _blade(self) -> int:
        length = self._whole(3) and self._whole(4 if self._held[2] in _CUTS_WITH_FEED else 3)
        if length:
            self._fall()
        return length

    def _motion_units(self) -> int:
        """GS P: how fine movements are counted, across and down; across moves nothing here."""
        length = self._whole(4)
        if length:
            self._paper.set_units(self._held[3])
        return length

    def _old_blade(self) -> int:
        """ESC i, ESC m: the cuts of printers with a presenter."""
        self._fall()
        return 2

    def _present(self) -> int:
        """GS e: moves the cut ticket; only `3` and `32` carry on with how far and how long."""
        if not self._whole(3):
            return 0
        return self._whole(3 + _PRESENTER_PARAMETERS.get(self._held[2], 0))

    def _fall(self) -> None:
        ticket = self._paper.cut()
        if ticket is not None:
            self._cut(ticket)

    def _extended(self, *, count_bytes: int) -> int:
        """GS ( x and GS 8 x: a letter, a length of its own, then what it is about."""
        start = 3 + count_bytes
        length = self._whole(start) and self._whole(start + int.from_bytes(self._held[3:start], "little"))
        if length:
            picture = self._keeper.take(self._held[2], bytes(self._held[start:length]))
            if picture is not None:
                self._paper.picture(picture)
        return length

    def _bit_image(self) -> int:
        """ESC *: columns of 8 or 24 dots, put into the line."""
        if not self._whole(5):
            return 0
        mode, columns = self._held[2], int.from_bytes(self._held[3:5], "little")
        column_bytes = 3 if mode & 0x20 else 1
        length = self._whole(5 + columns * column_bytes)
        if length and columns:
            dots = bytes(self._held[5:length]).translate(bytes(range(255, -1, -1)))
            standing = Image.frombytes("1", (column_bytes * 8, columns), dots)
            across = min(columns * (1 if mode & 1 else 2), self._paper.dots)
            lying = standing.transpose(Image.Transpose.TRANSPOSE)
            self._paper.put(lying.resize((across, 24), Image.Resampling.NEAREST))
        return length
