"""What each screen shows: the steps of a visit and one frozen view for each.

A view is all a screen may know. Texts that come from forms or devices are ready in the language of the visit;
fixed sentences belong to the screens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from drivers.ports import PaperSource
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.sheet_view import CopyView, SheetPhase
from kiosk_app.flow.staff_view import StaffView
from kiosk_app.flow.technician_view import (
    TechCardsView,
    TechCentreView,
    TechHistoryView,
    TechMachineView,
    TechNetworkView,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from drivers.ports import Glance, Portrait
    from offline_queue.ports import DossierProgress


class Step(StrEnum):
    """Where a visit is; each is one screen."""

    WELCOME = "welcome"
    CHOOSE = "choose"
    PROCEDURE = "procedure"
    IDENTIFY_QR = "identify_qr"
    IDENTIFY_CARD = "identify_card"
    FILL = "fill"
    SCAN = "scan"
    REVIEW = "review"
    DONE = "done"
    RATE = "rate"
    LOOK_UP = "look_up"
    TAKE_NUMBER = "take_number"
    COPY = "copy"
    UNAVAILABLE = "unavailable"
    HELP = "help"
    STAFF_PIN = "staff_pin"
    STAFF = "staff"
    TECH_HISTORY = "tech_history"
    TECH_CENTRE = "tech_centre"
    TECH_NETWORK = "tech_network"
    TECH_CARDS = "tech_cards"
    TECH_MACHINE = "tech_machine"
    ONE_MOMENT = "one_moment"


STEPPER: tuple[tuple[Step, ...], ...] = (
    (Step.CHOOSE, Step.PROCEDURE),
    (Step.IDENTIFY_QR, Step.IDENTIFY_CARD),
    (Step.FILL,),
    (Step.SCAN,),
    (Step.REVIEW,),
    (Step.DONE,),
)
"""The six words over a hand-in: Chọn · Thẻ · Điền · Giấy tờ · Xem lại · Nhận phiếu."""


def stepper_position(step: Step) -> int | None:
    """Return which of the six words is current, 0 to 5, or None on screens outside a hand-in."""
    return next((index for index, steps in enumerate(STEPPER) if step in steps), None)


class Tone(StrEnum):
    """How a notice is meant."""

    INFO = "info"
    OK = "ok"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One sentence on the screen that says what happened and what to do."""

    tone: Tone
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WelcomeView:
    """The first screen."""

    waiting: int
    """People in the line, as far as this kiosk knows."""
    hotline: str
    blocked: Mapping[str, str] = field(default_factory=dict)
    """Tile name (`submit`, `take_number`, `look_up`, `procedures`, `copy`) to why it does not work now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureTile:
    """One procedure to choose."""

    code: str
    title: str
    subtitle: str
    icon: str
    has_form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseView:
    """The list of procedures; `found` answers what was typed."""

    procedures: tuple[ProcedureTile, ...]
    query: str = ""
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureView:
    """One procedure before the work starts: papers, time, fee."""

    code: str
    title: str
    sector: str
    time: str
    fee: str
    papers: tuple[tuple[str, bool], ...]
    """Title and whether it is required."""
    legal: str
    can_submit: bool
    papers_known: bool = True
    """False where this kiosk cannot tell the papers."""
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyQrView:
    """Show the code on the card, or type six digits."""

    typed: str = field(default="", repr=False)
    typing: bool = False
    whose: str = ""
    """For another person's card: `Xin đặt thẻ của mẹ.`"""
    notice: Notice | None = None


class CardPhase(StrEnum):
    """What the card slot is doing."""

    REMOVE = "remove"
    """The last person's card is still in the slot."""
    INSERT = "insert"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyCardView:
    """Put the card in; being read; read."""

    phase: CardPhase
    share: float = 0.0
    """0.0 to 1.0."""
    greeting: str = field(default="", repr=False)
    """`Chào bà NGUYỄN THỊ HƯƠNG`."""
    rows: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Label and masked value."""
    portrait: Portrait | None = field(default=None, repr=False)
    proof: str = ""
    """One line that says what was proved."""
    proof_tone: Tone = Tone.OK
    whose: str = ""
    """For another person's card: `Xin đặt thẻ của mẹ.`"""
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """One paper of the list and how far it is."""

    name: str
    title: str
    required: bool
    pages: int
    current: bool
    skipped: bool = False


