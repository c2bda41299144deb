"""The touch grid: one circle after the other lights up, and where the finger is felt is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from kiosk_app.flow.touch_grid import Felt, TouchTrial, grid, shape
from kiosk_app.i18n import _
from kiosk_app.ui.theme import font

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent, QShowEvent

    from kiosk_app.flow.touch_grid import Point, Spot
    from kiosk_app.ui.theme import Theme

WAIT_MS: Final = 5000
"""A spot that nothing was felt for is passed over: nobody can press a button there."""
GIVE_UP: Final = 4
"""So many spots without any touch at all, and the rest would not be felt either."""
RADIUS_PX: Final = 44
_DOT_PX: Final = 9


class TouchPanel(QWidget):
    """Covers a screen until its grid was tried.

    Args:
        look: Colours and letters.
        parent: What it covers; None for a window of its own.
        wait_ms: Milliseconds that a spot waits for its touch.
    """

    tried = Signal(object)
    """Carries one `TouchTrial`, once."""

    def __init__(self, look: Theme, parent: QWidget | None = None, *, wait_ms: int = WAIT_MS) -> None:
        super().__init__(parent)
        self.setObjectName("touch-panel")
        self._look = look
        self._felt: list[Felt] = []
        self._spots: tuple[Spot, ...] = ()
        self._patience = QTimer(self)
        self._patience.setInterval(wait_ms)
        self._patience.timeout.connect(lambda: self._keep(None))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin with the left upper corner."""
        super().showEvent(event)
        self._spots = grid(landscape=self.width() > self.height())
        self._patience.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Keep where a finger (or a mouse) was felt."""
        at = event.position()
        self._keep((at.x() / self.width(), at.y() / self.height()))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the spot to touch, what was felt so far, and what to do."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._look.palette
        painter.fillRect(self.rect(), QColor(palette.ground))
        self._draw_words(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.ok))
        for one in self._felt:
            if one.at is not None:
                painter.drawEllipse(self._point(one.at), _DOT_PX, _DOT_PX)
        spot = self._current()
        if spot is not None:
            self._draw_spot(painter, self._point(spot.at))

    def _draw_words(self, painter: QPainter) -> None:
        """Write between two rows of spots, where none of them lies."""
        rows, _columns = shape(landscape=self.width() > self.height())
        ys = sorted({spot.at[1] for spot in self._spots})
        if len(ys) < rows:
            return
        above = (rows - 1) // 2 - 1
        top, bottom = (ys[above + at] * self.height() + (1 - 2 * at) * RADIUS_PX for at in (0, 1))
        middle = (top + bottom) / 2
        side = self.width() * 0.06
        ink = QColor(self._look.palette.ink)
        painter.setPen(QPen(ink))
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter
        left = len(self._spots) - len(self._felt)
        for letters, box, place, words in (
            (self._look.type.h2, (top, middle), Qt.AlignmentFlag.AlignBottom, _("Chạm vào vòng tròn")),
            (
                self._look.type.body,
                (middle, bottom),
                Qt.AlignmentFlag.AlignTop,
                _("Còn {n} ô. Không chạm được thì chờ, máy tự sang ô khác.").format(n=left),
            ),
        ):
            painter.setFont(font(letters))
            area = QRectF(side, box[0], self.width() - 2 * side, box[1] - box[0])
            painter.drawText(area, int(wrap | place), words)

    def _draw_spot(self, painter: QPainter, at: QPointF) -> None:
        palette = self._look.palette
        painter.setPen(QPen(QColor(palette.main_dark), 4))
        painter.setBrush(QColor(palette.main))
        painter.drawEllipse(at, RADIUS_PX, RADIUS_PX)
        painter.setPen(QPen(QColor(palette.on_main), 4))
        arm = RADIUS_PX * 0.45
        painter.drawLine(at - QPointF(arm, 0), at + QPointF(arm, 0))
        painter.drawLine(at - QPointF(0, arm), at + QPointF(0, arm))

    def _point(self, at: Point) -> QPointF:
        return QPointF(at[0] * self.width(), at[1] * self.height())

    def _current(self) -> Spot | None:
        return self._spots[len(self._felt)] if len(self._felt) < len(self._spots) else None

    def _keep(self, at: Point | None) -> None:
        spot = self._current()
        if spot is None:
            return
        self._felt.append(Felt(spot=spot, at=at))
        nothing = len(self._felt) >= GIVE_UP and all(one.at is None for one in self._felt)
        if nothing or self._current() is None:
            self._patience.stop()
            self._spots = self._spots[: len(self._felt)]
            self.tried.emit(TouchTrial(size_px=(self.width(), self.height()), felt=tuple(self._felt)))
            return
        self._patience.start()
        self.update()
