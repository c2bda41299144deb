"""The camera picture with four handles, so that a person can show where the paper's corners are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen

from kiosk_app.i18n import _
from kiosk_app.ui.widgets.preview import Preview
from kiosk_app.ui.widgets.scroll import TAKES_DRAGS

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from kiosk_app.ui.theme import Theme
    from kiosk_app.ui.widgets.preview import Point

HANDLE_PX: Final = 72
"""Across a handle: a thumb finds it."""
REACH_PX: Final = 110
"""A touch this near to a handle takes it."""
LOUPE_PX: Final = 240
LOUPE_TIMES: Final = 2.5
STEP: Final = 0.004
"""An arrow key moves a corner by this share of the picture's longer side, with Shift five times as far."""
UNSURE: Final = ((0.12, 0.1), (0.88, 0.1), (0.88, 0.9), (0.12, 0.9))
"""Where the handles stand before anything is known, shares of the picture."""
ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class CornerEditor(Preview):
    """A still picture; the corners are drawn apart by finger, mouse, or Tab and the arrow keys."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._held: int | None = None
        self._grip = QPointF()
        self._active = 0
        self.setObjectName("corners")
        self.setProperty(TAKES_DRAGS, True)  # noqa: FBT003 - Qt's signature
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Bốn góc của tờ giấy"))
        self.setAccessibleDescription(_("Phím Tab chọn góc, phím mũi tên dời góc."))

    @property
    def corners(self) -> tuple[Point, ...]:
        """Return the corners as shares of the picture's width and height, clockwise from top-left."""
        if self._picture is None:
            return UNSURE
        wide, high = self._picture.width(), self._picture.height()
        return tuple((x / wide, y / high) for x, y in self._outline)

    def start(self, found: tuple[Point, ...] | None) -> None:
        """Put the handles on the outline found, in pixels of the frame, or where they are easy to see."""
        if self._picture is None:
            return
        wide, high = self._picture.width(), self._picture.height()
        self.set_outline(found or [(x * wide, y * high) for x, y in UNSURE], good=True)
        self._held, self._active = None, 0

    # --- hands ----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Take the nearest handle."""
        handles = self._handles()
        away = [_distance(event.position(), handle) for handle in handles]
        if not away or min(away) > REACH_PX:
            return
        self._held = self._active = away.index(min(away))
        self._grip = handles[self._held] - event.position()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Move the handle with the finger, at the distance it was taken, so that it stays in sight."""
        if self._held is not None and self._picture is not None:
            place = self._place(self._picture)
            share = place.width() / self._picture.width()
            at = (event.position() + self._grip - place.topLeft()) / share
            self._move(self._held, (at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Let the handle go."""
        del event
        self._held = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move the chosen corner by the arrow keys."""
        arrow = ARROWS.get(Qt.Key(event.key()))
        if arrow is None or self._picture is None or not self._outline:
            super().keyPressEvent(event)
            return
        pace = STEP * max(self._picture.width(), self._picture.height())
        pace *= 5 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        x, y = self._outline[self._active]
        self._move(self._active, (x + arrow[0] * pace, y + arrow[1] * pace))

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002, FBT001, N802 - Qt's names
        """Go through the four corners before the focus leaves."""
        wanted = self._active + (1 if next else -1)
        if 0 <= wanted < len(self._outline):
            self._active = wanted
            self.update()
            return True
        return super().focusNextPrevChild(next)

    def _move(self, index: int, to: Point) -> None:
        """Put one corner there, unless the paper would be folded over."""
        if self._picture is None:
            return
        x = min(max(to[0], 0.0), self._picture.width() - 1.0)
        y = min(max(to[1], 0.0), self._picture.height() - 1.0)
        moved = [*self._outline]
        moved[index] = (x, y)
        if _is_page(moved):
            self._outline = tuple(moved)
            self.update()

    # --- drawing --------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw frame, outline, handles, and the glass while a handle is held."""
        super().paintEvent(event)
        if self._picture is None or not self._outline:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self._theme.palette
        for index, handle in enumerate(self._handles()):
            chosen = index == self._active and (self.hasFocus() or self._held is not None)
            painter.setBrush(QColor(palette.stage_amber if chosen else palette.stage_good))
            painter.setPen(QPen(QColor(palette.stage), 6))
            painter.setOpacity(0.55 if index == self._held else 0.9)
            painter.drawEllipse(handle, HANDLE_PX / 2, HANDLE_PX / 2)
        painter.setOpacity(1)
        if self._held is not None:
            self._draw_loupe(painter, self._picture, self._outline[self._held])
        painter.end()

    def _draw_loupe(self, painter: QPainter, shown: QImage, at: Point) -> None:
        """Show the held corner enlarged, in the corner of the widget the finger is not in."""
        left = at[0] > shown.width() / 2
        place = QRectF(0 if left else self.width() - LOUPE_PX, 0, LOUPE_PX, LOUPE_PX).adjusted(
            12, 12, -12, -12
        )
        share = self._place(shown).width() / shown.width() * LOUPE_TIMES
        side = place.width() / share
        ring = QPainterPath()
        ring.addEllipse(place)
        painter.save()
        painter.setClipPath(ring)
        painter.fillPath(ring, QColor(self._theme.palette.stage))
        painter.drawImage(place, shown, QRectF(at[0] - side / 2, at[1] - side / 2, side, side))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(self._theme.palette.stage_amber), 6))
        painter.drawEllipse(place)
        middle = place.center()
        painter.drawLine(middle - QPointF(24, 0), middle + QPointF(24, 0))
        painter.drawLine(middle - QPointF(0, 24), middle + QPointF(0, 24))

    def _handles(self) -> list[QPointF]:
        """Return where the corners are on the widget."""
        if self._picture is None:
            return []
        place = self._place(self._picture)
        share = place.width() / self._picture.width()
        return [QPointF(place.x() + x * share, place.y() + y * share) for x, y in self._outline]


def _distance(first: QPointF, second: QPointF) -> float:
    away = first - second
    return float((away.x() ** 2 + away.y() ** 2) ** 0.5)


def _is_page(corners: list[Point]) -> bool:
    """Tell whether four corners, clockwise on the screen, still bound one convex page."""
    for index in range(4):
        (ax, ay), (bx, by), (cx, cy) = (corners[(index + step) % 4] for step in range(3))
        if (bx - ax) * (cy - by) - (by - ay) * (cx - bx) <= 0:
            return False
    return True
