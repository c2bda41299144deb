"""Opens the devices of the kiosk, real or simulated, and knows how to close them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.errors import DriverError
from kiosk_app.wiring.card import open_card_reader
from kiosk_app.wiring.codes import open_wedge
from kiosk_app.wiring.hands import SimulatedHands
from kiosk_app.wiring.paper_room import PaperRoom, RoomCodes
from kiosk_app.wiring.printer import no_printer, open_ticket_printer
from kiosk_app.wiring.sheets import open_sheet_printer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import ExitStack

    from drivers.ports import CardReader, CodeScanner, Device, SheetPrinter, TicketPrinter
    from drivers.qr.wedge import WedgeCodeScanner
    from drivers.simulated.printer.server import SimulatedPrinter
    from drivers.simulated.sheets import SimulatedSheets
    from kiosk_app.config import Config
    from kiosk_app.wiring.embedded_backend import EmbeddedBackend

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """The devices, and the simulated machines behind those that are not real."""

    card_reader: CardReader
    paper_room: PaperRoom
    codes: CodeScanner
    wedge: WedgeCodeScanner | None
    """The code scanner too, where it types like a keyboard."""
    printer: TicketPrinter
    paper: SimulatedPrinter | None
    """The machine behind a simulated ticket printer."""
    sheets: SheetPrinter
    simulated_sheets: SimulatedSheets | None
    """The machine behind a simulated A4 printer."""

    def by_name(self) -> dict[str, Device]:
        """Return the devices by the names that staff, doctor and log use."""
        return {
            "card_reader": self.card_reader,
            "qr_scanner": self.codes,
            "document_scanner": self.paper_room,
            "ticket_printer": self.printer,
            "a4_printer": self.sheets,
        }

    def hands(self, backend: EmbeddedBackend | None) -> SimulatedHands:
        """Return what a person does at the simulated ones; nothing happens at real ones."""
        return SimulatedHands(
            card=self.card_reader,
            paper_room=self.paper_room,
            paper=self.paper,
            sheets=self.simulated_sheets,
            backend=backend,
        )

    def closed_in_turn(self) -> Iterator[Device | SimulatedPrinter | SimulatedSheets]:
        """Yield what is closed, last opened first: drivers before the machines behind them."""
        yield from reversed(self.by_name().values())
        for machine in (self.simulated_sheets, self.paper):
            if machine:
                yield machine


def open_devices(config: Config, stack: ExitStack, *, simulate: bool) -> Devices:
    """Open every device; none is spoken to yet.

    Args:
        config: Names the devices.
        stack: Closes them.
        simulate: Give every missing device a simulated one.
    """
    paper_room = PaperRoom(config, simulate=simulate)
    wedge = open_wedge(config)
    printer, paper = _ticket_printer(config, simulate=simulate)
    sheets, simulated_sheets = open_sheet_printer(config, simulate=simulate)
    devices = Devices(
        card_reader=open_card_reader(config, simulate=simulate),
        paper_room=paper_room,
        codes=wedge or RoomCodes(paper_room),
        wedge=wedge,
        printer=printer,
        paper=paper,
        sheets=sheets,
        simulated_sheets=simulated_sheets,
    )
    for device in reversed(tuple(devices.closed_in_turn())):
        stack.callback(device.close)
    return devices


def _ticket_printer(config: Config, *, simulate: bool) -> tuple[TicketPrinter, SimulatedPrinter | None]:
    """Open the ticket printer; one whose address or model makes no sense is ill, and staff see why."""
    try:
        return open_ticket_printer(config, simulate=simulate)
    except DriverError as error:
        told = {"code": error.code, "reason": error.detail}
        log.error("printer.not_opened", extra=told)  # noqa: TRY400 - code and reason say it all
        return no_printer(error), None
