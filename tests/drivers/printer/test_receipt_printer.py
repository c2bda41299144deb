"""The printer on its line: what it says, what it prints, and that nothing is printed twice by itself."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from drivers.errors import DeviceBusyError, DeviceMissingError, PrinterBlockedError, PrinterError
from drivers.ports import DeviceState, PrintOutcome, Ticket, TicketPrinter
from drivers.printer.escpos import encode
from drivers.printer.profiles import PROFILES
from drivers.printer.receipt_printer import EscposPrinter
from drivers.printer.ticket import render
from drivers.simulated.printer.conditions import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.simulated.printer.server import SimulatedPrinter

WIDE = PROFILES["generic-80"]
SLOW = dataclasses.replace(WIDE, pause_s=0.001)
QUESTIONS = 4 * 3  # bytes of one round of DLE EOT


def seen(device: TicketPrinter) -> tuple[DeviceState, str]:
    status = device.status()
    assert status.device == "ticket_printer"
    return status.state, status.cause


# --- health ---------------------------------------------------------------------------------------------


def test_before_the_first_answer_the_printer_is_not_said_to_be_well() -> None:
    device = EscposPrinter("tcp://127.0.0.1:1", WIDE)
    assert device._last.state is DeviceState.CONNECTING


@pytest.mark.parametrize(
    ("condition", "state", "cause"),
    [
        (Condition.OK, DeviceState.READY, "ok"),
        (Condition.NEAR_END, DeviceState.DEGRADED, "printer.paper_near_end"),
        (Condition.PAPER_OUT, DeviceState.BLOCKED, "printer.paper_out"),
        (Condition.COVER_OPEN, DeviceState.BLOCKED, "printer.cover_open"),
        (Condition.CUTTER_ERROR, DeviceState.BLOCKED, "printer.cutter"),
    ],
)
def test_each_condition_is_named(
    printer: EscposPrinter, simulated: SimulatedPrinter, condition: Condition, state: DeviceState, cause: str
) -> None:
    simulated.set_condition(condition)
    assert seen(printer) == (state, cause)
    simulated.set_condition(Condition.OK)
    assert seen(printer) == (DeviceState.READY, "ok")


def test_a_silent_printer_is_absent_only_after_three_misses(
    hasty_printer: EscposPrinter, simulated: SimulatedPrinter
) -> None:
    assert seen(hasty_printer) == (DeviceState.READY, "ok")
    simulated.set_condition(Condition.HANG)
    for state in (DeviceState.CONNECTING, DeviceState.CONNECTING, DeviceState.ABSENT):
        began = time.monotonic()
        assert seen(hasty_printer) == (state, "printer.silent")
        assert time.monotonic() - began < 1.0
    simulated.set_condition(Condition.OK)
    assert seen(hasty_printer) == (DeviceState.READY, "ok")
    # One answer and the count starts again.
    simulated.set_condition(Condition.HANG)
    assert seen(hasty_printer) == (DeviceState.CONNECTING, "printer.silent")


def test_a_printer_that_is_not_there_is_unreachable(simulated: SimulatedPrinter) -> None:
    device = EscposPrinter(simulated.address, WIDE)
    simulated.close()
    assert [seen(device) for _ in range(3)] == [
        (DeviceState.CONNECTING, "printer.unreachable"),
        (DeviceState.CONNECTING, "printer.unreachable"),
        (DeviceState.ABSENT, "printer.unreachable"),
    ]


def test_a_line_the_printer_closed_while_idle_is_opened_again_unnoticed(
    printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket
) -> None:
    printer.status()
    simulated.drop_line_after(1)
    # The first question of the next round is lost with the line; no miss is counted.
    assert seen(printer) == (DeviceState.READY, "ok")
    assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED


# --- printing -------------------------------------------------------------------------------------------


def test_the_ticket_comes_out_with_no_dot_different(
    printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket, receipt: Ticket
) -> None:
    for count, ticket in enumerate((queue_ticket, receipt), start=1):
        assert printer.print_ticket(ticket, timeout_s=5) is PrintOutcome.ISSUED
        assert simulated.ticket_count == count
        assert simulated.last_ticket == render(ticket)
    assert printer.status().state is DeviceState.READY


def test_near_the_end_of_the_roll_it_still_prints(
    printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket
) -> None:
    simulated.set_condition(Condition.NEAR_END)
    assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED
    assert seen(printer) == (DeviceState.DEGRADED, "printer.paper_near_end")


@pytest.mark.parametrize(
    ("condition", "cause"),
    [
        (Condition.PAPER_OUT, "printer.paper_out"),
        (Condition.COVER_OPEN, "printer.cover_open"),
        (Condition.CUTTER_ERROR, "printer.cutter"),
    ],
)
def test_a_blocked_printer_is_sent_nothing(
    printer: EscposPrinter,
    simulated: SimulatedPrinter,
    queue_ticket: Ticket,
    condition: Condition,
    cause: str,
) -> None:
    simulated.set_condition(condition)
    with pytest.raises(PrinterBlockedError) as caught:
        printer.print_ticket(queue_ticket, timeout_s=5)
    assert caught.value.detail == cause
    simulated.set_condition(Condition.OK)
    assert seen(printer) == (DeviceState.READY, "ok")
    assert simulated.ticket_count == 0


def test_a_silent_printer_is_given_up_in_time_and_sent_nothing(
    hasty_printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket
) -> None:
    simulated.set_condition(Condition.HANG)
    began = time.monotonic()
    with pytest.raises(DeviceMissingError) as caught:
        hasty_printer.print_ticket(queue_ticket, timeout_s=5)
    assert time.monotonic() - began < 1.0
    assert caught.value.detail == "printer.silent"
    simulated.set_condition(Condition.OK)
    assert seen(hasty_printer) == (DeviceState.READY, "ok")
    assert simulated.ticket_count == 0


def test_a_printer_that_is_not_there_is_missing(simulated: SimulatedPrinter, queue_ticket: Ticket) -> None:
    device = EscposPrinter(simulated.address, WIDE)
    simulated.close()
    with pytest.raises(DeviceMissingError) as caught:
        device.print_ticket(queue_ticket, timeout_s=5)
    assert caught.value.detail == "printer.unreachable"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.35, 0.6, 0.85, 1.0])
def test_a_line_dropped_within_a_ticket_is_uncertain_and_the_next_ticket_is_clean(
    printer: EscposPrinter, simulated: SimulatedPrinter, queue_ticket: Ticket, receipt: Ticket, share: float
) -> None:
    assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED
    length = len(encode(render(receipt), WIDE).data)
    simulated.drop_line_after(QUESTIONS + 1 + int(share * (length - 1)))
    assert printer.print_ticket(receipt, timeout_s=5) is PrintOutcome.UNCERTAIN
    # Nothing is sent again by itself: asking how it is prints nothing.
    assert seen(printer) == (DeviceState.READY, "ok")
    before = simulated.ticket_count
    assert before == (2 if share == 1.0 else 1)
    assert (
        printer.print_ticket(dataclasses.replace(receipt, reprint=True), timeout_s=5) is PrintOutcome.ISSUED
    )
    assert simulated.last_ticket == render(dataclasses.replace(receipt, reprint=True))
    # What was half out has been cut off as a piece of its own.
    assert simulated.ticket_count - before in (1, 2)


@pytest.mark.parametrize("trouble", [Condition.PAPER_OUT, Condition.COVER_OPEN, Condition.HANG])
def test_trouble_within_a_ticket_is_uncertain_and_never_printed_again_by_itself(
    simulated: SimulatedPrinter, queue_ticket: Ticket, trouble: Condition
) -> None:
    strips = 0

    def rest(_seconds: float) -> None:
        nonlocal strips
        strips += 1
        if strips == 5:
            simulated.set_condition(trouble)

    first = EscposPrinter(simulated.address, WIDE, ask_timeout_s=0.5)
    first.print_ticket(queue_ticket, timeout_s=5)
    first.close()
    with contextlib.closing(EscposPrinter(simulated.address, SLOW, settle_s=0, rest=rest)) as device:
        began = time.monotonic()
        assert device.print_ticket(queue_ticket, timeout_s=0.5) is PrintOutcome.UNCERTAIN
        assert time.monotonic() - began < 2
        assert simulated.ticket_count == 1
        simulated.set_condition(Condition.OK)
        assert seen(device) == (DeviceState.READY, "ok")
        # The printer had all of the ticket and prints it late; the kiosk added nothing.
        assert simulated.wait_for_tickets(2, timeout_s=5)
        assert simulated.last_ticket == render(queue_ticket)
        again = dataclasses.replace(queue_ticket, number="A016")
        assert device.print_ticket(again, timeout_s=5) is PrintOutcome.ISSUED
        assert simulated.last_ticket == render(again)
        assert simulated.ticket_count == 3


def test_a_printer_left_in_the_middle_of_a_picture_by_a_dead_kiosk_prints_clean(
    simulated: SimulatedPrinter, queue_ticket: Ticket
) -> None:
    job = encode(render(queue_ticket), WIDE).data
    host, port = simulated.address.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(b"\x1b@" + job[job.index(b"\x1dv0") :][:500])
    with contextlib.closing(EscposPrinter(simulated.address, WIDE, settle_s=0)) as device:
        assert device.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED
    ticket = simulated.last_ticket
    assert ticket is not None
    drawn = render(queue_ticket)
    assert ticket.rows.endswith(drawn.rows)


class LatePrinter:
    """Answers questions at once; the fence of an earlier, lost job comes late, ours for the ticket never."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._door.getsockname()[1]}"
        self.fences = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        # The first fence asked for brings only the old answer, the second its own and the first's.
        answers = {1: b"\x00", 2: b"\x00\x00"}
        line, _peer = self._door.accept()
        with line:
            heard, asked = b"", 0
            while data := line.recv(65536):
                heard += data
                questions = heard.count(b"\x10\x04")
                line.sendall(b"\x12" * (questions - asked))
                asked = questions
                while self.fences < heard.count(b"\x1dr\x01"):
                    self.fences += 1
                    line.sendall(answers.get(self.fences, b""))

    def close(self) -> None:
        self._thread.join(5)
        self._door.close()


