"""The number on the last screen, to be read from the bench."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.theme import TextStyle, Theme, font
from kiosk_app.ui.widgets.notices import Card
from kiosk_app.ui.widgets.text import ASCENT, CAPITAL, Lettering, Text, plain


class _Figures(QWidget):
    """Figures without marks: drawn in a box as high as they are."""

    def __init__(self, theme: Theme, number: str) -> None:
        super().__init__()
        self._theme = theme
        self._number = number
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(number)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the figures with a little air."""
        return QSize(400, round(self._theme.type.number.px * (CAPITAL + 0.26)))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the figures, smaller when there are many."""
        del event
        style = self._theme.type.number
        wide = QFontMetricsF(font(style)).horizontalAdvance(self._number)
        if wide > self.width():
            style = TextStyle(px=int(style.px * self.width() / wide), weight=style.weight)
        words = Lettering(self._number, style, self.width() + 16)
        painter = QPainter(self)
        baseline = (self.height() + style.px * CAPITAL) / 2
        top = round(baseline - style.px * ASCENT)
        words.draw(painter, 0, top, self._theme.palette.main, centred_in=self.width())
        painter.end()


class BigNumber(Card):
    """A card with the number, what it is, where to go and how long it takes."""

    def __init__(
        self,
        theme: Theme,
        above: str,
        number: str,
        below: str,
        small: str = "",
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self.body.setSpacing(0)
        self.body.addSpacing(theme.space.rhythm)
        self.body.addWidget(Text(theme, "lead", above, colour="soft", centred=True))
        self.body.addWidget(_Figures(theme, number))
        self.body.addWidget(Text(theme, "h2", below, centred=True, bold_colour="main"))
        if small:
            self.body.addWidget(Text(theme, "lead", small, colour="soft", centred=True))
        self.setAccessibleName(plain(f"{above} {number}. {below}. {small}"))
