"""The tour's second visit: a birth is declared by the mother, and the father's card is read into her form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QAbstractButton

from kiosk_app.flow.steps import CardPhase, Step
from kiosk_app.ui.typist import fill_page
from kiosk_app.ui.widgets.bars import StripKey

if TYPE_CHECKING:
    from kiosk_app.flow.visit import Identity
    from kiosk_app.ui.tour import Tour

BIRTH: Final = "1.001193"
FATHER: Final = "cha"


def declare_birth(tour: Tour) -> None:
    """Walk to the page that asks for the father's card, read it, and end the visit there.

    Raises:
        TourStuckError: A screen did not come, or no page asked for the card.
    """
    session = tour.session
    tour.click("tile-submit")
    tour.click(f"procedure-{BIRTH}")
    tour.click("primary")
    _read_card(tour)
    page = 0
    while not _asks_for_card(tour):
        page += 1
        fill_page(tour, f"birth-{page}")
        tour.click("primary")
    tour.shoot("family-invited")
    tour.click(f"card-{FATHER}")
    tour.hands.next_person()
    tour.until(lambda: session.step is Step.IDENTIFY_QR, "the code screen for the other card")
    tour.shoot("family-code")
    _read_card(tour, remove=True)
    tour.until(lambda: session.step is Step.FILL, "the form again")
    tour.shoot("family-filled")
    tour.by_hand(tour.hands.take_card)
    tour.press(StripKey.END)


def _read_card(tour: Tour, *, remove: bool = False) -> None:
    """Show the code of the card at hand and read its chip; the card in the slot is taken out first."""
    session = tour.session
    tour.until(lambda: session.step is Step.IDENTIFY_QR, "the code screen")
    tour.show(tour.hands.show_card_code, lambda: session.step is Step.IDENTIFY_CARD, "the card's code")
    if remove:
        tour.shoot("family-remove")
        tour.by_hand(tour.hands.take_card)
        tour.until(lambda: _identity(tour).phase is CardPhase.INSERT, "the empty slot")
    tour.by_hand(tour.hands.insert_card)
    tour.until(lambda: _identity(tour).phase is CardPhase.READ, "the card's data")
    if remove:
        tour.shoot("family-read")
    tour.click("primary")


def _identity(tour: Tour) -> Identity:
    visit = tour.session.visit
    return visit.guest.identity if visit.guest else visit.identity


def _asks_for_card(tour: Tour) -> bool:
    return any(button.isVisible() for button in tour.window.findChildren(QAbstractButton, f"card-{FATHER}"))
