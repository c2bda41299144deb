"""Several cards in one visit: each in its own fields, refused where it does not belong, wiped at the end."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import AccessDeniedError
from drivers.ports import CardReading, CodeKind, CodePayload, IdCard, Verdict
from forms.ports import Source
from kiosk_app.flow import events, form_events
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import CardPhase, IdentifyCardView, IdentifyQrView, Step
from tests.kiosk_app.conftest import classify
from tests.kiosk_app.flow.citizen import at, fill_page, to_fill
from tests.kiosk_app.scripted_devices import HUONG, proof

if TYPE_CHECKING:
    from collections.abc import Callable

BIRTH, RESIDENCE = "1.001193", "1.004222"
NAM = IdCard(
    id_number="087090000123", full_name="TRẦN VĂN NAM", birth_date="1990-08-10", sex="male", ethnicity="Kinh"
)
BAO = IdCard(id_number="087208000077", full_name="TRẦN GIA BẢO", birth_date="2008-01-09", sex="male")
NAM_CODE, BAO_CODE = "nam|card", "bao|card"


def both(text: str) -> CodePayload:
    cards = {NAM_CODE: NAM, BAO_CODE: BAO}
    if text in cards:
        return CodePayload(kind=CodeKind.ID_CARD, text=text, card=cards[text])
    return classify(text)


@pytest.fixture
def session(hall: Any) -> Session:
    return Session(replace(hall.services(), classify=both))


def page(session: Session) -> FillView:
    view = session.view()
    assert isinstance(view, FillView)
    return view


def slot(session: Session) -> IdentifyCardView:
    view = session.view()
    assert isinstance(view, IdentifyCardView)
    return view


def value(session: Session, name: str) -> object:
    answer = session.visit.filling.answers.get(name)
    return answer.value if answer else None


def to_page(walk: Any, session: Session, name: str) -> None:
    for _turn in range(8):
        if page(session).page == name:
            return
        fill_page(walk, session)
        walk.act(events.NextPressed())
    pytest.fail(f"no page {name}: {session.view()}")


def show_card(walk: Any, hall: Any, role: str, code: str, holder: IdCard, *, reading: Any = None) -> None:
    """Ask for a card, show its code, take the last one out, put this one in."""
    walk.act(form_events.OtherCardAsked(role=role))
    hall.codes.shown.append(code)
    walk.walk()
    hall.card.present = False
    hall.card.outcome = reading or CardReading(holder=holder, proof=proof())
    walk.walk()
    hall.card.present = True
    walk.walk()


@pytest.fixture
def parents(walker: Any, session: Session, hall: Any) -> Any:
    walk = walker(session)
    to_fill(walk, hall, BIRTH)
    to_page(walk, session, "cha-me")
    return walk


def test_the_page_of_the_parents_asks_for_the_card_of_the_one_who_is_not_here(
    parents: Any, session: Session
) -> None:
    assert parents
    assert page(session).cards == (("cha", "Xin đặt thẻ của cha.", False),)
    assert value(session, "me.hoTen") == HUONG.full_name


def test_the_fathers_card_goes_the_same_way_and_fills_the_father_only(
    parents: Any, session: Session, hall: Any
) -> None:
    parents.act(form_events.OtherCardAsked(role="cha"))
    code = session.view()
    assert isinstance(code, IdentifyQrView)
    assert code.whose == "Xin đặt thẻ của cha."
    hall.codes.shown.append(NAM_CODE)
    parents.walk()
    assert slot(session).phase is CardPhase.REMOVE, "her own card is still in the slot"
    hall.card.present = False
    hall.card.outcome = CardReading(holder=NAM, proof=proof())
    parents.walk()
    assert slot(session).phase is CardPhase.INSERT
    hall.card.present = True
    parents.walk()
    assert slot(session).greeting == "Thẻ của TRẦN VĂN NAM"
    assert hall.card.keys[-1].can == "000123", "the key of this card, not of hers"
    parents.act(events.NextPressed())
    assert at(session) is Step.FILL
    assert page(session).page == "cha-me", "back at the page that asked"
    assert page(session).cards == (("cha", "Xin đặt thẻ của cha.", True),)
    answers = session.visit.filling.answers
    assert answers["cha.hoTen"].value == "TRẦN VĂN NAM"
    assert answers["cha.soDDCN"].source is Source.CHIP
    assert value(session, "me.hoTen") == HUONG.full_name
    assert value(session, "nyc.soDDCN") == HUONG.id_number
    assert session.visit.guest is None, "the reading itself is dropped"


@pytest.mark.parametrize(
    ("holder", "says"),
    [
        (replace(HUONG, id_number="087195000001", full_name="LÊ THỊ MAI"), "không phải thẻ đang cần"),
        (replace(NAM, id_number=HUONG.id_number), "người khác"),
    ],
    ids=["the wrong sex", "the person already at the kiosk"],
)
def test_a_card_that_is_not_the_fathers_is_refused_in_words(
    parents: Any, session: Session, hall: Any, holder: IdCard, says: str
) -> None:
    parents.act(form_events.OtherCardAsked(role="cha"), events.TypeInstead())
    parents.act(events.CanTyped(digits=holder.id_number[-6:]))
    hall.card.present = False
    hall.card.outcome = hall.card.early = CardReading(holder=holder, proof=proof())
    greeted: list[str] = []
    hall.card.after_known = lambda: greeted.append(slot(session).greeting)
    parents.walk()
    hall.card.present = True
    parents.walk()
    view = slot(session)
    assert view.phase is CardPhase.FAILED
    assert greeted == [""], "nobody is greeted by a card that is not wanted"
    assert view.notice
    assert says in view.notice.text
    assert value(session, "cha.hoTen") is None
    parents.act(events.NextPressed())
    assert slot(session).phase is CardPhase.REMOVE, "the wrong card comes out first"
    parents.act(events.BackPressed(), events.BackPressed(), events.BackPressed())
    assert at(session) is Step.FILL
    assert session.visit.guest is None


def test_a_forged_card_of_another_person_is_refused_too(parents: Any, session: Session, hall: Any) -> None:
    forged = CardReading(holder=NAM, proof=proof(Verdict.INVALID))
    show_card(parents, hall, "cha", NAM_CODE, NAM, reading=forged)
    assert slot(session).phase is CardPhase.FAILED
    assert value(session, "cha.hoTen") is None


def test_a_card_that_cannot_be_read_leaves_the_form_as_it_was(
    parents: Any, session: Session, hall: Any
) -> None:
    show_card(parents, hall, "cha", NAM_CODE, NAM, reading=AccessDeniedError("no"))
    assert slot(session).phase is CardPhase.FAILED
    parents.act(events.CardSkipped())
    assert at(session) is Step.FILL
    assert session.visit.filling.answers["cha.hoTen"].source is Source.QR, "the code said so much"


def test_without_code_and_card_one_types(parents: Any, session: Session) -> None:
    before = dict(session.visit.filling.answers)
    parents.act(form_events.OtherCardAsked(role="cha"), events.CardSkipped())
    assert page(session).page == "cha-me"
    assert session.visit.filling.answers == before


def test_the_household_row_by_row_each_card_once(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall, RESIDENCE)
    to_page(walk, session, "thanh-vien")
    for code, holder in ((NAM_CODE, NAM), (BAO_CODE, BAO)):
        (field,) = page(session).fields
        assert field.spec.rows
        show_card(walk, hall, field.spec.rows.next_card, code, holder)
        walk.act(events.NextPressed())
    rows = page(session).fields[0].spec.rows
    assert rows
    assert [row.shown for row in rows.rows] == ["TRẦN VĂN NAM", "TRẦN GIA BẢO"]
    show_card(walk, hall, rows.next_card, NAM_CODE, NAM)
    assert slot(session).phase is CardPhase.FAILED, "the same person twice"
    walk.act(events.BackPressed(), events.BackPressed())
    walk.act(events.NextPressed())
    assert page(session).page == "thanh-vien[0]", "the relation is still asked, row by row"
    assert page(session).row
    walk.act(events.FieldAnswered(name="thanhVien[0].quanHe", value="chong"), events.NextPressed())
    assert page(session).page == "thanh-vien"
    walk.act(form_events.RowRemoved(name="thanhVien.length", index=0))
    assert value(session, "thanhVien[0].hoTen") == "TRẦN GIA BẢO"
    walk.act(form_events.RowOpened(index=0))
    assert page(session).page == "thanh-vien[0]"
    walk.act(events.BackPressed())
    assert page(session).page == "thanh-vien"


def test_reading_ones_own_card_again_keeps_the_others(parents: Any, session: Session, hall: Any) -> None:
    show_card(parents, hall, "cha", NAM_CODE, NAM)
    parents.act(events.NextPressed())
    hall.card.outcome = CardReading(holder=HUONG, proof=proof())
    while at(session) is Step.FILL:
        parents.act(events.BackPressed())
    hall.codes.shown.append("087194000412|card")
    parents.walk()
    parents.act(events.NextPressed())
    assert at(session) is Step.FILL
    assert value(session, "cha.hoTen") == "TRẦN VĂN NAM"
    assert value(session, "nks.hoTen") == "TRẦN GIA HÂN"


def test_when_the_father_takes_the_place_of_the_citizen_nothing_is_mixed(
    parents: Any, session: Session, hall: Any
) -> None:
    show_card(parents, hall, "cha", NAM_CODE, NAM)
    parents.act(events.NextPressed())
    while at(session) is Step.FILL:
        parents.act(events.BackPressed())
    hall.codes.shown.append(NAM_CODE)
    parents.walk()
    parents.act(events.NextPressed())
    assert value(session, "nyc.hoTen") == "TRẦN VĂN NAM"
    assert value(session, "nyc.quanHe") == "cha"
    assert session.visit.filling.answers["cha.hoTen"].source is Source.DERIVED
    assert value(session, "me.hoTen") is None


@pytest.mark.parametrize("end", [events.EndPressed(), events.Crashed()])
def test_the_end_wipes_every_card(
    parents: Any, session: Session, hall: Any, end: events.Event, found_in_memory: Callable[[str], list[str]]
) -> None:
    show_card(parents, hall, "cha", NAM_CODE, replace(NAM, full_name="HOÀNG YẾN " + "VĂN NAM"))
    parents.act(end)
    hall.card.outcome = CardReading(holder=HUONG, proof=proof())
    assert session.visit.guest is None
    assert not session.visit.filling.answers
    assert not session.visit.filling.proofs
    gc.collect()
    assert found_in_memory("HOÀNG YẾN") == []


@pytest.fixture
def found_in_memory() -> Callable[[str], list[str]]:
    """Cards that are still held by anybody."""

    def search(word: str) -> list[str]:
        return [one.full_name for one in gc.get_objects() if type(one) is IdCard and word in one.full_name]

    return search


def test_the_officer_learns_what_was_proved_of_every_card(parents: Any, session: Session, hall: Any) -> None:
    show_card(parents, hall, "cha", NAM_CODE, NAM)
    parents.act(events.NextPressed())
    (told,) = session.visit.filling.proofs
    assert told["role"] == "cha"
    assert told["passive_auth"] == "valid"
    assert "NAM" not in repr(told)


def test_a_role_the_form_does_not_have_changes_nothing(parents: Any, session: Session) -> None:
    parents.act(form_events.OtherCardAsked(role="ong"))
    assert at(session) is Step.FILL
    assert session.visit.guest is None
