"""Words on the screen: wrapped, with bold runs, never cut at a stacked diacritic."""

import re
from math import ceil

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kiosk_app.ui.theme import TextStyle, Theme, font

ASCENT = 1.25  # a capital with two marks (Ẳ, Ễ) reaches 1.23 of the size above the baseline
DESCENT = 0.28  # ỵ and ự reach 0.253 below it
FIGURES = 1.1  # height of a line of figures as a share of the size
CAPITAL = 0.72  # height of capitals and figures as a share of the size
LOW = ASCENT - (ASCENT + DESCENT + CAPITAL) / 2  # how much lower than their box capitals stand
BOLDER = 300  # what a bold run weighs more than its neighbours
_MARK = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
UNBOUND = 16_000  # wider than any screen
MAY_BREAK = "\u200b"
"""Where a long word may wrap (U+200B, zero width space)."""
LEAST = 0  # as narrow as the longest word


def plain(text: str) -> str:
    """Return the words without the marks of bold runs, as they are read out."""
    return _MARK.sub(r"\1", text)


def lowered(style: TextStyle) -> int:
    """Return how many pixels lower than an icon beside them words of a style seem to stand."""
    return round(style.px * LOW)


class Lettering:
    """One wrapped paragraph, laid out for a width and ready to be drawn."""

    def __init__(
        self, text: str, style: TextStyle, width: int, *, weight: int | None = None, bold_colour: str = ""
    ) -> None:
        self._style = style
        self._pitch = style.px * style.line_height
        self._layout = QTextLayout(plain(text).replace("\n", "\u2028"), font(style, weight=weight))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self._layout.setFormats(_bold_runs(text, weight or style.weight, bold_colour))
        self._break_lines(width)
        lines = max(1, self._layout.lineCount())
        self.height = ceil((lines - 1) * self._pitch + style.px * (ASCENT + DESCENT))
        self.width = self._natural_width()

    def top_in(self, top: int, height: int, *, below: int = 0) -> int:
        """Return where to draw the words so that their capitals, not their marks, stand in the middle.

        Args:
            top: Top edge of the place in pixels.
            height: Its height in pixels.
            below: Height in pixels of what stands under the words in the same place.
        """
        spare = (height - self.height - below) // 2
        return top + spare - min(lowered(self._style), max(0, spare))

    @property
    def lines(self) -> int:
        """How many lines the words take."""
        return self._layout.lineCount()

    def _break_lines(self, width: int) -> None:
        self._layout.beginLayout()
        y = self._style.px * ASCENT
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, y - line.ascent()))
            y += self._pitch
        self._layout.endLayout()

    def _natural_width(self) -> int:
        widths = [self._layout.lineAt(i).naturalTextWidth() for i in range(self._layout.lineCount())]
        return round(max(widths, default=0) + 0.5)

    def draw(self, painter: QPainter, x: int, y: int, colour: str, *, centred_in: int = 0) -> None:
        """Draw the words.

        Args:
            painter: Where to.
            x: Left edge in pixels.
            y: Top edge in pixels.
            colour: ``#rrggbb``.
            centred_in: Width in pixels to centre each line in; 0 keeps them at the left.
        """
        painter.setPen(QColor(colour))
        for index in range(self._layout.lineCount()):
            line = self._layout.lineAt(index)
            shift = max(0.0, (centred_in - line.naturalTextWidth()) / 2) if centred_in else 0.0
            line.draw(painter, QPointF(x + shift, y))


def _bold_runs(text: str, weight: int, colour: str) -> list[QTextLayout.FormatRange]:
    runs: list[QTextLayout.FormatRange] = []
    removed = 0
    for found in _MARK.finditer(text):
        run = QTextLayout.FormatRange()
        run.start = _utf16(text[: found.start()]) - removed
        run.length = _utf16(found.group(1))
        look = QTextCharFormat()
        look.setFontWeight(QFont.Weight(min(weight + BOLDER, 800) // 100 * 100))
        if colour:
            look.setForeground(QColor(colour))
        run.format = look
        runs.append(run)
        removed += 4
    return runs


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def measure(text: str, style: TextStyle, width: int = UNBOUND, *, weight: int | None = None) -> QSize:
    """Return the size words take when wrapped at a width in pixels."""
    made = Lettering(text, style, max(1, width), weight=weight)
    return QSize(made.width, made.height)


def breakable(address: str) -> str:
    """Return an address that may wrap behind each of its marks; it looks the same."""
    return "".join(f"{sign}{MAY_BREAK}" if sign in "/.-:_" else sign for sign in address)


def word_width(text: str, style: TextStyle, *, weight: int | None = None) -> int:
    """Return the width in pixels of the longest single word, below which words would break."""
    words = plain(text).replace(MAY_BREAK, " ").split() or [""]
    letters = QFontMetricsF(font(style, weight=weight))
    return max(ceil(letters.horizontalAdvance(word)) for word in words) + 1


class Text(QLabel):
    """A paragraph in one of the roles of the type scale; ``**bold**`` marks a heavier run."""

    def __init__(
        self,
        theme: Theme,
        role: str,
        text: str = "",
        *,
        colour: str = "ink",
        bold_colour: str = "",
        centred: bool = False,
        figures: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figures = figures  # no marks above, so no room for them
        self.role = role
        self._style = theme.type.style(role)
        self._colour = colour
        self._bold_colour = bold_colour
        self._centred = centred
        self._marked = ""
        self._laid: Lettering | None = None
        self._laid_width = -1
        self._sizes: dict[int, QSize] = {}  # by width; kept here, so that words go with their widget
        self.setTextFormat(Qt.TextFormat.PlainText)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show other words."""
        self._marked = text
        self._laid = None
        self._sizes.clear()
        self.setText(plain(text))
        self.updateGeometry()
        self.update()

    def set_colour(self, name: str) -> None:
        """Draw the words in another colour of the palette, given by its name."""
        self._colour = name
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Words wrap, so the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height in pixels the words take at a width."""
        return self._size_at(width).height()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the words on one line."""
        return self._size_at(UNBOUND)

    def _size_at(self, width: int) -> QSize:
        whole = self._sizes.get(UNBOUND)
        if whole is not None and whole.width() <= width:
            return whole  # nothing wraps
        if width not in self._sizes:
            size = measure(self._marked, self._style, width)
            if self._figures:
                size.setHeight(round(self._style.px * FIGURES))
            self._sizes[width] = size
        return self._sizes[width]

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the width of the longest word and the height of one line."""
        if LEAST not in self._sizes:
            high = FIGURES if self._figures else ASCENT + DESCENT
            self._sizes[LEAST] = QSize(word_width(self._marked, self._style), ceil(self._style.px * high))
        return self._sizes[LEAST]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the words."""
        del event
        if self._laid is None or self._laid_width != self.width():
            bold = self._theme.palette.colour(self._bold_colour) if self._bold_colour else ""
            self._laid = Lettering(self._marked, self._style, self.width(), bold_colour=bold)
            self._laid_width = self.width()
        painter = QPainter(self)
        top = max(0, self._laid.top_in(0, self.height()))
        if self._figures:
            top = round(self.height() / 2 - self._style.px * (ASCENT - CAPITAL / 2))
        colour = self._theme.palette.colour(self._colour)
        self._laid.draw(painter, 0, top, colour, centred_in=self.width() if self._centred else 0)
        painter.end()
