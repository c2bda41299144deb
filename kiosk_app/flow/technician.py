"""The technician's buttons: try a device, print the state, take a bundle away, restart the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

from drivers.errors import DriverError
from drivers.ports import PrintOutcome
from kiosk_app.flow import events
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.i18n import _, mark

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session

    Run = Callable[[Report], events.TechnicianDone]

DEVICES: Final = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer", "a4_printer")
_ASKS: Final = {
    "card": mark("Đưa thẻ thử vào khe trong 30 giây."),
    "paper": mark("Đặt một tờ giấy dưới máy chụp."),
    "slip": mark("Máy đang in phiếu thử."),
}
_SHOW: Final = mark("Đưa máy đọc mã vào mã dưới đây trong 30 giây.")
SURE: Final = "sure"


class NoStickError(DriverError):
    """No stick to write onto."""

    code: ClassVar[str] = "stick.none"
    next_step: ClassVar[str] = "Put a USB stick in, wait until it is mounted, and try again."


class NotAllowedError(DriverError):
    """The system does not let the kiosk do this."""

    code: ClassVar[str] = "system.not_allowed"
    next_step: ClassVar[str] = "Switch the machine off and on by its button."


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of trying a device, in words."""

    device: str
    well: bool
    text: str


@dataclass(slots=True)
class Bench:
    """What the technician's screen says beside the rows; begins anew each time the screen is entered."""

    said: Notice | None = None
    show: str = ""
    """Text of a code to hold the scanner at."""
    busy: bool = False
    sure: bool = False
    """The first of two touches on the restart was made."""
    log: tuple[tuple[str, str], ...] = ()

    def clear(self) -> None:
        """Forget all of it."""
        self.said, self.show, self.busy, self.sure, self.log = None, "", False, False, ()


class Tools(Protocol):
    """What the technician's buttons do; all of it blocks, so only jobs call it."""

    def try_out(self, device: str, ask: Callable[[str], None]) -> Tried:
        """Exercise one device; `ask` is told `card`, `paper`, `slip`, or the text of a code to show."""
        ...

    def print_status(self) -> PrintOutcome:
        """Print how the kiosk is."""
        ...

    def log_tail(self) -> tuple[tuple[str, str], ...]:
        """Return the last warnings of the log: time and words, newest first."""
        ...

    def export(self) -> str:
        """Write the bundle onto a stick and return where it lies."""
        ...

    def enrol(self, code: str) -> str:
        """Join the configured backend with a one-time code and return the kiosk's name there."""
        ...

    def reboot(self) -> None:
        """Restart the machine."""
        ...


def asked(session: Session, event: events.TechnicianAsked) -> tuple[Job, ...]:
    """Begin what a button asks for; one thing at a time, and the machine is restarted at the second touch."""
    tools, bench = session.services.technician, session.bench
    if session.step is not Step.STAFF or tools is None or bench.busy:
        return ()
    if event.what == "reboot" and not bench.sure:
        bench.sure = True
        bench.said = Notice(tone=Tone.WARN, text=_("Chạm lần nữa để khởi động lại máy."), code=SURE)
        return ()
    runs: dict[str, Run] = {
        "print_status": lambda _report: _printed(tools),
        "log": lambda _report: events.TechnicianDone(log=tools.log_tail()),
        "export": lambda _report: _said(_("Đã chép vào {path}").format(path=tools.export())),
        "enrol": lambda _report: _said(_("Máy đã ghi danh: {name}").format(name=tools.enrol(event.text))),
        "reboot": lambda _report: _restarted(tools),
    }
    run = runs.get(event.what)
    if run is None and event.what not in DEVICES:
        return ()
    bench.clear()
    bench.busy = True
    work = run or _trial(tools, event.what)
    return (Job(name="technician", lane=Lane.HEALTH, work=work),)


def _trial(tools: Tools, device: str) -> Run:
    def run(report: Report) -> events.TechnicianDone:
        tried = tools.try_out(device, lambda what: report(events.TechnicianTold(what=what)))
        return _said(tried.text, tone=Tone.OK if tried.well else Tone.ERROR)

    return run


def _printed(tools: Tools) -> events.TechnicianDone:
    if tools.print_status() is PrintOutcome.ISSUED:
        return _said(_("Phiếu tình trạng đã in."))
    return events.TechnicianDone(notice=notice("printer.uncertain", tone=Tone.WARN))


def _restarted(tools: Tools) -> events.TechnicianDone:
    tools.reboot()
    return _said(_("Máy đang khởi động lại."))


def _said(text: str, *, tone: Tone = Tone.OK) -> events.TechnicianDone:
    return events.TechnicianDone(notice=Notice(tone=tone, text=text))


def told(session: Session, event: events.TechnicianTold) -> tuple[Job, ...]:
    """Say what the person is to do now, or show the code to hold the scanner at."""
    words = _ASKS.get(event.what)
    session.bench.show = "" if words else event.what
    session.bench.said = Notice(tone=Tone.INFO, text=_(words or _SHOW))
    return ()


def done(session: Session, event: events.TechnicianDone) -> tuple[Job, ...]:
    """Say what came of it."""
    bench = session.bench
    bench.clear()
    bench.said, bench.log = event.notice, event.log
    return ()


def failed(session: Session, event: events.JobFailed) -> tuple[Job, ...]:
    """Say why it could not be done."""
    session.bench.clear()
    session.bench.said = notice(event.code)
    return ()


EVENTS: Final[Handlers] = {
    events.TechnicianAsked: asked,
    events.TechnicianTold: told,
    events.TechnicianDone: done,
}
