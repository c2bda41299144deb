"""A page longer than its place: dragged by the finger, or moved by two large buttons."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kiosk_app.i18n import _
from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.buttons import SecondaryButton

DRAG_PX = 16  # less is a trembling finger
PAGE_SHARE = 0.8  # how much of what is seen one press of a button moves
OUTSIDE = QPointF(-9999, -9999)
TAKES_DRAGS = "takes-drags"  # property of a widget on which dragging means something else than scrolling


class ScrollColumn(QWidget):
    """A column of widgets; put them into ``body``."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pressed_at: QPoint | None = None
        self._start_value = 0
        self._dragging = False
        self._allowed = True
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.viewport().setAutoFillBackground(False)
        self._content = QWidget()
        self._content.setObjectName("column")
        self.body = QVBoxLayout(self._content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(theme.space.block)
        self._area.setWidget(self._content)
        self._content.setAutoFillBackground(False)
        self._up = SecondaryButton(theme, _("Lên"), icon="chevron-up", small=True)
        self._down = SecondaryButton(theme, _("Xuống"), icon="chevron-down", small=True)
        self._buttons = self._button_row()
        self._fitting = False
        self._content.installEventFilter(self)
        self._area.verticalScrollBar().valueChanged.connect(self._mark_ends)
        self._area.verticalScrollBar().rangeChanged.connect(self._mark_ends)

    def allow_buttons(self, *, allowed: bool) -> None:
        """Leave the two buttons away while a pad needs the room; dragging still moves the page."""
        self._allowed = allowed
        self._fit()

    def reveal(self, widget: QWidget) -> None:
        """Scroll until a widget of the column is seen whole."""
        self._content.ensurePolished()
        self._fit()  # rows just added have their place before anybody looks for them
        self._lay_out_above(widget)
        if widget.height() > self._area.viewport().height():
            # Too high to be seen whole: its beginning.
            self._area.verticalScrollBar().setValue(widget.mapTo(self._content, QPoint(0, 0)).y())
            return
        self._area.ensureWidgetVisible(widget, 0, min(self._theme.space.block, self._spare(widget)))

    def to_top(self) -> None:
        """Show the beginning of the page."""
        self._area.verticalScrollBar().setValue(0)

    def _lay_out_above(self, widget: QWidget) -> None:
        above: list[QWidget] = []
        place = widget.parentWidget()
        while place is not None and place is not self:
            above.insert(0, place)
            place = place.parentWidget()
        for part in above:
            layout = part.layout()
            if layout is not None:
                layout.activate()

    def _spare(self, widget: QWidget) -> int:
        return max(0, (self._area.viewport().height() - widget.height()) // 2)

    def position(self) -> int:
        """Return how far the page is moved up, in pixels."""
        return self._area.verticalScrollBar().value()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow what the column holds, and the finger on any part of it."""
        if watched is self._content and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._watch_parts()
            self._fit()
        if isinstance(event, QMouseEvent):
            return self._follow(watched, event)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Show the buttons only where something lies outside."""
        super().resizeEvent(event)
        self._fit()

    def _button_row(self) -> QWidget:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(self._theme.space.block)
        for button, share in ((self._up, -PAGE_SHARE), (self._down, PAGE_SHARE)):
            line.addWidget(button)
            button.clicked.connect(self._up_page if share < 0 else self._down_page)
        row.hide()
        return row

    def _up_page(self) -> None:
        self._move(-1)

    def _down_page(self) -> None:
        self._move(1)

    def _move(self, way: int) -> None:
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + way * round(self._area.viewport().height() * PAGE_SHARE))

    def _watch_parts(self) -> None:
        for part in self._content.findChildren(QWidget):
            if not part.property(TAKES_DRAGS):
                part.installEventFilter(self)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of what the column holds."""
        return self._content.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Whatever is too high is scrolled, but the box being typed into is seen whole."""
        return QSize(0, self._theme.size.field + self._theme.space.block)

    def _fit(self) -> None:
        """Place the page and, where something lies outside, the two buttons: at once, nothing jumps."""
        if self._fitting:
            return
        self._fitting = True
        width, height = self.width(), self.height()
        needed = self._needed(width)
        scrolled = needed > height
        shown = scrolled and self._allowed
        row = self._buttons.sizeHint().height()
        seen = max(0, height - row - self._theme.space.block) if shown else height
        self._area.setGeometry(0, 0, width, seen)
        self._content.resize(width, max(needed, seen))
        self._buttons.setGeometry(0, height - row, width, row)
        self._buttons.setVisible(shown)
        self._mark_ends()
        self._fitting = False

    def _needed(self, width: int) -> int:
        """Return the height in pixels the page takes."""
        if not self.body.hasHeightForWidth():
            return self.body.minimumSize().height()
        return max(self.body.heightForWidth(width), self.body.minimumHeightForWidth(width))

    def _mark_ends(self) -> None:
        bar = self._area.verticalScrollBar()
        self._up.setEnabled(bar.value() > bar.minimum())
        self._down.setEnabled(bar.value() < bar.maximum())

    def _follow(self, watched: QObject, event: QMouseEvent) -> bool:
        kind = event.type()
        at = event.globalPosition().toPoint()
        if kind == QEvent.Type.MouseButtonPress:
            self._pressed_at, self._dragging = at, False
            self._start_value = self.position()
        elif kind == QEvent.Type.MouseMove and self._pressed_at is not None:
            return self._drag(watched, event, at)
        elif kind == QEvent.Type.MouseButtonRelease:
            dragged, self._dragging, self._pressed_at = self._dragging, False, None
            if dragged and isinstance(watched, QAbstractButton):
                self._send_outside(watched, event)
            return dragged
        return False

    def _drag(self, watched: QObject, event: QMouseEvent, at: QPoint) -> bool:
        start = self._pressed_at
        if start is None:
            return False
        if not self._dragging and abs(at.y() - start.y()) > DRAG_PX:
            self._dragging = True
            if isinstance(watched, QAbstractButton):
                self._send_outside(watched, event)
        if self._dragging:
            self._area.verticalScrollBar().setValue(self._start_value + start.y() - at.y())
        return self._dragging

    def _send_outside(self, button: QAbstractButton, event: QMouseEvent) -> None:
        """Tell a button that the finger slid off it, so that dragging presses nothing."""
        copy = QMouseEvent(
            event.type(), OUTSIDE, event.globalPosition(), event.button(), event.buttons(), event.modifiers()
        )
        button.removeEventFilter(self)
        QCoreApplication.sendEvent(button, copy)
        button.installEventFilter(self)
