from __future__ import annotations

import http.server
import io
import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pikepdf
import pytest
import zxingcpp
from PIL import Image

from kiosk_app.flow import events
from kiosk_app.flow.sentences import sentence
from kiosk_app.flow.steps import (
    CardPhase,
    DoneView,
    LookUpPhase,
    LookUpView,
    PaperState,
    Step,
    TakeNumberView,
)
from kiosk_app.wiring import delivered

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("procedure", ["2.000635", "1.001193"])
def test_a_visit_from_card_to_backend(visitor: Any, procedure: str) -> None:
    visitor.whole_visit(procedure)
    code = visitor.wait_for_code()
    assert re.fullmatch(r"H20\.17-\d{6}-\d{4}", code)
    (dossier,) = visitor.dossiers()
    assert dossier["official_code"] == code
    assert dossier["procedure"] == procedure
    receipt = visitor.session.visit.outcome.receipt
    assert dossier["dossier_id"] == str(receipt.dossier_id)
    files = delivered.documents(visitor.house.backend, dossier["dossier_id"])
    with pikepdf.open(io.BytesIO(files["form.pdf"])) as form:
        assert len(form.pages) == 1
    with pikepdf.open(io.BytesIO(files["scan.pdf"])) as scan:
        assert len(scan.pages) == 2


def test_the_slip_opens_the_progress_at_the_kiosk_and_on_a_phone(visitor: Any) -> None:
    visitor.whole_visit()
    code = visitor.wait_for_code()
    slip = Image.open(io.BytesIO(visitor.hands.last_ticket_png()))
    (found,) = zxingcpp.read_barcodes(slip.convert("L"))
    receipt = visitor.session.visit.outcome.receipt
    assert found.text == receipt.tracking_url
    text = httpx.get(found.text, timeout=10).raise_for_status().text
    assert code in text
    assert "NGUYỄN" not in text
    visitor.walk.act(events.EndPressed(), events.Went(to=Step.LOOK_UP))
    visitor.hands.show_ticket()
    visitor.walk.until(lambda: visitor.session.visit.outcome.looking is LookUpPhase.FOUND)
    view = visitor.session.view()
    assert isinstance(view, LookUpView)
    assert view.progress is not None
    assert view.progress.code == code
    assert view.state_text == "Đã gửi, chờ cán bộ tiếp nhận"


def test_with_the_backend_down_the_visit_is_the_same_and_exactly_one_dossier_arrives_later(
    visitor: Any,
) -> None:
    visitor.hands.set_backend(up=False)
    visitor.whole_visit()
    view = visitor.session.view()
    assert isinstance(view, DoneView)
    assert view.paper is PaperState.OUT
    assert view.will_send_later
    visitor.hands.set_backend(up=True)
    visitor.session.services.queue.wake()
    code = visitor.wait_for_code()
    visitor.session.services.queue.wake()
    assert [dossier["official_code"] for dossier in visitor.dossiers()] == [code]
    assert visitor.session.services.queue.status().ready == 0


class _Portal(http.server.BaseHTTPRequestHandler):
    """Answers everything as the log-in page of a hotel does."""

    hits = 0

    def _page(self) -> None:
        type(self).hits += 1
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        body = b"<html><body>Welcome to free Wi-Fi</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = _page  # noqa: N815 - the names http.server asks for

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""


@contextmanager
def captive_portal(port: int) -> Iterator[type[_Portal]]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _Portal)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield _Portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_captive_portal_is_no_backend(visitor: Any) -> None:
    port = urlsplit(visitor.house.backend.url).port
    visitor.hands.set_backend(up=False)
    with captive_portal(port) as portal:
        visitor.whole_visit()
        view = visitor.session.view()
        assert isinstance(view, DoneView)
        visitor.walk.until(lambda: portal.hits > 0)
        assert visitor.session.services.queue.status().stored == 0
        visitor.walk.act(events.EndPressed(), events.Went(to=Step.LOOK_UP))
        visitor.walk.act(events.DossierAsked(code="H20.17-261122-0001", id_tail="0412"))
        visitor.walk.until(lambda: visitor.session.visit.notice is not None)
        assert visitor.session.visit.notice.text == sentence("backend.unreachable")
    visitor.hands.set_backend(up=True)
    visitor.session.services.queue.wake()
    visitor.walk.until(lambda: visitor.session.services.queue.status().stored == 1)
    assert len(visitor.dossiers()) == 1


def test_with_no_paper_the_number_stands_on_the_screen_and_staff_are_told(visitor: Any) -> None:
    visitor.hands.set_printer("paper_out")
    visitor.whole_visit()
    view = visitor.session.view()
    assert isinstance(view, DoneView)
    assert view.paper is PaperState.ON_SCREEN
    assert view.notice is not None
    assert view.notice.text == sentence("printer.blocked")
    assert visitor.session.calls[0][1] == "printer.blocked"
    assert visitor.hands.last_ticket_png() is None


def test_a_number_is_printed_with_no_backend(visitor: Any) -> None:
    visitor.hands.set_backend(up=False)
    visitor.walk.act(events.Went(to=Step.TAKE_NUMBER), events.ServicePicked(series="A"))
    view = visitor.session.view()
    assert isinstance(view, TakeNumberView)
    assert view.paper is PaperState.OUT
    assert re.fullmatch(r"A\d{3}", view.number)


def test_the_name_is_on_the_screen_long_before_the_portrait(visitor: Any) -> None:
    session, seen = visitor.session, []
    handle = session.handle

    def watched(event: events.Event) -> Any:
        jobs = handle(event)
        if session.step is Step.IDENTIFY_CARD:
            seen.append(session.view())
        return jobs

    session.handle = watched
    visitor.choose("2.000635")
    visitor.identify()
    greeted = [view for view in seen if view.phase is CardPhase.READING and view.greeting]
    assert greeted[0].greeting == "Chào bà NGUYỄN THỊ HƯƠNG"
    assert greeted[0].share < 0.5
    assert len({view.share for view in greeted}) > 20
    assert all(view.portrait is None for view in greeted)
    assert seen[-1].portrait is not None


def test_a_card_pulled_out_while_being_read_can_be_put_in_again(visitor: Any) -> None:
    visitor.choose("2.000635")
    visitor.hands.show_card_code()
    visitor.walk.until(lambda: visitor.at() is Step.IDENTIFY_CARD)
    visitor.hands.insert_card()
    puller = threading.Timer(0.15, visitor.hands.take_card)
    puller.start()
    visitor.walk.until(lambda: visitor.session.visit.notice is not None)
    puller.join()
    assert visitor.session.visit.notice.text == sentence("card.removed")
    assert visitor.session.visit.identity.reading is None
    visitor.hands.insert_card()
    visitor.walk.act(events.NextPressed())
    visitor.walk.until(lambda: visitor.session.visit.identity.reading is not None)


def test_wrong_digits_do_not_open_the_card(visitor: Any) -> None:
    visitor.choose("2.000635")
    visitor.walk.act(events.TypeInstead(), events.CanTyped(digits="000000"))
    visitor.hands.insert_card()
    visitor.walk.until(lambda: visitor.session.visit.notice is not None)
    assert visitor.session.visit.notice.text == sentence("card.access_denied")
