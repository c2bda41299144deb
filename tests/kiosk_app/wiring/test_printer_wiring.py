"""Which printer the configuration brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers.errors import PrinterError
from drivers.ports import DeviceState
from kiosk_app.config import Config, TicketPrinter
from kiosk_app.wiring.printer import open_ticket_printer

if TYPE_CHECKING:
    from pathlib import Path


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
