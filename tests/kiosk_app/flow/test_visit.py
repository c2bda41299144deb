from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk_app.flow import events
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.steps import DoneView, PaperState
from offline_queue.ports import PrintState

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session
from tests.kiosk_app.flow.citizen import EXTRACT, RECEIPT_CODE, to_card, to_done, to_fill


def test_a_visit_from_the_first_screen_to_the_slip(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_done(walk, hall, session)
    view = session.view()
    assert isinstance(view, DoneView)
    assert view.number == "K01-261123-0001"
    assert view.paper is PaperState.OUT
    (handed_in,) = hall.queue.taken
    assert handed_in.procedure == EXTRACT
    assert {document.name for document in handed_in.documents} == {"form.pdf", "scan.pdf"}
    name = handed_in.answers["nyc.hoTen"]
    assert isinstance(name, dict)
    assert (name["value"], name["source"], name["shown"]) == ("NGUYỄN THỊ HƯƠNG", "chip", "NGUYỄN THỊ HƯƠNG")
    assert name["label"].startswith("Họ")
    assert handed_in.consent.language == "vi"
    assert handed_in.card_proof["passive_auth"] == "valid"
    assert hall.queue.prints == [
        ("K01-261123-0001", PrintState.PENDING),
        ("K01-261123-0001", PrintState.ISSUED),
    ]
    ticket, _transfer = hall.printer.tickets
    assert ticket.qr_text == RECEIPT_CODE
    assert "NGUYỄN" not in repr(ticket)


def test_the_card_fills_and_locks_what_it_knows(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_fill(walk, hall)
    view = session.view()
    assert isinstance(view, FillView)
    fields = {field.spec.name: field for field in view.fields}
    assert fields["nyc.hoTen"].locked
    assert fields["nyc.hoTen"].chip == "Từ thẻ"
    assert fields["nyc.soDDCN"].shown == "087 ••• ••• 412"
    assert hall.card.keys[0].can == "000412"


def test_without_the_chip_the_code_fills_and_says_so(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_card(walk, hall)
    walk.act(events.CardSkipped())
    view = session.view()
    assert isinstance(view, FillView)
    chips = {field.spec.name: field.chip for field in view.fields}
    assert chips["nyc.hoTen"] == "Từ mã QR"
    assert session.visit.identity.reading is None
