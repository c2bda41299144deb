"""Parts side by side where the screen is wide enough, one under the other where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk_app.ui.theme import Theme


def in_columns(
    theme: Theme, parts: Sequence[QWidget], *, top: bool = False, gap: int | None = None
) -> QWidget:
    """Return a widget with the parts: two columns in landscape at the normal text size, else one.

    Args:
        theme: How they look.
        parts: What stands side by side.
        top: Each keeps its own height, as fields do when the one beside tells an error.
        gap: Pixels between them; None leaves a block.
    """
    return _grid(theme, parts, 2 if theme.landscape and theme.wide else 1, top=top, gap=gap)


def in_a_row(theme: Theme, parts: Sequence[QWidget]) -> QWidget:
    """Return a widget with the parts side by side; enlarged, one under the other."""
    return _grid(theme, parts, len(parts) if theme.wide else 1)


def _grid(
    theme: Theme, parts: Sequence[QWidget], columns: int, *, top: bool = False, gap: int | None = None
) -> QWidget:
    place = QWidget()
    grid = QGridLayout(place)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(theme.space.block if gap is None else gap)
    for index, part in enumerate(parts):
        grid.addWidget(part, index // columns, index % columns)
        if top:
            grid.setAlignment(part, Qt.AlignmentFlag.AlignTop)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return place
