"""Real services for tests and benchmarks, each its own process on a free port, ended by its process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

READY_S = 60.0


class ServerMissingError(Exception):
    """A program this machine does not have; the message names it."""


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def object_store_program() -> str:
    """Return the S3-speaking server (moto_server) that `deploy/setup.sh` put into `.peers/`, or ""."""
    beside = Path(__file__).parents[2] / ".peers/python/bin/moto_server"
    return str(beside) if beside.exists() else ""


@contextlib.contextmanager
def postgres_server(*, durable: bool) -> Iterator[tuple[str, int]]:
    """Start a PostgreSQL of its own; gives its URL without a database, and the process id.

    Args:
        durable: False where a test may lose everything with the power, which is quicker.

    Raises:
        ServerMissingError: PostgreSQL is not installed.
    """
    initdb, server = _program("initdb"), _program("postgres")
    if initdb is None or server is None:
        raise ServerMissingError("PostgreSQL is not installed (initdb and postgres not found)")
    user = "postgres" if os.getuid() == 0 else None  # root may not run it
    folder = Path(tempfile.mkdtemp(prefix="kiosk-pg-"))
    if user is not None:
        shutil.chown(folder, user)
    make = [initdb, "-D", str(folder / "data"), "-U", "kiosk", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(make, user=user, check=True, capture_output=True, cwd="/", timeout=READY_S)
    port = free_port()
    words = [server, "-D", str(folder / "data"), "-p", str(port), "-k", str(folder)]
    words += ["-c", "listen_addresses=127.0.0.1", *([] if durable else ["-F", "-c", "shared_buffers=32MB"])]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, user=user, stdout=log, stderr=log, cwd="/")
    try:
        _wait(lambda: _connects(f"postgresql://kiosk@127.0.0.1:{port}/postgres"), "PostgreSQL")
        yield f"postgresql://kiosk@127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGINT)  # without waiting for clients that went without a word
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def object_store_server() -> Iterator[str]:
    """Start an S3-speaking server of its own; gives its address."""
    port = free_port()
    with Path(os.devnull).open("wb") as nowhere:
        process = subprocess.Popen(
            [object_store_program(), "-H", "127.0.0.1", "-p", str(port)],
            stdout=nowhere,
            stderr=nowhere,
            stdin=subprocess.DEVNULL,
        )
    try:
        _wait(lambda: _listens(port), "the object store")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()  # all it has is in memory
        process.wait(20)


def make_database(server: str, name: str) -> str:
    """Make an empty schema, which is a database of its own to whoever comes by this URL; return the URL.

    A whole database would be three hundred files for each test.
    """
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"'.encode())
    return f"{server}/postgres?options=-csearch_path%3D{name}"


def _program(name: str) -> str | None:
    found = [str(path) for path in Path("/usr/lib/postgresql").glob(f"*/bin/{name}")]
    return found[-1] if found else shutil.which(name)


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _wait(is_up: Callable[[], bool], name: str) -> None:
    deadline = time.monotonic() + READY_S
    pause = threading.Event()
    while not is_up():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} did not start")
        pause.wait(0.1)
