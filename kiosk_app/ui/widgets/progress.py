"""How far something is."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.theme import TextStyle, Theme
from kiosk_app.ui.widgets.text import Lettering, measure


class ProgressLine(QWidget):
    """How far something is: a bar, words, and the share in per cent."""

    BAR_PX = 28

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share = 0.0
        self._words = ""
        self._percent = True
        self._style: TextStyle = theme.type.label
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_progress(self, share: float, words: str = "", *, percent: bool = True) -> None:
        """Show how far it is.

        Args:
            share: 0.0 to 1.0.
            words: What is being done; without words only the bar is drawn.
            percent: Whether the share stands at the right as a number.
        """
        if bool(words) != bool(self._words):
            self.updateGeometry()
        self._share = min(1.0, max(0.0, share))
        self._words, self._percent = words, percent
        self.setAccessibleName(f"{words} {round(self._share * 100)} %".strip())
        self.update()

    def share(self) -> float:
        """Return the share shown, 0.0 to 1.0."""
        return self._share

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the height of bar and words."""
        words = measure("A", self._style).height() + self._theme.space.rhythm if self._words else 0
        return QSize(400, self.BAR_PX + words)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height at any width."""
        return QSize(100, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the bar, the words and the number."""
        del event
        colour, half = self._theme.palette, self.BAR_PX / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.line if self._theme.contrast else colour.locked))
        painter.drawRoundedRect(QRectF(0, 0, self.width(), self.BAR_PX), half, half)
        if self._share > 0:
            painter.setBrush(QColor(colour.main))
            wide = max(float(self.BAR_PX), self.width() * self._share)
            painter.drawRoundedRect(QRectF(0, 0, wide, self.BAR_PX), half, half)
        if self._words:
            top = self.BAR_PX + self._theme.space.rhythm
            number = f"{round(self._share * 100)} %" if self._percent else ""
            right = Lettering(number, self._style, self.width())
            Lettering(self._words, self._style, self.width()).draw(painter, 0, top, colour.ink)
            right.draw(painter, self.width() - right.width, top, colour.ink)
        painter.end()