class ScanPhase(StrEnum):
    """What the scan screen is doing."""

    AIM = "aim"
    CORNERS = "corners"
    """The citizen shows the page's corners in a still picture."""
    WORKING = "working"
    JUDGED = "judged"
    FINISHED = "finished"
    AT_COUNTER = "at_counter"
    """No papers are taken here now; staff take them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The newest camera frame, with where the page lies in it."""

    glance: Glance = field(repr=False)
    number: int
    """Counts up, so a screen knows a new frame from one it has drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanView:
    """Papers under the camera."""

    phase: ScanPhase
    papers: tuple[PaperView, ...]
    preview: Preview | None = None
    page_jpeg: bytes | None = field(default=None, repr=False)
    """The page just taken, flattened."""
    source: PaperSource = PaperSource.CAMERA
    stack: int = 1
    """Pages that came with the one shown, which is the first that is bad, else the first."""
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewBlock:
    """One block of the form as it reads, with where to change it."""

    name: str
    """Page name of the form, or `papers`."""
    title: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """Everything, then the consent."""

    procedure: str
    fee: str
    blocks: tuple[ReviewBlock, ...]
    consent: str
    busy: bool = False
    sheet: SheetPhase | None = None
    """The form on A4, to be signed; None where this kiosk prints no sheets."""
    notice: Notice | None = None


class PaperState(StrEnum):
    """What became of the slip."""

    PRINTING = "printing"
    OUT = "out"
    ON_SCREEN = "on_screen"
    """No paper: the number stands on the screen, staff are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneView:
    """Handed in."""

    number: str
    official_code: str | None
    paper: PaperState
    will_send_later: bool
    lines: tuple[tuple[str, str], ...]
    """Name of a sign and a sentence, in the order a person does them."""
    qr_text: str = field(repr=False)
    card_in_slot: bool
    fee: str = ""
    """What is due at the counter, empty where nothing is."""
    pay_text: str = field(default="", repr=False)
    """VietQR of the fee, empty where the centre takes no transfers."""
    notice: Notice | None = None


class RatePhase(StrEnum):
    """What the screen of the three faces is doing."""

    ASK = "ask"
    WHY = "why"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class RateView:
    """How it was; nothing here tells who is asked."""

    phase: RatePhase = RatePhase.ASK
    reasons: tuple[tuple[str, str], ...] = ()
    """Code and words, where somebody was not satisfied."""


class LookUpPhase(StrEnum):
    """What the look-up screen is doing."""

    ASK = "ask"
    TYPING = "typing"
    WORKING = "working"
    FOUND = "found"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpView:
    """Where a dossier is."""

    phase: LookUpPhase
    progress: DossierProgress | None = None
    state_text: str = ""
    state_tone: Tone = Tone.INFO
    next_step: str = ""
    procedure: str = ""
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeNumberView:
    """Choose a counter, get a number."""

    services: tuple[tuple[str, str, str], ...]
    """Series letter, title, icon."""
    prints: bool = True
    """False where no slip will come out: the number stands on the screen."""
    number: str = ""
    service: str = ""
    waiting: int = 0
    paper: PaperState | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnavailableView:
    """Something does not work now, and what can be done instead."""

    title: str
    reason: str
    can_take_number: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpView:
    """Staff were called."""

    hotline: str
    called_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPinView:
    """The technician's door."""

    wrong: bool = False
    wait_s: int = 0
    configured: bool = True
    takes_card: bool = False
    """True where a technician's card opens it too."""
    notice: Notice | None = None
    """What is to be done with the card, or what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneMomentView:
    """Something unexpected; the visit was wiped."""


View = (
    WelcomeView
    | ChooseView
    | ProcedureView
    | IdentifyQrView
    | IdentifyCardView
    | FillView
    | ScanView
    | ReviewView
    | DoneView
    | LookUpView
    | TakeNumberView
    | RateView
    | CopyView
    | UnavailableView
    | HelpView
    | StaffPinView
    | StaffView
    | TechHistoryView
    | TechCentreView
    | TechNetworkView
    | TechCardsView
    | TechMachineView
    | OneMomentView
)
