"""Every slip the kiosk prints, in its longest words, is short enough, readable, and its code reads."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import uuid
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
import zxingcpp

from drivers.ports import DeviceState, DeviceStatus, Ticket, TicketKind, TicketRow
from drivers.printer import ticket as drawing
from drivers.printer.ticket import render
from drivers.printer.typeset import CAPITAL
from forms.catalogue import DEFINITIONS, load_catalogue
from kiosk_app.config import Centre, Config
from kiosk_app.flow import ending, waiting_line
from kiosk_app.flow.reviewing import fee_text
from kiosk_app.flow.services import CentreInfo
from kiosk_app.i18n import _, set_language
from kiosk_app.wiring.status_slip import status_slip
from offline_queue.ports import HandInReceipt, LocalDossier, QueueTicket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from forms.ports import Procedure
    from kiosk_app.flow.session import Session

AT = dt.datetime(2026, 11, 23, 9, 41, tzinfo=dt.UTC)
PAPERS: Final = {"80 mm": (576, 203), "58 mm": (384, 203), "80 mm at 180 dpi": (512, 180)}
PLACES: Final = json.loads(
    (Path(__file__).parents[3] / "forms" / "tables" / "places.json").read_text(encoding="utf-8")
)
HOTLINE: Final = "0277 3 851 234 (nhánh 102)"
CODE: Final = "K01-261123-0007"
RECEIPT: Final = HandInReceipt(
    dossier_id=uuid.UUID(int=7),
    receipt_code=CODE,
    token="8f3a9c21d78f3a9c21d7",
    created_at=AT,
    tracking_url=f"https://dichvucong.dongthap.gov.vn/d/{CODE}?t=8f3a9c21d78f3a9c21d7",
)
DELIVERED: Final = LocalDossier(
    receipt_code=CODE, official_code="H20.17-261123-0007", state="stored", procedure="x", created_at=AT
)
TRANSFER: Final = (
    "00020101021238540010A00000072701240006970405011035001234560208QRIBFTTA53037045405160005802VN"
    "62190815K01-261123-00076304ABCD"
)
PARTS: Final = {
    "card_reader": "card.no_service",
    "qr_scanner": "device.not_configured",
    "document_scanner": "device.not_configured",
    "ticket_printer": "printer.paper_near_end",
    "a4_printer": "printer.not_configured",
    "card_authorities": "authorities.unreadable",
    "backend_certificate": "tls.not_yet_valid",
    "kiosk_key": "key.rotation_unfinished",
    "backend": "backend.portal",
    "queue": "queue.paused_clock",
    "disk": "disk.no_scanning",
    "clock": "clock.not_compared",
}
COUNTER: Final = "Quầy 12, nhà B tầng 2"
LINE_PAGE: Final = "https://dichvucong.dongthap.gov.vn/display/H20.17.12"


def _names(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from _names(value)
    elif isinstance(found, list):
        for value in found:
            yield from _names(value)


def _longest_centre() -> CentreInfo:
    communes = (name for name in _names(PLACES) if name.startswith(("Xã ", "Phường ", "Đặc khu ")))
    longest = max(communes, key=len)
    name = f"Trung tâm Phục vụ hành chính công {longest[0].lower()}{longest[1:]}"
    return CentreInfo(
        name=name,
        commune="1",
        hotline=HOTLINE,
        idle_s=60,
        goodbye_s=30,
        done_s=20,
        counters={"A": COUNTER, "B": "12"},
    )


@cache
def _procedures() -> tuple[Procedure, ...]:
    catalogue = load_catalogue(AT.date, commune="29905")
    return tuple(catalogue.form(path.stem).procedure for path in DEFINITIONS.glob("*.json"))


def _longest(lang: str, part: str) -> str:
    return max((str(getattr(one, part).in_language(lang)) for one in _procedures()), key=len)


@cache
def _slips(lang: str) -> dict[str, Ticket]:
    """Return every kind of slip as the kiosk makes it, with the longest words there are."""
    set_language(lang)
    try:
        return _all_slips(lang)
    finally:
        set_language("vi")


def _all_slips(lang: str) -> dict[str, Ticket]:
    centre, title = _longest_centre(), _longest(lang, "title")
    rows = {
        "term": TicketRow(label=_("Thời hạn"), value=_longest(lang, "time")),
        "due": TicketRow(label=_("Hẹn trả (dự kiến)"), value="25/11/2026"),
    }
    fee = TicketRow(label=_("Lệ phí"), value=fee_text(None))
    papers = TicketRow(label=_("Giấy tờ đã chụp"), value=_("{n} trang").format(n=40))
    service = max((_(words) for _letter, words, _icon in waiting_line.SERVICES), key=len)
    number = QueueTicket(number="A115", service=service, issued_at=AT, waiting=128)
    slips = {
        "queue": waiting_line.queue_slip(centre, number, line_page=LINE_PAGE),
        "queue, no backend": waiting_line.queue_slip(centre, number),
        "queue, counter in figures": waiting_line.queue_slip(
            centre, dataclasses.replace(number, number="B1115"), line_page=LINE_PAGE
        ),
    }
    for name, row in rows.items():
        for delivered in (None, DELIVERED):
            slip = ending.receipt_slip(centre, RECEIPT, title, (fee, row, papers), delivered)
            slips[f"receipt, {name}, {'sent' if delivered else 'waiting'}"] = slip
    outcome = SimpleNamespace(pay_text=TRANSFER, fee=fee_text(cast("Any", 1_160_000)))
    session = SimpleNamespace(visit=SimpleNamespace(outcome=outcome), services=SimpleNamespace(centre=centre))
    pay = ending._pay_slip(cast("Session", session), RECEIPT, title)
    assert pay is not None
    slips["pay"] = pay
    return slips | {f"status, {name}": slip for name, slip in _status_slips(centre).items()}


def _status_slips(centre: CentreInfo) -> dict[str, Ticket]:
    facts: Any = {"link_up": 0, "waiting": 1234, "quarantined": 12, "clock_skew_s": -12345.6}
    measured: Any = {"link_up": 1, "line_answer_ms": 12345, "line_up_kbit_s": 9876}
    config = Config(centre=Centre(name=centre.name, hotline=HOTLINE))
    made = {}
    for name, state in (("well", DeviceState.READY), ("ill", DeviceState.BLOCKED)):
        parts = tuple(
            DeviceStatus(device=part, state=state, cause="ok" if name == "well" else cause)
            for part, cause in PARTS.items()
        )
        made[name] = status_slip(parts, facts, config=config, version="10.12.3", now=AT)
        but_the_line = tuple(part for part in parts if part.device != "backend")
        made[f"{name}, measured"] = status_slip(
            but_the_line, facts | measured, config=config, version="10.12.3", now=AT
        )
    return made


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_slip_in_its_longest_words_takes_at_most_90_mm_and_reads(lang: str, paper: str) -> None:
    slips = _slips(lang)
    width, dpi = PAPERS[paper]
    for name, slip in slips.items():
        for reprint in (False, True):
            drawn = render(dataclasses.replace(slip, reprint=reprint), width_dots=width, dpi=dpi)
            assert drawn.height / dpi * 25.4 <= 90, (name, reprint)
        read = [code.text for code in zxingcpp.read_barcodes(drawn.image().convert("L"))]
        assert read == ([slip.qr_text] if slip.qr_text else []), name


@pytest.mark.parametrize("paper", PAPERS)
def test_no_code_has_modules_smaller_than_half_a_millimetre(paper: str) -> None:
    width, dpi = PAPERS[paper]
    for name, slip in _slips("vi").items():
        if slip.qr_text:
            code = drawing._qr(slip.qr_text, drawing._Plan(width, dpi))
            assert code.module >= 4, name
            assert code.picture.width + 2 * code.quiet <= width, name


@pytest.mark.parametrize("paper", PAPERS)
def test_a_waiting_number_keeps_its_15_mm_in_the_longest_words(paper: str) -> None:
    width, dpi = PAPERS[paper]
    slip = _slips("en")["queue"]
    assert slip.kind is TicketKind.QUEUE
    assert slip.qr_text is not None
    for scale in drawing._SCALES:
        plan = drawing._Plan(width, dpi, scale)
        sheet = drawing._laid_out(slip, drawing._qr(slip.qr_text, plan), plan)
        (number,) = sheet._numbers
        tall = number.size[1] if number.size else number.line.style.size * CAPITAL
        assert tall >= round(15 * dpi / 25.4), scale


def test_the_smallest_letters_are_those_of_a_newspaper() -> None:
    smallest = drawing._Plan(384, 203, min(drawing._SCALES))
    assert min(style.size for style in (smallest.body, smallest.small, smallest.strong)) >= 18
