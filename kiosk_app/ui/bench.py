"""The bench beside a simulated kiosk: buttons for what hands do at its devices. Never on a real kiosk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPolygon
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from kiosk_app.hands import Hands, PaperStrip
    from kiosk_app.ui.window import Window


def open_bench(window: Window, hands: Hands) -> None:
    """Show the bench, where there is somebody to see it."""
    if QGuiApplication.platformName() != "offscreen":
        Bench(window, hands).show()


MM_PER_S: Final = 200.0
"""How quick the paper comes out: as from a good receipt printer."""
_LOOK_MS: Final = 60
_SHOWN_PX: Final = 288
"""Width of the paper on the bench: half a pixel a dot of 80 mm paper."""
_SLOT_PX: Final = 26
_TOOTH_PX: Final = 6
_CONDITIONS: Final = (
    ("ok", "Paper in, cover shut, all well"),
    ("near_end", "Paper nearly out"),
    ("paper_out", "Take the paper roll out"),
    ("cover_open", "Open the cover"),
    ("cutter_error", "Jam the cutter"),
    ("hang", "Let it hang"),
)
_DEVICES: Final = (
    ("card_reader", "card reader"),
    ("qr_scanner", "code scanner"),
    ("document_scanner", "document camera"),
    ("ticket_printer", "ticket printer"),
)


class PaperSlot(QWidget):
    """The mouth of the simulated printer and the paper that rises out of it, first line on top."""

    def __init__(self, paper: Callable[[], PaperStrip | None]) -> None:
        super().__init__()
        self.setObjectName("bench-paper")
        self._paper = paper
        self._strip: PaperStrip | None = None
        self.setMinimumSize(QSize(_SHOWN_PX + 40, 420))
        self._look = QTimer(self)
        self._look.setInterval(_LOOK_MS)
        self._look.timeout.connect(self.look)
        self._look.start()

    def look(self) -> None:
        """Draw again when something else hangs out of the printer than before."""
        strip = self._paper()
        if strip != self._strip:
            self._strip = strip
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the paper, then the mouth over its lower edge."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(Qt.GlobalColor.lightGray))
        mouth = QRect(10, self.height() - _SLOT_PX, self.width() - 20, _SLOT_PX)
        if self._strip is not None and self._strip.height:
            self._draw(painter, self._strip, mouth.top())
        painter.fillRect(mouth, QColor(Qt.GlobalColor.black))
        painter.end()

    def _draw(self, painter: QPainter, strip: PaperStrip, floor: int) -> None:
        """Draw a strip that ends at the mouth, or hangs torn off a little above it."""
        stride = (strip.width + 7) // 8
        image = QImage(strip.rows, strip.width, strip.height, stride, QImage.Format.Format_Mono)
        image.setColorTable([0xFFFFFFFF, 0xFF101010])
        height = strip.height * _SHOWN_PX // strip.width
        left = (self.width() - _SHOWN_PX) // 2
        bottom = floor - (2 * _TOOTH_PX if strip.cut else 0)
        target = QRect(left, bottom - height, _SHOWN_PX, height)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, image)
        if strip.cut:
            teeth = [QPoint(left, bottom)]
            for at in range(0, _SHOWN_PX, _TOOTH_PX):
                teeth += [
                    QPoint(left + at + _TOOTH_PX // 2, bottom + _TOOTH_PX),
                    QPoint(left + at + _TOOTH_PX, bottom),
                ]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(Qt.GlobalColor.white))
            painter.drawPolygon(QPolygon(teeth))


class Bench(QWidget):
    """A small window with a button for each thing a person does at the simulated devices."""

    def __init__(self, window: Window, hands: Hands) -> None:
        super().__init__(window, Qt.WindowType.Tool)
        self.setObjectName("bench")
        self.setWindowTitle("Simulated devices")
        self._window = window
        hands.slow_printer(MM_PER_S)
        doings: tuple[tuple[str, str, Callable[[], None]], ...] = (
            ("card-code", "Show the card's QR code", hands.show_card_code),
            ("insert", "Put the card into the slot", hands.insert_card),
            ("take", "Take the card out", hands.take_card),
            ("person", "Take up another person's card", hands.next_person),
            ("paper", "Lay the next paper", hands.lay_next_paper),
            ("slip", "Show the last slip's QR code", hands.show_ticket),
            ("a4-off", "Switch the A4 printer off", lambda: hands.set_sheet_printer(on=False)),
            ("a4-on", "Switch the A4 printer on", lambda: hands.set_sheet_printer(on=True)),
            ("backend-off", "Stop the backend", lambda: hands.set_backend(up=False)),
            ("backend-on", "Start the backend", lambda: hands.set_backend(up=True)),
        )
        at_printer: tuple[tuple[str, str, Callable[[], None]], ...] = (
            *((name, words, partial(hands.set_printer, name)) for name, words in _CONDITIONS),
            ("drop-line", "Drop the line to the printer", hands.drop_printer_line),
        )
        cables: tuple[tuple[str, str, Callable[[], None]], ...] = tuple(
            (
                f"{'plug' if plugged else 'unplug'}-{device}",
                words,
                partial(hands.set_plugged, device, plugged=plugged),
            )
            for device, name in _DEVICES
            for plugged, words in ((False, f"Unplug the {name}"), (True, f"Plug the {name} in"))
        )
        row = QHBoxLayout(self)
        row.addLayout(self._column(doings))
        row.addLayout(self._column(cables))
        printer = self._column(at_printer)
        printer.insertWidget(0, PaperSlot(hands.paper), 1)
        row.addLayout(printer)

    def _column(self, doings: tuple[tuple[str, str, Callable[[], None]], ...]) -> QVBoxLayout:
        column = QVBoxLayout()
        for name, words, do in doings:
            button = QPushButton(words)
            button.setObjectName(f"bench-{name}")
            button.clicked.connect(lambda _checked=False, do=do: self._do(do))
            column.addWidget(button)
        column.addStretch(1)
        return column

    def _do(self, do: Callable[[], None]) -> None:
        self._window.run_in_background(do, lambda _nothing: None)
