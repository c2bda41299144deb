"""The one window: draws the session's view, runs its jobs, answers the strip, watches for idleness."""

from __future__ import annotations

import gc
import importlib
import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from drivers.errors import DriverError
from forms.errors import FormError
from kiosk_app import i18n, memory
from kiosk_app.flow import events
from kiosk_app.flow.jobs import Lane
from kiosk_app.flow.steps import Step, WelcomeView
from kiosk_app.i18n import _
from kiosk_app.ui.tasks import StallWatch, TaskRunner
from kiosk_app.ui.theme import theme
from kiosk_app.ui.voice import Voice
from kiosk_app.ui.widgets.frame import Centre, StripKey
from kiosk_app.ui.widgets.reading import prompt_of
from kiosk_app.ui.widgets.screen import Screen, ScreenContext
from offline_queue.errors import QueueError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from kiosk_app.flow.jobs import Job
    from kiosk_app.flow.session import Session
    from kiosk_app.flow.steps import View
    from kiosk_app.ui.screens.idle import IdlePanel
    from kiosk_app.ui.theme import Theme

log = logging.getLogger(__name__)

TILES: Final = ("submit", "take_number", "look_up", "procedures", "copy")
SCALES: Final = (100, 150, 200)
EXPECTED: Final = (DriverError, FormError, QueueError)
REOPEN_MS: Final = 15_000
_TOUCHES: Final = frozenset({QEvent.Type.MouseButtonPress, QEvent.Type.KeyPress, QEvent.Type.TouchBegin})
_WORKERS: Final = len(Lane) + 2
"""One for each device, one for the kiosk's own work, one for its voice."""
SCREENS: Final[dict[Step, str]] = {
    Step.WELCOME: "welcome.WelcomeScreen",
    Step.CHOOSE: "choose.ChooseScreen",
    Step.PROCEDURE: "procedure.ProcedureScreen",
    Step.IDENTIFY_QR: "identify_qr.IdentifyQrScreen",
    Step.IDENTIFY_CARD: "identify_card.IdentifyCardScreen",
    Step.FILL: "fill.FillScreen",
    Step.SCAN: "scan.ScanScreen",
    Step.REVIEW: "review.ReviewScreen",
    Step.DONE: "done.DoneScreen",
    Step.RATE: "rate.RateScreen",
    Step.LOOK_UP: "look_up.LookUpScreen",
    Step.TAKE_NUMBER: "take_number.TakeNumberScreen",
    Step.COPY: "copy.CopyScreen",
    Step.UNAVAILABLE: "unavailable.UnavailableScreen",
    Step.HELP: "help.HelpScreen",
    Step.STAFF_PIN: "staff_pin.StaffPinScreen",
    Step.STAFF: "staff.StaffScreen",
    Step.TECH_HISTORY: "technician_history.TechnicianHistoryScreen",
    Step.TECH_CENTRE: "technician_centre.TechnicianCentreScreen",
    Step.TECH_NETWORK: "technician_network.TechnicianNetworkScreen",
    Step.TECH_CARDS: "technician_cards.TechnicianCardsScreen",
    Step.TECH_MACHINE: "technician_machine.TechnicianMachineScreen",
    Step.ONE_MOMENT: "one_moment.OneMomentScreen",
}
"""Step to `module.Class` in `kiosk_app.ui.screens`; the first stands before the others are imported."""


def load_screens() -> None:
    """Import every screen, and what draws codes, so that no visit waits for it."""
    for place in SCREENS.values():
        importlib.import_module(f"kiosk_app.ui.screens.{place.partition('.')[0]}")
    importlib.import_module("segno")


