"""The bench beside a simulated kiosk: buttons for what hands do at its devices. Never on a real kiosk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.hands import Hands
    from kiosk_app.ui.window import Window


def open_bench(window: Window, hands: Hands) -> None:
    """Show the bench, where there is somebody to see it."""
    if QGuiApplication.platformName() != "offscreen":
        Bench(window, hands).show()


class Bench(QWidget):
    """A small window with a button for each thing a person does at the simulated devices."""

    def __init__(self, window: Window, hands: Hands) -> None:
        super().__init__(window, Qt.WindowType.Tool)
        self.setObjectName("bench")
        self.setWindowTitle("Simulated devices")
        self._window = window
        column = QVBoxLayout(self)
        doings: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("card-code", "Show the card's QR code", hands.show_card_code),
            ("insert", "Put the card into the slot", hands.insert_card),
            ("take", "Take the card out", hands.take_card),
            ("paper", "Lay the next paper", hands.lay_next_paper),
            ("slip", "Show the last slip's QR code", hands.show_ticket),
            ("roll-out", "Take the paper roll out", lambda: hands.set_paper_roll(empty=True)),
            ("roll-in", "Put a paper roll in", lambda: hands.set_paper_roll(empty=False)),
            ("backend-off", "Stop the backend", lambda: hands.set_backend(up=False)),
            ("backend-on", "Start the backend", lambda: hands.set_backend(up=True)),
        )
        for name, words, do in doings:
            button = QPushButton(words)
            button.setObjectName(f"bench-{name}")
            button.clicked.connect(lambda _checked=False, do=do: self._do(do))
            column.addWidget(button)

    def _do(self, do: Callable[[], None]) -> None:
        self._window.run_in_background(do, lambda _nothing: None)
