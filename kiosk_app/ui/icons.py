"""Line icons in the colour and size a widget asks for."""

import re
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).resolve().parents[2] / "assets" / "icons"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@cache
def _source(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no icon name; use a file name of assets/icons without .svg")
    return (FOLDER / f"{name}.svg").read_text(encoding="utf-8")


@cache
def icon(name: str, colour: str, px: int) -> QPixmap:
    """Return an icon drawn at exactly the wanted size, so that its lines stay crisp.

    Args:
        name: File name in ``assets/icons`` without its ending.
        colour: Line colour as ``#rrggbb``.
        px: Width and height in pixels.

    Raises:
        ValueError: The name is malformed.
        FileNotFoundError: No such icon is shipped.
    """
    drawing = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    picture = QPixmap(px, px)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    drawing.render(painter, QRectF(0, 0, px, px))
    painter.end()
    return picture
