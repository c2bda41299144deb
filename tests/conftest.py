"""Rules for every test: offscreen Qt, no stray language, skips explained."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kiosk_app.flow.events import Event
    from kiosk_app.flow.jobs import Job
    from kiosk_app.flow.session import Session

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Begun in the background of a script: what tests start and interrupt would inherit that and never end.
    signal.signal(signal.SIGINT, signal.default_int_handler)
_SKIPPED: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--explained-skips", metavar="FILE", help="fail when a test skips for a reason not in FILE"
    )
    parser.addoption("--redraw-golden", action="store_true", help="write the golden pictures anew")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        _SKIPPED.append(str(report.longrepr[2]).removeprefix("Skipped: "))


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = session.config.getoption("--explained-skips")
    if not file:
        return
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    reasons = (line.partition("#")[0].strip() for line in lines)
    allowed = tuple(reason for reason in reasons if reason)
    unexplained = sorted({reason for reason in _SKIPPED if not reason.startswith(allowed or ("\0",))})
    for reason in unexplained:
        session.config.get_terminal_writer().line(f"skipped without an explained reason: {reason}", red=True)
    if unexplained:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _leave_rights_alone() -> Iterator[None]:
    """Programs called within a test close their files to others (umask 077); the next begins as usual."""
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture(autouse=True)
def _speak_vietnamese() -> Iterator[None]:
    from kiosk_app import i18n

    i18n.set_language("vi")
    yield
    i18n.set_language("vi")


@pytest.fixture(scope="module")
def free_vpcd_port() -> int:
    """A port for a virtual card reader, where this machine can run a pcscd of our own."""
    from drivers.simulated.card import pcscd

    missing = pcscd.missing_part()
    if missing:
        pytest.skip(f"no real pcscd: {missing}")
    if pcscd.service_answers():
        pytest.skip("no real pcscd: another one runs on this machine and is not ours")
    return pcscd.free_port()


@pytest.fixture(scope="module")
def vpcd_port(free_vpcd_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a slot of our own pcscd, which ends with the module so that other tests may have theirs."""
    from drivers.simulated.card import pcscd

    with pcscd.run_pcscd(tmp_path_factory.mktemp("pcscd"), port=free_vpcd_port):
        yield free_vpcd_port


class Walker:
    """Runs a session's jobs in the test's own thread: what the window does, without Qt.

    Waiting jobs (a code, a card, a frame) run once for each `walk`: a test decides when the world moves on.
    """

    WAITING = frozenset(
        {
            "read_code",
            "wait_empty",
            "wait_for_card",
            "preview",
            "copy_preview",
            "watch_card",
            "technician_card",
            "watch_delivery",
        }
    )

    def __init__(self, session: Session) -> None:
        self.session = session
        self.parked: list[tuple[int, Job]] = []
        self.take(session.start())

    def take(self, jobs: tuple[Job, ...]) -> None:
        """Park jobs for the next walk."""
        self.parked += [(self.session.visit.serial, job) for job in jobs]

    def act(self, *happened: Event) -> None:
        """Let events happen one after the other and walk after each."""
        for event in happened:
            self.take(self.session.handle(event))
            self.walk()

    def walk(self) -> None:
        """Run what is parked, and what follows from it, until only waiting jobs are left."""
        waited: set[str] = set()
        rest: list[tuple[int, Job]] = []
        while self.parked:
            serial, job = self.parked.pop(0)
            if serial != self.session.visit.serial:
                continue
            if job.name in waited:
                rest.append((serial, job))
                continue
            if job.name in self.WAITING:
                waited.add(job.name)
            self._run(serial, job)
        self.parked = rest

    def until(self, ready: Callable[[], bool], *, timeout_s: float = 30.0) -> None:
        """Walk until something is so."""
        deadline = time.monotonic() + timeout_s
        while not ready():
            assert time.monotonic() < deadline, f"stuck at {self.session.step}, {self.session.visit.notice}"
            self.walk()

    def _run(self, serial: int, job: Job) -> None:
        from drivers.errors import DriverError
        from forms.errors import FormError
        from kiosk_app.flow.events import JobFailed
        from offline_queue.errors import QueueError

        try:
            event: Event = job.work(lambda reported: self.take(self.session.handle(reported)))
        except (DriverError, FormError, QueueError) as error:
            event = JobFailed(job=job.name, code=error.code, detail=str(getattr(error, "detail", "")))
        if serial == self.session.visit.serial:
            self.session.finished(job.name)
            self.take(self.session.handle(event))


@pytest.fixture
def walker() -> Callable[[Session], Walker]:
    return Walker
