from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from kiosk_app.ui.bench import Bench
from kiosk_app.ui.widgets.bars import Centre
from kiosk_app.ui.window import Window

if TYPE_CHECKING:
    from typing import Any

    from pytestqt.qtbot import QtBot


class CountingHands:
    """Counts what the bench makes it do."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def show_card_code(self) -> None:
        self.done.append("card code")

    def show_code(self, text: str) -> None:
        self.done.append(text)

    def show_ticket(self) -> None:
        self.done.append("slip")

    def insert_card(self) -> None:
        self.done.append("insert")

    def take_card(self) -> None:
        self.done.append("take")

    def lay_next_paper(self) -> None:
        self.done.append("paper")

    def set_paper_roll(self, *, empty: bool) -> None:
        self.done.append("roll out" if empty else "roll in")

    def last_ticket_png(self) -> bytes | None:
        return None

    def set_backend(self, *, up: bool) -> None:
        self.done.append("backend on" if up else "backend off")


def _counted(hands: CountingHands, count: int) -> bool:
    return len(hands.done) == count


def test_each_button_does_its_own_thing_once(qtbot: QtBot, hall: Any) -> None:
    window = Window(centre=Centre(name="Trung tâm", place=""), now=hall.services().now, hotline="1022")
    qtbot.addWidget(window)
    hands = CountingHands()
    bench = Bench(window, hands)
    buttons = bench.findChildren(QPushButton)
    for count, button in enumerate(buttons, 1):
        button.click()
        qtbot.waitUntil(partial(_counted, hands, count))
    assert len(set(hands.done)) == len(buttons) == 9
    assert window.shut()
