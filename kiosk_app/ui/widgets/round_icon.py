"""One large icon on a tinted disc, over screens that only speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.icons import icon

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from kiosk_app.ui.theme import Theme


class RoundIcon(QWidget):
    """A disc with an icon in its middle; it says nothing that the words below do not say."""

    def __init__(self, theme: Theme, name: str, *, colour: str = "main", ground: str = "tint") -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._colour = colour
        self._ground = ground
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the disc in pixels: twice the box of a tile's icon."""
        side = 2 * self._theme.size.icon_box + self._theme.space.rhythm
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the disc and the icon."""
        del event
        palette = self._theme.palette
        side = min(self.width(), self.height())
        glyph = side // 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.colour(self._ground)))
        left, top = (self.width() - side) / 2, (self.height() - side) / 2
        painter.drawEllipse(QRectF(left, top, side, side))
        picture = icon(self._name, palette.colour(self._colour), glyph)
        painter.drawPixmap(round(left + (side - glyph) / 2), round(top + (side - glyph) / 2), picture)
        painter.end()
