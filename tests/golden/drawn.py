"""Draws a screen offscreen and compares it with a committed picture."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image
from PySide6.QtCore import QEvent
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from kiosk_app.ui.app import make_application
from kiosk_app.ui.screens.idle import IdlePanel
from kiosk_app.ui.theme import theme
from kiosk_app.ui.widgets.drawing import MovingDrawing
from kiosk_app.ui.widgets.frame import Centre
from kiosk_app.ui.widgets.screen import ScreenContext
from kiosk_app.ui.window import SCREENS
from tests.golden.screen_views import NOW, views

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk_app.flow.steps import Step, View
    from kiosk_app.ui.theme import Theme

IDLE: Final = "idle"
SHRINK: Final = 2
"""The committed pictures are half as wide and high as the screen."""
CLEAR: Final = 24
"""Levels of 255 by which a pixel differs clearly; less is another machine's rounding."""
CHANGED_SHARE: Final = 0.0001
"""Share of clearly different pixels still taken as the same picture: less than one small icon."""
MEAN: Final = 0.1
"""Mean difference in levels of 255 still taken as the same picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """In which dress a screen is drawn."""

    landscape: bool = False
    scale: int = 100
    contrast: bool = False

    @property
    def ending(self) -> str:
        """Return what the look adds to a picture's name."""
        parts = ["landscape" if self.landscape else "portrait"]
        parts += [str(self.scale)] if self.scale != 100 else []
        parts += ["contrast"] if self.contrast else []
        return "-".join(parts)


def draw(name: str, look: Look) -> Image.Image:
    """Return the picture of a screen in the size it is committed in."""
    app = make_application()
    dress = theme(scale=look.scale, contrast=look.contrast, landscape=look.landscape)
    window = QWidget()
    window.resize(*((1920, 1080) if look.landscape else (1080, 1920)))
    part = _idle(dress) if name == IDLE else _screen(*views()[name], dress, window)
    part.setParent(window)
    part.setGeometry(window.rect())
    part.show()
    window.show()
    _settle(app)
    for drawing in part.findChildren(MovingDrawing):
        drawing.stop()
    _settle(app)
    made = _as_image(window.grab().toImage())
    window.close()
    window.deleteLater()
    _settle(app)
    return made.resize((made.width // SHRINK, made.height // SHRINK), Image.Resampling.BOX)


def _idle(dress: Theme) -> QWidget:
    panel = IdlePanel(dress)
    panel.set_seconds(24, 30)
    return panel


def _screen(step: Step, view: View, dress: Theme, window: QWidget) -> QWidget:
    module, kind = SCREENS[step].split(".")
    made = getattr(importlib.import_module(f"kiosk_app.ui.screens.{module}"), kind)
    centre = Centre(name="Trung tâm Phục vụ hành chính công", place="Phường Sa Đéc")
    screen: QWidget = made(ScreenContext(theme=dress, centre=centre, now=NOW, voice=True))
    screen.resize(window.size())
    made.show_view(screen, view)
    return screen


def _settle(app: QApplication) -> None:
    """Let layouts, timers of no length and deferred deletions happen; never waits for the clock."""
    for _turn in range(6):
        app.processEvents()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _as_image(grabbed: QImage) -> Image.Image:
    rgb = grabbed.convertToFormat(QImage.Format.Format_RGBX8888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return Image.fromarray(rows[:, : rgb.width() * 4].reshape(rgb.height(), rgb.width(), 4)[:, :, :3].copy())


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How far two pictures are from each other."""

    mean: float
    changed_share: float
    picture: Image.Image
    """Red where they differ clearly, on the pale actual picture."""

    @property
    def same(self) -> bool:
        """Tell whether nobody would see it."""
        return self.mean <= MEAN and self.changed_share <= CHANGED_SHARE


def difference(wanted: Image.Image, actual: Image.Image) -> Difference:
    """Compare two pictures; another size is all different."""
    if wanted.size != actual.size:
        return Difference(mean=255.0, changed_share=1.0, picture=actual)
    now = np.asarray(actual.convert("RGB"), np.int16)
    apart = np.abs(np.asarray(wanted.convert("RGB"), np.int16) - now)
    clear = apart.max(axis=2) > CLEAR
    shown = (255 - (255 - now) // 4).astype(np.uint8)
    shown[clear] = (220, 0, 0)
    return Difference(
        mean=float(apart.mean()), changed_share=float(clear.mean()), picture=Image.fromarray(shown)
    )


def keep(picture: Image.Image, file: Path) -> None:
    """Write a picture as small as PNG can."""
    file.parent.mkdir(parents=True, exist_ok=True)
    picture.save(file, "PNG", optimize=True)
