"""Signing in and out, and who may see which page."""

import hmac
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from backend.api.access import Backend, address_of, bounded_body, limited
from backend.services import Refusal
from backend.store import staff
from backend.store.staff import SignedIn
from backend.web import html

router = APIRouter(include_in_schema=False)

COOKIE = "kiosk_staff"
FORM_LIMIT = 16 * 1024
_SEE_OTHER = 303
FormBody = Annotated[bytes, Depends(bounded_body(FORM_LIMIT))]


class NeedsSignIn(Exception):  # noqa: N818 - an answer, not a fault
    """Nobody is signed in, or the session is over."""


def to_sign_in(request: Request, error: Exception) -> Response:
    """Send a browser to the door."""
    del request, error
    return RedirectResponse("/staff/sign-in", status_code=_SEE_OTHER)


def somebody(*roles: str) -> Callable[..., SignedIn]:
    """Return a dependency that lets members of staff with one of these roles in.

    Args:
        roles: `clerk`, `technician`, `admin`.
    """

    def read(services: Backend, request: Request) -> SignedIn:
        token = request.cookies.get(COOKIE)
        who = staff.session_of(services, token) if token else None
        if who is None:
            raise NeedsSignIn
        if who.role not in roles:
            raise Refusal(403, "staff.role", "this page is for other members of staff")
        return who

    return read


def posted(*roles: str) -> Callable[..., "Posted"]:
    """Return a dependency that reads a form of such a member of staff and refuses one of another site."""

    def read(who: Annotated[SignedIn, Depends(somebody(*roles))], body: FormBody) -> Posted:
        fields = html.fields(body)
        if not hmac.compare_digest(fields.get("csrf", "").encode(), who.csrf.encode()):
            raise Refusal(403, "staff.csrf", "the page is too old; open it again")
        return Posted(who, fields)

    return read


class Posted:
    """A form and who sent it."""

    def __init__(self, who: SignedIn, fields: dict[str, str]) -> None:
        self.who = who
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, "").strip()


@router.get("/staff/sign-in")
def get_sign_in() -> HTMLResponse:
    """Show the door."""
    return _door()


def _door(notice: str = "", status: int = 200) -> HTMLResponse:
    said = f'<p class="notice" role="alert">{notice}</p>' if notice else ""
    return html.page(
        "Đăng nhập",
        f'<form class="card door" method="post" action="/staff/sign-in"><h1>Đăng nhập cán bộ</h1>{said}'
        '<label>Tên đăng nhập <input name="name" autocomplete="username" required autofocus></label>'
        '<label>Mật khẩu <input name="password" type="password" required '
        'autocomplete="current-password"></label><label>Mã 6 số, nếu có '
        '<input name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="6"></label>'
        '<button class="big">Đăng nhập</button></form>',
        status=status,
    )


@router.post("/staff/sign-in")
def post_sign_in(services: Backend, request: Request, body: FormBody) -> Response:
    """Begin a session."""
    asker = address_of(request)
    limited(services.door_rate, f"sign-in {asker}", services.now().timestamp())
    typed = html.fields(body)
    try:
        who = staff.sign_in(
            services,
            typed.get("name", "").strip(),
            typed.get("password", ""),
            typed.get("code", ""),
            asker=asker,
        )
    except Refusal as refusal:
        return _door("Tên, mật khẩu hoặc mã chưa đúng.", refusal.status)
    answer = RedirectResponse(
        "/staff/fleet" if who.role == "technician" else "/staff", status_code=_SEE_OTHER
    )
    answer.set_cookie(
        COOKIE,
        who.token,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https" or services.settings.public_url.startswith("https:"),
        path="/staff",
    )
    return answer


@router.post("/staff/sign-out")
def post_sign_out(
    services: Backend, form: Annotated[Posted, Depends(posted(*staff.ROLES))]
) -> RedirectResponse:
    """End the session."""
    staff.sign_out(services, form.who)
    answer = RedirectResponse("/staff/sign-in", status_code=_SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/staff")
    return answer
