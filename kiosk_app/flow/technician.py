"""The technician's buttons: try a device, print the state, take a bundle away, change settings, restart."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from drivers.ports import PrintOutcome
from kiosk_app.flow import technician_events as said
from kiosk_app.flow.jobs import Job, Lane
from kiosk_app.flow.sentences import codes, notice, sentence
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.technician_tools import Change
from kiosk_app.flow.technician_view import (
    MachineFacts,
    NetworkState,
    TechCentreView,
    TechHistoryView,
    TechMachineView,
    TechNetworkView,
)
from kiosk_app.i18n import _, mark

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk_app.flow.events import JobFailed
    from kiosk_app.flow.jobs import Handlers, Report
    from kiosk_app.flow.session import Session
    from kiosk_app.flow.technician_tools import Tools
    from kiosk_app.flow.technician_view import EnrolledCard

    Run = Callable[[Report], said.TechnicianDone]

STEPS: Final = frozenset(
    {
        Step.STAFF,
        Step.TECH_HISTORY,
        Step.TECH_CENTRE,
        Step.TECH_NETWORK,
        Step.TECH_CARDS,
        Step.TECH_MACHINE,
    }
)
"""The screens behind the technician's door."""
IDLE_S: Final = 300
"""Seconds these screens stand untouched: somebody at the telephone looks for an address meanwhile."""
DEVICES: Final = ("card_reader", "qr_scanner", "document_scanner", "ticket_printer", "a4_printer")
_ASKS: Final = {
    "card": mark("Đưa thẻ thử vào khe trong 30 giây."),
    "paper": mark("Đặt một tờ giấy dưới máy chụp trong 30 giây."),
    "slip": mark("Máy đang in phiếu thử."),
    "slip_code": mark("Đưa mã trên phiếu vừa in vào máy đọc mã trong 30 giây."),
    "tones": mark("Loa sắp kêu vài tiếng. Xin đếm."),
}
_SHOW: Final = mark("Đưa máy đọc mã vào mã dưới đây trong 30 giây.")
_SURE: Final = {
    "reboot": mark("Chạm lần nữa để khởi động lại cả máy. Máy nghỉ chừng hai phút."),
    "restart": mark("Chạm lần nữa để mở lại chương trình. Màn hình nghỉ chừng mười giây."),
    "url": mark(
        "**Địa chỉ máy chủ này chưa trả lời.** Xem lại từng chữ; nếu vẫn muốn lưu, chạm “Thử và lưu” lần nữa."
    ),
}
"""What is done at the second touch only, and what is said after the first."""
_CHANGED: Final = {
    Change.SAME: (Tone.INFO, mark("Mọi thứ đã được đặt như vậy rồi.")),
    Change.SAVED: (Tone.OK, mark("Đã lưu. Mở lại chương trình để dùng thiết lập mới.")),
    Change.KEPT: (Tone.OK, mark("Đã giữ thiết lập mạng mới.")),
    Change.TAKEN_BACK: (
        Tone.WARN,
        mark("**Không nối được máy chủ trong 60 giây.** Máy đã trở lại thiết lập mạng cũ."),
    ),
    Change.DOUBTFUL: (Tone.WARN, _SURE["url"]),
}
_WAIT: Final = mark("Máy đang làm. Xin chờ một chút.")
SURE: Final = "sure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of trying a device, in words."""

    device: str
    well: bool
    text: str


@dataclass(slots=True)
class Bench:
    """What the technician's screens say; begins anew each time one is entered."""

    said: Notice | None = None
    show: str = ""
    """Text of a code to hold the scanner at."""
    busy: bool = False
    sure: str = ""
    """What waits for its second touch."""
    log: tuple[tuple[str, str], ...] = ()
    centre: Mapping[str, str] = field(default_factory=dict)
    network: NetworkState | None = None
    cards: tuple[EnrolledCard, ...] = ()
    listening: bool = False
    """A card is awaited that is to open this screen from now on."""
    facts: MachineFacts | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    restart_due: bool = False
    trial_left_s: int = 0
    keep: threading.Event = field(default_factory=threading.Event)
    """Set by the technician who keeps the network as it is on trial."""

    def clear(self) -> None:
        """Forget what was said and asked; what the screen shows stays."""
        self.said, self.show, self.busy, self.sure, self.trial_left_s = None, "", False, "", 0
        self.problems = {}


