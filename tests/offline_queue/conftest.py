"""A queue on a real SQLCipher file, a scripted HTTP server, and a real backend in its own process."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import random
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from kiosk_app.config import Backend, Centre, Config
from kiosk_app.wiring import queue as wiring
from kiosk_app.wiring.embedded_backend import EmbeddedBackend
from offline_queue.enrol import Enrolment
from offline_queue.guards import Room
from offline_queue.outbox import Outbox
from offline_queue.ports import Consent, Document, HandIn
from offline_queue.schema import Vault
from offline_queue.store import LocalQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=7)))
KEY = bytes(range(32))
CANARY = {
    "name": "NGUYỄN CANARY THỊ HOA",
    "id_number": "087194009412",
    "address": "Ấp Canary, xã Mỹ An Hưng",
}


@dataclass
class Clock:
    """A clock that stands still until a test moves it, also backwards."""

    moment: dt.datetime = START

    def __call__(self) -> dt.datetime:
        return self.moment

    def move(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)


def hand_in(*, size: int = 2000, seed: int = 1, id_number: str = CANARY["id_number"]) -> HandIn:
    """Return a dossier of the canary person."""
    return HandIn(
        procedure="2.000635",
        form_version="1",
        answers={
            "nyc.hoTen": {"value": CANARY["name"], "source": "chip"},
            "nyc.diaChi": {"value": CANARY["address"], "source": "typed"},
        },
        documents=(
            Document(
                name="form.pdf",
                media_type="application/pdf",
                data=CANARY["name"].encode() + random.Random(seed).randbytes(size),
            ),
        ),
        consent=Consent(version="1", purpose="dossier", language="vi", given_at=START),
        card_proof={"access": "PACE"},
        id_number=id_number,
    )


def ample(**changes: int) -> Room:
    """Return a disk with plenty of everything but what a test changes."""
    values = {"free_bytes": 10**12, "total_bytes": 2 * 10**12, "free_files": 10**7, "total_files": 2 * 10**7}
    return Room(**{**values, **changes})


def age_pair() -> tuple[str, str]:
    """Return an age key pair: private, public."""
    pyrage = importlib.import_module("pyrage")
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def enrolment(
    url: str = "http://127.0.0.1:9", recipients: tuple[str, ...] = (), verify_key: str = ""
) -> Enrolment:
    """Return an enrolment with the given keys."""
    return Enrolment(
        kiosk_id="k-test",
        backend_url=url,
        public_url="https://kiosk.example",
        unit_code="H20.17",
        verify_key=verify_key,
        recipients=recipients,
    )


@dataclass
class QueueBench:
    """One queue and everything a test may turn."""

    path: Path
    clock: Clock
    queue: LocalQueue
    outbox: Outbox
    identity: str
    room: list[Room]
    alive: set[str]


@pytest.fixture
def queue_bench(tmp_path: Path) -> Iterator[QueueBench]:
    bench = open_bench(tmp_path / "queue.db")
    yield bench
    bench.queue.close()


def open_bench(
    path: Path,
    *,
    clock: Clock | None = None,
    max_pages: int | None = None,
    owner: str = "me",
    keys: tuple[str, str] | None = None,
) -> QueueBench:
    """Open a queue that is enrolled with a made-up backend."""
    identity, recipient = keys or age_pair()
    the_clock = clock or Clock()
    room, alive = [ample()], {owner}
    vault = Vault(path, KEY, max_pages=max_pages)
    shares = random.Random(7)
    queue = LocalQueue(
        vault=vault,
        enrolment=lambda: enrolment(recipients=(recipient,)),
        kiosk_number=1,
        now=the_clock,
        randomness=random.Random(3).randbytes,
        room=lambda: room[0],
    )
    outbox = Outbox(
        vault=vault, now=the_clock, share=shares.random, owner=owner, alive=lambda name: name in alive
    )
    return QueueBench(
        path=path,
        clock=the_clock,
        queue=queue,
        outbox=outbox,
        identity=identity,
        room=room,
        alive=alive,
    )


@pytest.fixture
def make_hand_in() -> Callable[..., HandIn]:
    return hand_in


@pytest.fixture
def make_bench(tmp_path: Path) -> Iterator[Callable[..., QueueBench]]:
    opened = []

    def make(**settings: Any) -> QueueBench:
        bench = open_bench(tmp_path / "queue.db", **settings)
        opened.append(bench)
        return bench

    yield make
    for bench in opened:
        bench.queue.close()


@pytest.fixture
def canary() -> dict[str, str]:
    return CANARY


@pytest.fixture
def make_room() -> Callable[..., Room]:
    return ample


@pytest.fixture
def make_enrolment() -> Callable[..., Enrolment]:
    return enrolment


# --- a server that says what the test wrote down ---------------------------------------------------------


@dataclass
class Script:
    """Answers in order; the last one is repeated. Keeps what was asked."""

    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)
    answer_by: Callable[[str, str, bytes], tuple[int, dict[str, str], bytes] | None] | None = None

    def next_answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        if self.answer_by is not None:
            return self.answer_by(method, path, body)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class ScriptedServer:
    """A real HTTP server on 127.0.0.1. An answer of None hangs up; status 0 sends half an answer."""

    def __init__(self) -> None:
        self.script = Script()
        script = self.script

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _play(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                script.asked.append((self.command, self.path, body, dict(self.headers)))
                answer = script.next_answer(self.command, self.path, body)
                self.close_connection = True
                if answer is None:
                    return
                status, headers, content = answer
                if status == 0:
                    self.wfile.write(
                        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9999\r\n\r\n" + content
                    )
                    return
                self.send_response(status)
                shown = {"Content-Length": str(len(content)), "Connection": "close", **headers}
                for name, value in shown.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST = _play  # noqa: N815 - names that http.server looks for

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    running = ScriptedServer()
    yield running
    running.close()


# --- a real backend --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedBackend]:
    """A real backend process that the tests of a module share; it tells dossiers apart by their ids.

    One for the whole folder would see more enrolments from one address than its door lets through.
    """
    running = EmbeddedBackend(
        tmp_path_factory.mktemp("backend"), unit_code="H20.17", unit_name="Trung tâm Sa Đéc"
    )
    running.start()
    yield running
    running.stop()


@dataclass
class EnrolledKiosk:
    """A kiosk's data folder, enrolled with the real backend."""

    config: Config
    backend: EmbeddedBackend

    def through(self, url: str) -> Config:
        """Return the configuration of this kiosk with another address of the backend."""
        return msgspec.structs.replace(self.config, backend=Backend(url=url))

    def stored(self) -> list[dict[str, Any]]:
        """Return what the backend has."""
        return backend_dossiers(self.backend)


