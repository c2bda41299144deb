"""Everything that can happen in a visit: what a person touches and what a device answers. All frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from drivers.ports import CardReading, DeviceStatus, Glance, ScannedPage
    from kiosk_app.flow.steps import Step
    from offline_queue.ports import DossierProgress, HandInReceipt, LocalDossier, QueueStatus, QueueTicket


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""


# --- touched by a person ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Went(Event):
    """A tile or a way to another screen was touched."""

    to: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyAsked(Event):
    """The button `In, phô-tô miễn phí` was touched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MorePagesAsked(Event):
    """One page more is to be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesSet(Event):
    """How many copies of each page are wanted."""

    copies: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPrintAsked(Event):
    """The button that prints the filled form on A4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackPressed(Event):
    """The button `Quay lại`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextPressed(Event):
    """The one primary action."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndPressed(Event):
    """The button `Kết thúc`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched(Event):
    """Letters typed into the procedure search."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedurePicked(Event):
    """A procedure was chosen."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeInstead(Event):
    """No code at hand: type the six digits (or, at the look-up, the dossier code)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanTyped(Event):
    """Six digits of the card number."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSkipped(Event):
    """Go on without the chip: what the code gave is kept, the rest is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAnswered(Event):
    """A field got a value (or lost it, with an empty one)."""

    name: str
    value: str | int | bool | list[str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSearched(Event):
    """Letters typed into a place field."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAsked(Event):
    """The button `Chụp`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKept(Event):
    """The page just taken is good; it belongs to the current paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRetaken(Event):
    """Throw the page just taken away and aim again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CornersAsked(Event):
    """The button `Chỉnh bốn góc`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CornersSet(Event):
    """The citizen showed where the page lies; shares of the picture's width and height, clockwise."""

    corners: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSkipped(Event):
    """The button `Tôi không có giấy này`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditAsked(Event):
    """The button `Sửa` beside a block of the review."""

    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAnswered(Event):
    """One of the two equal buttons."""

    agreed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierAsked(Event):
    """A dossier code typed at the look-up, with the last four digits of the ID number."""

    code: str = field(repr=False)
    id_tail: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePicked(Event):
    """A counter chosen for a waiting number."""

    series: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Event):
    """One of the three faces was touched: 1 not satisfied, 2 satisfied, 3 very satisfied."""

    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonGiven(Event):
    """Why somebody was not satisfied."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PinTyped(Event):
    """The staff PIN."""

    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StillHere(Event):
    """The button `Tôi vẫn ở đây`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTimeAsked(Event):
    """The button `Cần thêm 3 phút`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched(Event):
    """Any touch or key; puts the idle clock back."""


# --- answered by devices, forms, queue, clock ---------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick(Event):
    """A second went by; `at` is the kiosk's monotonic time in seconds."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSeen(Event):
    """The code scanner read something; None = nothing within its turn."""

    text: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodesForgotten(Event):
    """What the code scanner had kept is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInserted(Event):
    """Whether a card came within the turn, and whether there is a slot to put it into."""

    present: bool
    slot_there: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProgressed(Event):
    """How much of the card is read, 0.0 to 1.0."""

    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKnown(Event):
    """The person is read and checked; the portrait is still on its way."""

    reading: CardReading = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReadOut(Event):
    """The card is read."""

    reading: CardReading = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTaken(Event):
    """Whether the card left the slot within the turn."""

    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSeen(Event):
    """A preview frame; None = the camera has none."""

    glance: Glance | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMade(Event):
    """A picture became a page."""

    page: ScannedPage
    stack: tuple[ScannedPage, ...] = ()
    """Every page of a stack that went through a feeder, `page` among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn(Event):
    """The dossier is on the disk."""

    receipt: HandInReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipPrinted(Event):
    """The printer is done: `issued`, `uncertain`, or a failure code."""

    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySeen(Event):
    """What the queue knows of the dossier just handed in."""

    dossier: LocalDossier | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingDelayed(Event):
    """The dossier is safe on this disk and did not reach the backend within the grace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressFound(Event):
    """The look-up answered."""

    progress: DossierProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberIssued(Event):
    """A waiting number was stored."""

    ticket: QueueTicket
    line_page: str = ""
    """Address of the page that shows which number is called; empty where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingKept(Event):
    """A rating is on the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChecked(Event):
    """Whether the PIN was right."""

    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSeen(Event):
    """How the devices and the queue are."""

    devices: tuple[DeviceStatus, ...]
    queue: QueueStatus | None
    queue_error: str
    """Why the queue said nothing, or empty."""
    line_trouble: str
    """Why the backend is not reached, or empty."""
    people_waiting: int | None
    """Numbers of this centre that wait to be called; None while the backend does not tell."""
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFailed(Event):
    """A job ended with an expected error; `code` picks the sentence."""

    job: str
    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crashed(Event):
    """Something unexpected: the visit is wiped and the screen says "one moment"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetsMoved(Event):
    """The A4 printer goes on (`ok`), or waits for a person, and why."""

    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetsEnded(Event):
    """The A4 job is over: printed, or cancelled."""

    printed: bool
