"""What a visit needs from the house: ports only, bound to real or simulated devices in `kiosk_app.wiring`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from drivers.ports import (
        CardReader,
        CardReading,
        CodePayload,
        CodeScanner,
        DeviceStatus,
        IdCard,
        PaperDesk,
        SheetPrinter,
        Speaker,
        TicketPrinter,
    )
    from forms.ports import Answers, FormCatalogue
    from kiosk_app.flow.staff_view import Transition
    from kiosk_app.flow.technician_tools import Tools
    from offline_queue.ports import DossierQueue, ProgressDesk, RatingBox


class DrawForm(Protocol):
    """Draws the official A4 form of a procedure, filled; blocks, so only jobs call it."""

    def __call__(self, procedure: str, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
        """Return the form as PDF; `FormError` when it cannot be drawn."""
        ...


class PayCode(Protocol):
    """Makes the text of a QR code for a bank transfer."""

    def __call__(self, amount: Decimal, *, purpose: str) -> str:
        """Return the code for so many đồng, empty where the centre has no account for it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreInfo:
    """The centre, for heads, tickets and forms."""

    name: str
    commune: str
    hotline: str
    idle_s: int
    goodbye_s: int
    done_s: int
    copy_sheets: int = 10
    """Sheets of photocopies that one visit gets free."""
    counters: Mapping[str, str] = field(default_factory=dict)
    """Letter of a series of waiting numbers to where it is served: `3`, or in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every door a visit may knock at. Blocking calls are made in jobs only, never in the screen's thread."""

    centre: CentreInfo
    card: CardReader
    cross_check: Callable[[CardReading, IdCard], CardReading]
    """Adds a warning for everything the code printed on the card says otherwise than the chip."""
    codes: CodeScanner
    classify: Callable[[str], CodePayload]
    desk: PaperDesk
    draw_form: DrawForm
    printer: TicketPrinter
    sheets: SheetPrinter
    pay_code: PayCode
    forms: FormCatalogue
    queue: DossierQueue
    progress: ProgressDesk
    ratings: RatingBox
    devices: Callable[[], tuple[DeviceStatus, ...]]
    pin_right: Callable[[str], bool]
    pin_configured: bool
    now: Callable[[], dt.datetime]
    monotonic: Callable[[], float]
    pause: Callable[[float], object]
    """Waits some seconds; jobs only."""
    speaker: Speaker | None = None
    """Reads screens aloud; None where the kiosk has no voice."""
    keys: Callable[[str, float], bool] | None = None
    """Takes every key stroke and its time where the code scanner types; True where it ended a code."""
    technician: Tools | None = None
    """What the buttons of the technician's screen do."""
    line_page: Callable[[], str] = str
    """Returns the address of the page that shows which number is called, or empty; reads a file."""
    history: Callable[[], tuple[Transition, ...]] = tuple
    """What changed at the devices, newest first; does not block."""
