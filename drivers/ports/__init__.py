"""What every device promises. The kiosk knows devices only through these types.

Dates are ISO 8601 strings and may be partial (`1962`, `1962-03`, `1962-03-05`): many older citizens have
only a year on their papers. Pictures are `(height, width, 3) uint8 BGR` arrays, as OpenCV holds them.
"""

from drivers.ports.card import (
    HOLDER_FIELDS,
    AccessKey,
    CanKey,
    CardProof,
    CardReader,
    CardReading,
    IdCard,
    Known,
    MrzKey,
    Portrait,
    Verdict,
)
from drivers.ports.codes import (
    CodeKind,
    CodePayload,
    CodeScanner,
)
from drivers.ports.device import (
    Device,
    DeviceState,
    DeviceStatus,
    Progress,
    Stop,
    never,
)
from drivers.ports.paper import (
    Corner,
    DocumentScanner,
    Glance,
    Outline,
    PageLayers,
    PageMaker,
    PageProblem,
    PaperDesk,
    PaperSource,
    ScannedPage,
    SheetFeeder,
)
from drivers.ports.printing import (
    PrintOutcome,
    SheetOutcome,
    SheetPrinter,
    SheetProgress,
    Ticket,
    TicketKind,
    TicketPrinter,
    TicketRow,
)
from drivers.ports.sound import Said, Speaker

__all__ = [
    "HOLDER_FIELDS",
    "AccessKey",
    "CanKey",
    "CardProof",
    "CardReader",
    "CardReading",
    "CodeKind",
    "CodePayload",
    "CodeScanner",
    "Corner",
    "Device",
    "DeviceState",
    "DeviceStatus",
    "DocumentScanner",
    "Glance",
    "IdCard",
    "Known",
    "MrzKey",
    "Outline",
    "PageLayers",
    "PageMaker",
    "PageProblem",
    "PaperDesk",
    "PaperSource",
    "Portrait",
    "PrintOutcome",
    "Progress",
    "Said",
    "ScannedPage",
    "SheetFeeder",
    "SheetOutcome",
    "SheetPrinter",
    "SheetProgress",
    "Speaker",
    "Stop",
    "Ticket",
    "TicketKind",
    "TicketPrinter",
    "TicketRow",
    "Verdict",
    "never",
]
