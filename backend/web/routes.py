"""Pages for people."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from backend.api.access import Backend
from backend.api.counter import progress_of
from backend.services import Refusal
from backend.store import lookup
from backend.web.progress_page import paused_page, progress_page, unknown_page

router = APIRouter(tags=["pages"])

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_TOO_MANY = 429


@router.get(
    "/d/{code}",
    response_class=HTMLResponse,
    responses={
        404: {"description": "Unknown, or the token does not fit", "content": {"text/html": {}}},
        429: {"description": "Three wrong tries: wait", "content": {"text/html": {}}},
    },
)
def get_progress_page(
    services: Backend,
    request: Request,
    code: Annotated[str, Path(max_length=60)],
    t: Annotated[str, Query(max_length=100)] = "",
) -> HTMLResponse:
    """Show where a dossier stands to the phone that scanned the receipt."""
    asker = request.client.host if request.client is not None else "unknown"
    try:
        dossier = lookup.by_token(services, code, t, asker=asker)
    except Refusal as refusal:
        page = paused_page() if refusal.status == _TOO_MANY else unknown_page()
        retry = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
        return HTMLResponse(page, status_code=refusal.status, headers={**_HEADERS, **retry})
    return HTMLResponse(progress_page(progress_of(dossier)), headers=_HEADERS)