def entered(session: Session) -> tuple[Job, ...]:
    """Ask for what the screen shows."""
    tools = session.services.technician
    session.bench.clear()
    session.bench.listening = False
    reads: dict[Step, Callable[[Tools], said.TechnicianDone]] = {
        Step.TECH_HISTORY: lambda tools: said.TechnicianDone(log=tools.log_tail()),
        Step.TECH_CENTRE: lambda tools: said.TechnicianDone(centre=tools.settings.centre()),
        Step.TECH_NETWORK: lambda tools: said.TechnicianDone(network=tools.network.state()),
        Step.TECH_CARDS: lambda tools: said.TechnicianDone(cards=tools.cards.cards()),
        Step.TECH_MACHINE: lambda tools: said.TechnicianDone(facts=tools.facts()),
    }
    read = reads.get(session.step)
    if tools is None or read is None:
        return ()
    return (Job(name="technician_page", lane=Lane.HEALTH, work=lambda _report: read(tools)),)


def asked(session: Session, event: said.TechnicianAsked) -> tuple[Job, ...]:
    """Begin what a button asks for; one thing at a time, and what stops the kiosk at the second touch."""
    tools, bench = session.services.technician, session.bench
    if session.step not in STEPS or tools is None or bench.busy:
        return ()
    if event.what in {"reboot", "restart"} and bench.sure != event.what:
        bench.sure = event.what
        bench.said = Notice(tone=Tone.WARN, text=_(_SURE[event.what]), code=SURE)
        return ()
    runs: dict[str, Run] = {
        "print_status": lambda _report: _printed(tools),
        "sound": _trial(tools, "sound"),
        "learn_mat": lambda _report: _mat_learnt(tools),
        "export": lambda _report: _says(
            _("Đã chép vào {path}. Rút thẻ nhớ USB ra được rồi.").format(path=tools.export())
        ),
        "enrol": lambda _report: _says(_("Máy đã ghi danh: {name}").format(name=tools.enrol(event.text))),
        "restart": lambda _report: _restarted(tools),
        "reboot": lambda _report: _rebooted(tools),
    }
    run = runs.get(event.what)
    if run is None and event.what not in DEVICES:
        return ()
    bench.clear()
    bench.busy, bench.said = True, Notice(tone=Tone.INFO, text=_(_WAIT))
    return (_job(run or _trial(tools, event.what), lane=Lane.HEALTH),)


def _job(work: Run, *, lane: Lane = Lane.SETTINGS) -> Job:
    return Job(name="technician", lane=lane, work=work)


def _trial(tools: Tools, device: str) -> Run:
    def run(report: Report) -> said.TechnicianDone:
        tried = tools.try_out(device, lambda what: report(said.TechnicianTold(what=what)))
        return _tells(tried)

    return run


def touch_tried(session: Session, event: said.TouchTried) -> tuple[Job, ...]:
    """Have the touch grid judged."""
    tools, bench, trial = session.services.technician, session.bench, event.trial
    if session.step is not Step.TECH_MACHINE or tools is None or bench.busy:
        return ()
    bench.clear()
    bench.busy, bench.said = True, Notice(tone=Tone.INFO, text=_(_WAIT))
    return (_job(lambda _report: _tells(tools.judge_touch(trial)), lane=Lane.HEALTH),)


def _tells(tried: Tried) -> said.TechnicianDone:
    return _says(tried.text, tone=Tone.OK if tried.well else Tone.ERROR)


def _printed(tools: Tools) -> said.TechnicianDone:
    if tools.print_status() is PrintOutcome.ISSUED:
        return _says(_("Phiếu tình trạng đã in."))
    return said.TechnicianDone(notice=notice("printer.uncertain", tone=Tone.WARN))


def _mat_learnt(tools: Tools) -> said.TechnicianDone:
    tools.learn_mat()
    return _says(_("Đã học mặt bàn quét. Dời máy chụp hay thay tấm lót thì học lại."))


def _restarted(tools: Tools) -> said.TechnicianDone:
    tools.restart()
    return _says(_("Chương trình đang mở lại."))


def _rebooted(tools: Tools) -> said.TechnicianDone:
    tools.reboot()
    return _says(_("Máy đang khởi động lại."))


def _says(text: str, *, tone: Tone = Tone.OK) -> said.TechnicianDone:
    return said.TechnicianDone(notice=Notice(tone=tone, text=text))


# --- settings -----------------------------------------------------------------------------------------


def settings_given(session: Session, event: said.SettingsGiven) -> tuple[Job, ...]:
    """Check and keep the settings of the screen that stands."""
    tools, bench = session.services.technician, session.bench
    work = {Step.TECH_CENTRE: _save_centre, Step.TECH_NETWORK: _change_network}.get(session.step)
    if tools is None or work is None or bench.busy or bench.trial_left_s:
        return ()
    sure = bench.sure == "url"
    bench.clear()
    bench.busy, bench.said = True, Notice(tone=Tone.INFO, text=_(_WAIT))
    if session.step is Step.TECH_NETWORK:
        bench.keep = threading.Event()
    return (_job(work(tools, dict(event.values), sure=sure, keep=bench.keep)),)


