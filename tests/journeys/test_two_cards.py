"""A birth with both parents' cards, a household with two: real card protocol, forms, queue and backend."""

from __future__ import annotations

from typing import Any

from forms.ports import Source
from kiosk_app.flow import events, form_events
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.steps import CardPhase, Step


def put_in_card(visitor: Any, role: str) -> None:
    """Ask for a card, then do with the next simulated person's what the screen says."""
    visitor.walk.act(form_events.OtherCardAsked(role=role))
    assert visitor.at() is Step.IDENTIFY_QR
    visitor.hands.next_person()
    visitor.hands.show_card_code()
    visitor.walk.until(lambda: visitor.at() is Step.IDENTIFY_CARD)
    visitor.hands.take_card()
    guest = visitor.session.visit.guest
    visitor.walk.until(lambda: guest.identity.phase is CardPhase.INSERT)
    visitor.hands.insert_card()
    visitor.walk.until(lambda: guest.identity.phase in {CardPhase.READ, CardPhase.FAILED})
    assert guest.identity.phase is CardPhase.READ, visitor.session.visit.notice
    visitor.walk.act(events.NextPressed())
    assert visitor.at() is Step.FILL
    assert visitor.session.visit.guest is None


def turn_to(visitor: Any, name: str) -> FillView:
    for _page in range(8):
        view = visitor.session.view()
        assert isinstance(view, FillView)
        if view.page == name:
            return view
        visitor.fill_page()
        visitor.walk.act(events.NextPressed())
    raise AssertionError(f"no page {name}")


def test_a_birth_with_both_parents_cards_reaches_the_backend(visitor: Any) -> None:
    visitor.choose("1.001193")
    visitor.identify()
    view = turn_to(visitor, "cha-me")
    assert [role for role, _words, _read in view.cards] == ["cha"]
    put_in_card(visitor, "cha")
    answers = visitor.session.visit.filling.answers
    assert answers["cha.hoTen"].value == "ĐẶNG QUỐC BẢO"
    assert answers["cha.soDDCN"].source is Source.CHIP
    assert answers["me.hoTen"].value == "NGUYỄN THỊ HƯƠNG"
    assert [proof["role"] for proof in visitor.session.visit.filling.proofs] == ["cha"]
    visitor.fill()
    visitor.scan()
    visitor.hand_in()
    assert visitor.wait_for_code()
    assert not visitor.session.visit.filling.proofs, "nothing of the father is left on the last screen"


def test_a_household_moves_card_by_card(visitor: Any) -> None:
    visitor.choose("1.004222")
    visitor.identify()
    view = turn_to(visitor, "thanh-vien")
    for _person in range(2):
        rows = view.fields[0].spec.rows
        assert rows
        put_in_card(visitor, rows.next_card)
        view = visitor.session.view()
    listed = view.fields[0].spec.rows
    assert listed
    assert listed.rows[0].shown == "ĐẶNG QUỐC BẢO"
    assert len({row.shown for row in listed.rows}) == 2
    visitor.fill()
    visitor.scan()
    visitor.hand_in()
    assert visitor.wait_for_code()
