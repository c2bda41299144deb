"""One whole visit through the real window, on simulated devices, with a picture of each screen.

Everything is done as a person does it: real buttons are clicked, real keys are pressed, codes and cards go
through the simulated devices' own bytes.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QEvent, QEventLoop
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from kiosk_app import i18n
from kiosk_app.flow import events, sheets
from kiosk_app.flow.sheet_view import CopyPhase, SheetPhase
from kiosk_app.flow.steps import CardPhase, LookUpPhase, PaperState, ScanPhase, Step
from kiosk_app.ui.tour_family import declare_birth
from kiosk_app.ui.typist import fill_page, type_text
from kiosk_app.ui.widgets.bars import Strip, StripKey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kiosk_app.flow.session import Session
    from kiosk_app.hands import Hands
    from kiosk_app.ui.window import Window

WAIT_S: Final = 60.0
PROCEDURE: Final = "2.000635"
LOOK_S: Final = 11.0
"""After so long the first screen looks at the devices again."""
SHOWN_TIMES: Final = 4
SHOWN_S: Final = 6.0
IDLE_S: Final = 62.0
"""As if nobody had touched the kiosk for so long; below the time of the wipe."""
W = TypeVar("W", bound=QWidget)


class TourStuckError(Exception):
    """A screen did not come to what the tour waits for; the message names it."""

    code = "tour.stuck"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTime:
    """How long one part of the tour took, in milliseconds of wall-clock time."""

    name: str
    elapsed_ms: float


@dataclass(slots=True, kw_only=True)
class TourResult:
    """What the tour learnt; no personal data."""

    dossier_id: str = ""
    receipt_code: str = ""
    official_code: str = ""
    steps: list[StepTime] = field(default_factory=list)


def wait_for(ready: Callable[[], bool], timeout_s: float) -> bool:
    """Keep the event loop going until `ready` or until the time is over; tell which."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        if time.monotonic() > deadline:
            return False
    return True