def _save_centre(tools: Tools, values: dict[str, str], *, sure: bool, keep: threading.Event) -> Run:
    del sure, keep  # nothing of the centre can lock the kiosk out

    def run(_report: Report) -> said.TechnicianDone:
        problems = tools.settings.save_centre(values)
        if problems:
            return said.TechnicianDone(problems=problems)
        tone, text = _CHANGED[Change.SAVED]
        return said.TechnicianDone(
            notice=Notice(tone=tone, text=_(text)), centre=tools.settings.centre(), restart_due=True
        )

    return run


def _change_network(tools: Tools, values: dict[str, str], *, sure: bool, keep: threading.Event) -> Run:
    def run(report: Report) -> said.TechnicianDone:
        before = tools.network.state()
        problems = tools.network.problems(values)
        if problems:
            return said.TechnicianDone(problems=problems)
        came = tools.network.change(
            values, sure=sure, kept=keep.wait, told=lambda left: report(said.TrialTicked(left_s=left))
        )
        tone, text = _CHANGED[came]
        after = tools.network.state()
        moved = (before.backend_url, before.proxy) != (after.backend_url, after.proxy)
        return said.TechnicianDone(
            notice=Notice(tone=tone, text=_(text)),
            network=after,
            restart_due=moved,
            doubt="url" if came is Change.DOUBTFUL else "",
        )

    return run


def change_kept(session: Session, _event: said.ChangeKept) -> tuple[Job, ...]:
    """Keep the network as it is on trial, whether the backend answered or not."""
    session.bench.keep.set()
    return ()


def trial_ticked(session: Session, event: said.TrialTicked) -> tuple[Job, ...]:
    """Count a trial down; nobody is sent away while it lasts."""
    session.bench.trial_left_s = event.left_s
    session.touch()
    return ()


# --- what came of it ----------------------------------------------------------------------------------


def told(session: Session, event: said.TechnicianTold) -> tuple[Job, ...]:
    """Say what the person is to do now, or show the code to hold the scanner at."""
    words = _ASKS.get(event.what.partition(":")[0])
    session.bench.show = "" if words else event.what
    session.bench.said = Notice(tone=Tone.INFO, text=_(words or _SHOW))
    return ()


def done(session: Session, event: said.TechnicianDone) -> tuple[Job, ...]:
    """Say what came of it, and show what changed."""
    bench = session.bench
    bench.clear()
    bench.said, bench.sure = event.notice, event.doubt
    bench.problems = {name: sentence(code) for name, code in event.problems.items()}
    bench.restart_due = bench.restart_due or event.restart_due
    bench.log = event.log if event.log is not None else bench.log
    bench.centre = event.centre if event.centre is not None else bench.centre
    bench.network = event.network or bench.network
    bench.cards = event.cards if event.cards is not None else bench.cards
    bench.facts = event.facts or bench.facts
    return ()


def failed(session: Session, event: JobFailed) -> tuple[Job, ...]:
    """Say why it could not be done."""
    session.bench.clear()
    told = f"scan.{event.detail}"
    session.bench.said = notice(told if told in codes() else event.code)
    return ()


# --- views --------------------------------------------------------------------------------------------


def history_view(session: Session) -> TechHistoryView:
    """Return what happened of late."""
    return TechHistoryView(
        transitions=session.services.history(), log=session.bench.log, calls=tuple(session.calls)
    )


def centre_view(session: Session) -> TechCentreView:
    """Return the centre's settings."""
    bench = session.bench
    return TechCentreView(
        values=bench.centre,
        problems=bench.problems,
        said=bench.said,
        busy=bench.busy,
        restart_due=bench.restart_due,
    )


def network_view(session: Session) -> TechNetworkView:
    """Return the network's settings."""
    bench = session.bench
    return TechNetworkView(
        state=bench.network,
        problems=bench.problems,
        said=bench.said,
        busy=bench.busy,
        trial_left_s=bench.trial_left_s,
        restart_due=bench.restart_due,
    )


def machine_view(session: Session) -> TechMachineView:
    """Return the machine."""
    bench = session.bench
    return TechMachineView(facts=bench.facts, said=bench.said, busy=bench.busy, sure=bench.sure)


EVENTS: Final[Handlers] = {
    said.TechnicianAsked: asked,
    said.TouchTried: touch_tried,
    said.TechnicianTold: told,
    said.TechnicianDone: done,
    said.SettingsGiven: settings_given,
    said.ChangeKept: change_kept,
    said.TrialTicked: trial_ticked,
}
