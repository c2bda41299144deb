"""Everything known about the citizen now, and until when. `wipe` leaves nothing."""

from __future__ import annotations

import gc
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk_app.flow.sheet_view import CopyPhase
from kiosk_app.flow.sheets import Sheets
from kiosk_app.flow.steps import CardPhase, LookUpPhase, PaperState, RatePhase, ScanPhase

if TYPE_CHECKING:
    from drivers.ports import CardReading, IdCard, ScannedPage
    from forms.ports import Answers, CardRole, Form, Place, Procedure
    from kiosk_app.flow.steps import Notice, Preview
    from offline_queue.ports import DossierProgress, HandInReceipt, QueueTicket


@dataclass(slots=True, kw_only=True)
class Identity:
    """Who the citizen is, as far as the code and the chip said."""

    qr_card: IdCard | None = field(default=None, repr=False)
    can: str = field(default="", repr=False)
    typing_can: bool = False
    phase: CardPhase = CardPhase.INSERT
    share: float = 0.0
    known: IdCard | None = field(default=None, repr=False)
    """Who it is, as soon as that is known and as long as the card is being read."""
    reading: CardReading | None = field(default=None, repr=False)


@dataclass(slots=True, kw_only=True)
class Guest:
    """Another person of the form while their card is at the slot; gone as soon as the form has it."""

    role: CardRole
    identity: Identity = field(default_factory=Identity, repr=False)


@dataclass(slots=True, kw_only=True)
class Filling:
    """The form being filled."""

    form: Form | None = None
    procedure: Procedure | None = None
    answers: Answers = field(default_factory=dict, repr=False)
    page: str = ""
    asked: bool = False
    """True after "Tiếp tục": missing answers are then named as mistakes."""
    places: tuple[Place, ...] = ()
    editing: bool = False
    """True when the citizen came back from the review for one block."""
    proofs: list[dict[str, object]] = field(default_factory=list)
    """What was proved about the cards of the others, without a person in it."""


@dataclass(slots=True, kw_only=True)
class Papers:
    """The papers being scanned."""

    phase: ScanPhase = ScanPhase.AIM
    current: int = 0
    pages: dict[str, tuple[ScannedPage, ...]] = field(default_factory=dict, repr=False)
    skipped: set[str] = field(default_factory=set)
    taken: ScannedPage | None = field(default=None, repr=False)
    stack: tuple[ScannedPage, ...] = field(default=(), repr=False)
    """The pages that went through the feeder with the one taken."""
    preview: Preview | None = field(default=None, repr=False)
    failures: int = 0
    """Pictures in a row that the device could not take."""
    stop: threading.Event = field(default_factory=threading.Event, repr=False)
    """Ends what the scanner takes for this visit now; set by leaving and by the end of the visit."""


@dataclass(slots=True, kw_only=True)
class Copying:
    """The photocopies being made."""

    phase: CopyPhase = CopyPhase.AIM
    pages: tuple[ScannedPage, ...] = field(default=(), repr=False)
    copies: int = 1
    taken: ScannedPage | None = field(default=None, repr=False)
    preview: Preview | None = field(default=None, repr=False)
    stop: threading.Event = field(default_factory=threading.Event, repr=False)
    """As in `Papers`."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of the visit."""

    receipt: HandInReceipt | None = field(default=None, repr=False)
    official_code: str | None = None
    term: str = ""
    fee: str = ""
    pay_text: str = field(default="", repr=False)
    """When the result is expected, as on the slip."""
    will_send_later: bool = False
    paper: PaperState = PaperState.PRINTING
    busy: bool = False
    card_in_slot: bool = False
    ticket: QueueTicket | None = None
    looking: LookUpPhase = LookUpPhase.ASK
    progress: DossierProgress | None = field(default=None, repr=False)


@dataclass(slots=True, kw_only=True)
class Rating:
    """How it was, as far as somebody said."""

    phase: RatePhase = RatePhase.ASK
    score: int = 0
    """1 to 3; 0 while no face was touched."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One citizen at the kiosk. `serial` counts visits; results of an earlier one are dropped."""

    serial: int = 0
    identity: Identity = field(default_factory=Identity)
    guest: Guest | None = field(default=None, repr=False)
    """Whose card is at the slot, when it is not the citizen's own."""
    filling: Filling = field(default_factory=Filling)
    papers: Papers = field(default_factory=Papers)
    copying: Copying = field(default_factory=Copying)
    sheets: Sheets = field(default_factory=Sheets)
    outcome: Outcome = field(default_factory=Outcome)
    rating: Rating = field(default_factory=Rating)
    notice: Notice | None = field(default=None, repr=False)
    query: str = field(default="", repr=False)
    unavailable: str = ""
    """Code of what does not work, for the screen that says so."""
    pin_wrong: int = 0
    door_takes_card: bool = False
    """True at the technician's door where an enrolled card opens it."""

    @property
    def at_slot(self) -> Identity:
        """The person whose code and card are being read."""
        return self.guest.identity if self.guest else self.identity

    def wipe(self) -> None:
        """Forget the citizen: every holder is replaced, and what was in cycles is collected now.

        What a scanner or a printer still does for the visit is stopped.
        """
        self.serial += 1
        self.identity = Identity()
        self.guest = None
        self.filling = Filling()
        self.papers.stop.set()
        self.papers = Papers()
        self.copying.stop.set()
        self.copying = Copying()
        self.sheets.stop.set()
        self.sheets = Sheets()
        self.outcome = Outcome()
        self.rating = Rating()
        self.notice = None
        self.query = ""
        self.unavailable = ""
        self.pin_wrong = 0
        self.door_takes_card = False
        gc.collect()
