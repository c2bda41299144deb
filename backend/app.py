"""The backend as an ASGI application."""

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from backend.api import counter, dossiers
from backend.api.answers import broken_off, refuse
from backend.blobs.folder import FolderBlobs
from backend.keys import load_keys
from backend.services import Refusal, Services
from backend.settings import Settings
from backend.store.database import migrate, open_database
from backend.store.opener import Opener
from backend.web import routes

VERSION = "1.0"


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
    return Services(
        settings=settings,
        engine=engine,
        blobs=FolderBlobs(settings.blobs_dir),
        keys=load_keys(settings.keys_dir),
        now=now,
    )


def create_app(settings: Settings, *, now: Callable[[], dt.datetime] = _utc_now) -> FastAPI:
    """Return the application; its database opens when it starts and closes when it stops.

    Args:
        settings: Where database, blobs and keys lie.
        now: The backend's clock.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = open_services(settings, now=now)
        app.state.services = services
        opener = Opener(services)
        opener.start()
        yield
        opener.stop()
        services.engine.dispose()

    app = FastAPI(title="Kiosk backend", version=VERSION, lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_exception_handler(Refusal, refuse)
    app.add_exception_handler(ClientDisconnect, broken_off)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.include_router(dossiers.router)
    app.include_router(counter.router)
    app.include_router(routes.router)
    return app


def _invalid(request: Request, error: Exception) -> JSONResponse:
    # FastAPI's own answer quotes what was sent; ours names the place only.
    if not isinstance(error, RequestValidationError):
        raise TypeError("only validation errors are registered here")
    where = "; ".join(".".join(map(str, found["loc"])) for found in error.errors()[:5])
    return refuse(request, Refusal(422, "request.invalid", f"wrong or missing: {where}"))
