"""The backend of a demonstration: the real one, as a child process on 127.0.0.1."""

from __future__ import annotations

import logging
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlsplit

from kiosk_app.config import LOOPBACK
from kiosk_app.wiring.queue import enrol
from offline_queue import enrol as enrolment
from offline_queue.errors import BackendRefusedError, BackendUnreachableError, NotEnrolledError

if TYPE_CHECKING:
    from kiosk_app.config import Config

log = logging.getLogger(__name__)

READY_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 10.0
_ROOT = Path(__file__).resolve().parents[2]


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
    if known is not None and urlsplit(known.backend_url).hostname not in LOOPBACK:
        raise BackendRefusedError(
            f"{config.data_dir} is enrolled with {known.backend_url}; set another data_dir to simulate"
        )
    return enrol(config, code=backend.enrol_code, backend_url=backend.url)
