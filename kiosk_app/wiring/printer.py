"""Builds the ticket printer the configuration names, or a simulated one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.errors import DriverError
    from drivers.ports import Ticket, TicketPrinter
    from drivers.printer.profiles import PrinterProfile
    from drivers.simulated.printer.server import SimulatedPrinter
    from kiosk_app.config import Config

_SIMULATED = "simulated:"


def open_ticket_printer(
    config: Config, *, simulate: bool, out_dir: Path | None = None
) -> tuple[TicketPrinter, SimulatedPrinter | None]:
    """Build the ticket printer; nothing is sent to it yet.

    A simulated printer is started where the address is `simulated:`, and, with `simulate`, where no address
    is configured or its device file is not there. The caller closes both.

    Args:
        config: The effective configuration.
        simulate: Whether missing devices are simulated.
        out_dir: Where the simulated printer writes a picture per ticket; None writes nothing.

    Raises:
        PrinterError: The address or the profile cannot be used; the message says what to write.
    """
    from drivers.printer.absent import AbsentPrinter
    from drivers.printer.receipt_printer import EscposPrinter

    address = config.ticket_printer.address
    profile = _profile(config)
    if address == _SIMULATED or (simulate and _is_missing(address)):
        from drivers.simulated.printer.server import SimulatedPrinter as Simulated

        # As the model it stands for: half dots until it is told otherwise.
        units = profile.dpi * (2 if profile.sets_units else 1)
        simulated = Simulated(out_dir, dots=profile.dots, dpi=profile.dpi, units=units)
        return EscposPrinter(simulated.address, profile), simulated
    if not address:
        return AbsentPrinter(), None
    return EscposPrinter(address, profile), None


def check_ticket_printer(config: Config) -> None:
    """Look at what the configuration says, and open nothing.

    Raises:
        PrinterError: The address or the profile cannot be used; the message says what to write.
    """
    from drivers.printer.transport import parse_address

    _profile(config)
    if config.ticket_printer.address not in {"", _SIMULATED}:
        parse_address(config.ticket_printer.address)


def no_printer(refused: DriverError) -> TicketPrinter:
    """Return what stands in for a ticket printer that cannot be opened as configured, and says why."""
    from drivers.printer.absent import AbsentPrinter

    return AbsentPrinter(refused)


def ticket_picture(config: Config, ticket: Ticket) -> bytes:
    """Return the ticket as a PNG, dot for dot as the configured printer prints it."""
    from drivers.printer.ticket import render

    profile = _profile(config)
    return render(ticket, width_dots=profile.dots, dpi=profile.dpi).png(dpi=profile.dpi)


def ticket_job(config: Config, ticket: Ticket) -> bytes:
    """Return the ticket as the ESC/POS bytes the configured printer is sent."""
    from drivers.printer.escpos import encode
    from drivers.printer.ticket import render

    profile = _profile(config)
    return encode(render(ticket, width_dots=profile.dots, dpi=profile.dpi), profile).data


def _profile(config: Config) -> PrinterProfile:
    from drivers.printer.escpos import known_profile
    from drivers.printer.profiles import adjusted

    said = config.ticket_printer
    return adjusted(
        known_profile(said.profile),
        cut=said.cut,
        dots=said.dots,
        dpi=said.dpi,
        strip_rows=said.strip_rows,
        pause_ms=said.pause_ms,
        tail_rows=said.tail_rows,
    )


def _is_missing(address: str) -> bool:
    """Tell whether there is plainly nothing at the address; a network printer may just be switched off."""
    from drivers.printer.transport import parse_address

    if not address:
        return True
    path = parse_address(address).path
    return path is not None and not Path(path).exists()