class Window(QWidget):
    """The kiosk's window. Shows the first screen at once and comes to life with `attach`."""

    screen_changed = Signal(str)
    """Carries the step's name each time another screen stands."""

    def __init__(
        self, *, centre: Centre, now: Callable[[], dt.datetime], hotline: str, contrast: bool = False
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.session: Session | None = None
        self.stalls = StallWatch(parent=self)
        self._centre, self._now, self._hotline = centre, now, hotline
        self._home_contrast = contrast
        self._scale, self._contrast = 100, contrast
        self._runner = TaskRunner(expected=EXPECTED, workers=_WORKERS, parent=self)
        self._voice = Voice(self._runner)
        self._prompt = ""
        self._lanes = {lane: threading.Lock() for lane in Lane}
        self._opening: tuple[Callable[[], object], Callable[[object], None]] | None = None
        self._serial = 0
        self._screen: Screen | None = None
        self._step: Step | None = None
        self._idle: IdlePanel | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        # The window is as large as the screen, whatever its parts would like.
        self._layout.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)

    # --- life -----------------------------------------------------------------------------------------

    def show_first(self) -> None:
        """Draw the first screen before any device or database is open."""
        self._draw()

    def attach(self, session: Session) -> None:
        """Begin to serve: from now on touches reach the session."""
        self.session = session
        self._serial = session.visit.serial
        self._runner.begin_visit()
        self._second.start()
        # What the start made stays for ever: the end of a visit need not look through it again.
        gc.freeze()
        self.run_in_background(load_screens, lambda _nothing: None)
        self._run(session.start())
        self._voice.use(session.services.speaker)
        if self._voice.there:
            self._drop_screen()  # its strip has no voice yet
        self._draw()

    def open_with(self, work: Callable[[], object], done: Callable[[object], None]) -> None:
        """Open the house beside the Qt thread; what fails is tried again: nobody is here to restart it."""
        self._opening = (work, done)
        self._runner.run(work, done=done, failed=self._opening_failed, visit=None)

    def run_in_background(self, work: Callable[[], object], done: Callable[[object], None]) -> None:
        """Run work of the kiosk itself beside the Qt thread."""
        self._runner.run(work, done=done, failed=self._background_failed, visit=None)

    def hold_clock(self, *, held: bool) -> None:
        """Let the second hand rest, or go on: a tour that shows the idle question makes its own time."""
        if held:
            self._second.stop()
        else:
            self._second.start()

    def shut(self) -> bool:
        """Stop the clock and wait for running jobs, at most five seconds; tell whether all ended."""
        self._second.stop()
        self._voice.hush()
        entrance = self.windowHandle()
        if entrance is not None:
            entrance.removeEventFilter(self)
        return self._runner.close(timeout_s=5.0)

    def crashed(self) -> None:
        """Wipe the visit and show the calm screen; called by the excepthook."""
        if self.session is None:
            self._open_again_later()
            return
        self._run(self.session.handle(events.Crashed()))
        self._follow()

    # --- events ---------------------------------------------------------------------------------------

    def act(self, event: events.Event) -> None:
        """Hand an event to the session and draw what came of it."""
        if self.session is None:
            return
        self._run(self.session.handle(event))
        self._follow()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to hear touches and keys where they enter: at the window, before any of its parts."""
        super().showEvent(event)
        self.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Put the idle clock back at any touch or key."""
        if event.type() in _TOUCHES and self.session is not None and self.session.idle_left_s is None:
            self.session.handle(events.Touched())
        if isinstance(event, QKeyEvent) and self._typed_by_scanner(event):
            return True
        return super().eventFilter(watched, event)

    def _typed_by_scanner(self, event: QKeyEvent) -> bool:
        """Hand a stroke to a scanner that types; tell whether it was the end of a code."""
        keys = self.session.services.keys if self.session else None
        if keys is None or event.type() != QEvent.Type.KeyPress or not event.text():
            return False
        return keys(event.text(), time.monotonic())

    def _tick(self) -> None:
        session = self.session
        if session is None:
            return
        jobs = session.handle(events.Tick(at=session.services.monotonic()))
        self._run(jobs)
        if self._screen is not None:
            self._screen.set_now(self._now())
        self._follow()

    def _run(self, jobs: tuple[Job, ...]) -> None:
        for job in jobs:
            self._start(job)

    def _start(self, job: Job) -> None:
        session = self.session
        if session is None:
            return
        self._sync_visit(session)
        visit = self._runner.visit
        report = self._runner.relay(self.act, visit=visit)
        lane = self._lanes[job.lane]

        def work() -> events.Event:
            with lane:
                return job.work(report)

        def done(event: events.Event) -> None:
            session.finished(job.name)
            self.act(event)

        def failed(error: Exception) -> None:
            session.finished(job.name)
            code = str(getattr(error, "code", "driver.failed"))
            self.act(events.JobFailed(job=job.name, code=code, detail=str(getattr(error, "detail", ""))))

        self._runner.run(work, done=done, failed=failed, visit=visit)

    def _background_failed(self, error: Exception) -> None:
        log.error("background.failed", extra={"code": str(getattr(error, "code", "background.failed"))})

    def _opening_failed(self, error: Exception) -> None:
        log.error("house.failed", extra={"code": str(getattr(error, "code", "house.failed"))})
        self._open_again_later()

    def _open_again_later(self) -> None:
        if self._opening is not None:
            work, done = self._opening
            QTimer.singleShot(REOPEN_MS, self, lambda: self.open_with(work, done))

    # --- drawing --------------------------------------------------------------------------------------

    def _follow(self) -> None:
        session = self.session
        if session is None:
            return
        if self._sync_visit(session):
            self._forget()
        self._draw()
        self._ask_still_here(session)

    def _sync_visit(self, session: Session) -> bool:
        if session.visit.serial == self._serial:
            return False
        self._serial = session.visit.serial
        self._runner.begin_visit()
        return True

    def _forget(self) -> None:
        """A new visit begins: the last citizen's screen goes, with size, contrast and language."""
        self._drop_screen()
        QTimer.singleShot(0, memory.give_back)
        if (self._scale, self._contrast) != (100, self._home_contrast):
            self._scale, self._contrast = 100, self._home_contrast

    def _drop_screen(self) -> None:
        if self._screen is not None:
            focused = self._screen.focusWidget()
            if focused is not None:
                # A field that dies with the focus would be told so half destroyed.
                focused.clearFocus()
            self._layout.removeWidget(self._screen)
            self._screen.hide()
            self._screen.deleteLater()
        self._screen = None
        self._step = None

    def _draw(self) -> None:
        step = self.session.step if self.session else Step.WELCOME
        view: View = self.session.view() if self.session else self._starting()
        prompt = prompt_of(step.value, str(getattr(view, "phase", "")))
        if prompt != self._prompt:
            self._prompt = prompt
            self._voice.hush()
        if step is not self._step or self._screen is None:
            self._drop_screen()
            self._screen = self._make(step)
            self._step = step
            self._layout.addWidget(self._screen)
            self._screen.show_view(view)
            self.screen_changed.emit(step.value)
            return
        self._screen.show_view(view)

    def _starting(self) -> WelcomeView:
        """Return the first screen while the house behind it is still being opened."""
        blocked = dict.fromkeys(TILES, _("Máy đang khởi động, xin chờ một chút."))
        return WelcomeView(waiting=0, hotline=self._hotline, blocked=blocked)

    def _make(self, step: Step) -> Screen:
        module, name = SCREENS[step].split(".")
        made = getattr(importlib.import_module(f"kiosk_app.ui.screens.{module}"), name)
        context = ScreenContext(
            theme=self._theme(), centre=self._centre, now=self._now(), voice=self._voice.there
        )
        screen: Screen = made(context)
        screen.resize(self.size())  # laid out once, at its own size: nobody sees it jump
        screen.acted.connect(self.act)
        screen.strip_pressed.connect(self._strip)
        return screen

    def _theme(self) -> Theme:
        landscape = self.width() > self.height()
        return theme(scale=self._scale, contrast=self._contrast, landscape=landscape)

    def _rebuild(self) -> None:
        self._drop_screen()
        self._draw()

    def _strip(self, key: str) -> None:
        match key:
            case StripKey.LANGUAGE:
                i18n.set_language("en" if i18n.language() == "vi" else "vi")
                self._rebuild()
            case StripKey.SIZE:
                self._scale = SCALES[(SCALES.index(self._scale) + 1) % len(SCALES)]
                self._rebuild()
            case StripKey.CONTRAST:
                self._contrast = not self._contrast
                self._rebuild()
            case StripKey.VOICE:
                if self._screen is not None:
                    self._voice.touched(self._screen.said(self._prompt))
            case StripKey.HELP:
                self.act(events.Went(to=Step.HELP))
            case StripKey.END:
                self.act(events.EndPressed())
            case _:
                log.info("strip.unanswered", extra={"kind": key})

    def _ask_still_here(self, session: Session) -> None:
        if session.idle_left_s is None:
            if self._idle is not None:
                self._idle.hide()
                self._idle.deleteLater()
                self._idle = None
            return
        if self._idle is None:
            from kiosk_app.ui.screens.idle import IdlePanel

            self._idle = IdlePanel(self._theme())
            self._idle.setParent(self)
            self._idle.setGeometry(self.rect())
            self._idle.still_here.connect(lambda: self.act(events.StillHere()))
            self._idle.more_asked.connect(lambda: self.act(events.MoreTimeAsked()))
            self._idle.ended.connect(lambda: self.act(events.EndPressed()))
            self._idle.show()
            self._idle.raise_()
        self._idle.set_seconds(session.idle_left_s, session.services.centre.goodbye_s)
