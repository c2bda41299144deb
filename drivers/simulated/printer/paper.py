"""The paper of the simulated printer: rows of dots, lines of text, and where the blade falls."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from drivers.printer.raster import Raster, from_image

_FONT = Path(__file__).resolve().parents[3] / "assets" / "fonts" / "BeVietnamPro-Medium.ttf"
_CELL = 12
_LINE = 24
LINE_SPACING = 30
"""Dots from line to line after ESC @ and ESC 2."""
_MOST_ROWS = 16_000
"""Two metres of paper; what is longer is cut, so garbage cannot fill the memory."""


class Paper:
    """What has been printed since the last cut."""

    def __init__(self, dots: int, *, dpi: int = 203, units: int = 203) -> None:
        """Start with an empty roll.

        Args:
            dots: Printable dots across.
            dpi: Dot rows in an inch.
            units: Units of movement in an inch after a reset; many printers count half dots.
        """
        self.dots = dots
        self._dpi, self._own_units, self._units = dpi, units, units
        self.spacing = LINE_SPACING
        self.align = 0
        self.scale = (1, 1)
        self.code_page = "cp437"
        self._row_bytes = (dots + 7) // 8
        self._rows = bytearray()
        self._line: Image.Image | None = None
        self._x = 0
        self._gone = 0

    def reset_modes(self) -> None:
        """Forget the unfinished line and all settings; what is printed stays printed."""
        self.spacing, self.align, self.scale, self.code_page = LINE_SPACING, 0, (1, 1), "cp437"
        self._line, self._x = None, 0
        self._units = self._own_units

    def set_units(self, an_inch: int) -> None:
        """Count movements in so many units an inch from now on; 0 is the printer's own."""
        self._units = an_inch or self._own_units

    def rows_of(self, units: int) -> int:
        """Return the dot rows in so many units, cut off to whole rows."""
        return units * self._dpi // self._units

    @property
    def height(self) -> int:
        """Rows since the last cut."""
        return len(self._rows) // self._row_bytes

    @property
    def moved(self) -> int:
        """Rows since the printer was made."""
        return self._gone + self.height

    @property
    def too_long(self) -> bool:
        """True when no ticket is this long."""
        return self.height > _MOST_ROWS

    def feed(self, rows: int) -> None:
        """Move the paper without printing."""
        self._rows += bytes(self._row_bytes * rows)

    def dot_row(self, packed: bytes) -> None:
        """Print one packed row; dots past the right edge are lost, as on a real head."""
        spare = self.dots - len(packed) * 8
        shift = max(0, spare) * self.align // 2
        row = bytes(shift // 8) + packed
        self._rows += row[: self._row_bytes].ljust(self._row_bytes, b"\0")

    def put(self, picture: Image.Image) -> None:
        """Put a picture (mode `1`, 0 is black) into the unfinished line."""
        if self._line is None or self._line.height < picture.height:
            taller = Image.new("1", (self.dots, picture.height), 1)
            if self._line is not None:
                taller.paste(self._line, (0, taller.height - self._line.height))
            self._line = taller
        self._line.paste(picture, (self._x, self._line.height - picture.height))
        self._x += picture.width

    def picture(self, picture: Image.Image) -> None:
        """Print a stored picture (mode `1`, 0 is black) at once, where lines are aligned."""
        if self._line is not None:
            self.end_line()
        shown = picture.crop((0, 0, min(picture.width, self.dots), picture.height))
        whole = Image.new("1", (self.dots, shown.height), 1)
        whole.paste(shown, ((self.dots - shown.width) * self.align // 2, 0))
        self._rows += from_image(whole).rows

    def put_text(self, text: bytes) -> None:
        """Put characters into the unfinished line, wrapping at the edge; the look is ours, not a model's."""
        font = ImageFont.truetype(_FONT, 18, layout_engine=ImageFont.Layout.BASIC)
        across, down = self.scale
        for sign in text.decode(self.code_page, errors="replace"):
            cell = Image.new("1", (_CELL, _LINE), 1)
            ImageDraw.Draw(cell).text((_CELL // 2, 19), sign, font=font, fill=0, anchor="ms")
            if self._x + _CELL * across > self.dots:
                self.end_line()
            self.put(cell.resize((_CELL * across, _LINE * down), Image.Resampling.NEAREST))

    def end_line(self) -> None:
        """Print the unfinished line and move to the next."""
        line, used = self._line, self._x
        self._line, self._x = None, 0
        if line is None:
            self.feed(self.spacing)
            return
        moved = Image.new("1", line.size, 1)
        moved.paste(line, (max(0, self.dots - used) * self.align // 2, 0))
        self._rows += from_image(moved).rows
        self.feed(max(0, self.spacing - line.height))

    def cut(self) -> Raster | None:
        """Part the paper and return what fell, None where nothing was printed."""
        if self._line is not None:
            self.end_line()
        ticket = self.so_far()
        self._gone += self.height
        self._rows.clear()
        return ticket

    def so_far(self) -> Raster | None:
        """Return what is printed since the last cut, None where there is no dot."""
        rows = bytes(self._rows)  # one copy: another thread may look while the next row is printed
        return Raster(width=self.dots, height=len(rows) // self._row_bytes, rows=rows) if any(rows) else None
