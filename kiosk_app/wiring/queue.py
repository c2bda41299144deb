"""Builds the queue, its sender and the look-up desk, and joins a backend.

Opening takes a few hundred milliseconds (SQLCipher, httpx, age): call it beside the Qt thread.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk_app.config import is_backend
from offline_queue import enrol as enrolment
from offline_queue.errors import EnrolAddressError, NotEnrolledError, QueueError
from offline_queue.identifiers import LOCAL_ZONE
from offline_queue.keyfiles import keys_dir, kiosk_key, queue_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from kiosk_app.config import Config
    from offline_queue.courier import Courier
    from offline_queue.enrol import Enrolment
    from offline_queue.outbox import Outbox
    from offline_queue.ports import DossierQueue
    from offline_queue.probe import LineSpeed
    from offline_queue.progress import BackendDesk
    from offline_queue.store import LocalQueue
    from offline_queue.sync import Link, SyncThread
    from offline_queue.transport import HttpLine

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S: Final = 5.0
Health = dict[str, str | int | float | bool | None]


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


def measure_line(config: Config) -> LineSpeed:
    """Measure the line to the backend, whatever share of it sending may take.

    Raises:
        NotEnrolledError: This kiosk is enrolled nowhere.
        BackendUnreachableError: An answer did not come in time.
        BackendRefusedError: A backend of an older release, or something else in its place.
    """
    from offline_queue.probe import measure

    known = enrolment.load_enrolment(config.data_dir)
    whole = msgspec.structs.replace(config, backend=msgspec.structs.replace(config.backend, max_kbit_s=0))
    line = _line(whole, known)
    try:
        return measure(line, verify_key=known.verify_key, randomness=os.urandom)
    finally:
        line.close()


def _line(config: Config, known: Enrolment, *, seed: bytes | None = None, look_up: bool = False) -> HttpLine:
    from offline_queue.transport import LOOK_UP_TIMEOUT, TIMEOUT, HttpLine, Signer

    signer = Signer(
        kiosk_id=known.kiosk_id,
        seed=kiosk_key(config.data_dir, randomness=os.urandom) if seed is None else seed,
        now=now,
        randomness=os.urandom,
    )
    # A backend named in the configuration wins over the address known from enrolment: it may have moved.
    return HttpLine(
        config.backend.url or known.backend_url,
        signer,
        timeout=LOOK_UP_TIMEOUT if look_up else TIMEOUT,
        proxy=config.backend.proxy,
        limit_bytes_per_s=None if look_up else config.backend.max_kbit_s * 125 or None,
    )


def backend_answers(config: Config) -> bool:
    """Tell whether the backend proves itself now, over a line of its own; blocks some seconds at most."""
    try:
        with closing(open_queue(config)) as opened:
            courier, let_go = open_courier(config, open_outbox(opened))
            try:
                return courier.heartbeat().well
            finally:
                let_go()
    except QueueError as error:
        log.info("backend.not_reached", extra={"code": error.code})
        return False


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


def queue_health(queue: DossierQueue) -> Health:
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


def open_queue_room(config: Config, *, health: Callable[[], Health] = dict, sends: bool = True) -> QueueRoom:
    """Open the queue, look it over, and start its sync thread.

    Args:
        config: The effective configuration.
        health: What heartbeats tell besides the queue: devices, paper, version; no person.
        sends: Start the thread; without it nothing is sent, and nobody hears of this kiosk.

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
    if sends:
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


def known_backend(config: Config) -> str:
    """Return the address known from enrolment; empty where this kiosk is enrolled nowhere."""
    try:
        return enrolment.load_enrolment(config.data_dir).backend_url
    except NotEnrolledError:
        return ""


# --- enrolment ----------------------------------------------------------------------------------------


def enrol(config: Config, *, code: str, backend_url: str) -> str:
    """Join a backend with a one-time code and return the kiosk's id there.

    Raises:
        EnrolAddressError: There is no address, or it is not https.
        EnrolCodeError: The code is wrong, used or too old.
        BackendRefusedError: The backend refuses for another reason.
        BackendUnreachableError: Nothing answered as a backend.
    """
    from offline_queue.transport import HttpLine

    url = backend_url.rstrip("/")
    if not url or not is_backend(url):
        raise EnrolAddressError(
            f"{url or 'no address'} is no https address: whoever answers now is believed from then on; "
            "give the https address"
        )
    line = HttpLine(url, None, proxy=config.backend.proxy)
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


def rotate_key(config: Config) -> str:
    """Give this kiosk a new signing key and return its id; the backend takes over by itself.

    Raises:
        NotEnrolledError: It belongs to no backend.
        BackendRefusedError: The backend knows this kiosk no more.
        BackendUnreachableError: Nothing answered as the backend; the present key stays.
    """
    from offline_queue.rotation import rotate

    known = enrolment.load_enrolment(config.data_dir)
    rotate(
        lambda seed: closing(_line(config, known, seed=seed)),
        enrolment=known,
        data_dir=config.data_dir,
        randomness=os.urandom,
    )
    return known.kiosk_id
