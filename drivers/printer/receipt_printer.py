"""The ticket printer on its line: ask, print, wait for the fence, never print twice by itself."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from drivers.device_file import held_by_another, is_forbidden
from drivers.errors import DeviceBusyError, DeviceForbiddenError, DeviceMissingError, PrinterBlockedError
from drivers.ports import DeviceState, DeviceStatus, PrintOutcome, Ticket
from drivers.printer import escpos
from drivers.printer import ticket as ticket_art
from drivers.printer.escpos import FENCE, STATUS_REQUEST
from drivers.printer.status import QUESTIONS, FenceWatch, PrinterStatus, is_status_answer, judge
from drivers.printer.transport import connect, parse_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.errors import DriverError
    from drivers.printer.profiles import PrinterProfile
    from drivers.printer.transport import Address, Line

log = logging.getLogger(__name__)

DEVICE = "ticket_printer"
_STATUS_S = 0.8
"""Seconds for one whole status round: the port promises an answer within one second."""
_ASK_S = 2.0
"""Seconds for connecting and for the questions before a ticket."""
_SETTLE_S = 0.1
_BUSY_S = 0.1
_MISSES_TO_ABSENT = 3
_MOST_OWED = 4
_PRINTS_ON = frozenset({DeviceState.READY, DeviceState.DEGRADED})


class EscposPrinter:
    """An ESC/POS receipt printer behind `tcp://`, `usb://` or `serial://`; safe to call from any thread."""

    def __init__(
        self,
        address: str,
        profile: PrinterProfile,
        *,
        status_timeout_s: float = _STATUS_S,
        ask_timeout_s: float = _ASK_S,
        settle_s: float = _SETTLE_S,
        rest: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        open_line: Callable[[Address, float], Line] = connect,
    ) -> None:
        """Prepare; the line is opened when first needed.

        Args:
            address: See `transport.parse_address`.
            profile: The printer model.
            status_timeout_s: Seconds `status` may take.
            ask_timeout_s: Seconds the questions before a ticket may take.
            settle_s: Seconds of silence after a sweep, before the first new ticket.
            rest: Waits the profile's pause between strips.
            clock: Seconds that only grow; deadlines are points of it.
            open_line: Opens the line to an address within so many seconds.

        Raises:
            PrinterError: The address cannot be used.
        """
        self._address, self._profile = parse_address(address), profile
        self._status_timeout_s = status_timeout_s
        self._ask_timeout_s = ask_timeout_s
        self._settle_s = settle_s
        self._rest, self._clock, self._open_line = rest, clock, open_line
        self._lock = threading.Lock()
        self._wire: Line | None = None
        self._misses = 0
        self._half_printed = False
        self._mid_strip = True
        # A kiosk that died while printing may have left a broken job and an unanswered fence behind.
        self._owed_fences = 1
        self._last = DeviceStatus(device=DEVICE, state=DeviceState.CONNECTING, cause="printer.not_asked_yet")

    def status(self) -> DeviceStatus:
        """Ask the printer how it is; while a ticket is being printed, repeat the last answer."""
        if not self._lock.acquire(timeout=_BUSY_S):
            return self._last
        try:
            self._ask(self._clock() + self._status_timeout_s)
        except OSError as error:
            self._missed(error)
        finally:
            self._lock.release()
        return self._last

    def print_ticket(self, ticket: Ticket, *, timeout_s: float) -> PrintOutcome:
        """Draw the ticket, send it, and wait until the printer has worked it off.

        A ticket whose fence did not come back is UNCERTAIN and never sent again by itself. What such a ticket
        left half printed is fed out and cut off before the next, so nobody takes home another one's half.
        On a serial line the printer must also answer behind the fence: noise can look like one.

        Args:
            ticket: What to print.
            timeout_s: Seconds until the fence; one round of questions may follow a ticket that is out.

        Raises:
            PrinterError: The ticket cannot be drawn; nothing was printed.
            DeviceMissingError: Nothing answers at the printer's address; nothing was printed.
            PrinterBlockedError: Paper out, cover open or cutter error before anything was sent.
            DeviceBusyError: Another thread's ticket took all of `timeout_s`, or another program holds the
                printer; nothing was printed.
            DeviceForbiddenError: This program may not use the printer; nothing was printed.
        """
        deadline = self._clock() + timeout_s
        raster = ticket_art.render(ticket, width_dots=self._profile.dots, dpi=self._profile.dpi)
        job = escpos.encode(raster, self._profile)
        if not self._lock.acquire(timeout=timeout_s):
            raise DeviceBusyError(
                "The ticket printer is still at work on another ticket; wait, then try again."
            )
        try:
            return self._send(self._ready_wire(deadline), job, deadline)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let the line go; a ticket being printed is finished first."""
        with self._lock:
            self._hang_up()

    # --- asking ---------------------------------------------------------------------------------------

    def _ready_wire(self, deadline: float) -> Line:
        """Return a line to a printer that says it can print, swept clean of any broken job."""
        ask_by = min(deadline, self._clock() + self._ask_timeout_s)
        try:
            status = self._ask(ask_by)
            wire = self._open(ask_by)
            if status.state in _PRINTS_ON:
                self._sweep(wire, deadline)
        except OSError as error:
            self._missed(error)
            raise self._not_had() from error
        if status.state not in _PRINTS_ON:
            raise PrinterBlockedError(detail=status.cause)
        return wire

    def _not_had(self) -> DriverError:
        """Return the error for whoever wanted to print on a printer that was just missed."""
        cause = self._last.cause
        if cause == DeviceBusyError.code:
            return DeviceBusyError(
                "Another program holds the ticket printer; stop it, then try again.", detail=cause
            )
        if cause == DeviceForbiddenError.code:
            return DeviceForbiddenError(
                f"This program may not use the ticket printer. {DeviceForbiddenError.next_step}",
                detail=cause,
            )
        return DeviceMissingError(
            "The ticket printer does not answer; check its power and its cable.", detail=cause
        )

    def _ask(self, deadline: float) -> PrinterStatus:
        """Ask all questions; a line that died since it was last used is opened once more."""
        used_before = self._wire is not None
        try:
            answers = self._round(deadline)
        except TimeoutError:
            raise
        except OSError:
            if not used_before:
                raise
            self._hang_up()
            answers = self._round(deadline)
        status = judge(answers)
        self._misses = 0
        self._note(status.state, status.cause, status.raw)
        return status

    def _round(self, deadline: float) -> bytes:
        wire = self._open(deadline)
        return bytes(self._answer(wire, question, deadline) for question in QUESTIONS)

    @staticmethod
    def _answer(wire: Line, question: int, deadline: float) -> int:
        """Ask one question; bytes that cannot be its answer are passed over, however many come."""
        wire.drain()
        wire.write(STATUS_REQUEST + bytes([question]), deadline=deadline)
        while True:
            for byte in wire.read(deadline=deadline):
                if is_status_answer(byte):
                    return byte

    def _open(self, deadline: float) -> Line:
        if self._wire is None:
            self._wire = self._open_line(self._address, max(0.01, deadline - self._clock()))
        if self._mid_strip:
            # Once for each broken job, before any question; a printer that is offline must not be filled up.
            self._wire.write(escpos.end_of_strip(self._profile), deadline=deadline)
            self._mid_strip = False
        return self._wire

    def _sweep(self, wire: Line, deadline: float) -> None:
        """End whatever an earlier job left in the printer: after an uncertain ticket, and once at start.

        Fences look all alike, so one that an earlier job still owes could pass for ours. As many fences as
        may be owed are asked for again, one by one; what comes after them comes at once and is drained.

        Raises:
            OSError: The printer does not take it or does not answer; nothing of the new ticket was sent.
        """
        if not self._owed_fences:
            return
        wire.drain()
        clean_start = escpos.recovery(self._profile)
        wire.write(clean_start + (self._profile.cut if self._half_printed else b""), deadline=deadline)
        for _ in range(min(self._owed_fences, _MOST_OWED) + 1):
            self._owed_fences += 1
            wire.write(FENCE, deadline=deadline)
            self._await_fence(wire, deadline)
        self._rest(self._settle_s)
        wire.drain()
        self._owed_fences = 0
        self._half_printed = False

    # --- printing -------------------------------------------------------------------------------------

    def _send(self, wire: Line, job: escpos.PrintJob, deadline: float) -> PrintOutcome:
        before = wire.sent
        try:
            wire.drain()
            self._owed_fences += 1
            self._hand_over(wire, job, deadline)
            self._await_fence(wire, deadline)
        except OSError as error:
            untouched = wire.sent == before
            self._missed(error)
            if untouched:
                raise DeviceMissingError(detail=self._last.cause) from error
            return self._uncertain()
        answers = self._look_after()
        if not answers and self._address.serial_path is not None:
            # A zero byte is the fence's answer, and what a falling serial line may be read as.
            return self._uncertain()
        self._owed_fences = 0
        return PrintOutcome.ISSUED

    def _uncertain(self) -> PrintOutcome:
        self._half_printed = self._mid_strip = True
        log.warning("ticket.uncertain", extra={"device": DEVICE, "cause": self._last.cause})
        return PrintOutcome.UNCERTAIN

    def _hand_over(self, wire: Line, job: escpos.PrintJob, deadline: float) -> None:
        if not self._profile.pause_s:
            wire.write(job.data + FENCE, deadline=deadline)
            return
        for piece in job.pieces:
            wire.write(piece, deadline=deadline)
            self._rest(self._profile.pause_s)
        wire.write(FENCE, deadline=deadline)

    @staticmethod
    def _await_fence(wire: Line, deadline: float) -> None:
        watch = FenceWatch()
        while not watch.feed(wire.read(deadline=deadline)):
            pass

    def _look_after(self) -> bool:
        """Learn at once that this ticket was the last of the roll; tell whether the printer still answers."""
        try:
            self._ask(self._clock() + self._status_timeout_s)
        except OSError as error:
            self._missed(error)
            return False
        return True

    # --- remembering ----------------------------------------------------------------------------------

    def _missed(self, error: OSError) -> None:
        """Count a round without an answer; the third makes the printer absent."""
        opened = self._wire is not None
        self._hang_up()
        self._misses += 1
        absent = self._misses >= _MISSES_TO_ABSENT
        self._note(
            DeviceState.ABSENT if absent else DeviceState.CONNECTING,
            _cause(error, opened=opened, is_file=self._address.path is not None),
            type(error).__name__,
        )

    def _note(self, state: DeviceState, cause: str, detail: str) -> None:
        self._last = DeviceStatus(device=DEVICE, state=state, cause=cause, detail=detail)

    def _hang_up(self) -> None:
        if self._wire is not None:
            wire, self._wire = self._wire, None
            wire.close()


def _cause(error: OSError, *, opened: bool, is_file: bool) -> str:
    """Name why nobody answered: an open line was silent, or was never opened."""
    if opened:
        return "printer.silent" if isinstance(error, TimeoutError) else "printer.unreachable"
    if held_by_another(error):
        return DeviceBusyError.code
    # Of a network printer a firewall says the same, which is no matter of rights.
    return DeviceForbiddenError.code if is_file and is_forbidden(error) else "printer.unreachable"
