"""Builds the queue, its sender and the look-up desk; starts a backend of its own where none is configured.

Opening takes a few hundred milliseconds (SQLCipher, httpx, age): call it beside the Qt thread.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlsplit

from offline_queue import enrol as enrolment
from offline_queue.errors import BackendRefusedError, BackendUnreachableError, NotEnrolledError
from offline_queue.identifiers import LOCAL_ZONE
from offline_queue.keyfiles import keys_dir, kiosk_key, queue_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kiosk_app.config import Config
    from offline_queue.courier import Courier
    from offline_queue.enrol import Enrolment
    from offline_queue.outbox import Outbox
    from offline_queue.progress import BackendDesk
    from offline_queue.store import LocalQueue
    from offline_queue.sync import Link, SyncThread
    from offline_queue.transport import HttpLine

log = logging.getLogger(__name__)

READY_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 5.0
_ROOT = Path(__file__).resolve().parents[2]
Health = dict[str, str | int | float | bool | None]
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def now() -> dt.datetime:
    """Return the time in Viet Nam."""
    return dt.datetime.now(LOCAL_ZONE)


def open_queue(config: Config) -> LocalQueue:
    """Open (or make) the encrypted queue of this kiosk; the caller closes it.

    Raises:
        QueueLockedError: The key is missing or wrong, or the database is damaged.
        StorageFullError: There is no room to make it.
    """
    from offline_queue.guards import measure
    from offline_queue.schema import Vault
    from offline_queue.store import LocalQueue

    folder = config.data_dir
    keys_dir(folder)
    path = folder / "queue.db"
    key = queue_key(folder, database_exists=path.exists(), randomness=os.urandom)
    return LocalQueue(
        vault=Vault(path, key),
        enrolment=lambda: enrolment.load_enrolment(folder),
        kiosk_number=config.centre.kiosk_number,
        now=now,
        randomness=os.urandom,
        room=lambda: measure(folder),
    )


def open_outbox(queue: LocalQueue) -> Outbox:
    """Return the sender's side of a queue."""
    from offline_queue.outbox import Outbox, process_alive, process_name

    return Outbox(
        vault=queue.vault,
        now=now,
        share=random.SystemRandom().random,
        owner=process_name(os.urandom(4).hex()),
        alive=process_alive,
    )


def open_courier(
    config: Config, outbox: Outbox, *, health: Callable[[], Health] = dict
) -> tuple[Courier, Callable[[], None]]:
    """Connect to the backend of now; return the courier and what lets its line go.

    Args:
        config: The effective configuration.
        outbox: What waits.
        health: What heartbeats tell of this kiosk.

    Raises:
        NotEnrolledError: This kiosk is enrolled nowhere.
    """
    from offline_queue.courier import Courier

    known = enrolment.load_enrolment(config.data_dir)
    line = _line(config, known)
    courier = Courier(
        outbox=outbox, line=line, enrolment=known, randomness=os.urandom, health=health, now=now
    )
    return courier, line.close


