"""Sheets from the A4 printer: followed to the end, waited for, cancelled, given up."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from drivers.errors import DeviceMissingError, DeviceTimeoutError, PrinterBlockedError, PrinterError
from drivers.ports import DeviceState, SheetOutcome, SheetProgress
from drivers.printer.a4 import PATIENCE_S, POLL_S, STILL_S, IppPrinter, cause_of, parse_queue
from drivers.printer.no_sheets import NoSheets
from drivers.simulated.sheets import SimulatedSheets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PDF = b"%PDF-1.7 one page"


class Time:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self.at: dict[float, Callable[[], None]] = {}

    def clock(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for when in [moment for moment in self.at if moment <= self.now]:
            self.at.pop(when)()


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def sheets(time: Time) -> Iterator[SimulatedSheets]:
    with SimulatedSheets(clock=time.clock) as simulated:
        yield simulated


@pytest.fixture
def printer(sheets: SimulatedSheets, time: Time) -> IppPrinter:
    return IppPrinter(sheets.queue, clock=time.clock, wait=time.wait)


def send(
    printer: IppPrinter, told: list[SheetProgress], stop: Callable[[], bool] = lambda: False
) -> SheetOutcome:
    return printer.print_pdf(PDF, title="Tờ khai 1.001193", copies=2, told=told.append, stop=stop)


def test_a_job_is_done_when_the_printer_says_so(
    printer: IppPrinter, sheets: SimulatedSheets, time: Time
) -> None:
    assert send(printer, []) is SheetOutcome.DONE
    assert sheets.last_pdf == PDF
    assert sheets.printed == (("Tờ khai 1.001193", 2),)
    assert time.now == pytest.approx(1.5, abs=2 * POLL_S)
    assert printer.status().state is DeviceState.READY


def test_the_simulated_printer_keeps_the_last_sheet_only(
    printer: IppPrinter, sheets: SimulatedSheets
) -> None:
    for _visit in range(9):
        send(printer, [])
    assert sheets.last_pdf == PDF
    assert sum(len(job.pdf) for job in sheets._jobs) <= 2 * len(PDF)
    assert len(sheets.printed) == 9


def test_paper_out_is_told_and_the_job_goes_on_when_there_is_paper(
    printer: IppPrinter, sheets: SimulatedSheets, time: Time
) -> None:
    sheets.set_reason("media-empty-warning")
    assert printer.status().state is DeviceState.BLOCKED
    assert printer.status().cause == "a4.paper_out"
    time.at = {60.0: lambda: sheets.set_reason("none")}
    told: list[SheetProgress] = []
    assert send(printer, told) is SheetOutcome.DONE
    assert [progress.cause for progress in told] == ["a4.paper_out", "ok"]
    assert 60 < time.now < 63


def test_nobody_brings_paper_and_the_job_is_cancelled(
    printer: IppPrinter, sheets: SimulatedSheets, time: Time
) -> None:
    sheets.set_reason("media-jam-error")
    with pytest.raises(PrinterBlockedError) as blocked:
        send(printer, [])
    assert blocked.value.detail == "a4.jam"
    assert time.now == pytest.approx(PATIENCE_S, abs=2 * POLL_S)
    sheets.set_reason("none")
    time.wait(60)
    assert sheets.printed == (), "a job that was given up never comes out later"


def test_a_job_in_which_nothing_moves_is_cancelled(
    printer: IppPrinter, sheets: SimulatedSheets, time: Time
) -> None:
    sheets.set_reason("moving-to-paused")
    with pytest.raises(DeviceTimeoutError):
        send(printer, [])
    assert time.now == pytest.approx(STILL_S, abs=2 * POLL_S)


def test_the_citizen_may_cancel(printer: IppPrinter, sheets: SimulatedSheets, time: Time) -> None:
    sheets.set_reason("media-empty-report")
    assert send(printer, [], lambda: time.now > 5) is SheetOutcome.CANCELLED
    sheets.set_reason("none")
    time.wait(60)
    assert sheets.printed == ()


def test_a_cancel_that_comes_too_late_finds_the_job_done(
    printer: IppPrinter, sheets: SimulatedSheets, time: Time
) -> None:
    def late() -> bool:
        time.now += 10
        return True

    assert send(printer, [], late) is SheetOutcome.DONE
    assert len(sheets.printed) == 1


def test_no_queue_is_told_at_once() -> None:
    nobody = IppPrinter("ipp://127.0.0.1:9/printers/A4")
    assert (nobody.status().state, nobody.status().cause) == (DeviceState.ABSENT, "a4.no_queue")
    with pytest.raises(DeviceMissingError):
        send(nobody, [])


def test_what_is_no_print_queue_is_told() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    found = IppPrinter(f"ipp://127.0.0.1:{server.server_port}/printers/A4").status()
    thread.join()
    server.server_close()
    assert found.state is DeviceState.ABSENT


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (("none",), "ok"),
        (("media-empty",), "a4.paper_out"),
        (("media-empty-warning", "none"), "a4.paper_out"),
        (("media-empty-error",), "a4.paper_out"),
        (("cups-waiting-for-job-completed", "media-jam-report"), "a4.jam"),
        (("door-open-error",), "a4.cover_open"),
        (("toner-low-warning",), "ok"),
        ((), "ok"),
    ],
)
def test_the_endings_of_reasons_are_told_alike(reasons: tuple[str, ...], cause: str) -> None:
    assert cause_of(reasons) == cause


def test_toner_that_runs_low_is_a_warning(printer: IppPrinter, sheets: SimulatedSheets) -> None:
    sheets.set_reason("toner-low-warning")
    assert (printer.status().state, printer.status().cause) == (DeviceState.DEGRADED, "a4.toner_low")
    sheets.set_reason("paused")
    assert printer.status().cause == "a4.paused"


def test_a_queue_that_gives_a_job_up_is_told(printer: IppPrinter) -> None:
    with pytest.raises(PrinterError):
        printer._ended(8)


# --- what the configuration says ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queue", "place"),
    [
        ("A4", ("localhost", 631, "/printers/A4")),
        ("Máy-in-A4", ("localhost", 631, "/printers/M%C3%A1y-in-A4")),
        ("ipp://192.168.1.20", ("192.168.1.20", 631, "/ipp/print")),
        ("ipp://cups.example:6310/printers/Máy in", ("cups.example", 6310, "/printers/M%C3%A1y%20in")),
    ],
)
def test_a_queue_is_a_name_or_an_address(queue: str, place: tuple[str, int, str]) -> None:
    assert parse_queue(queue) == place


@pytest.mark.parametrize(
    "queue",
    [
        "ipp://host:63l/printers/A4",
        "ipp://host:99999/printers/A4",
        "ipp://printer..lan/ipp/print",
        "ipp://[::1/ipp/print",
        "ipp:///printers/A4",
        "lpd://host/A4",
        "A4 tang 1",
        "printers/A4",
        "user:secret@host",
    ],
)
def test_a_queue_that_cannot_be_is_refused_with_what_to_write(queue: str) -> None:
    with pytest.raises(
        PrinterError, match=r"a4_printer\.queue is .* write the name of a CUPS queue"
    ) as refused:
        IppPrinter(queue)
    assert "secret" not in f"{refused.value} {refused.value.detail}"
    stand_in = NoSheets(refused.value)
    assert (stand_in.status().state, stand_in.status().cause) == (DeviceState.FAULT, "a4.misconfigured")
    with pytest.raises(DeviceMissingError, match=r"a4_printer\.queue is") as missing:
        stand_in.print_pdf(PDF, title="x", copies=1, told=lambda _: None, stop=lambda: False)
    assert missing.value.detail == "a4.misconfigured"


def test_a_queue_named_in_vietnamese_can_be_asked() -> None:
    found = IppPrinter("ipp://127.0.0.1:1/printers/Máy-in-A4").status()
    assert (found.state, found.cause) == (DeviceState.ABSENT, "a4.no_queue")
