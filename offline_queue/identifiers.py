"""Names that are minted once and never change: dossier ids, receipt codes, queue numbers, tokens.

Clock and randomness come from outside, so a test can repeat them.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta, timezone
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    import datetime as dt

LOCAL_ZONE = timezone(timedelta(hours=7), "ICT")
"""Days of receipt codes and queue numbers begin at midnight here, whatever the kiosk's system zone says."""

TOKEN_BYTES = 16
UUID_RANDOM_BYTES = 10
_BLOCK = 200
_KIOSKS_PER_THOUSAND = 5


def uuid7(moment: dt.datetime, randomness: bytes) -> UUID:
    """Make a time-ordered id.

    Args:
        moment: Now, with a time zone.
        randomness: Ten random bytes.

    Source: RFC 9562, 5.7.
    """
    if len(randomness) != UUID_RANDOM_BYTES:
        raise ValueError(f"uuid7 needs {UUID_RANDOM_BYTES} random bytes, got {len(randomness)}")
    milliseconds = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    tail = int.from_bytes(randomness, "big")
    value = (milliseconds << 80) | (0x7 << 76) | (((tail >> 62) & 0xFFF) << 64) | (0b10 << 62)
    return UUID(int=value | (tail & ((1 << 62) - 1)))


def local_day(moment: dt.datetime) -> str:
    """Return the day in Viet Nam as `yymmdd`."""
    return moment.astimezone(LOCAL_ZONE).strftime("%y%m%d")


def receipt_code(kiosk_number: int, day: str, count: int) -> str:
    """Return the kiosk's own code of a dossier: `K01-261122-0007`."""
    return f"K{kiosk_number:02d}-{day}-{count:04d}"


def normal_code(text: str) -> str:
    """Return a typed or scanned dossier code as it is stored: trimmed, upper case."""
    return text.strip().upper()


def ticket_number(series: str, kiosk_number: int, count: int) -> str:
    """Return a place in the waiting line, from the range this kiosk alone owns.

    Kiosk 1 gives 001 to 200, then 1001 to 1200; kiosk 2 gives 201 to 400, then 1201 to 1400; and so on, so
    that two kiosks never print the same number even when neither has a line.

    Args:
        series: The letter in front: `A`.
        kiosk_number: From 1.
        count: The how-manieth ticket of this series today, from 1.
    """
    group, place = divmod(kiosk_number - 1, _KIOSKS_PER_THOUSAND)
    block, offset = divmod(count - 1, _BLOCK)
    return f"{series}{group * 100_000 + block * 1000 + place * _BLOCK + offset + 1:03d}"


def make_token(randomness: bytes) -> str:
    """Return 128 random bits as text that fits a URL."""
    return base64.urlsafe_b64encode(randomness).rstrip(b"=").decode("ascii")


def token_digest(token: str) -> str:
    """Return what is kept of a token: its SHA-256 (the token itself has 128 bits, so no salt is needed)."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
