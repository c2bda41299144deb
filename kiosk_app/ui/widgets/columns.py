"""Parts side by side where the screen is wide enough, one under the other where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QGridLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kiosk_app.ui.theme import Theme


def in_columns(theme: Theme, parts: Sequence[QWidget]) -> QWidget:
    """Return a widget with the parts: two columns in landscape at the normal text size, else one."""
    return _grid(theme, parts, 2 if theme.landscape and theme.wide else 1)


def in_a_row(theme: Theme, parts: Sequence[QWidget]) -> QWidget:
    """Return a widget with the parts side by side; enlarged, one under the other."""
    return _grid(theme, parts, len(parts) if theme.wide else 1)


def _grid(theme: Theme, parts: Sequence[QWidget], columns: int) -> QWidget:
    place = QWidget()
    grid = QGridLayout(place)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(theme.space.block)
    for index, part in enumerate(parts):
        grid.addWidget(part, index // columns, index % columns)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return place