def test_a_late_fence_of_a_broken_job_is_not_taken_for_the_ticket(queue_ticket: Ticket) -> None:
    late = LatePrinter()
    device = EscposPrinter(late.address, WIDE, ask_timeout_s=1, settle_s=0.05)
    try:
        assert device.print_ticket(queue_ticket, timeout_s=1) is PrintOutcome.UNCERTAIN
        assert late.fences == 3
    finally:
        device.close()
        late.close()


def test_two_threads_never_mix_their_tickets(simulated: SimulatedPrinter, queue_ticket: Ticket) -> None:
    printing, go_on = threading.Event(), threading.Event()

    def rest(_seconds: float) -> None:
        printing.set()
        assert go_on.wait(10)

    outcomes: list[PrintOutcome] = []
    with contextlib.closing(EscposPrinter(simulated.address, SLOW, rest=rest)) as device:
        thread = threading.Thread(
            target=lambda: outcomes.append(device.print_ticket(queue_ticket, timeout_s=20))
        )
        thread.start()
        assert printing.wait(10)
        began = time.monotonic()
        assert device.status().cause == "ok"
        assert time.monotonic() - began < 1
        with pytest.raises(DeviceBusyError):
            device.print_ticket(queue_ticket, timeout_s=0.05)
        go_on.set()
        thread.join(20)
    assert outcomes == [PrintOutcome.ISSUED]
    assert simulated.ticket_count == 1


