"""A whole visit with the card behind a real pcscd and a virtual reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import CardPhase, Step
from kiosk_app.wiring.card import open_vpcd_card
from kiosk_app.wiring.house import open_house

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.config import Config


@pytest.mark.pcscd
def test_a_visit_with_the_card_behind_pcscd(
    config: Config, vpcd_port: int, visitor_at: Callable[..., Any]
) -> None:
    replace = msgspec.structs.replace
    house = open_house(replace(config, card=replace(config.card, reader="")), simulate=True)
    try:
        visitor = visitor_at(house, Session(house.services))
        visitor.choose("2.000635")
        visitor.hands.show_card_code()
        visitor.walk.until(lambda: visitor.at() is Step.IDENTIFY_CARD)
        with open_vpcd_card("huong", [], host="127.0.0.1", port=vpcd_port):
            visitor.walk.until(lambda: visitor.session.visit.identity.phase is CardPhase.READ)
            proof = visitor.session.visit.identity.reading.proof
            assert proof.access == "PACE"
            assert proof.passive_auth == "valid"
            visitor.walk.act(events.NextPressed())
            visitor.fill()
            visitor.scan()
            visitor.hand_in()
            code = visitor.wait_for_code()
        visitor.walk.until(lambda: visitor.at() is Step.WELCOME)
        assert [dossier["official_code"] for dossier in visitor.dossiers()] == [code]
    finally:
        house.close()
