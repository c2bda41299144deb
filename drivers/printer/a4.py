"""The A4 printer: PDF jobs handed to a print queue over IPP, followed to their end.

The queue is CUPS on this machine, or any printer that speaks IPP. No library of CUPS is needed.

Source: RFC 8011; DEVICES.md 3.
"""

from __future__ import annotations

import http.client
import itertools
import logging
import re
import time
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from drivers.errors import DeviceMissingError, DeviceTimeoutError, PrinterBlockedError, PrinterError
from drivers.ports import DeviceState, DeviceStatus, SheetOutcome, SheetProgress
from drivers.printer import ipp
from drivers.printer.ipp import Group, Operation, Tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

CALL_TIMEOUT_S: Final = 5.0
"""One call of IPP; the job itself has longer."""
STATUS_TIMEOUT_S: Final = 0.8
POLL_S: Final = 0.25
STILL_S: Final = 30.0
"""A job in which nothing moves for so long is cancelled. Source: DEVICES.md 3."""
PATIENCE_S: Final = 180.0
"""How long a job waits for somebody to put paper in."""
CANCEL_S: Final = 10.0
"""How long a cancelled job may take to end."""

_PORT = 631
_NOT_IN_NAMES: Final = re.compile(r"[\s/#?@]")
"""Source: lpadmin(8): a queue's name has neither blanks nor `/` nor `#`; the others would end a path."""
_USER = "kiosk"
_DONE, _ABORTED, _CANCELLED = 9, 8, 7
"""Job states that are an end. Source: RFC 8011, 5.3.7."""
_STOPPED = 5
"""The printer does not work. Source: RFC 8011, 5.4.11."""

REASONS: Final = {
    "media-empty": "a4.paper_out",
    "media-needed": "a4.paper_out",
    "media-jam": "a4.jam",
    "cover-open": "a4.cover_open",
    "door-open": "a4.cover_open",
    "input-tray-missing": "a4.tray_missing",
    "toner-empty": "a4.toner_out",
    "marker-supply-empty": "a4.toner_out",
    "output-area-full": "a4.output_full",
    "offline": "a4.offline",
    "shutdown": "a4.offline",
    "connecting-to-device": "a4.offline",
    "paused": "a4.paused",
}
"""Reasons that need a person, without their ending (`-error`, `-warning`, `-report` are told alike)."""
_LATER: Final = {
    "media-low": "a4.paper_low",
    "toner-low": "a4.toner_low",
    "marker-supply-low": "a4.toner_low",
}
"""Reasons that will need one soon."""


def cause_of(reasons: tuple[object, ...]) -> str:
    """Return what keeps the printer from printing, `ok` where nothing does."""
    bare = [_bare(str(reason)) for reason in reasons]
    return next((REASONS[reason] for reason in bare if reason in REASONS), "ok")


def _bare(reason: str) -> str:
    head, _, ending = reason.rpartition("-")
    return head if ending in {"error", "warning", "report"} else reason


def parse_queue(text: str) -> tuple[str, int, str]:
    """Return host, port and path of a print queue; letters beyond ASCII in the path are percent-encoded.

    Args:
        text: Name of a CUPS queue on this machine (`A4`), or `ipp://host:631/printers/A4`.

    Raises:
        PrinterError: It is neither; the message says what to write.
    """
    try:
        address = urlsplit(text if "://" in text else f"ipp://localhost:{_PORT}/printers/{text}")
        host, port = address.hostname or "", address.port or _PORT
        host.encode("idna")  # as the resolver will
    except ValueError as error:
        raise _refused(text) from error
    named = "://" in text or not _NOT_IN_NAMES.search(text)
    if address.scheme != "ipp" or not host or not named:
        raise _refused(text)
    return host, port, quote(address.path or "/ipp/print", safe="/%:@!$&'()*+,;=~")


def _refused(text: str) -> PrinterError:
    told = text.rpartition("@")[2]  # what stands before an @ may be a password
    return PrinterError(
        f"a4_printer.queue is {told!r}; write the name of a CUPS queue (lpstat -e lists them) "
        "or ipp://HOST:631/printers/NAME",
        detail=told,
    )


