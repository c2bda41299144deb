"""What a visit needs from the house: ports only, bound to real or simulated devices in `kiosk_app.wiring`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from drivers.ports import (
        CardReader,
        CodePayload,
        CodeScanner,
        DeviceStatus,
        PaperDesk,
        TicketPrinter,
    )
    from forms.ports import Answers, FormCatalogue
    from offline_queue.ports import DossierQueue, ProgressDesk


class DrawForm(Protocol):
    """Draws the official A4 form of a procedure, filled; blocks, so only jobs call it."""

    def __call__(self, procedure: str, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
        """Return the form as PDF; `FormError` when it cannot be drawn."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every door a visit may knock at. Blocking calls are made in jobs only, never in the screen's thread."""

    centre: CentreInfo
    card: CardReader
    codes: CodeScanner
    classify: Callable[[str], CodePayload]
    desk: PaperDesk
    draw_form: DrawForm
    printer: TicketPrinter
    forms: FormCatalogue
    queue: DossierQueue
    progress: ProgressDesk
    devices: Callable[[], tuple[DeviceStatus, ...]]
    pin_right: Callable[[str], bool]
    pin_configured: bool
    now: Callable[[], dt.datetime]
    monotonic: Callable[[], float]
    pause: Callable[[float], object]
    """Waits some seconds; jobs only."""
