"""A stage for one screen: built as the window builds it, its events kept, its words measured."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from kiosk_app.i18n import set_language
from kiosk_app.ui.app import make_application
from kiosk_app.ui.theme import theme
from kiosk_app.ui.widgets.frame import Centre
from kiosk_app.ui.widgets.screen import Screen, ScreenContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

    from kiosk_app.flow.events import Event
    from kiosk_app.flow.steps import View

NOW = dt.datetime(2026, 11, 23, 9, 24, tzinfo=dt.timezone(dt.timedelta(hours=7)))


@dataclass(kw_only=True)
class Stage:
    """Builds one screen, presses its buttons, keeps what it sends."""

    qtbot: QtBot
    app: QApplication
    events: list[Event] = field(default_factory=list)
    windows: list[QWidget] = field(default_factory=list)

    def build(
        self,
        kind: Callable[[ScreenContext], Screen],
        view: View,
        *,
        scale: int = 100,
        contrast: bool = False,
        landscape: bool = False,
    ) -> Screen:
        """Build a screen, show a view on it and let the layout settle."""
        look = theme(scale=scale, contrast=contrast, landscape=landscape)
        centre = Centre(name="Trung tâm Phục vụ hành chính công", place="Phường Sa Đéc")
        screen = kind(ScreenContext(theme=look, centre=centre, now=NOW))
        screen.acted.connect(self.events.append)
        screen.show_view(view)
        self.lay(screen, landscape=landscape)
        return screen

    def lay(self, part: QWidget, *, landscape: bool = False) -> None:
        """Lay a screen into a window of the kiosk's size and let the layout settle."""
        window = QWidget()  # without a layout of its own, as offscreen Qt warns of windows with size hints
        self.windows.append(window)
        window.resize(*((1920, 1080) if landscape else (1080, 1920)))
        part.setParent(window)
        part.setGeometry(window.rect())
        part.show()
        window.show()
        self.settle()

    def settle(self) -> None:
        """Let layouts and deferred deletions happen."""
        for _round in range(3):
            self.app.processEvents()
            self.app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def button(self, screen: QWidget, name: str) -> QAbstractButton:
        """Return the one visible button of that name."""
        found = [one for one in screen.findChildren(QAbstractButton, name) if one.isVisible()]
        assert len(found) == 1, f"{len(found)} visible buttons are called {name}"
        return found[0]

    def press(self, screen: QWidget, name: str) -> None:
        """Press the visible button of that name."""
        self.button(screen, name).click()
        self.settle()

    def words(self, screen: QWidget) -> str:
        """Return all that can be read or heard on the screen now."""
        parts: list[str] = []
        for part in screen.findChildren(QWidget):
            if part.isVisible():
                own = part.text() if isinstance(part, QLabel | QAbstractButton) else ""
                parts += [own, part.accessibleName()]
        return "\n".join(part for part in parts if part)

    def cut(self, screen: QWidget) -> list[str]:
        """Return every visible part that has less room than its words need, or lies outside the screen."""
        return [
            f"{type(part).__name__} {part.objectName()} {part.accessibleName()[:60]} {part.geometry()}"
            for part in screen.findChildren(QWidget)
            if part.isVisible() and _is_cut(part, screen)
        ]


def _is_cut(part: QWidget, screen: QWidget) -> bool:
    own_words = part.hasHeightForWidth() and part.layout() is None
    if own_words and part.height() < part.heightForWidth(part.width()):
        return True
    if isinstance(part, QLabel | QAbstractButton) and part.width() < part.minimumSizeHint().width():
        return True
    left = part.mapTo(screen, part.rect().topLeft()).x()
    return left < 0 or left + part.width() > screen.width()


@pytest.fixture
def stage(qtbot: QtBot, qapp: QApplication) -> Iterator[Stage]:
    """Give a stage in Vietnamese."""
    set_language("vi")
    make_application()
    made = Stage(qtbot=qtbot, app=qapp)
    yield made
    set_language("vi")
    for window in made.windows:
        window.close()  # hidden first, as the window of the kiosk hides a screen before it goes
        window.deleteLater()
    made.settle()