def _job(number: int) -> dict[str, tuple[Tag, ipp.Value]]:
    return {"job-id": (Tag.INTEGER, number)}


class IppPrinter:
    """A `SheetPrinter` behind a print queue.

    Args:
        queue: Name of a CUPS queue on this machine (`A4`), or `ipp://host:631/printers/A4`.
        still_s: A job in which nothing moves for so long is cancelled, seconds.
        clock: Seconds that only go forward.
        wait: Sleeps some seconds.

    Raises:
        PrinterError: The queue is neither of these.
    """

    def __init__(
        self,
        queue: str,
        *,
        still_s: float = STILL_S,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._host, self._port, self._path = parse_queue(queue)
        self._uri = f"ipp://{self._host}:{self._port}{self._path}"
        self._still_s, self._clock, self._wait = still_s, clock, wait
        self._numbers = itertools.count(1)

    def status(self) -> DeviceStatus:
        """Tell how the printer is, as far as its queue knows."""
        wanted = "printer-state"
        try:
            answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, timeout_s=STATUS_TIMEOUT_S)
        except DeviceMissingError as error:
            return self._told(DeviceState.ABSENT, "a4.no_queue", error.detail)
        printer = answer.group(Group.PRINTER)
        if answer.code >= ipp.OK_LIMIT or wanted not in printer:
            return self._told(DeviceState.ABSENT, "a4.no_queue", f"ipp {answer.code:#06x}")
        reasons = printer.get("printer-state-reasons", ())
        detail = " ".join(str(reason) for reason in reasons)
        cause = cause_of(reasons)
        if cause != "ok":
            return self._told(DeviceState.BLOCKED, cause, detail)
        if printer[wanted] == (_STOPPED,) or printer.get("printer-is-accepting-jobs") == (False,):
            return self._told(DeviceState.BLOCKED, "a4.paused", detail)
        later = next((_LATER[bare] for bare in map(_bare, map(str, reasons)) if bare in _LATER), None)
        return self._told(DeviceState.DEGRADED if later else DeviceState.READY, later or "ok", detail)

    def print_pdf(
        self,
        pdf: bytes,
        *,
        title: str,
        copies: int,
        told: Callable[[SheetProgress], None],
        stop: Callable[[], bool],
    ) -> SheetOutcome:
        """Hand the job over and follow it; see `SheetPrinter`."""
        job = self._send(pdf, title=title, copies=copies)
        log.info("a4.job_sent", extra={"bytes": len(pdf), "count": copies})
        return self._follow(job, told, stop)

    def close(self) -> None:
        """Do nothing: every call has a connection of its own."""

    def _told(self, state: DeviceState, cause: str, detail: str) -> DeviceStatus:
        return DeviceStatus(device="a4_printer", state=state, cause=cause, detail=detail)

    # --- the job ----------------------------------------------------------------------------------------

    def _send(self, pdf: bytes, *, title: str, copies: int) -> int:
        answer = self._ask(
            Operation.PRINT_JOB,
            operation={"job-name": (Tag.NAME, title), "document-format": (Tag.MIME_TYPE, "application/pdf")},
            job={
                "copies": (Tag.INTEGER, copies),
                "media": (Tag.KEYWORD, "iso_a4_210x297mm"),
                "print-scaling": (Tag.KEYWORD, "auto-fit"),
                "sides": (Tag.KEYWORD, "one-sided"),
            },
            data=pdf,
        )
        number = answer.group(Group.JOB).get("job-id", (None,))[0]
        if answer.code >= ipp.OK_LIMIT or not isinstance(number, int):
            raise DeviceMissingError(
                f"The print queue refused the job ({answer.code:#06x}); try `cupsenable` and `cupsaccept`.",
                detail="a4.refused",
            )
        return number

    def _follow(
        self, job: int, told: Callable[[SheetProgress], None], stop: Callable[[], bool]
    ) -> SheetOutcome:
        last, seen = SheetProgress(), ""
        moved = self._clock()
        while True:
            state, now, raw = self._look(job)
            if state in (_DONE, _CANCELLED, _ABORTED):
                return self._ended(state)
            if raw != seen:
                seen, moved = raw, self._clock()
            if now != last:
                last = now
                log.info("a4.job_moved", extra={"cause": now.cause, "count": now.sheets})
                told(now)
            if stop():
                return self._cancel(job)
            self._give_up_if_still(job, last, self._clock() - moved)
            self._wait(POLL_S)

    def _look(self, job: int) -> tuple[int, SheetProgress, str]:
        """Return the job's state, its progress, and all the queue says of it: any change there is a move."""
        found = self._ask(Operation.GET_JOB_ATTRIBUTES, operation=_job(job)).group(Group.JOB)
        printer = self._ask(Operation.GET_PRINTER_ATTRIBUTES).group(Group.PRINTER)
        state = found.get("job-state", (_ABORTED,))[0]
        sheets = found.get("job-impressions-completed", found.get("job-media-sheets-completed", (0,)))[0]
        reasons = (*found.get("job-state-reasons", ()), *printer.get("printer-state-reasons", ()))
        progress = SheetProgress(sheets=sheets if isinstance(sheets, int) else 0, cause=cause_of(reasons))
        raw = f"{state!r} {sheets!r} {reasons!r}"
        return (state if isinstance(state, int) else _ABORTED), progress, raw

    @staticmethod
    def _ended(state: int) -> SheetOutcome:
        if state == _ABORTED:
            raise PrinterError("The print queue gave the job up; see its error log.", detail="a4.aborted")
        return SheetOutcome.DONE if state == _DONE else SheetOutcome.CANCELLED

    def _give_up_if_still(self, job: int, last: SheetProgress, still_s: float) -> None:
        if last.cause != "ok" and still_s >= PATIENCE_S:
            self._cancel(job)
            raise PrinterBlockedError("The A4 printer waited too long for a person.", detail=last.cause)
        if last.cause == "ok" and still_s >= self._still_s:
            self._cancel(job)
            raise DeviceTimeoutError(
                "The A4 printer did not go on; the job was cancelled.", detail="a4.still"
            )

    def _cancel(self, job: int) -> SheetOutcome:
        """Cancel the job and wait for its end; one that ended just before is simply done."""
        self._ask(Operation.CANCEL_JOB, operation=_job(job))
        deadline = self._clock() + CANCEL_S
        while self._clock() < deadline:
            state, _progress, _raw = self._look(job)
            if state in (_DONE, _CANCELLED, _ABORTED):
                return SheetOutcome.DONE if state == _DONE else SheetOutcome.CANCELLED
            self._wait(POLL_S)
        raise DeviceTimeoutError("The A4 printer did not stop; switch it off and on.", detail="a4.still")

    # --- the line ---------------------------------------------------------------------------------------

    def _ask(
        self,
        code: Operation,
        *,
        operation: Mapping[str, tuple[Tag, ipp.Value]] = MappingProxyType({}),
        job: Mapping[str, tuple[Tag, ipp.Value]] = MappingProxyType({}),
        data: bytes = b"",
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> ipp.Message:
        """Send one request and return the answer.

        Raises:
            DeviceMissingError: Nothing answers, or what answers is no print queue.
        """
        head = {
            "attributes-charset": (Tag.CHARSET, ipp.CHARSET),
            "attributes-natural-language": (Tag.LANGUAGE, ipp.LANGUAGE),
            "printer-uri": (Tag.URI, self._uri),
            **operation,
            "requesting-user-name": (Tag.NAME, _USER),
        }
        groups = ((Group.OPERATION, head), (Group.JOB, job)) if job else ((Group.OPERATION, head),)
        body = ipp.encode(code, next(self._numbers), groups, data)
        try:
            return ipp.decode(self._post(body, timeout_s))
        except (OSError, ValueError, http.client.HTTPException, ipp.IppError) as e:
            raise DeviceMissingError(
                "The print queue does not answer; check `lpstat -t` and a4_printer.queue.",
                detail=type(e).__name__,
            ) from e

    def _post(self, body: bytes, timeout_s: float) -> bytes:
        line = http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)
        try:
            line.request("POST", self._path, body=body, headers={"Content-Type": ipp.MIME})
            answer = line.getresponse()
            if answer.status != http.HTTPStatus.OK:
                raise http.client.HTTPException(f"status {answer.status}")
            return answer.read(ipp.MAX_MESSAGE)
        finally:
            line.close()
