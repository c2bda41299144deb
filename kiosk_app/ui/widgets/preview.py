"""The camera picture with the outline of the page found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Buffer

    from kiosk_app.ui.theme import Theme

LINE_PX = 10
CORNER_PX = 18
BYTES_PER_PIXEL = 3

Point = tuple[float, float]


class Preview(QWidget):
    """What the camera sees; the outline is green when the picture will be good, amber before."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture: QImage | None = None
        self._outline: tuple[Point, ...] = ()
        self._good = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(240, 240)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the size of the drawing on the portrait screen."""
        return QSize(984, 840)

    def show_frame(self, bgr: Buffer | NDArray[np.uint8], width: int, height: int) -> None:
        """Show one frame.

        Args:
            bgr: (height, width, 3) uint8 BGR without gaps: bytes or a C-contiguous array; copied.
            width: Pixels a row.
            height: Rows.

        Raises:
            ValueError: The frame has another size than told.
        """
        view = memoryview(cast("Buffer", bgr))  # arrays are buffers, their stubs say so from 3.12 on
        if view.nbytes != width * height * BYTES_PER_PIXEL:
            raise ValueError("the frame is not width x height x 3 bytes; pass the sizes of this frame")
        data = view.cast("B") if view.ndim == 1 else memoryview(view.tobytes())
        borrowed = QImage(data, width, height, width * BYTES_PER_PIXEL, QImage.Format.Format_BGR888)
        self._picture = borrowed.convertToFormat(QImage.Format.Format_RGB32)
        self.update()

    def set_outline(self, points: Sequence[Point] | None, *, good: bool) -> None:
        """Draw the page's outline.

        Args:
            points: Corners in pixels of the frame, in order around the page; None for no page.
            good: Whether a picture taken now would be good.
        """
        self._outline = tuple(points or ())
        self._good = good
        self.update()

    def clear(self) -> None:
        """Forget the frame: nothing of one citizen is shown to the next."""
        self._picture = None
        self._outline = ()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw frame and outline."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(self.rect()), self._theme.shape.card, self._theme.shape.card)
        painter.fillPath(ground, QColor(self._theme.palette.stage))
        if self._picture is not None:
            place = self._place(self._picture)
            painter.save()
            painter.setClipPath(ground)
            painter.drawImage(place, self._picture)
            painter.restore()
            self._draw_outline(painter, place, self._picture)
        painter.end()

    def _place(self, shown: QImage) -> QRectF:
        share = min(self.width() / shown.width(), self.height() / shown.height())
        wide, high = shown.width() * share, shown.height() * share
        return QRectF((self.width() - wide) / 2, (self.height() - high) / 2, wide, high)

    def _draw_outline(self, painter: QPainter, place: QRectF, shown: QImage) -> None:
        if not self._outline:
            return
        share = place.width() / shown.width()
        corners = [QPointF(place.x() + x * share, place.y() + y * share) for x, y in self._outline]
        palette = self._theme.palette
        colour = QColor(palette.stage_good if self._good else palette.stage_amber)
        pen = QPen(colour, LINE_PX)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolygon(QPolygonF(corners))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for corner in corners:
            painter.drawEllipse(corner, CORNER_PX, CORNER_PX)
