"""The page just taken, flattened, as large as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from kiosk_app.ui.theme import Theme


def image_in(jpeg: bytes, room: QSize) -> QImage:
    """Decode a JPEG straight to the size that fits into a room, in pixels; a null image for no picture.

    The decoder works at a half or a quarter of the size where that is enough, so a full A4 page takes
    about 25 ms instead of 100.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(jpeg))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    buffer.close()
    return image


class PagePicture(QWidget):
    """One page on the dark stage."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._jpeg: bytes | None = None
        self._image = QImage()
        self._room = QSize()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def shown(self) -> bool:
        """Whether there is a page."""
        return self._jpeg is not None

    def show_page(self, jpeg: bytes | None) -> None:
        """Show a page, or nothing for None; the same page again costs nothing."""
        if jpeg is self._jpeg:
            return
        self._jpeg = jpeg
        self._image, self._room = QImage(), QSize()
        self.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the least size in which a page can be judged."""
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw stage and page."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.palette.stage))
        painter.drawRoundedRect(self.rect(), self._theme.shape.card, self._theme.shape.card)
        gap = self._theme.space.block
        room = self.rect().adjusted(gap, gap, -gap, -gap)
        image = self._fitted(room.size())
        place = QRect(image.rect())
        place.moveCenter(room.center())
        painter.drawImage(place.topLeft(), image)
        painter.end()

    def _fitted(self, room: QSize) -> QImage:
        if self._jpeg is not None and self._room != room:
            self._image, self._room = image_in(self._jpeg, room), room
        return self._image
