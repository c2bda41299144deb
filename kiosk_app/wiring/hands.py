"""The hands of a simulated citizen at the simulated devices of this house."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.faults import Faults
from drivers.simulated.card.personas import PERSONAS
from drivers.simulated.printer.conditions import Condition

if TYPE_CHECKING:
    from drivers.ports import CardReader
    from drivers.simulated.printer.server import SimulatedPrinter
    from kiosk_app.wiring.paper_room import PaperRoom
    from kiosk_app.wiring.queue import EmbeddedBackend

PERSONA: Final = "huong"
LATENCY_MS: Final = 12.0
"""What one APDU takes on a contactless card (DEVICES.md 1.9): the progress line is as long as in life."""


class SimulatedHands:
    """Does at the simulated devices what a person does; at a real device it does nothing.

    Args:
        card: The card reader of the house.
        paper_room: The paper room of the house.
        paper: The simulated printer behind the ticket printer, if it is one.
        backend: The embedded backend, if there is one.
    """

    def __init__(
        self,
        *,
        card: CardReader,
        paper_room: PaperRoom,
        paper: SimulatedPrinter | None,
        backend: EmbeddedBackend | None,
    ) -> None:
        self._card, self._paper_room = card, paper_room
        self._paper, self._backend = paper, backend
        self._persona = PERSONAS[PERSONA]
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

    def take_card(self) -> None:
        """Take the card out of the slot, whatever it is doing."""
        if isinstance(self._card, SimulatedCardReader):
            self._card.remove()

    def lay_next_paper(self) -> None:
        """Lay the next paper under the camera; the first lies there already."""
        if self._laid:
            self._paper_room.next_paper()
        self._laid = True

    def set_paper_roll(self, *, empty: bool) -> None:
        """Take the printer's paper roll out, or put one in."""
        if self._paper is not None:
            self._paper.set_condition(Condition.PAPER_OUT if empty else Condition.OK)

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
