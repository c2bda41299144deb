"""Where a dossier is: stops one under the other, joined by a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.icons import icon as picture
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.text import Lettering

SIGNS = {"done": "circle-check", "now": "circle-dot", "later": "circle"}
LINE_PX = 8
GAP_PX = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of a dossier.

    Args:
        title: What happens there.
        detail: When, and at which office.
        state: done, now or later.
    """

    title: str
    detail: str = ""
    state: str = "later"


class Timeline(QWidget):
    """The way of a dossier: done in green, now in red, later in grey."""

    def __init__(self, theme: Theme, stops: Sequence[Stop], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._stops = tuple(stops)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(". ".join(f"{stop.title} {stop.detail}".strip() for stop in stops))

    def _left(self) -> int:
        return self._theme.size.icon_big + self._theme.space.block

    def _words(self, stop: Stop, width: int) -> tuple[Lettering, Lettering]:
        inner = max(1, width - self._left())
        kinds = self._theme.type
        return Lettering(stop.title, kinds.h2, inner), Lettering(stop.detail, kinds.body, inner)

    def _stop_height(self, stop: Stop, width: int) -> int:
        title, detail = self._words(stop, width)
        words = title.height + (detail.height if stop.detail else 0)
        return max(self._theme.size.icon_big, words) + self._gap()

    def _gap(self) -> int:
        return GAP_PX // 2 if self._theme.landscape else GAP_PX

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height in pixels at a width."""
        return sum(self._stop_height(stop, width) for stop in self._stops) - self._gap()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a usual width and its height."""
        return QSize(800, self.heightForWidth(800))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return a narrow width; words wrap."""
        return QSize(400, self._theme.size.icon_big)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the stops."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0
        for index, stop in enumerate(self._stops):
            high = self._stop_height(stop, self.width())
            self._draw_stop(painter, stop, top)
            if index + 1 < len(self._stops):
                self._draw_join(painter, stop, top, high)
            top += high
        painter.end()

    def _draw_stop(self, painter: QPainter, stop: Stop, top: int) -> None:
        colour = self._theme.palette
        sign = {"done": colour.ok, "now": colour.main, "later": colour.edge}[stop.state]
        ink = {"done": colour.ok, "now": colour.main, "later": colour.soft}[stop.state]
        title, detail = self._words(stop, self.width())
        painter.drawPixmap(0, top, picture(SIGNS[stop.state], sign, self._theme.size.icon_big))
        title.draw(painter, self._left(), top, ink)
        if stop.detail:
            detail.draw(painter, self._left(), top + title.height, colour.soft)

    def _draw_join(self, painter: QPainter, stop: Stop, top: int, high: int) -> None:
        colour, px = self._theme.palette, self._theme.size.icon_big
        pen = QPen(QColor(colour.ok if stop.state == "done" else colour.line), LINE_PX)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(px / 2, top + px + 4), QPointF(px / 2, top + high - 4))
