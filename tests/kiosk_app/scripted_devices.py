"""Devices of the scripted hall: each behaves or misbehaves as told."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from drivers.errors import ScanError
from drivers.ports import (
    CardProof,
    CardReading,
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
    never,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import AccessKey, Corner, Known, Progress, Stop, Ticket

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
OUTLINE = Outline(found=True, corners=((1.0, 1.0), (53.0, 1.0), (53.0, 71.0), (1.0, 71.0)), confidence=0.9)


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


class ScriptedDesk(ScriptedDevice):
    source = PaperSource.CAMERA

    def __init__(self) -> None:
        super().__init__("document_scanner")
        self.broken: Exception | None = None
        self.problems: tuple[PageProblem, ...] = ()
        self.framed: tuple[Corner, ...] = ()
        self.mats_learnt = 0
        self.while_taking: Callable[[], object] = lambda: None
        """What happens while the paper is being scanned."""
        self.stopped = 0

    def glance(self) -> Glance | None:
        if self.state is DeviceState.ABSENT:
            return None
        return Glance(width=54, height=72, bgr=bytes(54 * 72 * 3), outline=OUTLINE)

    def take_page(self, *, timeout_s: float, stop: Stop = never) -> ScannedPage:
        assert timeout_s > 0
        self.while_taking()
        if stop():
            self.stopped += 1
            raise ScanError(detail="stopped")
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

    def take_framed(
        self, corners: tuple[Corner, ...], *, timeout_s: float, stop: Stop = never
    ) -> ScannedPage:
        self.framed = corners
        return self.take_page(timeout_s=timeout_s, stop=stop)

    def take_pages(self, *, timeout_s: float, stop: Stop = never) -> tuple[ScannedPage, ...]:
        return (self.take_page(timeout_s=timeout_s, stop=stop),)

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        return f"%PDF {len(pages)} {title}".encode()

    def learn_mat(self, *, timeout_s: float) -> None:
        self.take_page(timeout_s=timeout_s)
        self.mats_learnt += 1

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
