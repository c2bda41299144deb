"""A printer another program holds, one nobody configured, and one that cannot be as it is configured."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

import pytest

from drivers.errors import DeviceBusyError, DeviceForbiddenError, DeviceMissingError, PrinterError
from drivers.ports import DeviceState, Ticket, TicketPrinter
from drivers.printer.absent import AbsentPrinter
from drivers.printer.profiles import PROFILES
from drivers.printer.receipt_printer import EscposPrinter
from drivers.printer.transport import connect, parse_address

if TYPE_CHECKING:
    from drivers.printer.transport import Address, Line

WIDE = PROFILES["generic-80"]


def seen(device: TicketPrinter) -> tuple[DeviceState, str]:
    status = device.status()
    assert status.device == "ticket_printer"
    return status.state, status.cause


def test_a_serial_printer_another_program_holds_is_busy_and_not_gone(queue_ticket: Ticket) -> None:
    far, near = os.openpty()
    address = f"serial://{os.ttyname(near)}"
    try:
        with contextlib.closing(connect(parse_address(address), 1)):
            device = EscposPrinter(address, WIDE)
            assert [seen(device) for _ in range(3)] == [
                (DeviceState.CONNECTING, "device.busy"),
                (DeviceState.CONNECTING, "device.busy"),
                (DeviceState.ABSENT, "device.busy"),
            ]
            with pytest.raises(DeviceBusyError, match="Another program") as caught:
                device.print_ticket(queue_ticket, timeout_s=1)
            assert caught.value.detail == "device.busy"
    finally:
        os.close(far)
        os.close(near)


def test_a_usb_printer_another_program_holds_is_busy() -> None:
    def held(_address: Address, _timeout_s: float) -> Line:
        raise OSError(errno.EBUSY, "Device or resource busy")  # what usblp says to the second who opens it

    device = EscposPrinter("usb:///dev/usb/lp0", WIDE, open_line=held)
    assert seen(device) == (DeviceState.CONNECTING, "device.busy")


@pytest.mark.parametrize("why", [errno.EPERM, errno.EACCES])
@pytest.mark.parametrize("address", ["usb:///dev/usb/lp0", "serial:///dev/ttyS0"])
def test_a_printer_this_program_may_not_use_is_forbidden_and_not_unplugged(
    queue_ticket: Ticket, address: str, why: int
) -> None:
    def shut(_address: Address, _timeout_s: float) -> Line:
        raise OSError(why, os.strerror(why))

    device = EscposPrinter(address, WIDE, open_line=shut)
    assert [seen(device) for _ in range(3)][-1] == (DeviceState.ABSENT, "device.forbidden")
    with pytest.raises(DeviceForbiddenError, match="installer") as caught:
        device.print_ticket(queue_ticket, timeout_s=1)
    assert caught.value.detail == "device.forbidden"


def test_a_firewall_before_a_network_printer_is_no_matter_of_rights(queue_ticket: Ticket) -> None:
    def blocked(_address: Address, _timeout_s: float) -> Line:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    device = EscposPrinter("tcp://10.0.0.9", WIDE, open_line=blocked)
    assert seen(device) == (DeviceState.CONNECTING, "printer.unreachable")
    with pytest.raises(DeviceMissingError):
        device.print_ticket(queue_ticket, timeout_s=1)


def test_a_kiosk_without_a_printer_says_so(queue_ticket: Ticket) -> None:
    device = AbsentPrinter()
    assert seen(device) == (DeviceState.DISABLED, "printer.not_configured")
    with pytest.raises(DeviceMissingError, match=r"ticket_printer\.address"):
        device.print_ticket(queue_ticket, timeout_s=1)
    device.close()


def test_a_printer_that_cannot_be_as_configured_is_ill_and_keeps_what_to_write(queue_ticket: Ticket) -> None:
    with pytest.raises(PrinterError) as refused:
        EscposPrinter("serial:///dev/ttyS0?baud=9600", WIDE)
    device = AbsentPrinter(refused.value)
    assert seen(device) == (DeviceState.FAULT, "printer.misconfigured")
    assert device.status().detail == "9600 baud"
    with pytest.raises(DeviceMissingError, match="to 115200"):
        device.print_ticket(queue_ticket, timeout_s=1)
