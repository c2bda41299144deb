"""A QR code on the screen, for the day the printer has no paper."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

QUIET_MODULES = 4  # the white margin a reader needs. Source: ISO/IEC 18004, 9.1
DARK = "#000000"  # not of the theme: a phone reads black on white only, in high contrast too
LIGHT = "#FFFFFF"


def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the code of a text, row by row, True for dark; the quiet margin is not included."""
    import segno

    code = segno.make_qr(text, error="m")
    return tuple(tuple(bool(cell) for cell in row) for row in code.matrix)


class QrPicture(QWidget):
    """Draws one code as large as its side allows, every module the same number of pixels."""

    def __init__(self, text: str, *, side_px: int, label: str) -> None:
        super().__init__()
        self._rows = modules(text)
        self._side_px = side_px
        self.setAccessibleName(label)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(side_px, side_px)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the square the code stands in."""
        return QSize(self._side_px, self._side_px)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the modules."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(LIGHT))
        count = len(self._rows) + 2 * QUIET_MODULES
        cell = max(1, self._side_px // count)
        start = (self._side_px - cell * len(self._rows)) // 2
        dark = QColor(DARK)
        for y, row in enumerate(self._rows):
            for x, filled in enumerate(row):
                if filled:
                    painter.fillRect(QRect(start + x * cell, start + y * cell, cell, cell), dark)
        painter.end()
