"""The ring around what the keyboard would press now."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from kiosk_app.ui.theme import Theme

KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)
_FOLLOWED = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show)


class FocusRing(QWidget):
    """Lies over the window and frames one widget from outside; touches go through it."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._theme = theme
        self._target: QWidget | None = None
        self._followed: list[QWidget] = []
        self.setObjectName("focus_ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self, target: QWidget) -> None:
        """Frame a widget, wherever its layout or a scrolled page moves it."""
        self.leave()
        self._target = target
        target.destroyed.connect(self._lose)  # a screen may be deleted without being hidden first
        above: QWidget | None = target
        while above is not None and above is not self.parentWidget():
            above.installEventFilter(self)
            self._followed.append(above)
            above = above.parentWidget()
        self._place()

    def leave(self) -> None:
        """Frame nothing."""
        if self._target is not None and isValid(self._target):
            self._target.destroyed.disconnect(self._lose)
        for widget in self._followed:
            if isValid(widget):
                widget.removeEventFilter(self)
        self._followed.clear()
        self._target = None
        self.hide()

    def _lose(self) -> None:
        self._target = None
        # Its window may be half destroyed now; the ring goes at the next turn of the event loop.
        QTimer.singleShot(0, self, self.hide)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Move with the framed widget."""
        del watched
        if event.type() in _FOLLOWED:
            self._place()
        return False

    def _place(self) -> None:
        window = self.parentWidget()
        if window is None or self._target is None or not self._target.isVisible():
            self.hide()
            return
        reach = self._theme.space.focus_gap + self._theme.shape.focus_ring
        corner = self._target.mapTo(window, QPoint(0, 0))
        area = QRect(corner, self._target.size()).adjusted(-reach, -reach, reach, reach)
        self.setGeometry(area.intersected(window.rect()))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the ring."""
        del event
        wide = self._theme.shape.focus_ring
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.palette.focus), wide))
        radius = self._theme.shape.button + wide
        inner = QRectF(self.rect()).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2)
        painter.drawRoundedRect(inner, radius, radius)
        painter.end()


def ring_gained(theme: Theme, widget: QWidget, reason: Qt.FocusReason) -> None:
    """Frame a widget the keyboard went to; a touch shows no ring."""
    window = widget.window()
    ring = window.findChild(FocusRing, "focus_ring")
    if reason in KEYBOARD_REASONS:
        (ring or FocusRing(theme, window)).follow(widget)
    elif ring is not None:
        ring.leave()


def ring_lost(widget: QWidget) -> None:
    """Take the ring away when the focus leaves."""
    ring = widget.window().findChild(FocusRing, "focus_ring")
    if ring is not None:
        ring.leave()
