"""What every device promises. The kiosk knows devices only through these types.

Dates are ISO 8601 strings and may be partial (`1962`, `1962-03`, `1962-03-05`): many older citizens have
only a year on their papers. Pictures are `(height, width, 3) uint8 BGR` arrays, as OpenCV holds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    from numpy.typing import NDArray


Progress = Callable[[float], None]
"""Called with the share done, 0.0 to 1.0, on the thread that works."""


class DeviceState(StrEnum):
    """How a device is; unknown is never READY. Source: DEVICES.md 2.2."""

    ABSENT = "absent"
    CONNECTING = "connecting"
    READY = "ready"
    DEGRADED = "degraded"
    BLOCKED = "blocked"
    FAULT = "fault"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """The state of one device now, and the code of its likely cause (`ok`, `printer.paper_out`, …)."""

    device: str
    state: DeviceState
    cause: str = "ok"
    detail: str = ""
    """Model, firmware or raw status bytes for the technician; never personal data."""


class Device(Protocol):
    """Anything plugged into the kiosk."""

    def status(self) -> DeviceStatus:
        """Tell how the device is, within one second; never raises."""
        ...

    def close(self) -> None:
        """Let the device go; safe to call twice."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CanKey:
    """Card Access Number: six digits, on a Vietnamese card the last six of the ID number."""

    can: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MrzKey:
    """The machine readable lines: three of 30 on a card (TD1), two of 36 or 44 elsewhere (TD2, TD3)."""

    lines: tuple[str, ...] = field(repr=False)


AccessKey = CanKey | MrzKey


class Verdict(StrEnum):
    """What a proof of the card came to."""

    VALID = "valid"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """The face picture of the chip, decoded: `rgb` is `height * width * 3` bytes, row by row."""

    width: int
    height: int
    rgb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdCard:
    """The person as the card tells it. Religion and personal marks are dropped in the driver.

    Every text is NFC, as printed on the card; None where the card does not say. Sex is `male` or `female`.
    """

    id_number: str = field(repr=False)
    old_id_number: str | None = field(default=None, repr=False)
    full_name: str = field(repr=False)
    birth_date: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    nationality: str | None = field(default=None, repr=False)
    ethnicity: str | None = field(default=None, repr=False)
    place_of_origin: str | None = field(default=None, repr=False)
    residence: str | None = field(default=None, repr=False)
    issue_date: str | None = field(default=None, repr=False)
    expiry_date: str | None = field(default=None, repr=False)
    father_name: str | None = field(default=None, repr=False)
    mother_name: str | None = field(default=None, repr=False)
    spouse_name: str | None = field(default=None, repr=False)
    portrait: Portrait | None = field(default=None, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)
    """Field name to where it came from: `dg1`, `dg2`, `dg11`, `dg12`, `dg13`, `qr`, `typed`."""


HOLDER_FIELDS = tuple(one.name for one in fields(IdCard) if one.name not in {"portrait", "sources"})
"""The texts of a person, in the order of `kiosk card read`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProof:
    """How the card was opened (`PACE` or `BAC`; `AES-128` … `3DES`) and what was proved; no personal data.

    Fields in `_by` say what proved, or failed to: `ECDSA-SHA256`, `CA-ECDH-AES-128`, `PACE-CAM`, `AA-RSA`.
    Warnings are codes such as `dg1_dg13_name_differs`; none of them refuses the card.
    """

    access: str
    cipher: str
    passive_auth: Verdict
    passive_auth_reason: str = ""
    passive_auth_by: str = ""
    chip_auth: Verdict = Verdict.ABSENT
    chip_auth_by: str = ""
    active_auth: Verdict = Verdict.ABSENT
    active_auth_by: str = ""
    data_groups: tuple[int, ...] = ()
    apdus: int = 0
    bytes_read: int = 0
    elapsed_ms: float = 0.0
    extended: bool = False
    reopenings: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReading:
    """One card read: the person, the proof, and the exact files where a `CardVerifier` wants them."""

    holder: IdCard = field(repr=False)
    proof: CardProof
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)


Known = Callable[[CardReading], None]
"""Called once when the person is known and the portrait is not, on the thread that reads."""


class CardReader(Device, Protocol):
    """A slot for one chip card."""

    def card_present(self) -> bool:
        """Tell whether a card is in the slot now; False when the reader is gone."""
        ...

    def wait_for_card(self, *, present: bool, timeout_s: float) -> bool:
        """Block until a card is in the slot (or, `present=False`, until it is out) or the time is over."""
        ...

    def read(
        self, access: AccessKey, *, timeout_s: float, progress: Progress, known: Known = ...
    ) -> CardReading:
        """Read the card now in the slot.

        Args:
            access: What opens the chip: CAN (6 digits) for PACE, or the MRZ.
            timeout_s: Bounds the whole read, seconds.
            progress: Called with the share done, 0.0 to 1.0, on the calling thread.
            known: Called once with the person and the proof so far, before the portrait is fetched.

        Raises:
            DeviceMissingError, NoCardError: No reader answers; the slot is empty.
            MediaRemovedError, DeviceTimeoutError: The card left the slot while being read, or fell silent.
            AccessDeniedError: The chip refused the key.
            NotAnIdCardError: The card has no eMRTD application.
            CardProtocolError: The chip answered what no honest chip answers.
        """
        ...


class CodeScanner(Device, Protocol):
    """Whatever reads QR codes: a serial scanner, a camera, a folder of pictures, a script."""

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over.

        Raises:
            DeviceMissingError: The scanner is gone.
            ScannerMisconfiguredError: The text is not UTF-8.
        """
        ...

    def flush(self) -> None:
        """Forget every code seen before now, so an old one never opens a new screen."""
        ...


