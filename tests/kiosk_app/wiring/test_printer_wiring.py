"""Which printer the configuration brings."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from drivers.errors import PrinterError
from drivers.ports import DeviceState, PrintOutcome, Ticket, TicketKind
from kiosk_app.config import Config, TicketPrinter
from kiosk_app.wiring.printer import open_ticket_printer, ticket_job, ticket_picture

if TYPE_CHECKING:
    from pathlib import Path


TICKET = Ticket(
    kind=TicketKind.QUEUE,
    centre="UBND",
    number="A015",
    heading="Số",
    service="Hộ tịch",
    issued_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)


def config_for(address: str, profile: str = "xprinter-xp80") -> Config:
    return Config(ticket_printer=TicketPrinter(address=address, profile=profile))


@pytest.mark.parametrize(
    ("address", "simulate"),
    [("simulated:", False), ("simulated:", True), ("", True), ("usb:///dev/usb/no-such-lp", True)],
)
def test_a_simulated_printer_stands_in(address: str, *, simulate: bool) -> None:
    device, simulated = open_ticket_printer(config_for(address, "generic-58"), simulate=simulate)
    assert simulated is not None
    assert device.status().state is DeviceState.READY
    device.close()
    simulated.close()


def test_a_simulated_printer_counts_as_its_model_does() -> None:
    """Half dots until it is told otherwise, so a ticket that forgot to would come out too short."""
    config = config_for("simulated:", "epson-tm-t82")
    device, simulated = open_ticket_printer(config, simulate=False)
    assert simulated is not None
    assert device.print_ticket(TICKET, timeout_s=10) is PrintOutcome.ISSUED
    assert simulated.last_ticket is not None
    width, height = (int.from_bytes(ticket_picture(config, TICKET)[at : at + 4], "big") for at in (16, 20))
    assert (simulated.last_ticket.width, simulated.last_ticket.height) == (width, height)
    device.close()
    simulated.close()


def test_without_printer_and_without_simulation_there_is_none() -> None:
    device, simulated = open_ticket_printer(config_for(""), simulate=False)
    assert simulated is None
    assert device.status().state is DeviceState.DISABLED


@pytest.mark.parametrize("simulate", [False, True])
def test_a_configured_printer_is_used_even_when_switched_off(tmp_path: Path, *, simulate: bool) -> None:
    there = tmp_path / "lp0"
    there.write_bytes(b"")
    for address in ("tcp://127.0.0.1:1", f"usb://{there}"):
        device, simulated = open_ticket_printer(config_for(address), simulate=simulate)
        assert simulated is None
        device.close()


@pytest.mark.parametrize(("address", "profile"), [("lpt1", "generic-80"), ("simulated:", "no-such-model")])
def test_a_wrong_configuration_is_told(address: str, profile: str) -> None:
    with pytest.raises(PrinterError, match="ticket_printer"):
        open_ticket_printer(config_for(address, profile), simulate=True)


def test_what_the_configuration_says_of_the_model_wins() -> None:
    config = Config(ticket_printer=TicketPrinter(address="simulated:", dots=384, cut="none"))
    job = ticket_job(config, TICKET)
    assert b"\x1dV" not in job
    assert ticket_picture(config, TICKET)[16:20] == (384).to_bytes(4, "big")