class Tour:
    """Walks one citizen through the kiosk."""

    def __init__(
        self, window: Window, session: Session, hands: Hands, *, out: Path, lang: str, pin: str
    ) -> None:
        self.window, self.session, self.hands = window, session, hands
        self._out, self._lang, self._pin = out, lang, pin
        self._count = 0
        self._ahead_s = 0.0
        self.result = TourResult()

    def run(self, *only: str) -> TourResult:
        """Walk the whole visit and the small ones beside it, or only the parts named.

        Raises:
            TourStuckError: A screen did not come; the pictures up to there are in the folder.
        """
        parts: tuple[tuple[str, Callable[[], None]], ...] = (
            ("welcome", self._welcome),
            ("choose", self._choose),
            ("identify", self._identify),
            ("fill", self._fill),
            ("scan", self._scan),
            ("review", self._review),
            ("done", self._done),
            ("look_up", self._look_up),
            ("take_number", self._take_number),
            ("copy", self._copy),
            ("family", self._family),
            ("unavailable", self._unavailable),
            ("staff", self._staff),
            ("settings", self._settings),
        )
        for name, part in parts:
            if only and name not in only:
                continue
            started = time.perf_counter()
            part()
            self.result.steps.append(
                StepTime(name=name, elapsed_ms=round((time.perf_counter() - started) * 1000, 1))
            )
        return self.result

    # --- the visit ------------------------------------------------------------------------------------

    def _welcome(self) -> None:
        self._speak()
        self.until(lambda: self.session.health is not None, "the devices")
        self.shoot("welcome")

    def _choose(self) -> None:
        self.click("tile-submit")
        self.shoot("choose")
        self.click(f"procedure-{PROCEDURE}")
        self.shoot("procedure")
        self.window.hold_clock(held=True)
        self.window.act(events.Tick(at=self.session.services.monotonic() + IDLE_S))
        self.shoot("idle")
        self.click("still-here")
        self.window.hold_clock(held=False)
        self.click("primary")

    def _identify(self) -> None:
        identity = self.session.visit.identity
        self.until(lambda: self.session.step is Step.IDENTIFY_QR, "the code screen")
        self.shoot("identify-qr")
        self.show(
            self.hands.show_card_code, lambda: self.session.step is Step.IDENTIFY_CARD, "the card's code"
        )
        self.shoot("identify-card")
        self.by_hand(self.hands.insert_card)
        self.until(lambda: identity.share > 0, "the card")
        self.shoot("identify-reading")
        self.until(lambda: identity.phase is CardPhase.READ, "the card's data")
        self.shoot("identify-read")
        self.click("primary")

    def _fill(self) -> None:
        filling = self.session.visit.filling
        page = 0
        while self.session.step is Step.FILL:
            page += 1
            before = filling.page
            fill_page(self, f"fill-{page}")
            self.shoot(f"fill-{page}")
            self.click("primary")
            if filling.page == before and self._stands_at(Step.FILL):
                raise TourStuckError(f"page {before} of the form is not accepted: {self._notice()}")

    def _scan(self) -> None:
        papers = self.session.visit.papers
        first = True
        while papers.phase is not ScanPhase.FINISHED:
            self.by_hand(self.hands.lay_next_paper)
            self.until(
                lambda: papers.preview is not None and papers.preview.glance.outline.found, "a page in view"
            )
            if first:
                self.shoot("scan")
            self.click("capture")
            self.until(lambda: papers.phase in {ScanPhase.JUDGED, ScanPhase.AIM}, "a page")
            if papers.phase is not ScanPhase.JUDGED:
                raise TourStuckError(f"no page came: {self._notice()}")
            if first:
                self.shoot("scan-judged")
            self.click("keep")
            first = False
        self.shoot("scan-finished")
        self.click("primary")

    def _review(self) -> None:
        self.until(lambda: self.session.step is Step.REVIEW, "the review")
        self.shoot("review")
        self.click("consent-yes")
        self.until(lambda: self.session.step is Step.DONE, "the hand-in")

    def _done(self) -> None:
        outcome = self.session.visit.outcome
        self.until(lambda: outcome.paper is not PaperState.PRINTING, "the slip")
        receipt = outcome.receipt
        if receipt is None:
            raise TourStuckError("the dossier was handed in without a receipt")
        self.until(lambda: outcome.official_code is not None, "the official code")
        self.shoot("done")
        self.result.dossier_id = str(receipt.dossier_id)
        self.result.receipt_code = receipt.receipt_code
        self.result.official_code = outcome.official_code or ""
        self._write("ticket.png", self.hands.last_ticket_png())
        self.hands.take_card()
        self.click("primary")
        self.until(lambda: self.session.step is Step.RATE, "the three faces")
        self.shoot("rate")
        self.click("rate-3")
        self.shoot("rate-thanks")
        self.click("primary")
        self._home()

    def _look_up(self) -> None:
        self.click("tile-look_up")
        self.shoot("look-up")
        outcome = self.session.visit.outcome
        self.show(
            self.hands.show_ticket, lambda: outcome.looking is LookUpPhase.FOUND, "the dossier's progress"
        )
        self.shoot("look-up-found")
        self.click("back")
        self._home()

    def _take_number(self) -> None:
        self.click("tile-take_number")
        self.shoot("take-number")
        self.click("service-A")
        self.until(
            lambda: (
                self.session.visit.outcome.ticket is not None
                and self.session.visit.outcome.paper is not PaperState.PRINTING
            ),
            "a number",
        )
        self.shoot("number")
        self._write("ticket-queue.png", self.hands.last_ticket_png())
        self.click("primary")
        self._home()

    def _copy(self) -> None:
        self.click("tile-copy")
        self.until(lambda: self.session.visit.copying.preview is not None, "the camera's picture")
        self.shoot("copy")
        self.click("capture")
        self.until(lambda: self.session.visit.copying.phase is CopyPhase.JUDGED, "the page")
        self.click("keep")
        self.shoot("copy-ready")
        self.click("print")
        self.until(lambda: self.session.visit.sheets.phase is SheetPhase.OUT, "the sheets")
        self.settle()
        self.shoot("copy-out")
        self._write("copy.pdf", self.hands.last_sheets_pdf())
        self.click("primary")
        self._home()

    def _family(self) -> None:
        declare_birth(self)
        self._home()

    def _unavailable(self) -> None:
        self.hands.set_sheet_printer(on=False)
        self.until(self._sheets_missed, "the A4 printer to be missed")
        self.click("tile-copy")
        self.shoot("unavailable")
        self.click("tile-home")
        self._home()
        self.press(StripKey.HELP)
        self.shoot("help")

    def _sheets_missed(self) -> bool:
        """Let the first screen look again, as if time had passed: one look alone misses nothing."""
        self._ahead_s += LOOK_S
        self.window.act(events.Tick(at=self.session.services.monotonic() + self._ahead_s))
        return bool(sheets.why_not(self.session))

    def _staff(self) -> None:
        self.click("staff-door")
        self.shoot("staff-pin")
        getattr(self.find("pin", QWidget), "focus_input")()  # noqa: B009 - the kit's fields all have it
        self.settle()
        type_text(self, self._pin)
        self.click("primary")
        self.until(lambda: self.session.step is Step.STAFF, "the staff screen")
        self.until(lambda: self.session.health is not None, "the devices")
        self.settle()
        self.shoot("staff")
        self.click("back")
        self._home()

    def _settings(self) -> None:
        self.press(StripKey.SIZE)
        self.press(StripKey.SIZE)
        self.shoot("welcome-200")
        self.press(StripKey.SIZE)
        self.press(StripKey.CONTRAST)
        self.shoot("welcome-contrast")
        self.press(StripKey.CONTRAST)
        self.press(StripKey.LANGUAGE)
        self.shoot("welcome-language")
        self.press(StripKey.LANGUAGE)

    # --- hands ----------------------------------------------------------------------------------------

    def by_hand(self, do: Callable[[], None]) -> None:
        """Do something at a simulated device, as a hand does: beside the screen's thread."""
        hand = threading.Thread(target=do, name="hand")
        hand.start()
        self.until(lambda: not hand.is_alive(), "the hand at a device")

    def find(self, name: str, kind: type[W]) -> W:
        """Return the visible widget of that name.

        Raises:
            TourStuckError: There is none on the screen now.
        """
        for widget in self.window.findChildren(kind, name):
            if widget.isVisible():
                return widget
        raise TourStuckError(f"no visible {name} on screen {self.session.step.value}: {self._notice()}")

    def click(self, name: str) -> None:
        """Press a button by its name, as a finger does."""
        self.find(name, QAbstractButton).click()
        self.settle()

    def press(self, key: StripKey) -> None:
        """Press a service of the strip."""
        self.settle()
        for strip in self.window.findChildren(Strip):
            if strip.isVisible():
                strip.buttons[key].click()
                self.settle()
                return
        raise TourStuckError(f"no strip on screen {self.session.step.value}")

    def settle(self) -> None:
        """Let Qt lay out, draw and deliver what is waiting."""
        for _turn in range(4):
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            # `processEvents` alone never deletes what a screen left behind.
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def shoot(self, name: str) -> None:
        """Write a picture of the window: `NN-name.png`."""
        self.settle()
        self._count += 1
        # Drawing the picture for the file is the tour's own work, not the kiosk's.
        self.window.stalls.stop()
        self.window.grab().save(str(self._out / f"{self._count:02d}-{name}.png"))
        self.window.stalls.start()

    def until(self, ready: Callable[[], bool], what: str) -> None:
        """Keep the screen alive until something is so.

        Raises:
            TourStuckError: It did not come within a minute.
        """
        if not wait_for(ready, WAIT_S):
            raise TourStuckError(
                f"waited {WAIT_S:.0f} s for {what} on screen {self.session.step.value}: {self._notice()}"
            )
        self.settle()

    def show(self, show: Callable[[], None], seen: Callable[[], bool], what: str) -> None:
        """Hold a code under the scanner, and again where nothing came of it, as a person does."""
        for _again in range(SHOWN_TIMES):
            self.by_hand(show)
            if wait_for(seen, SHOWN_S):
                break
        self.until(seen, what)

    def _home(self) -> None:
        self.until(lambda: self.session.step is Step.WELCOME, "the first screen")
        self._speak()

    def _speak(self) -> None:
        if i18n.language() != self._lang:
            self.press(StripKey.LANGUAGE)

    def _stands_at(self, step: Step) -> bool:
        return self.session.step is step

    def _notice(self) -> str:
        notice = self.session.visit.notice
        return notice.code if notice else "no notice"

    def _write(self, name: str, data: bytes | None) -> None:
        if data is None:
            raise TourStuckError(f"there is nothing to write to {name}")
        (self._out / name).write_bytes(data)
