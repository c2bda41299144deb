"""A real CUPS in front of a real IPP printer program: prints, runs out of paper, is refilled, is cancelled.

Everything listens on free ports of 127.0.0.1 with folders of its own, and is stopped by its process id.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from drivers.errors import DeviceTimeoutError
from drivers.ports import DeviceState, SheetOutcome, SheetProgress
from drivers.printer.a4 import IppPrinter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAMS = ("dbus-daemon", "avahi-daemon", "ippeveprinter", "cupsd", "lpadmin", "lpstat")
START_S = 20
STILL_S = 20
TRIES = 4
"""CUPS now and then misses that its printer waits; the kiosk gives the job up, and here it is sent again."""
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
SEARCHED = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or any(shutil.which(name, path=SEARCHED) is None for name in PROGRAMS),
    reason="needs root, cups, cups-ipp-utils, avahi-daemon and dbus",
)

# Waits for the file `paper` in its folder before it takes a sheet, as a printer with an empty tray does, and
# no longer than the printer's program lives.
TRAY = """#!/bin/sh
cd {folder}
if [ ! -e paper ]; then
  echo "STATE: +media-empty-warning" >&2
  while [ ! -e paper ]; do kill -0 $PPID || exit 1; sleep 0.1; done
  echo "STATE: -media-empty-warning" >&2
fi
cp "$1" printed.pdf
"""
CUPSD = """Listen localhost:{port}
LogLevel warn
Browsing Off
WebInterface No
DefaultAuthType None
<Location />
Order allow,deny
Allow localhost
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""
CUPS_FILES = """SystemGroup root
Sandboxing relaxed
ServerRoot {root}
StateDir {root}/state
CacheDir {root}/cache
TempDir {root}/tmp
RequestRoot {root}/spool
ErrorLog {root}/error.log
AccessLog {root}/access.log
PageLog {root}/page.log
"""


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class PrintHouse:
    """The programs of a print server, started one after the other in one folder."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.environment = {
            **os.environ,
            "PATH": SEARCHED,
            "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={folder}/bus",
            "LC_ALL": "C.UTF-8",
        }
        self.printer_port, self.cups_port = free_port(), free_port()
        self.tick = threading.Event()

    @property
    def queue(self) -> str:
        return f"ipp://localhost:{self.cups_port}/printers/A4"

    @property
    def paper(self) -> Path:
        return self.folder / "paper"

    @property
    def printed(self) -> Path:
        return self.folder / "printed.pdf"

    def start(self) -> None:
        self._run(
            "dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={self.folder}/bus"
        )
        self._until((self.folder / "bus").exists, "the message bus")
        self._run("avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits")
        self._start_printer()
        self._start_cups()
        device = f"ipp://localhost:{self.printer_port}/ipp/print"
        policy = ("-o", "printer-error-policy=retry-current-job", "-o", "PageSize=A4")
        self._admin("lpadmin", "-p", "A4", "-E", "-v", device, "-m", "everywhere", *policy)

    def _start_printer(self) -> None:
        tray = self.folder / "tray.sh"
        tray.write_text(TRAY.format(folder=self.folder), encoding="utf-8")
        tray.chmod(0o755)
        (self.folder / "spool").mkdir()
        place = ("-r", "off", "-n", "localhost", "-p", str(self.printer_port), "-d", f"{self.folder}/spool")
        takes = ("-f", "application/pdf,image/pwg-raster", "-c", str(tray))
        self._run("ippeveprinter", *place, *takes, "KioskA4")
        self._until(lambda: self._answers(self.printer_port), "the printer")

    def _start_cups(self) -> None:
        root = self.folder / "cups"
        for name in ("state", "cache", "tmp", "spool"):
            (root / name).mkdir(parents=True)
        (self.folder / "cupsd.conf").write_text(CUPSD.format(port=self.cups_port), encoding="utf-8")
        (self.folder / "cups-files.conf").write_text(CUPS_FILES.format(root=root), encoding="utf-8")
        self._run("cupsd", "-f", "-c", f"{self.folder}/cupsd.conf", "-s", f"{self.folder}/cups-files.conf")
        self._until(lambda: self._answers(self.cups_port), "cupsd")

    def _run(self, *command: str) -> None:
        log = self._stack.enter_context((self.folder / f"{command[0]}.log").open("wb"))
        process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self._stack.callback(_stop, process)

    def _admin(self, *command: str) -> None:
        server = {"CUPS_SERVER": f"localhost:{self.cups_port}"}
        subprocess.run(command, env={**self.environment, **server}, timeout=START_S, check=True)

    def _until(self, ready: Callable[[], bool], what: str) -> None:
        for _ in range(START_S * 20):
            if ready():
                return
            self.tick.wait(0.05)
        logs = "\n".join(log.read_text(errors="replace")[-500:] for log in self.folder.glob("*.log"))
        pytest.fail(f"{what} did not start: {logs}")

    @staticmethod
    def _answers(port: int) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", port)) == 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintHouse]:
    folder = tmp_path_factory.mktemp("cups")
    for one in (folder, *list(folder.parents)[:2]):
        one.chmod(0o755)  # cupsd's helpers run as another user
    with contextlib.ExitStack() as stack:
        made = PrintHouse(folder, stack)
        made.start()
        yield made


@pytest.fixture
def printer(house: PrintHouse) -> IppPrinter:
    house.printed.unlink(missing_ok=True)
    house.paper.unlink(missing_ok=True)
    return IppPrinter(house.queue, still_s=STILL_S)


def send(
    printer: IppPrinter, told: Callable[[SheetProgress], None], stop: Callable[[], bool] = lambda: False
) -> SheetOutcome:
    for _ in range(TRIES - 1):
        with contextlib.suppress(DeviceTimeoutError):  # told below: the last try may not end so
            return printer.print_pdf(PDF, title="Tờ khai", copies=1, told=told, stop=stop)
    return printer.print_pdf(PDF, title="Tờ khai", copies=1, told=told, stop=stop)


def test_a_pdf_comes_out(house: PrintHouse, printer: IppPrinter) -> None:
    house.paper.touch()
    assert printer.status().state is DeviceState.READY
    outcome = send(printer, lambda _: None)
    assert outcome is SheetOutcome.DONE
    assert house.printed.read_bytes().startswith(b"%PDF-")


def test_paper_out_is_told_and_refilled(house: PrintHouse, printer: IppPrinter) -> None:
    told: list[str] = []

    def refill(progress: SheetProgress) -> None:
        told.append(progress.cause)
        if progress.cause == "a4.paper_out":
            assert printer.status().cause == "a4.paper_out"
            assert not house.printed.exists()
            house.paper.touch()

    outcome = send(printer, refill)
    assert outcome is SheetOutcome.DONE
    assert "a4.paper_out" in told
    assert house.printed.exists()


def test_a_job_without_paper_is_cancelled(house: PrintHouse, printer: IppPrinter) -> None:
    out = threading.Event()

    def watch(progress: SheetProgress) -> None:
        if progress.cause == "a4.paper_out":
            out.set()

    outcome = send(printer, watch, out.is_set)
    assert outcome is SheetOutcome.CANCELLED
    assert not house.printed.exists()


def test_a_queue_that_is_not_there_is_told(house: PrintHouse) -> None:
    missing = IppPrinter(house.queue.replace("A4", "B5"))
    assert missing.status().state is DeviceState.ABSENT
