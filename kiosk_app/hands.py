"""What hands do at simulated devices: show a code, put a card in, lay a paper, take the paper roll out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperStrip:
    """What hangs out of the simulated printer: `rows` holds 8 dots a byte, leftmost in bit 7, 1 is black."""

    width: int
    height: int
    rows: bytes = field(repr=False)
    cut: bool
    """False while it is still being printed."""


class Hands(Protocol):
    """The hands of a simulated citizen (and of a simulated technician at the printer)."""

    def show_card_code(self) -> None:
        """Hold the QR code of the simulated ID card under the code scanner."""
        ...

    def show_code(self, text: str) -> None:
        """Hold any code under the scanner."""
        ...

    def show_ticket(self) -> None:
        """Hold the last printed slip under the code scanner."""
        ...

    def insert_card(self) -> None:
        """Put the simulated ID card into the slot."""
        ...

    def next_person(self) -> None:
        """Take up the card of another simulated person: the spouse first, then the others."""
        ...

    def card_can(self) -> str:
        """Return the six digits that open the simulated card."""
        ...

    def take_card(self) -> None:
        """Take the card out of the slot, whatever it is doing."""
        ...

    def lay_next_paper(self) -> None:
        """Lay the next paper under the camera."""
        ...

    def set_printer(self, condition: str) -> None:
        """Make it `ok`, `near_end`, `paper_out`, `cover_open`, `cutter_error`, or let it `hang`."""
        ...

    def drop_printer_line(self) -> None:
        """Cut the line to the printer for a moment; what was on its way is lost."""
        ...

    def slow_printer(self, mm_per_s: float) -> None:
        """Let the printer be as slow as a real one, millimetres a second."""
        ...

    def paper(self) -> PaperStrip | None:
        """Return what hangs out of the printer: the slip being printed, else the last one; or None."""
        ...

    def set_plugged(self, device: str, *, plugged: bool) -> None:
        """Pull the cable of a device (its name as on the staff screen's rows), or put it in again."""
        ...

    def set_sheet_printer(self, *, on: bool) -> None:
        """Switch the A4 printer off, or on."""
        ...

    def last_sheets_pdf(self) -> bytes | None:
        """Return what the A4 printer printed last, or None."""
        ...

    def last_ticket_png(self) -> bytes | None:
        """Return the picture of the last slip the simulated printer cut, or None."""
        ...

    def set_backend(self, *, up: bool) -> None:
        """Stop the embedded backend, or start it again on the same address."""
        ...