class CodeKind(StrEnum):
    """What a code turned out to be."""

    ID_CARD = "id_card"
    RECEIPT = "receipt"
    VIETQR = "vietqr"
    DECLARATION = "declaration"
    """Made elsewhere: a procedure and answers to begin its form with."""
    VNEID = "vneid"
    """A sign-in of the national e-ID app: holds nobody's data."""
    URL = "url"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePayload:
    """A code, classified. `card` is set for ID_CARD; `receipt_code` and `token` for RECEIPT."""

    kind: CodeKind
    text: str = field(repr=False)
    card: IdCard | None = field(default=None, repr=False)
    receipt_code: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    reason: str = ""
    """Why a text that looked like a card or a receipt was not taken as one, for staff."""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


# --- paper --------------------------------------------------------------------------------------------

Corner = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Where the page lies in the picture: four `(x, y)` corners in input pixels, clockwise from top-left."""

    found: bool
    corners: tuple[Corner, Corner, Corner, Corner] | None = None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageProblem:
    """Something wrong with a scanned page. `blocking` means the page must be taken again."""

    code: str
    """`cut_off_left` (right, top, bottom), `blurred`, `glare`, `too_dark`, `shadow`,
    `covered` or `too_small`."""
    blocking: bool
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLayers:
    """A page kept as ink on paper: where ink is, which colour it has, and what lies under it."""

    ink: bytes = field(repr=False)
    """CCITT Group 4 of the page's own width and height, 1 bit a pixel; black is ink."""
    colours: bytes = field(default=b"", repr=False)
    """A small JPEG with the colour of the ink; empty where all of it is black."""
    paper: bytes = field(default=b"", repr=False)
    """A small JPEG of the paper without its ink; empty where it is white."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPage:
    """One flattened, whitened, judged page, kept as JPEG in memory only."""

    jpeg: bytes = field(repr=False)
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    dpi: int
    outline: Outline
    sharpness: float
    """Edge width of letters in pixels after whitening; 2 is sharp, above 4.5 is unreadable (SCAN.md)."""
    glare: float
    """Share of page pixels burnt out, 0.0 to 1.0."""
    problems: tuple[PageProblem, ...] = ()
    elapsed_ms: float = 0.0
    layers: PageLayers | None = field(default=None, repr=False)
    """What goes into the PDF where it is lighter than `jpeg` and shows the same."""

    @property
    def acceptable(self) -> bool:
        """True when nothing blocks this page from being handed in."""
        return not any(problem.blocking for problem in self.problems)


class DocumentScanner(Device, Protocol):
    """A document camera, a flatbed, a folder of pictures, or a simulated desk with papers on it."""

    def preview(self) -> NDArray[np.uint8] | None:
        """Return the newest small frame (about 720 px high, BGR) or None when there is none yet."""
        ...

    def capture(self, *, timeout_s: float) -> NDArray[np.uint8]:
        """Take one full-size picture (BGR).

        Raises:
            DeviceMissingError: The camera is gone.
            DeviceTimeoutError: No picture in time.
        """
        ...


class SheetFeeder(Protocol):
    """A document feeder."""

    def sheets(self, *, timeout_s: float) -> Iterator[NDArray[np.uint8]]:
        """Scan everything that lies in the feeder, side by side, each (height, width, 3) uint8 BGR.

        Args:
            timeout_s: Bounds each side, seconds.

        Raises:
            DeviceMissingError, DeviceBusyError: SANE does not know the scanner; another program scans.
            DeviceTimeoutError: A side did not come in time.
            ScanError: Paper is stuck or missing, or the lid is open: `detail` says which.
        """
        ...


class PageMaker(Protocol):
    """Turns pictures of papers into pages and pages into one PDF."""

    def outline(self, picture: NDArray[np.uint8]) -> Outline:
        """Find the page in a picture of any size, fast enough for a live preview."""
        ...

    def make_page(
        self, picture: NDArray[np.uint8], *, dpi: int = 0, corners: tuple[Corner, ...] = ()
    ) -> ScannedPage:
        """Find, flatten, whiten and judge one page.

        Args:
            picture: (height, width, 3) uint8 BGR, full size.
            dpi: Dots an inch where a flatbed tells, so that the page gets its true size; 0: not known.
            corners: Where a person says the page lies, shares of width and height; empty: it is looked for.

        Raises:
            PageNotFoundError: There is no page, or more than one candidate that cannot be told apart.
        """
        ...

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A small camera frame for the screen, and where the page lies in it.

    `bgr` is `height * width * 3` bytes, row by row, blue first.
    """

    width: int
    height: int
    bgr: bytes = field(repr=False)
    outline: Outline


