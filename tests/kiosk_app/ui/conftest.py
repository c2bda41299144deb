"""The application and a theme, for every test of the kit."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication, QLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.ui.app import apply_theme, make_application
from kiosk_app.ui.theme import Theme, theme


@pytest.fixture(scope="session")
def qapp_cls() -> Callable[[list[str]], QApplication]:
    """Make pytest-qt's application by our own way."""
    return make_application


@pytest.fixture
def look(qtbot: QtBot) -> Theme:
    """The light portrait theme, put on the application."""
    del qtbot
    wanted = theme()
    apply_theme(make_application(), wanted)
    return wanted


@pytest.fixture
def stage(qtbot: QtBot) -> Callable[..., QWidget]:
    """Show a part in a window of its own size, as large as the test wants it."""

    windows: list[QWidget] = []  # qtbot holds its widgets weakly

    def show(part: QWidget, width: int = 900, height: int = 700) -> QWidget:
        window = QWidget()
        windows.append(window)
        qtbot.addWidget(window)
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(part)
        window.resize(width, height)
        with qtbot.waitExposed(window):
            window.show()
        return window

    return show
