"""`kiosk-backend serve`: one process, or several that share a port beside one that opens dossiers."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend.settings import Settings

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Seconds between two looks at the workers."""
READY = "listening on "
_STOP_S = 20.0


class ServeError(Exception):
    """The backend cannot listen; the message says what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a backend listens."""

    host: str
    port: int
    shared: bool = False
    """Several processes listen at this port; the kernel deals connections out."""

    def listen(self) -> socket.socket:
        """Return a listening socket.

        Raises:
            OSError: The address is taken or not ours.
        """
        listening = self._bound()
        listening.listen(256)
        return listening

    @contextlib.contextmanager
    def kept(self) -> Iterator[Place]:
        """Hold the port for workers without listening; gives the place with its real port.

        Raises:
            OSError: The address is taken or not ours.
        """
        with self._bound() as holding:
            yield Place(host=self.host, port=holding.getsockname()[1], shared=self.shared)

    def _bound(self) -> socket.socket:
        host = self.host.strip("[]")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # The protocol is named because asyncio turns Nagle's delay (40 ms an answer) off only where it is.
        bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if self.shared:
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            bound.bind((host, self.port))
        except OSError:
            bound.close()
            raise
        return bound


class _Announced(uvicorn.Server):
    """Says on standard output where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, shown: str) -> None:
        super().__init__(config)
        self._shown = shown

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"{READY}{self._shown}\n")
            sys.stdout.flush()


_MALLOC_KEPT = ((-1, 128 * 1024 * 1024), (-3, 32 * 1024 * 1024))
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h, in bytes; 32 MiB is the most glibc takes."""


def keep_freed_memory() -> None:
    """Let malloc reuse the memory of one body, or of one opened dossier, for the next.

    Left alone, glibc gives buffers of 5 MB back to the kernel each time, which clears every page again: a
    tenth of the processor time of a dossier. Another C library does as it always did.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for number, value in _MALLOC_KEPT:
            mallopt(number, value)


def serve_alone(settings: Settings, place: Place, *, until_eof: bool, opens: bool = True) -> None:
    """Answer kiosks and phones until told to stop.

    Args:
        settings: Of the backend.
        place: Where to listen.
        until_eof: Stop when standard input ends.
        opens: Whether this process opens dossiers as well.

    Raises:
        OSError: The address is taken or not ours.
    """
    from backend.app import create_app

    keep_freed_memory()
    listening = place.listen()
    config = uvicorn.Config(
        # No access log: paths hold codes and tokens.
        create_app(settings, opens=opens),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=30,
    )
    server = _Announced(config, f"http://{place.host}:{listening.getsockname()[1]}")
    if until_eof:
        threading.Thread(target=_stop_at_eof, args=[server], name="until-eof", daemon=True).start()
    server.run(sockets=[listening])


def _stop_at_eof(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


def serve_many(
    settings: Settings, place: Place, words: Sequence[str], *, workers: int, until_eof: bool
) -> None:
    """Answer from several processes; this one opens dossiers and starts workers anew that died.

    Args:
        settings: Of the backend; on PostgreSQL.
        place: Where all of them listen.
        words: Options of the command line that the workers need as well.
        workers: Processes that answer.
        until_eof: Stop when standard input ends.

    Raises:
        OSError: The address is taken or not ours.
        ServeError: A worker does not come up.
    """
    from backend.app import open_services
    from backend.store.opener import Opener

    keep_freed_memory()
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if until_eof:
        threading.Thread(target=_set_at_eof, args=[stopping], name="until-eof", daemon=True).start()
    services = open_services(settings)
    opener = Opener(services)
    with place.kept() as real:
        crew = _Crew([*words, "--listen", f"{real.host}:{real.port}", "--one-of", str(workers)])
        try:
            crew.start(workers)
            sys.stdout.write(f"{READY}http://{real.host}:{real.port}\n")
            sys.stdout.flush()
            opener.start()
            while not stopping.wait(LOOK_S):
                crew.mend()
        finally:
            crew.stop()
    opener.stop()
    services.close()


def _set_at_eof(stopping: threading.Event) -> None:
    sys.stdin.buffer.read()
    stopping.set()


class _Crew:
    """The workers: children that end when their standard input does, so none outlives its parent."""

    def __init__(self, words: Sequence[str]) -> None:
        self._command = [sys.executable, "-m", "backend", "serve", "--until-eof", *words]
        self._workers: list[subprocess.Popen[bytes]] = []

    def start(self, count: int) -> None:
        """Start so many and wait until each listens."""
        self._workers = [self._new() for _ in range(count)]
        for worker in self._workers:
            self._await(worker)

    def mend(self) -> None:
        """Start those anew that died."""
        for place, worker in enumerate(self._workers):
            status = worker.poll()
            if status is not None:
                log.error("worker.died", extra={"status": status})
                _close(worker)
                self._workers[place] = self._new()
                self._await(self._workers[place])

    def stop(self) -> None:
        """Let each finish what it is at, then end."""
        for worker in self._workers:
            if worker.stdin is not None:
                worker.stdin.close()
        for worker in self._workers:
            try:
                worker.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait(_STOP_S)
            _close(worker)

    def _new(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @staticmethod
    def _await(worker: subprocess.Popen[bytes]) -> None:
        said = b"" if worker.stdout is None else worker.stdout.readline()
        if not said.startswith(READY.encode()):
            raise ServeError("a worker did not come up; its reason is on standard error")


def _close(worker: subprocess.Popen[bytes]) -> None:
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            pipe.close()
