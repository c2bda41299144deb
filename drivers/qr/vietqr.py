"""VietQR: a bank transfer as EMVCo tag-length-value text with a checksum at its end.

Source: EMVCo QR Code Specification, Merchant-Presented Mode 1.1; NAPAS VietQR 1.5.2; DOMAIN.md 5.5.
"""

from __future__ import annotations

import binascii
import re

NAPAS = "A000000727"
ACCOUNT_TAG = "38"
NAMES = {"53": "currency", "54": "amount", "58": "country", "59": "merchant", "60": "city"}
CHECKSUM_LENGTH = 4


class NotVietQrError(ValueError):
    """The text looked like a payment code and is not; `reason` says why, for staff."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def looks_like_vietqr(text: str) -> bool:
    """Tell whether a text begins like an EMVCo code: format indicator `01`, then the point of initiation."""
    return text.startswith("000201")


def parse_vietqr(text: str) -> dict[str, str]:
    """Return bank, account, amount and purpose of a payment code.

    Raises:
        NotVietQrError: The checksum is wrong, the structure is broken, or it is another scheme's code.
    """
    if not re.fullmatch(r"[\x20-\x7e]+", text) or text[-8:-4] != "6304":
        raise NotVietQrError("vietqr_malformed")
    if f"{crc16(text[:-CHECKSUM_LENGTH].encode('ascii')):04X}" != text[-CHECKSUM_LENGTH:].upper():
        raise NotVietQrError("vietqr_checksum_wrong")
    tags = _tags(text)
    account = _tags(tags.get(ACCOUNT_TAG, ""))
    if account.get("00") != NAPAS:
        raise NotVietQrError("vietqr_other_scheme")
    beneficiary = _tags(account.get("01", ""))
    fields = {name: tags[tag] for tag, name in NAMES.items() if tag in tags}
    fields |= {"bank": beneficiary.get("00", ""), "account": beneficiary.get("01", "")}
    purpose = _tags(tags.get("62", "")).get("08")
    return fields if purpose is None else fields | {"purpose": purpose}


def crc16(data: bytes) -> int:
    """Return CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, not reflected."""
    return binascii.crc_hqx(data, 0xFFFF)


def _tags(text: str) -> dict[str, str]:
    """Split `TTLLvalue…` into its tags."""
    tags: dict[str, str] = {}
    place = 0
    while place < len(text):
        header = text[place : place + 4]
        if not re.fullmatch(r"[0-9]{4}", header):
            raise NotVietQrError("vietqr_malformed")
        value = text[place + 4 : place + 4 + int(header[2:])]
        if len(value) != int(header[2:]):
            raise NotVietQrError("vietqr_malformed")
        tags[header[:2]] = value
        place += 4 + len(value)
    return tags
