"""The hands of a simulated citizen at the simulated devices of this house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.faults import Faults
from drivers.simulated.card.personas import PERSONAS
from drivers.simulated.printer.conditions import Condition
from kiosk_app.hands import PaperStrip

if TYPE_CHECKING:
    from drivers.ports import CardReader
    from drivers.simulated.printer.server import SimulatedPrinter
    from drivers.simulated.sheets import SimulatedSheets
    from kiosk_app.wiring.embedded_backend import EmbeddedBackend
    from kiosk_app.wiring.paper_room import PaperRoom

PEOPLE: Final = ("huong", "bao", "binh", "uyen")
"""Whose cards are at hand, the citizen's first: a couple, then others of the household."""
LATENCY_MS: Final = 12.0
"""What one APDU takes on a contactless card (DEVICES.md 1.9): the progress line is as long as in life."""


class SimulatedHands:
    """Does at the simulated devices what a person does; at a real device it does nothing.

    Args:
        card: The card reader of the house.
        paper_room: The paper room of the house.
        paper: The simulated printer behind the ticket printer, if it is one.
        sheets: The simulated printer behind the A4 printer, if it is one.
        backend: The embedded backend, if there is one.
    """

    def __init__(
        self,
        *,
        card: CardReader,
        paper_room: PaperRoom,
        paper: SimulatedPrinter | None,
        sheets: SimulatedSheets | None,
        backend: EmbeddedBackend | None,
    ) -> None:
        self._card, self._paper_room = card, paper_room
        self._paper, self._sheets, self._backend = paper, sheets, backend
        self._turn = 0
        self._persona = PERSONAS[PEOPLE[0]]
        self._laid = False

    def show_card_code(self) -> None:
        """Hold the QR code of the simulated ID card under the code scanner."""
        self.show_code(self._persona.qr_text)

    def show_code(self, text: str) -> None:
        """Hold any code under the scanner."""
        self._paper_room.show_code(text)

    def show_ticket(self) -> None:
        """Hold the last printed slip under the code scanner: the picture itself, dot for dot."""
        picture = self.last_ticket_png()
        if picture is not None:
            self._paper_room.show_picture(picture)

    def insert_card(self) -> None:
        """Put the simulated ID card into the slot."""
        if isinstance(self._card, SimulatedCardReader):
            self._card.insert(self._persona, Faults(latency_ms=LATENCY_MS))

    def next_person(self) -> None:
        """Take up the card of another simulated person: the spouse first, then the others."""
        self._turn += 1
        self._persona = PERSONAS[PEOPLE[self._turn % len(PEOPLE)]]

    def card_can(self) -> str:
        """Return the six digits that open the simulated card."""
        return self._persona.can

    def take_card(self) -> None:
        """Take the card out of the slot, whatever it is doing."""
        if isinstance(self._card, SimulatedCardReader):
            self._card.remove()

    def lay_next_paper(self) -> None:
        """Lay the next paper under the camera; the first lies there already."""
        if self._laid:
            self._paper_room.next_paper()
        self._laid = True

    def set_printer(self, condition: str) -> None:
        """Do something to the printer: one of the names of `Condition`."""
        if self._paper is not None:
            self._paper.set_condition(Condition(condition))

    def drop_printer_line(self) -> None:
        """Cut the line to the printer for a moment; what was on its way is lost."""
        if self._paper is not None:
            self._paper.drop_line()

    def slow_printer(self, mm_per_s: float) -> None:
        """Let the printer be as slow as a real one, millimetres a second."""
        if self._paper is not None:
            self._paper.set_speed(mm_per_s=mm_per_s)

    def paper(self) -> PaperStrip | None:
        """Return what hangs out of the printer: the slip being printed, else the last one; or None."""
        if self._paper is None:
            return None
        out = self._paper.paper_out
        raster = out or self._paper.last_ticket
        if raster is None:
            return None
        return PaperStrip(width=raster.width, height=raster.height, rows=raster.rows, cut=out is None)

    def set_plugged(self, device: str, *, plugged: bool) -> None:
        """Pull the cable of a simulated device, or put it in again."""
        if device == "card_reader" and isinstance(self._card, SimulatedCardReader):
            self._card.set_plugged(plugged=plugged)
        elif device == "ticket_printer" and self._paper is not None:
            self._paper.set_plugged(plugged=plugged)
        elif device in {"qr_scanner", "document_scanner"}:
            self._paper_room.set_plugged(device, plugged=plugged)

    def set_sheet_printer(self, *, on: bool) -> None:
        """Switch the A4 printer off, or on."""
        if self._sheets is not None:
            self._sheets.set_off(off=not on)

    def last_sheets_pdf(self) -> bytes | None:
        """Return what the A4 printer printed last, or None."""
        return self._sheets.last_pdf if self._sheets else None

    def last_ticket_png(self) -> bytes | None:
        """Return the picture of the last slip the simulated printer cut, or None."""
        raster = self._paper.last_ticket if self._paper else None
        return raster.png() if raster else None

    def set_backend(self, *, up: bool) -> None:
        """Stop the embedded backend, or start it again on the same address."""
        if self._backend is None:
            return
        if up:
            self._backend.start()
        else:
            self._backend.stop()
