"""A drawing of the slip moving under the code reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF

from kiosk_app.i18n import _
from kiosk_app.ui.theme import LIGHT  # paper is white and its words are grey in both palettes
from kiosk_app.ui.widgets.drawing import WIDE, MovingDrawing

if TYPE_CHECKING:
    from kiosk_app.ui.theme import Theme

SLIP: Final = QRectF((WIDE - 240) / 2, 12, 240, 396)
TEETH: Final = 16
TRAVEL: Final = 60.0
"""How far below its place the slip begins to move, in units of the drawing."""
CODE: Final = QRectF((WIDE - 132) / 2, 138, 132, 132)
_BARS: Final = ((36, 26, 168, 14), (66, 56, 108, 34), (36, 318, 168, 10), (36, 342, 132, 10))
"""Left, top, width and height of the lines that stand for words, from the corner of the slip."""
_CELLS: Final = (
    (0.1, 0.1, 0.28),
    (0.62, 0.1, 0.28),
    (0.1, 0.62, 0.28),
    (0.52, 0.5, 0.12),
    (0.72, 0.72, 0.18),
)
"""Left, top and side of the light fields of the code, as shares of its side."""


class ReceiptDrawing(MovingDrawing):
    """The slip on the dark stage, its code moving into the frame: what to hold where."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, _("Hình vẽ: đưa mã vuông trên giấy hẹn vào khung"))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size in which the code can be made out; it grows into all room there is."""
        return QSize(520, 320)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the dark stage under the drawing."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.palette.stage))
        painter.drawRoundedRect(self.rect(), self.theme.shape.card, self.theme.shape.card)
        painter.end()
        super().paintEvent(event)

    def draw_moment(self, painter: QPainter, phase: float) -> None:
        """Draw the slip on its way up, and the frame that stays."""
        painter.save()
        painter.translate(0, TRAVEL * (1.0 - phase))
        _draw_slip(painter)
        _draw_code(painter)
        painter.restore()
        _draw_frame(painter, self.theme.palette.stage_amber)


def _draw_slip(painter: QPainter) -> None:
    step = SLIP.width() / TEETH
    outline = [SLIP.topLeft(), SLIP.topRight()]
    for tooth in range(TEETH + 1):
        rise = 0.0 if tooth % 2 else step
        outline.append(QPointF(SLIP.right() - tooth * step, SLIP.bottom() - rise))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(LIGHT.card))
    painter.drawPolygon(QPolygonF(outline))
    painter.setBrush(QColor(LIGHT.line))
    for left, top, width, height in _BARS:
        bar = QRectF(SLIP.left() + left, SLIP.top() + top, width, height)
        painter.drawRoundedRect(bar, height / 2, height / 2)


def _draw_code(painter: QPainter) -> None:
    painter.fillRect(CODE, QColor(LIGHT.ink))
    side = CODE.width()
    for left, top, share in _CELLS:
        corner = CODE.topLeft() + QPointF(left * side, top * side)
        painter.fillRect(QRectF(corner.x(), corner.y(), share * side, share * side), QColor(LIGHT.card))


def _draw_frame(painter: QPainter, colour: str) -> None:
    pen = QPen(QColor(colour), 9)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    around, reach = CODE.adjusted(-24, -24, 24, 24), 38.0
    for corner, dx, dy in (
        (around.topLeft(), reach, reach),
        (around.topRight(), -reach, reach),
        (around.bottomLeft(), reach, -reach),
        (around.bottomRight(), -reach, -reach),
    ):
        painter.drawPolyline([corner + QPointF(0, dy), corner, corner + QPointF(dx, 0)])