def test_closing_twice_is_harmless_and_printing_opens_the_line_again(
    printer: EscposPrinter, queue_ticket: Ticket
) -> None:
    printer.close()
    printer.close()
    assert printer.print_ticket(queue_ticket, timeout_s=5) is PrintOutcome.ISSUED


# --- other lines ----------------------------------------------------------------------------------------


@contextlib.contextmanager
def serial_cable(simulated: SimulatedPrinter) -> Iterator[str]:
    """A pseudo-terminal whose far end is the simulated printer."""
    far, near = os.openpty()
    host, port = simulated.address.removeprefix("tcp://").split(":")
    stop_read, stop_write = os.pipe()
    with socket.create_connection((host, int(port))) as line:

        def carry() -> None:
            while True:
                ready, _, _ = select.select([far, line.fileno(), stop_read], [], [])
                if stop_read in ready:
                    return
                if far in ready:
                    line.sendall(os.read(far, 4096))
                if line.fileno() in ready:
                    os.write(far, line.recv(4096))

        thread = threading.Thread(target=carry)
        thread.start()
        try:
            yield os.ttyname(near)
        finally:
            os.write(stop_write, b"!")
            thread.join()
            for descriptor in (far, near, stop_read, stop_write):
                os.close(descriptor)


@pytest.mark.parametrize("scheme", ["serial", "usb"])
def test_a_ticket_goes_through_a_device_file(
    simulated: SimulatedPrinter, queue_ticket: Ticket, scheme: str
) -> None:
    # Raw mode comes from pyserial; the plain file gets it from the test, as usblp has no line discipline.
    with serial_cable(simulated) as path:
        if scheme == "usb":
            import tty

            descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY)
            tty.setraw(descriptor)
            os.close(descriptor)
        with contextlib.closing(EscposPrinter(f"{scheme}://{path}", WIDE)) as device:
            assert seen(device) == (DeviceState.READY, "ok")
            assert device.print_ticket(queue_ticket, timeout_s=20) is PrintOutcome.ISSUED
            assert simulated.last_ticket == render(queue_ticket)


def test_a_wrong_address_is_told_when_the_printer_is_built() -> None:
    with pytest.raises(PrinterError):
        EscposPrinter("lpt1", WIDE)
