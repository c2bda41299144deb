"""A hall of scripted devices, each behaving or misbehaving as told, and the real forms."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from drivers.ports import (
    CardProof,
    CardReading,
    CodeKind,
    CodePayload,
    DeviceState,
    DeviceStatus,
    Glance,
    IdCard,
    Outline,
    PageProblem,
    PaperSource,
    PrintOutcome,
    ScannedPage,
    SheetOutcome,
    SheetProgress,
    Verdict,
)
from kiosk_app.config import Config
from kiosk_app.flow.services import CentreInfo, Services
from kiosk_app.flow.session import Session
from kiosk_app.wiring.card import cross_checked
from kiosk_app.wiring.forms import open_catalogue
from offline_queue.ports import (
    DossierProgress,
    HandIn,
    HandInReceipt,
    LocalDossier,
    PrintState,
    QueueStatus,
    QueueTicket,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import AccessKey, Corner, Known, Progress, Ticket
    from forms.ports import Answers

NOW = dt.datetime(2026, 11, 23, 9, 24, tzinfo=dt.timezone(dt.timedelta(hours=7)))
HUONG = IdCard(
    id_number="087194000412",
    full_name="NGUYỄN THỊ HƯƠNG",
    birth_date="1994-02-14",
    sex="female",
    nationality="Việt Nam",
    ethnicity="Kinh",
    place_of_origin="Tân Quy Đông, Sa Đéc, Đồng Tháp",
    residence="Khóm 2, Phường 1, Sa Đéc, Đồng Tháp",
    issue_date="2021-05-10",
    expiry_date="2034-02-14",
)
CARD_CODE = "087194000412|card"
RECEIPT_CODE = "https://gateway.example/d/K01-261123-0001?t=token"


def proof(verdict: Verdict = Verdict.VALID) -> CardProof:
    return CardProof(access="PACE", cipher="AES-128", passive_auth=verdict, data_groups=(1, 13))


class ScriptedDevice:
    def __init__(self, device: str) -> None:
        self.state = DeviceState.READY
        self.device = device

    def status(self) -> DeviceStatus:
        return DeviceStatus(device=self.device, state=self.state)

    def close(self) -> None:
        self.state = DeviceState.DISABLED


class ScriptedCard(ScriptedDevice):
    def __init__(self) -> None:
        super().__init__("card_reader")
        self.present = False
        self.outcome: CardReading | Exception = CardReading(holder=HUONG, proof=proof())
        self.early: CardReading | None = None
        """What the driver tells before the portrait, if it gets so far."""
        self.after_known: Callable[[], object] = lambda: None
        self.keys: list[AccessKey] = []

    def card_present(self) -> bool:
        return self.present

    def wait_for_card(self, *, present: bool, timeout_s: float) -> bool:
        assert timeout_s <= 2
        return self.present is present

    def read(
        self,
        access: AccessKey,
        *,
        timeout_s: float,
        progress: Progress,
        known: Known = lambda _reading: None,
    ) -> CardReading:
        assert timeout_s > 0
        self.keys.append(access)
        progress(0.5)
        if self.early is not None:
            known(self.early)
            self.after_known()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class ScriptedCodes(ScriptedDevice):
    def __init__(self) -> None:
        super().__init__("qr_scanner")
        self.shown: deque[str | Exception] = deque()

    def read(self, *, timeout_s: float) -> str | None:
        assert timeout_s <= 2
        if not self.shown:
            return None
        shown = self.shown.popleft()
        if isinstance(shown, Exception):
            raise shown
        return shown

    def flush(self) -> None:
        self.shown.clear()


OUTLINE = Outline(found=True, corners=((1.0, 1.0), (53.0, 1.0), (53.0, 71.0), (1.0, 71.0)), confidence=0.9)


class ScriptedDesk(ScriptedDevice):
    source = PaperSource.CAMERA

    def __init__(self) -> None:
        super().__init__("document_scanner")
        self.broken: Exception | None = None
        self.problems: tuple[PageProblem, ...] = ()
        self.framed: tuple[Corner, ...] = ()

    def glance(self) -> Glance | None:
        if self.state is DeviceState.ABSENT:
            return None
        return Glance(width=54, height=72, bgr=bytes(54 * 72 * 3), outline=OUTLINE)

    def take_page(self, *, timeout_s: float) -> ScannedPage:
        assert timeout_s > 0
        if self.broken:
            raise self.broken
        return ScannedPage(
            jpeg=b"jpeg",
            width=1654,
            height=2339,
            dpi=200,
            outline=OUTLINE,
            sharpness=2.4,
            glare=0.0,
            problems=self.problems,
        )

    def take_framed(self, corners: tuple[Corner, ...], *, timeout_s: float) -> ScannedPage:
        self.framed = corners
        return self.take_page(timeout_s=timeout_s)

    def take_pages(self, *, timeout_s: float) -> tuple[ScannedPage, ...]:
        return (self.take_page(timeout_s=timeout_s),)

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        return f"%PDF {len(pages)} {title}".encode()

    def photocopy(self, pages: tuple[ScannedPage, ...]) -> bytes:
        return self.make_pdf(pages, title="Bản chụp")


class ScriptedPrinter(ScriptedDevice):
    def __init__(self) -> None:
        super().__init__("ticket_printer")
        self.outcome: PrintOutcome | Exception = PrintOutcome.ISSUED
        self.tickets: list[Ticket] = []

    def print_ticket(self, ticket: Ticket, *, timeout_s: float) -> PrintOutcome:
        assert timeout_s > 0
        if isinstance(self.outcome, Exception):
            raise self.outcome
        self.tickets.append(ticket)
        return self.outcome


class ScriptedSheets(ScriptedDevice):
    def __init__(self) -> None:
        super().__init__("a4_printer")
        self.reports: list[str] = []
        """Causes told on the way, `ok` where it goes on."""
        self.outcome: SheetOutcome | Exception = SheetOutcome.DONE
        self.during: Callable[[], object] = lambda: None
        self.printed: list[tuple[bytes, str, int]] = []

    def print_pdf(
        self,
        pdf: bytes,
        *,
        title: str,
        copies: int,
        told: Callable[[SheetProgress], None],
        stop: Callable[[], bool],
    ) -> SheetOutcome:
        for cause in self.reports:
            told(SheetProgress(cause=cause))
            self.during()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        if stop():
            return SheetOutcome.CANCELLED
        self.printed.append((pdf, title, copies))
        return self.outcome


class ScriptedQueue:
    def __init__(self) -> None:
        self.taken: list[HandIn] = []
        self.broken: Exception | None = None
        self.locked: Exception | None = None
        self.intake_open = True
        self.official_code: str | None = None
        self.prints: list[tuple[str, PrintState]] = []
        self.numbers = 0
        self.warnings: tuple[str, ...] = ()
        self.scanning_open = True
        self.ratings: list[tuple[int, tuple[str, ...]]] = []
        self.rating_fails: Exception | None = None
        self.woken = 0

    def put(self, hand_in: HandIn) -> HandInReceipt:
        if self.broken:
            raise self.broken
        self.taken.append(hand_in)
        return HandInReceipt(
            dossier_id=uuid.UUID(int=len(self.taken)),
            receipt_code=f"K01-261123-{len(self.taken):04d}",
            token="token",
            created_at=NOW,
            tracking_url=RECEIPT_CODE,
        )

    def status(self) -> QueueStatus:
        if self.locked:
            raise self.locked
        return QueueStatus(
            ready=len(self.taken),
            sending=0,
            stored=0,
            quarantined=0,
            paused=None,
            oldest_age_s=0.0,
            bytes=0,
            intake_open=self.intake_open,
            warnings=self.warnings,
            scanning_open=self.scanning_open,
        )

    def find(self, receipt_code: str, *, token: str | None) -> LocalDossier | None:
        assert token == "token"
        return LocalDossier(
            receipt_code=receipt_code,
            official_code=self.official_code,
            state="stored" if self.official_code else "ready",
            procedure="2.000635",
            created_at=NOW,
        )

    def issue_ticket(self, *, series: str, service: str) -> QueueTicket:
        if self.broken:
            raise self.broken
        self.numbers += 1
        return QueueTicket(
            number=f"{series}{self.numbers:03d}", service=service, waiting=self.numbers - 1, issued_at=NOW
        )

    def note_print(self, number: str, state: PrintState) -> None:
        self.prints.append((number, state))

    def rate(self, *, score: int, reasons: tuple[str, ...] = ()) -> None:
        if isinstance(self.rating_fails, Exception):
            raise self.rating_fails
        self.ratings.append((score, reasons))

    def wake(self) -> None:
        self.woken += 1


class ScriptedLine:
    def __init__(self) -> None:
        self.up = True
        self.waiting: int | None = None
        self.outcome: DossierProgress | Exception = DossierProgress(
            code="H20.17-261123-0001",
            receipt_code="K01-261123-0001",
            state=4,
            since=NOW,
            unit="Phường Sa Đéc",
            due=dt.date(2026, 11, 24),
            next_step="wait",
            procedure="2.000635",
        )
        self.asked: list[tuple[str, str | None, str | None]] = []

    def look_up(self, code: str, *, token: str | None = None, id_tail: str | None = None) -> DossierProgress:
        self.asked.append((code, token, id_tail))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def reachable(self) -> bool:
        return self.up

    def people_waiting(self) -> int | None:
        return self.waiting if self.up else None

    def trouble(self) -> str:
        return "" if self.up else "line"


def classify(text: str) -> CodePayload:
    if text == CARD_CODE:
        return CodePayload(kind=CodeKind.ID_CARD, text=text, card=HUONG)
    if text == RECEIPT_CODE:
        return CodePayload(kind=CodeKind.RECEIPT, text=text, receipt_code="K01-261123-0001", token="token")
    return CodePayload(kind=CodeKind.OTHER, text=text)


def draw_form(procedure: str, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
    assert answers
    assert receipt_code == ""
    return f"%PDF {procedure} {today}".encode()


@dataclass
class Hall:
    card: ScriptedCard = field(default_factory=ScriptedCard)
    codes: ScriptedCodes = field(default_factory=ScriptedCodes)
    desk: ScriptedDesk = field(default_factory=ScriptedDesk)
    printer: ScriptedPrinter = field(default_factory=ScriptedPrinter)
    sheets: ScriptedSheets = field(default_factory=ScriptedSheets)
    queue: ScriptedQueue = field(default_factory=ScriptedQueue)
    line: ScriptedLine = field(default_factory=ScriptedLine)
    seconds: float = 1000.5

    def rest(self, seconds: float) -> None:
        self.seconds += seconds

    def services(self) -> Services:
        devices = (self.card, self.codes, self.desk, self.printer, self.sheets)
        centre = CentreInfo(
            name="Trung tâm Phục vụ hành chính công phường Sa Đéc",
            commune="29905",
            hotline="1022",
            idle_s=60,
            goodbye_s=30,
            done_s=20,
        )
        return Services(
            centre=centre,
            card=self.card,
            cross_check=cross_checked,
            codes=self.codes,
            classify=classify,
            desk=self.desk,
            draw_form=draw_form,
            printer=self.printer,
            sheets=self.sheets,
            pay_code=lambda amount, *, purpose: f"PAY {amount} {purpose}",
            forms=open_catalogue(Config(), today=NOW.date),
            queue=self.queue,
            progress=self.line,
            ratings=self.queue,
            devices=lambda: tuple(device.status() for device in devices),
            pin_right=lambda pin: pin == "246810",
            pin_configured=True,
            now=lambda: NOW,
            monotonic=lambda: self.seconds,
            pause=self.rest,
        )


@pytest.fixture
def hall() -> Hall:
    return Hall()


@pytest.fixture
def session(hall: Hall) -> Session:
    return Session(hall.services())


@pytest.fixture
def reading() -> Callable[..., CardReading]:
    def make(verdict: Verdict = Verdict.VALID, holder: IdCard = HUONG) -> CardReading:
        return CardReading(holder=holder, proof=proof(verdict))

    return make
