"""Tells what the text of a code is: an ID card, a receipt, a payment, a link, or something else.

Everything here is unsigned text from a stranger: it prefills and opens, it never proves. `classify` takes
any text and never raises.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from drivers.ports import CodeKind, CodePayload
from drivers.qr.card_text import NotACardError, looks_like_card, parse_card
from drivers.qr.declaration import NotADeclarationError, looks_like_declaration, parse_declaration
from drivers.qr.vietqr import NotVietQrError, looks_like_vietqr, parse_vietqr

if TYPE_CHECKING:
    from urllib.parse import SplitResult

LONGEST_TEXT = 4296
"""What the largest QR code can hold. Source: ISO/IEC 18004, version 40-L, alphanumeric."""
RECEIPT_CODE = re.compile(r"K\d{2}-(?P<date>\d{6})-\d{4,7}")
"""Ours: kiosk, date, number (`K01-261122-0007`)."""
OFFICIAL_CODE = re.compile(r"[GHT]\d{2}(?:\.\d{2,3}){0,4}-(?P<date>\d{6})-\d{4,7}")
"""Mã hồ sơ. Source: Circular 01/2018/TT-VPCP, Article 19; DOMAIN.md 2.1."""
LOOKUP_KEYS = frozenset({"mhs", "mahoso"})
"""Query keys of other systems' receipts."""
VNEID_HOST = re.compile(r"(?:^|\.)(?:vneid\.gov\.vn|dancuquocgia\.gov\.vn)$")
"""Hosts of the e-ID app's sign-in. Source: DOMAIN.md 6."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")


def classify(text: str) -> CodePayload:
    """Return what the text of a code is; a damaged card or receipt is `other` with a `reason` for staff."""
    trimmed = text.strip("\ufeff \t\r\n\0")
    if not trimmed:
        return CodePayload(kind=CodeKind.NONE, text=text, reason="empty")
    if len(trimmed) > LONGEST_TEXT:
        return CodePayload(kind=CodeKind.OTHER, text=text, reason="too_long")
    for looks_like, read in _KINDS:
        if looks_like(trimmed):
            return read(text, trimmed)
    address = _address(trimmed)
    return _bare(text, trimmed) if address is None else _link(text, address)


def _card(text: str, trimmed: str) -> CodePayload:
    try:
        card, fields = parse_card(trimmed)
    except NotACardError as error:
        return CodePayload(kind=CodeKind.OTHER, text=text, reason=error.reason, fields=error.kept)
    return CodePayload(kind=CodeKind.ID_CARD, text=text, card=card, fields=fields)


def _payment(text: str, trimmed: str) -> CodePayload:
    try:
        fields = parse_vietqr(trimmed)
    except NotVietQrError as error:
        return CodePayload(kind=CodeKind.OTHER, text=text, reason=error.reason)
    return CodePayload(kind=CodeKind.VIETQR, text=text, fields=fields)


def _declaration(text: str, trimmed: str) -> CodePayload:
    try:
        procedure, answers = parse_declaration(trimmed)
    except NotADeclarationError as error:
        return CodePayload(kind=CodeKind.OTHER, text=text, reason=error.reason)
    fields = {"procedure": procedure, "answers": json.dumps(answers, ensure_ascii=False)}
    return CodePayload(kind=CodeKind.DECLARATION, text=text, fields=fields)


_KINDS = (
    (looks_like_card, _card),
    (looks_like_vietqr, _payment),
    (looks_like_declaration, _declaration),
)


def _address(trimmed: str) -> SplitResult | None:
    if not re.match(r"https?://", trimmed, re.IGNORECASE):
        return None
    try:
        address = urlsplit(trimmed)
        named = bool(address.hostname)
    except ValueError:  # a bracketed host that is no address: then it is a text, not a link
        return None
    return address if named else None


def _link(text: str, address: SplitResult) -> CodePayload:
    """A link may be our progress page, another system's look-up page, or any page."""
    query = {key.lower(): value for key, value in _query(address.query)}
    page = re.search(r"/d/([^/]+)/?$", address.path)
    if page:
        return _receipt(text, page[1], query.get("t"))
    # A page that is one program routes behind the `#`: `/#/tra-cuu?MHS=…`.
    routed = {key.lower(): value for key, value in _query(address.fragment.rpartition("?")[2])}
    asked = routed | query
    for key in sorted(LOOKUP_KEYS & asked.keys()):
        return _receipt(text, asked[key], None)
    host = address.hostname or ""
    kind = CodeKind.VNEID if VNEID_HOST.search(host) else CodeKind.URL
    return CodePayload(kind=kind, text=text, fields={"host": host})


def _query(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, max_num_fields=50)
    except ValueError:  # more fields than any receipt has: then it is just a link
        return []


def _bare(text: str, trimmed: str) -> CodePayload:
    code = trimmed.upper()
    if RECEIPT_CODE.fullmatch(code) or OFFICIAL_CODE.fullmatch(code):
        return _receipt(text, code, None)
    return CodePayload(kind=CodeKind.OTHER, text=text)


def _receipt(text: str, code: str, token: str | None) -> CodePayload:
    code = code.strip().upper()
    match = RECEIPT_CODE.fullmatch(code) or OFFICIAL_CODE.fullmatch(code)
    kind = CodeKind.URL if "://" in text else CodeKind.OTHER
    if match is None:
        return CodePayload(kind=kind, text=text, reason="receipt_code_malformed")
    if not _is_date(match["date"]):
        return CodePayload(kind=kind, text=text, reason="receipt_date_impossible")
    if token is not None and not TOKEN.fullmatch(token):
        return CodePayload(kind=kind, text=text, reason="receipt_token_malformed")
    fields = {"receipt_code": code} if token is None else {"receipt_code": code, "token": token}
    return CodePayload(kind=CodeKind.RECEIPT, text=text, receipt_code=code, token=token, fields=fields)


def _is_date(yymmdd: str) -> bool:
    try:
        dt.date(2000 + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))
    except ValueError:
        return False
    return True