@pytest.fixture(scope="module")
def enrolled(backend: EmbeddedBackend) -> Callable[[Path], EnrolledKiosk]:
    """Return what enrols a kiosk with its data in a folder."""

    def enrol(folder: Path) -> EnrolledKiosk:
        config = Config(data_dir=folder, centre=Centre(name="Trung tâm Sa Đéc"))
        wiring.enrol(config, code=new_code(backend), backend_url=backend.url)
        return EnrolledKiosk(config=config, backend=backend)

    return enrol


@pytest.fixture
def kiosk(enrolled: Callable[[Path], EnrolledKiosk], tmp_path: Path) -> EnrolledKiosk:
    return enrolled(tmp_path / "kiosk")


@pytest.fixture
def queue(kiosk: EnrolledKiosk) -> Iterator[LocalQueue]:
    opened = wiring.open_queue(kiosk.config)
    yield opened
    opened.close()


def new_code(backend: EmbeddedBackend) -> str:
    """Return a fresh enrolment code of a running backend, made beside it like `kiosk-backend enrol-code`."""
    from backend.app import open_services
    from backend.store.fleet import make_enrol_code

    services = open_services(_settings(backend))
    try:
        return make_enrol_code(services, unit="H20.17", unit_name="Trung tâm Sa Đéc")
    finally:
        services.engine.dispose()


def backend_dossiers(backend: EmbeddedBackend) -> list[dict[str, Any]]:
    """Return what `kiosk-backend dossiers --json` would print."""
    from backend.app import open_services
    from backend.store.lookup import dossier_list

    services = open_services(_settings(backend))
    try:
        found: list[dict[str, Any]] = json.loads(json.dumps(dossier_list(services)))
        return found
    finally:
        services.engine.dispose()


def _settings(backend: EmbeddedBackend) -> Any:
    from backend.settings import make_settings

    return make_settings(
        database=f"sqlite:///{backend.database}", blobs=str(backend.database.parent / "blobs")
    )
