"""The number on the last screen, to be read from the bench."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.theme import TextStyle, Theme, font
from kiosk_app.ui.widgets.notices import Card
from kiosk_app.ui.widgets.text import ASCENT, CAPITAL, Lettering, Text, plain

AIR = 0.3  # above and below the figures, as a share of their size
LEAST_WIDTH = 400


class _Figures(QWidget):
    """Figures without marks: drawn in a box as high as they are."""

    def __init__(self, theme: Theme, number: str) -> None:
        super().__init__()
        self._theme = theme
        self._number = number
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(number)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Many figures are smaller, and then so is their place."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height in pixels of the figures at a width, with a little air."""
        return round(self._style_at(width).px * (CAPITAL + AIR))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least width, and the height of the figures there."""
        return QSize(LEAST_WIDTH, self.heightForWidth(LEAST_WIDTH))

    def _style_at(self, width: int) -> TextStyle:
        style = self._theme.type.number
        wide = QFontMetricsF(font(style)).horizontalAdvance(self._number)
        if wide <= width:
            return style
        return TextStyle(px=int(style.px * width / wide), weight=style.weight)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the same height."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the figures, smaller when there are many."""
        del event
        style = self._style_at(self.width())
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
        self.body.addStretch(1)
        self.body.addWidget(Text(theme, "lead", above, colour="soft", centred=True))
        self.body.addWidget(_Figures(theme, number))
        self.body.addWidget(Text(theme, "h2", below, centred=True, bold_colour="main"))
        if small:
            self.body.addWidget(Text(theme, "lead", small, colour="soft", centred=True))
        self.body.addStretch(1)
        self.setAccessibleName(plain(f"{above} {number}. {below}. {small}"))
