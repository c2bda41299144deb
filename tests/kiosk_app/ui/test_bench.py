from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from kiosk_app.hands import PaperStrip
from kiosk_app.ui.bench import MM_PER_S, Bench, PaperSlot
from kiosk_app.ui.widgets.bars import Centre
from kiosk_app.ui.window import Window

if TYPE_CHECKING:
    from typing import Any

    from pytestqt.qtbot import QtBot


class CountingHands:
    """Counts what the bench makes it do."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.speed = 0.0
        self.strip: PaperStrip | None = None

    def show_card_code(self) -> None:
        self.done.append("card code")

    def show_code(self, text: str) -> None:
        self.done.append(text)

    def show_ticket(self) -> None:
        self.done.append("slip")

    def insert_card(self) -> None:
        self.done.append("insert")

    def next_person(self) -> None:
        self.done.append("person")

    def card_can(self) -> str:
        return "000412"

    def take_card(self) -> None:
        self.done.append("take")

    def lay_next_paper(self) -> None:
        self.done.append("paper")

    def set_printer(self, condition: str) -> None:
        self.done.append(condition)

    def drop_printer_line(self) -> None:
        self.done.append("dropped")

    def slow_printer(self, mm_per_s: float) -> None:
        self.speed = mm_per_s

    def paper(self) -> PaperStrip | None:
        return self.strip

    def set_plugged(self, device: str, *, plugged: bool) -> None:
        self.done.append(f"{device} {plugged}")

    def set_sheet_printer(self, *, on: bool) -> None:
        self.done.append(f"A4 {on}")

    def last_sheets_pdf(self) -> bytes | None:
        return None

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
    assert len(set(hands.done)) == len(buttons) == 25
    assert hands.speed == MM_PER_S
    assert window.shut()


def _ink(slot: PaperSlot) -> int:
    """Dark pixels above the mouth."""
    image = slot.grab().toImage()
    mouth = image.height() - 30
    return sum(
        image.pixelColor(x, y).lightness() < 90
        for y in range(0, mouth, 2)
        for x in range(0, image.width(), 2)
    )


def test_the_paper_comes_out_as_it_is_printed_and_hangs_torn_off(qtbot: QtBot) -> None:
    strips: list[PaperStrip | None] = [None]
    slot = PaperSlot(lambda: strips[0])
    qtbot.addWidget(slot)
    assert _ink(slot) == 0
    seen = []
    for height in (40, 200):
        strips[0] = PaperStrip(width=576, height=height, rows=b"\xff" * 72 * height, cut=False)
        slot.look()
        seen.append(_ink(slot))
    strips[0] = PaperStrip(width=576, height=200, rows=b"\xff" * 72 * 200, cut=True)
    slot.look()
    assert 0 < seen[0] < seen[1]
    # Torn off it hangs a little higher: the mouth hides nothing of it.
    assert _ink(slot) > seen[1]
