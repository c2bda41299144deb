"""What hands do at simulated devices: show a code, put a card in, lay a paper, take the paper roll out."""

from __future__ import annotations

from typing import Protocol


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

    def take_card(self) -> None:
        """Take the card out of the slot, whatever it is doing."""
        ...

    def lay_next_paper(self) -> None:
        """Lay the next paper under the camera."""
        ...

    def set_paper_roll(self, *, empty: bool) -> None:
        """Take the printer's paper roll out, or put one in."""
        ...

    def last_ticket_png(self) -> bytes | None:
        """Return the picture of the last slip the simulated printer cut, or None."""
        ...

    def set_backend(self, *, up: bool) -> None:
        """Stop the embedded backend, or start it again on the same address."""
        ...