class PaperSource(StrEnum):
    """How papers come to the desk: seen live, laid face down, or drawn in from a stack."""

    CAMERA = "camera"
    FLATBED = "flatbed"
    FEEDER = "feeder"


class PaperDesk(Device, Protocol):
    """A `DocumentScanner` and a `PageMaker` in one, perhaps in its own process; raises what they raise."""

    @property
    def source(self) -> PaperSource:
        """How papers come; only a camera gives glances."""
        ...

    def glance(self) -> Glance | None:
        """Return the newest small frame with its outline, or None when there is none yet."""
        ...

    def take_page(self, *, timeout_s: float) -> ScannedPage:
        """Take one full-size picture and make a page of it."""
        ...

    def take_framed(self, corners: tuple[Corner, ...], *, timeout_s: float) -> ScannedPage:
        """Take one full-size picture and make a page of what lies between these corners.

        Args:
            corners: Four, as shares of the picture's width and height, clockwise from top-left.
            timeout_s: Bounds the picture, seconds.
        """
        ...

    def take_pages(self, *, timeout_s: float) -> tuple[ScannedPage, ...]:
        """Take all that lies there: of a feeder every written side in order, else one page.

        Args:
            timeout_s: Bounds each side, seconds.
        """
        ...

    def make_pdf(self, pages: tuple[ScannedPage, ...], *, title: str) -> bytes:
        """Put pages in order into one PDF/A-2b file; `title` must hold no personal data."""
        ...

    def photocopy(self, pages: tuple[ScannedPage, ...]) -> bytes:
        """Return a PDF that prints as copies of these pages: A4, grey, 300 dpi, in true size."""
        ...


class TicketKind(StrEnum):
    """What a slip of paper is for."""

    QUEUE = "queue"
    RECEIPT = "receipt"
    STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """One line of a ticket: a label on the left, a value on the right or below."""

    label: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What is printed on a slip, without saying how it looks. All text is ready in its language."""

    kind: TicketKind
    centre: str
    number: str
    """The queue number (`A015`) or the receipt code (`K01-261121-0007`)."""
    heading: str
    """Over the number: `Số thứ tự`, `Mã hồ sơ`."""
    service: str
    issued_at: dt.datetime
    rows: tuple[TicketRow, ...] = ()
    notes: tuple[str, ...] = ()
    """What happens next, one sentence a line."""
    qr_text: str | None = field(default=None, repr=False)
    hotline: str = ""
    reprint: bool = False
    """Marks the slip `BẢN IN LẠI`."""


class PrintOutcome(StrEnum):
    """Issued: the printer's fence came back. Uncertain: it did not in time; never print again by itself."""

    ISSUED = "issued"
    UNCERTAIN = "uncertain"


class TicketPrinter(Device, Protocol):
    """A receipt printer with its own paper."""

    def print_ticket(self, ticket: Ticket, *, timeout_s: float) -> PrintOutcome:
        """Draw the ticket, send it, and wait for the printer to say it is out.

        Raises:
            DeviceMissingError: Nothing answers at the printer's address; nothing was printed.
            PrinterBlockedError: Paper out, cover open or cutter error before anything was sent.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetProgress:
    """How a job at the A4 printer is."""

    sheets: int = 0
    """Sheets that are out, as far as the printer tells."""
    cause: str = "ok"
    """`ok`, or why the printer waits for a person: `a4.paper_out`, `a4.jam`, `a4.cover_open`, …"""


class SheetOutcome(StrEnum):
    """Done: the printer has taken and finished the job. Cancelled: it was asked to stop and has."""

    DONE = "done"
    CANCELLED = "cancelled"


class SheetPrinter(Device, Protocol):
    """An A4 printer behind a print queue: finished forms and photocopies."""

    def print_pdf(
        self,
        pdf: bytes,
        *,
        title: str,
        copies: int,
        told: Callable[[SheetProgress], None],
        stop: Callable[[], bool],
    ) -> SheetOutcome:
        """Print a PDF and follow the job to its end; blocks.

        Args:
            pdf: The document.
            title: The job's name in the print queue; must hold no personal data.
            copies: 1 or more.
            told: Called on the working thread when something changed.
            stop: Asked several times a second; True cancels the job.

        Raises:
            DeviceMissingError: The queue does not answer, or does not take the job.
            PrinterBlockedError: The printer waited too long for a person; the job was cancelled.
            DeviceTimeoutError: Nothing moved for too long; the job was cancelled.
            PrinterError: The printer gave the job up.
        """
        ...