def _line(config: Config, known: Enrolment, *, look_up: bool = False) -> HttpLine:
    from offline_queue.transport import LOOK_UP_TIMEOUT, TIMEOUT, HttpLine, Signer

    signer = Signer(
        kiosk_id=known.kiosk_id,
        seed=kiosk_key(config.data_dir, randomness=os.urandom),
        now=now,
        randomness=os.urandom,
    )
    # A backend named in the configuration wins over the address known from enrolment: it may have moved.
    return HttpLine(
        config.backend.url or known.backend_url,
        signer,
        timeout=LOOK_UP_TIMEOUT if look_up else TIMEOUT,
        limit_bytes_per_s=None if look_up else config.backend.max_kbit_s * 125 or None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRoom:
    """The queue with everything around it, running."""

    queue: LocalQueue
    outbox: Outbox
    sync: SyncThread
    desk: BackendDesk
    link: Link

    def health(self) -> Health:
        """Return what a heartbeat tells of the queue; no person."""
        return queue_health(self.queue)

    def close(self) -> None:
        """Stop sending and close the database.

        A request that hangs is not waited for: the database then stays open until the process ends, which
        SQLite survives by design.
        """
        if self.sync.stop(timeout_s=CLOSE_TIMEOUT_S):
            self.queue.close()
        else:
            log.warning("queue.close_timed_out")


def queue_health(queue: LocalQueue) -> Health:
    """Return counts, ages, storage and skew as a heartbeat tells them.

    Args:
        queue: The open queue.
    """
    status = queue.status()
    return {
        "waiting": status.ready + status.sending,
        "quarantined": status.quarantined,
        "oldest_age_s": round(status.oldest_age_s),
        "waiting_bytes": status.bytes,
        "slips_unsent": status.slips_unsent,
        "storage": status.storage,
        "clock_skew_s": status.clock_skew_s,
        "paused": status.paused,
    }


def open_queue_room(config: Config, *, health: Callable[[], Health] = dict) -> QueueRoom:
    """Open the queue, look it over, and start its sync thread.

    Args:
        config: The effective configuration.
        health: What heartbeats tell besides the queue: devices, paper, version; no person.

    Raises:
        QueueLockedError: The key is missing or wrong, or the database is damaged.
    """
    from offline_queue.progress import BackendDesk
    from offline_queue.reconcile import reconcile
    from offline_queue.retention import forget
    from offline_queue.sync import Link, SyncThread

    queue = open_queue(config)
    outbox = open_outbox(queue)
    outbox.recover()
    reconcile(queue.vault, now())
    link = Link()
    sync = SyncThread(
        outbox=outbox,
        connect=lambda: open_courier(config, outbox, health=lambda: {**health(), **queue_health(queue)}),
        link=link,
        share=random.SystemRandom().random,
        tidy=lambda: forget(queue.vault, now()),
    )
    queue.on_wake = sync.wake

    def connect() -> tuple[HttpLine, Callable[[], None]]:
        line = _line(config, enrolment.load_enrolment(config.data_dir), look_up=True)
        return line, line.close

    desk = BackendDesk(queue=queue, connect=connect, link=link, unit=config.centre.name)
    sync.start()
    return QueueRoom(queue=queue, outbox=outbox, sync=sync, desk=desk, link=link)


def scan_pictures(config: Config, pictures: Sequence[Path], *, title: str) -> bytes:
    """Return pictures of papers as one PDF, flattened and whitened like those of the kiosk's own camera.

    Args:
        config: The effective configuration.
        pictures: Files, one page each, in order.
        title: Of the PDF; must hold no personal data.

    Raises:
        ScanError: A file is no picture, or there is no page in it; the message names the file.
    """
    from drivers.errors import PageNotFoundError
    from kiosk_app.wiring.scanner import open_page_maker, read_picture_file

    maker = open_page_maker(config)
    pages = []
    for path in pictures:
        try:
            pages.append(maker.make_page(read_picture_file(path)))
        except PageNotFoundError as error:
            raise PageNotFoundError(f"{path.name}: {error}") from error
    return maker.make_pdf(tuple(pages), title=title)


# --- enrolment ----------------------------------------------------------------------------------------


def enrol(config: Config, *, code: str, backend_url: str) -> str:
    """Join a backend with a one-time code and return the kiosk's id there.

    Raises:
        BackendRefusedError: The code is wrong, used or too old, or the address is not https.
        BackendUnreachableError: Nothing answered.
    """
    from offline_queue.transport import HttpLine

    url = backend_url.rstrip("/")
    asked = urlsplit(url)
    if asked.scheme != "https" and asked.hostname not in _LOOPBACK:
        raise BackendRefusedError(
            f"{url} is not https: whoever answers now is believed from then on; give the https address"
        )
    line = HttpLine(url, None)
    try:
        joined = enrolment.enrol(
            line,
            code=code,
            name=f"{config.centre.name}, kiosk {config.centre.kiosk_number}",
            backend_url=url,
            data_dir=config.data_dir,
            randomness=os.urandom,
        )
    finally:
        line.close()
    return joined.kiosk_id


# --- a backend of its own -----------------------------------------------------------------------------


class EmbeddedBackend:
    """The backend as a child process with its own folder, on 127.0.0.1; it ends with this process.

    Args:
        folder: Its database, blobs and keys.
        unit_code: Of the codes it mints.
        unit_name: As citizens read it.
    """

    def __init__(self, folder: Path, *, unit_code: str, unit_name: str) -> None:
        self._folder = folder
        self._unit = ["--unit", unit_code, "--unit-name", unit_name]
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.enrol_code = ""

    @property
    def url(self) -> str:
        """Where it listens; the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self._folder / "backend.db"

    @property
    def running(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            BackendUnreachableError: It did not come up in time.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "backend.log").open("ab") as log_file:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "backend", "serve", "--until-eof", "--print-enrol-code"),
                    *("--database", f"sqlite:///{self.database}", "--blobs", str(self._folder / "blobs")),
                    *("--listen", f"127.0.0.1:{self._port}", *self._unit),
                ],
                cwd=_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log_file,
            )
        lines = self._read_lines(self._process, 2)
        if len(lines) != 2 or not lines[1].startswith("listening on "):  # noqa: PLR2004 - code, then address
            self.stop()
            raise BackendUnreachableError(f"the embedded backend did not start; see {log_file.name}")
        self.enrol_code = lines[0]
        self._port = urlsplit(lines[1].removeprefix("listening on ")).port or 0
        log.info("backend.started", extra={"port": self._port})

    def stop(self) -> None:
        """End it; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    @staticmethod
    def _read_lines(process: subprocess.Popen[bytes], count: int) -> list[str]:
        if process.stdout is None:
            return []
        text = _read_until(process.stdout, count, deadline=time.monotonic() + READY_TIMEOUT_S)
        return text.decode("utf-8", "replace").splitlines()[:count]


def _read_until(pipe: IO[bytes], lines: int, *, deadline: float) -> bytes:
    received = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while received.count(b"\n") < lines and (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                break
            piece = os.read(pipe.fileno(), 4096)
            if not piece:
                break
            received += piece
    return received


def start_embedded_backend(config: Config) -> EmbeddedBackend:
    """Start a backend in `data_dir/backend` and wait until it answers; the caller stops it.

    Raises:
        BackendUnreachableError: It did not come up in time.
    """
    backend = EmbeddedBackend(
        config.data_dir / "backend", unit_code=config.centre.unit_code, unit_name=config.centre.name
    )
    backend.start()
    return backend


def enrol_embedded(config: Config, backend: EmbeddedBackend) -> str:
    """Enrol this kiosk with its own backend and return its id.

    Raises:
        BackendRefusedError: The data folder belongs to a real backend, which must not be forgotten.
        BackendUnreachableError: The embedded backend is gone.
    """
    try:
        known = enrolment.load_enrolment(config.data_dir)
    except NotEnrolledError:
        known = None
    if known is not None and urlsplit(known.backend_url).hostname not in _LOOPBACK:
        raise BackendRefusedError(
            f"{config.data_dir} is enrolled with {known.backend_url}; set another data_dir to simulate"
        )
    return enrol(config, code=backend.enrol_code, backend_url=backend.url)
