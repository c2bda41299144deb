"""Drawings that show what to do: the card goes into the slot, the code under the scanner."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk_app.ui.theme import Theme

STEP_MS = 40
TRAVEL_STEPS = 5  # 200 ms of movement …
REST_STEPS = 40  # … then 1.6 s of rest, so that the eye can follow
WIDE, HIGH = 520.0, 420.0  # the drawings' own measures; scaled to the place they get


class MovingDrawing(QWidget):
    """Moves from start to end in 200 ms, rests, and begins again, only while it is seen."""

    LARGEST = 1.0  # times its own size, however much room there is

    def __init__(self, theme: Theme, told: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._step = 0
        self._phase = 1.0
        self._wanted = False
        self._timer = QTimer(self)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._advance)
        # As high as there is room: it shrinks before the page is scrolled.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.setMinimumSize(200, 160)
        self.setAccessibleName(told)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the drawing's own size."""
        return QSize(int(WIDE), int(HIGH))

    def start(self) -> None:
        """Move while shown."""
        self._wanted = True
        self._step = 0
        if self.isVisible():
            self._timer.start()

    def stop(self) -> None:
        """Stand still at the end of the movement."""
        self._wanted = False
        self._timer.stop()
        self.set_phase(1.0)

    def moving(self) -> bool:
        """Return whether the drawing moves now."""
        return self._timer.isActive()

    def set_phase(self, phase: float) -> None:
        """Show one moment of the movement, 0.0 start to 1.0 end."""
        phase = min(1.0, max(0.0, phase))
        if phase != self._phase:
            self._phase = phase
            self.update()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Go on moving when seen."""
        super().showEvent(event)
        if self._wanted:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Cost nothing while not seen."""
        self._timer.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the moment in the middle of the place."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        share = min(self.width() / WIDE, self.height() / HIGH, self.LARGEST)
        painter.translate((self.width() - WIDE * share) / 2, (self.height() - HIGH * share) / 2)
        painter.scale(share, share)
        self.draw_moment(painter, self._phase)
        painter.end()

    def draw_moment(self, painter: QPainter, phase: float) -> None:
        """Draw into 520 x 420 units."""
        raise NotImplementedError

    def _advance(self) -> None:
        self._step = (self._step + 1) % (TRAVEL_STEPS + REST_STEPS)
        self.set_phase(self._step / TRAVEL_STEPS)


class CardDrawing(MovingDrawing):
    """An identity card sinking into the reader's slot, or coming out of it."""

    outward = False
    """The card is to be taken out."""

    def turn(self, *, outward: bool) -> None:
        """Let the card go in, or out."""
        self.outward = outward
        self.update()

    def draw_moment(self, painter: QPainter, phase: float) -> None:
        """Draw the card over the slot, lower with the phase."""
        colour = self.theme.palette
        painter.save()
        painter.setClipRect(QRectF(0, 0, WIDE, 245))
        painter.translate(0, 20 - 40 * phase if self.outward else -20 + 40 * phase)
        self._draw_card(painter)
        painter.restore()
        painter.setPen(QPen(QColor(colour.edge), 4))
        painter.setBrush(QColor(colour.locked))
        painter.drawRoundedRect(QRectF(20, 250, 480, 150), 20, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.ink))
        painter.drawRoundedRect(QRectF(70, 236, 380, 28), 14, 14)
        pen = QPen(QColor(colour.main), 10)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        tip, wings = (300, 326) if self.outward else (366, 340)
        painter.drawLine(QPointF(260, 300), QPointF(260, 366))
        painter.drawPolyline([QPointF(234, wings), QPointF(260, tip), QPointF(286, wings)])

    def _draw_card(self, painter: QPainter) -> None:
        colour = self.theme.palette
        painter.setPen(QPen(QColor(colour.main), 5))
        painter.setBrush(QColor(colour.tint))
        painter.drawRoundedRect(QRectF(100, 22, 320, 212), 18, 18)
        painter.setPen(QPen(QColor(colour.gold), 4))
        painter.setBrush(QColor(colour.gold_tint))
        painter.drawRoundedRect(QRectF(130, 48, 56, 42), 8, 8)
        painter.setPen(QPen(QColor(colour.edge), 3))
        painter.setBrush(QColor(colour.card))
        painter.drawRoundedRect(QRectF(130, 112, 72, 92), 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour.edge))
        painter.drawEllipse(QPointF(166, 144), 17, 17)
        shoulders = QPainterPath(QPointF(141, 200))
        shoulders.cubicTo(QPointF(146, 172), QPointF(186, 172), QPointF(191, 200))
        painter.drawPath(shoulders)
        for x, y, wide in ((230, 120, 148), (230, 150, 108), (230, 180, 128)):
            painter.drawRoundedRect(QRectF(x, y, wide, 12), 6, 6)
        painter.setBrush(QColor(colour.main))
        painter.drawRoundedRect(QRectF(230, 57, 160, 14), 7, 7)


class QrDrawing(MovingDrawing):
    """A card whose square code moves under the scanner's frame, on a dark stage."""

    LARGEST = 1.5

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the dark stage under the drawing."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.palette.stage))
        painter.drawRoundedRect(QRectF(self.rect()), self.theme.shape.card, self.theme.shape.card)
        painter.end()
        super().paintEvent(event)

    def draw_moment(self, painter: QPainter, phase: float) -> None:
        """Draw the card, nearer to the frame with the phase."""
        painter.save()
        painter.translate(-36 * (1 - phase), 36 * (1 - phase))
        self._draw_card(painter)
        painter.restore()
        pen = QPen(QColor(self.theme.palette.stage_amber), 9)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        left, top, right, bottom, arm = 322.0, 98.0, 440.0, 216.0, 32.0
        for x, y, dx, dy in (
            (left, top, arm, arm),
            (right, top, -arm, arm),
            (left, bottom, arm, -arm),
            (right, bottom, -arm, -arm),
        ):
            painter.drawPolyline([QPointF(x + dx, y), QPointF(x, y), QPointF(x, y + dy)])

    def _draw_card(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.palette.stage_card))
        painter.drawRoundedRect(QRectF(66, 102, 380, 236), 20, 20)
        painter.setBrush(QColor(self.theme.palette.stage_shade))
        painter.drawRoundedRect(QRectF(86, 194, 78, 104), 8, 8)
        painter.setBrush(QColor(self.theme.palette.stage_lines))
        for y, wide in ((188, 130), (216, 170), (241, 130), (266, 156)):
            painter.drawRoundedRect(QRectF(184, y, wide, 10), 5, 5)
        painter.fillRect(QRectF(345, 121, 72, 72), QColor(self.theme.palette.stage))
        for x, y, px in ((353, 129, 20), (390, 129, 20), (353, 165, 20), (382, 156, 9), (398, 171, 12)):
            painter.fillRect(QRectF(x, y, px, px), QColor(self.theme.palette.stage_card))
