"""A backend on each database and store, each test with a fresh one."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import socket
import threading
import uuid
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import uvicorn

from backend.app import create_app
from backend.blobs.s3 import S3Blobs, read_bucket
from backend.settings import make_settings
from tests.backend import wire
from tests.backend.servers import (
    ServerMissingError,
    make_database,
    object_store_program,
    object_store_server,
    postgres_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI

STORES = ["sqlite", "postgresql", *(["postgresql+s3"] if object_store_program() else [])]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL of its own on a free port; gives its URL without a database."""
    try:
        with postgres_server(durable=False) as (url, _):
            yield url
    except ServerMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def object_store() -> Iterator[str]:
    """A real S3-speaking server of its own on a free port; gives its address."""
    with object_store_server() as url:
        yield url


@pytest.fixture
def bucket(object_store: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh bucket; gives the words for `--blobs`."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "kiosk")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    url = f"s3://b{uuid.uuid4().hex}?endpoint={object_store}"
    store = S3Blobs(read_bucket(url), now=lambda: dt.datetime.now(dt.UTC))
    store.make_bucket()
    store.close()
    return url


class _Announced(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextlib.contextmanager
def _serving(app: FastAPI) -> Iterator[httpx.Client]:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    server = _Announced(uvicorn.Config(app, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="backend-under-test")
    thread.start()
    try:
        assert server.up.wait(30), "the backend did not start"
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)


@contextlib.contextmanager
def _bench(database: str, folder: Path, blobs: str = "", **changes: Any) -> Iterator[wire.Bench]:
    clock = wire.Clock()
    settings = make_settings(
        database=database, blobs=blobs or str(folder / "blobs"), keys=str(folder / "keys")
    )
    app = create_app(dataclasses.replace(settings, **changes), now=clock)
    with _serving(app) as client:
        yield wire.Bench(client=client, services=app.state.services, clock=clock, app=app)


@pytest.fixture(params=STORES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[wire.Bench]:
    """One suite on SQLite and a folder, PostgreSQL and a folder, PostgreSQL and an object store."""
    kind, _, blobs = request.param.partition("+")
    url = (
        f"sqlite:///{tmp_path / 'backend.db'}"
        if kind == "sqlite"
        else make_database(request.getfixturevalue("postgres"), f"t{uuid.uuid4().hex}")
    )
    with _bench(url, tmp_path, request.getfixturevalue("bucket") if blobs else "") as running:
        yield running


@pytest.fixture
def open_bench(tmp_path: Path) -> Callable[..., contextlib.AbstractContextManager[wire.Bench]]:
    """Return what opens a backend with other settings."""
    return lambda **changes: _bench(f"sqlite:///{tmp_path / 'other.db'}", tmp_path, **changes)


@pytest.fixture
def sqlite_bench(tmp_path: Path) -> Iterator[wire.Bench]:
    with _bench(f"sqlite:///{tmp_path / 'backend.db'}", tmp_path) as running:
        yield running


@pytest.fixture
def make_dossier() -> type[wire.WireDossier]:
    return wire.WireDossier


@pytest.fixture
def deliver_sealed() -> Callable[..., tuple[wire.WireKiosk, str, str]]:
    """Return what delivers a dossier that opens; gives kiosk, dossier id and official code."""
    return wire.deliver_sealed
