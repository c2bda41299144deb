"""What every button of the kiosk does alike: lip, press, focus ring, keyboard."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.focus import ring_gained, ring_lost
from kiosk_app.ui.widgets.text import plain

LEAST_TRAVEL = 2  # what a part without a lip moves when pressed, in pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How a button looks in one state."""

    ground: str
    ink: str
    border: str = ""
    border_px: int = 0
    lip: str = ""
    lip_px: int = 0
    radius: int = 0


def draw_face(painter: QPainter, area: QRect, face: Face) -> None:
    """Draw ground, border and lip of a part into an area in pixels."""
    painter.setPen(Qt.PenStyle.NoPen)
    if face.lip_px:
        painter.setBrush(QColor(face.lip))
        painter.drawRoundedRect(QRectF(area), face.radius, face.radius)
    body = QRectF(area.adjusted(0, 0, 0, -face.lip_px))
    if face.border_px:
        half = face.border_px / 2
        body = body.adjusted(half, half, -half, -half)
        painter.setPen(QPen(QColor(face.border), face.border_px))
    painter.setBrush(QColor(face.ground))
    painter.drawRoundedRect(body, face.radius, face.radius)


class Pressable(QAbstractButton):
    """A button that paints itself; children give it a face and a content.

    Pressed, the lip goes and the part moves down by it, for at least 80 ms, so that even the
    quickest touch is seen.
    """

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.reason = ""
        self._held = False
        self._heights: dict[int, int] = {}  # by width: layouts ask many times for the same
        self._widths: tuple[int, int] | None = None
        self._let_go = QTimer(self)
        self._let_go.setSingleShot(True)
        self._let_go.setInterval(theme.motion.press)
        self._let_go.timeout.connect(self._rise)
        self.pressed.connect(self._sink)
        # a slot of Python: of one of Qt's own PySide keeps 64 bytes for ever, at each connection
        self.released.connect(self._stay_down)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a touch leaves the caret where it is
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show other words."""
        self.setText(text)
        self._name()
        self.remeasure()

    def set_reason(self, reason: str) -> None:
        """Say why the button cannot be pressed; shown while it is disabled."""
        self.reason = reason
        self._name()
        self.remeasure()

    def remeasure(self) -> None:
        """Forget the sizes after the content changed, and draw anew."""
        self._heights.clear()
        self._widths = None
        self.updateGeometry()
        self.update()

    def spoken(self) -> str:
        """Return what a screen reader says."""
        return plain(self.text())

    def face(self) -> Face:
        """Return how the button looks now."""
        raise NotImplementedError

    def height_at(self, width: int) -> int:
        """Return the height in pixels the content needs at a width."""
        raise NotImplementedError

    def widths(self) -> tuple[int, int]:
        """Return the least width and the width without any wrapping, in pixels."""
        raise NotImplementedError

    def draw_content(self, painter: QPainter, area: QRect, face: Face) -> None:
        """Draw the content into the body of the button."""
        raise NotImplementedError

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Words wrap, so the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """Return the height in pixels at a width."""
        if width not in self._heights:
            self._heights[width] = self.height_at(width)
        return self._heights[width]

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size without wrapping."""
        width = self.known_widths()[1]
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least width and the height at the full width."""
        least, full = self.known_widths()
        return QSize(least, self.heightForWidth(full))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Measure anew when the reason for being disabled comes or goes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.remeasure()

    def known_widths(self) -> tuple[int, int]:
        """Return `widths`, measured once for these words."""
        if self._widths is None:
            self._widths = self.widths()
        return self._widths

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the button in its present state."""
        del event
        face = self.face()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.rect()
        if self._held or self.isDown():
            area.setTop(area.top() + max(face.lip_px, LEAST_TRAVEL))
            face = _without_lip(face)
        draw_face(painter, area, face)
        self.draw_content(painter, area.adjusted(0, 0, 0, -face.lip_px), face)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Let Enter press as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Show the ring when the keyboard came here."""
        ring_gained(self.theme, self, event.reason())
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Take the ring away."""
        ring_lost(self)
        super().focusOutEvent(event)

    def _name(self) -> None:
        self.setAccessibleName(self.spoken())
        self.setAccessibleDescription(self.reason)

    def _sink(self) -> None:
        self._let_go.stop()
        self._held = True
        self.update()

    def _stay_down(self) -> None:
        self._let_go.start()

    def _rise(self) -> None:
        self._held = False
        self.update()


def _without_lip(face: Face) -> Face:
    return Face(
        ground=face.ground,
        ink=face.ink,
        border=face.border,
        border_px=face.border_px,
        radius=face.radius,
    )
