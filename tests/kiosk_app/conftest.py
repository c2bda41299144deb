"""A hall of scripted devices, each behaving or misbehaving as told, and the real forms."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from drivers.ports import (
    CardReading,
    CodeKind,
    CodePayload,
    IdCard,
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
from tests.kiosk_app.scripted_devices import (
    HUONG,
    ScriptedCard,
    ScriptedCodes,
    ScriptedDesk,
    ScriptedPrinter,
    ScriptedSheets,
    proof,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import Speaker
    from forms.ports import Answers

NOW = dt.datetime(2026, 11, 23, 9, 24, tzinfo=dt.timezone(dt.timedelta(hours=7)))
CARD_CODE = "087194000412|card"
RECEIPT_CODE = "https://gateway.example/d/K01-261123-0001?t=token"


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
        self.why = "line"
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
        return "" if self.up else self.why

    def lost_heartbeats(self) -> int:
        return 0


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
    speaker: Speaker | None = None
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
            speaker=self.speaker,
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
