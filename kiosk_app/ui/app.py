"""The Qt application: one style, our own letters, nothing taken over from the desktop."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from kiosk_app.ui.stylesheet import stylesheet
from kiosk_app.ui.theme import Theme, font, theme

FONT_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "fonts"


class FontMissingError(RuntimeError):
    """A letter file of the kiosk cannot be loaded."""

    code = "ui.font_missing"


def make_application(argv: Sequence[str] = ()) -> QApplication:
    """Return the application, made on the first call.

    Args:
        argv: Arguments for Qt, without the program name.

    Raises:
        FontMissingError: A file of ``assets/fonts`` is missing or broken.
        RuntimeError: Qt already runs without windows in this process.
    """
    running = QApplication.instance()
    if running is not None and not isinstance(running, QApplication):
        raise RuntimeError("Qt already runs without windows in this process; start the kiosk in its own")
    if running is None:
        QApplication.setDesktopSettingsAware(False)
        running = QApplication(["kiosk", *argv])
        running.setApplicationName("kiosk")
    if not running.property("kiosk_ready"):
        running.setStyle(QStyleFactory.create("Fusion"))
        running.setCursorFlashTime(0)  # our caret stands still: a blinking one costs a redraw twice a second
        running.setEffectEnabled(Qt.UIEffect.UI_General, False)  # noqa: FBT003 - Qt takes the switch by position
        _load_fonts()
        running.setFont(font(theme().type.body))  # what fields that are typed into inherit
        running.setProperty("kiosk_ready", True)  # noqa: FBT003 - Qt takes the value by position
    return running


def _load_fonts() -> None:
    files = sorted(FONT_FOLDER.glob("*.ttf"))
    if not files:
        raise FontMissingError(f"no letters in {FONT_FOLDER}; install the kiosk again")
    for file in files:
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            raise FontMissingError(f"{file.name} cannot be read; install the kiosk again")


def apply_theme(target: QApplication | QWidget, theme: Theme) -> None:
    """Dress a screen, with all its parts, in a theme.

    A screen is dressed before it has any parts. Dressing the application instead would polish every widget
    there is, those of the screen that is just leaving too: 16 ms more at each change of the letters' size.

    Args:
        target: The screen; or the application, so that everything made later is dressed.
        theme: The theme.
    """
    colours = QPalette()
    for role, value in (
        (QPalette.ColorRole.Window, theme.palette.ground),
        (QPalette.ColorRole.Base, theme.palette.card),
        (QPalette.ColorRole.WindowText, theme.palette.ink),
        (QPalette.ColorRole.Text, theme.palette.ink),
        (QPalette.ColorRole.PlaceholderText, theme.palette.soft),
        (QPalette.ColorRole.Highlight, theme.palette.focus),
        (QPalette.ColorRole.HighlightedText, theme.palette.card),
    ):
        colours.setColor(role, QColor(value))
    target.setPalette(colours)
    target.setFont(font(theme.type.body))
    target.setStyleSheet(stylesheet(theme))
    if isinstance(target, QWidget):
        target.setAutoFillBackground(True)
