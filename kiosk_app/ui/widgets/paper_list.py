"""The papers of a dossier, each with a sign and a word: taken, now, still to come, not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.widgets.text import Lettering, measure

if TYPE_CHECKING:
    from kiosk_app.flow.steps import PaperView
    from kiosk_app.ui.theme import Theme

COLUMNS: Final = 3
BESIDE: Final = 3
"""In landscape as many papers stand beside the picture; more of them stand under it."""


def paper_words(paper: PaperView) -> str:
    """Return what is said under the title of a paper."""
    if paper.pages:
        return _("{n} trang").format(n=paper.pages)
    if paper.skipped:
        return _("không có")
    return "" if paper.required else _("nếu có")


class PaperChip(QWidget):
    """One paper: sign, title, and a few words on how far it is."""

    def __init__(self, theme: Theme, paper: PaperView) -> None:
        super().__init__()
        self._theme = theme
        self._paper = paper
        self._title = theme.type.label
        self._small = theme.type.small
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setObjectName(f"paper-{paper.name}")
        self._name()

    def show_paper(self, paper: PaperView) -> None:
        """Show how far the paper is now."""
        if paper != self._paper:
            self._paper = paper
            self._name()
            self.updateGeometry()
            self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Words wrap, so the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height in pixels at a width."""
        inner = self._inner(width)
        words = paper_words(self._paper)
        high = measure(self._paper.title, self._title, inner).height()
        high += measure(words, self._small, inner).height() if words else 0
        return max(self._theme.size.small_button, high + 2 * self._theme.space.rhythm)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a size that suits a third of the screen."""
        width = 300
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the chip."""
        del event
        colour, shape, space = self._theme.palette, self._theme.shape, self._theme.space
        now = self._paper.current
        border = shape.active_border if now else shape.hairline
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour.main if now else colour.line), border))
        painter.setBrush(QColor(colour.card))
        half = border / 2
        area = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(area, shape.button, shape.button)
        name, tint = self._sign()
        px = self._theme.size.icon
        sign = QRect(space.block, (self.height() - px) // 2, px, px)
        painter.drawPixmap(sign.topLeft(), picture(name, tint, px))
        self._draw_words(painter, sign.right() + space.rhythm * 2)
        painter.end()

    def _draw_words(self, painter: QPainter, left: int) -> None:
        inner = self._inner(self.width())
        title = Lettering(self._paper.title, self._title, inner)
        words = paper_words(self._paper)
        below = Lettering(words, self._small, inner) if words else None
        top = title.top_in(0, self.height(), below=below.height if below else 0)
        title.draw(painter, left, top, self._theme.palette.ink)
        if below:
            below.draw(painter, left, top + title.height, self._theme.palette.soft)

    def _inner(self, width: int) -> int:
        space = self._theme.space
        return max(1, width - 2 * space.block - self._theme.size.icon - 2 * space.rhythm)

    def _sign(self) -> tuple[str, str]:
        colour = self._theme.palette
        if self._paper.pages:
            return "circle-check", colour.ok
        if self._paper.current:
            return "scan-line", colour.main
        return ("circle-minus" if self._paper.skipped else "circle"), colour.edge

    def _name(self) -> None:
        states = [self._paper.title, paper_words(self._paper), _("đang chụp") if self._paper.current else ""]
        self.setAccessibleName(", ".join(part for part in states if part))


class PaperList(QWidget):
    """All papers; side by side where there is room, else one under the other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._chips: dict[str, PaperChip] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.space.rhythm * 2)

    def show_papers(self, papers: tuple[PaperView, ...]) -> None:
        """Show the papers; chips are made anew only when the list itself changed."""
        if tuple(self._chips) != tuple(paper.name for paper in papers):
            self._rebuild(papers)
        for paper in papers:
            self._chips[paper.name].show_paper(paper)

    def _rebuild(self, papers: tuple[PaperView, ...]) -> None:
        for chip in self._chips.values():
            self._grid.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {paper.name: PaperChip(self._theme, paper) for paper in papers}
        narrow = self._theme.landscape and len(papers) <= BESIDE
        columns = min(COLUMNS, max(1, len(papers))) if self._theme.wide and not narrow else 1
        for place, chip in enumerate(self._chips.values()):
            self._grid.addWidget(chip, place // columns, place % columns)
