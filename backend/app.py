"""The backend as an ASGI application."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from starlette.requests import ClientDisconnect

from backend.api import counter, dossiers, probe
from backend.api.answers import BODY_SCHEMAS, broken_off, refuse, store_ill, unstorable
from backend.api.batches import Batches
from backend.blobs.folder import FolderBlobs
from backend.blobs.ports import BlobStore
from backend.keys import load_keys
from backend.limits import Buckets
from backend.services import Refusal, Services
from backend.settings import Settings, SettingsError
from backend.store.admission import GateOfOneProcess, SharedGate
from backend.store.database import migrate, open_database, reader_of
from backend.store.opener import Opener
from backend.web import console, counter_pages, fleet_pages, routes
from backend.web.signing_in import NeedsSignIn, to_sign_in
from backend.web.signing_in import router as signing_in

VERSION = "1.0"
PROBES_PER_S = 0.1
PROBES_AT_ONCE = 16
"""Two of a technician's measurements; more would take the line from the dossiers."""


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def open_services(settings: Settings, *, now: Callable[[], dt.datetime] = _utc_now) -> Services:
    """Open database, blobs and keys, and bring the schema up to date.

    Args:
        settings: Where they lie.
        now: The backend's clock.
    """
    engine = open_database(settings.database_url)
    migrate(engine)
    reader = reader_of(engine)
    return Services(
        settings=settings,
        engine=engine,
        reader=reader,
        gate=GateOfOneProcess(reader) if engine.dialect.name == "sqlite" else SharedGate(reader),
        blobs=_open_blobs(settings),
        keys=load_keys(settings.keys_dir),
        now=now,
        kiosk_rate=Buckets(per_s=settings.kiosk_per_s, burst=10 * settings.kiosk_per_s),
        door_rate=Buckets(per_s=settings.door_per_s, burst=100 * settings.door_per_s),
        probe_rate=Buckets(per_s=PROBES_PER_S, burst=PROBES_AT_ONCE),
    )


def _open_blobs(settings: Settings) -> BlobStore:
    if not settings.blobs_url:
        return FolderBlobs(settings.blobs_dir)
    from backend.blobs.s3 import S3Blobs, read_bucket

    try:
        bucket = read_bucket(settings.blobs_url)
    except ValueError as error:
        raise SettingsError(f"--blobs: {error}") from error
    return S3Blobs(bucket, now=_utc_now)


class BackendApp(FastAPI):
    """Knows the bodies its routes read by themselves as well."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, whole."""
        document = super().openapi()
        for name, schema in BODY_SCHEMAS.items():
            document["components"]["schemas"].setdefault(name, schema)
        return document


def create_app(
    settings: Settings, *, now: Callable[[], dt.datetime] = _utc_now, opens: bool = True
) -> FastAPI:
    """Return the application; its database opens when it starts and closes when it stops.

    Args:
        settings: Where database, blobs and keys lie.
        now: The backend's clock.
        opens: Whether this process opens dossiers and sweeps; one of several leaves that to their parent.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = open_services(settings, now=now)
        app.state.services = services
        app.state.batches = Batches(services)
        opener = Opener(services) if opens else None
        if opener is not None:
            opener.start()
        yield
        if opener is not None:
            opener.stop()
        services.close()

    app = BackendApp(title="Kiosk backend", version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(ClientDisconnect, broken_off)
    for ill in (OSError, OperationalError, InterfaceError):
        app.add_exception_handler(ill, store_ill)
    app.add_exception_handler(DataError, unstorable)
    app.add_exception_handler(NeedsSignIn, to_sign_in)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.include_router(dossiers.router)
    app.include_router(counter.router)
    app.include_router(probe.router)
    for router in (routes.router, signing_in, console.router, counter_pages.router, fleet_pages.router):
        app.include_router(router)
    return app


def _invalid(request: Request, error: Exception) -> Response:
    # FastAPI's own answer quotes what was sent; ours names the place only.
    if not isinstance(error, RequestValidationError):
        raise TypeError("only validation errors are registered here")
    where = "; ".join(".".join(map(str, found["loc"])) for found in error.errors()[:5])
    return refuse(request, Refusal(422, "request.invalid", f"wrong or missing: {where}"))
