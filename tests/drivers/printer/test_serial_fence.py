"""A ticket on a serial line that falls with the printer's power: what it brings is no answer."""

from __future__ import annotations

import contextlib
import os
import threading

import pytest

from drivers.ports import PrintOutcome, Ticket
from drivers.printer.profiles import PROFILES
from drivers.printer.receipt_printer import EscposPrinter
from drivers.simulated.printer.interpreter import Interpreter

WIDE = PROFILES["generic-80"]
STOP = b"the test is over"


@pytest.mark.parametrize("dies", [True, False])
def test_a_zero_byte_from_a_serial_line_that_falls_is_not_taken_for_the_ticket(
    queue_ticket: Ticket, *, dies: bool
) -> None:
    """The plug is pulled in the middle of a ticket; what the falling line brings looks like a fence."""
    far, near = os.openpty()

    def answer(said: bytes) -> None:
        os.write(far, said)

    def power_up_to_the_first_strip() -> None:
        while True:
            heard = os.read(far, 4096)
            if heard == STOP:
                return
            if dies and b"\x1dv0" in heard:
                os.write(far, b"\0")
                break
            printer.feed(heard)
        while os.read(far, 4096) != STOP:
            pass

    printer = Interpreter(dots=WIDE.dots, answer=answer, cut=lambda _raster: None)
    thread = threading.Thread(target=power_up_to_the_first_strip)
    thread.start()
    path = os.ttyname(near)
    try:
        with contextlib.closing(EscposPrinter(f"serial://{path}", WIDE, settle_s=0)) as device:
            outcome = device.print_ticket(queue_ticket, timeout_s=10)
            assert outcome is (PrintOutcome.UNCERTAIN if dies else PrintOutcome.ISSUED)
            assert device.status().cause == ("printer.silent" if dies else "ok")
    finally:
        os.write(near, STOP)
        thread.join(10)
        os.close(far)
        os.close(near)
