"""VietQR: a bank transfer that a phone can read. The kiosk shows it; it never knows whether anybody paid.

Source: EMVCo QR Code Specification, Merchant-Presented Mode 1.1; NAPAS VietQR 1.5.2; DOMAIN.md 5.5.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forms.errors import FormError

if TYPE_CHECKING:
    from decimal import Decimal

NAPAS = "A000000727"
TO_ACCOUNT = "QRIBFTTA"
VND = "704"
MOST_PURPOSE = 25
"""Letters of the purpose that every bank shows."""
MOST_AMOUNT = 10**13 - 1

_BANK = re.compile(r"\d{6}")
_ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}")
_DYNAMIC = "12"
_CRC_START = 0xFFFF
_CRC_HEAD = "6304"
_MOST_LENGTH = 99


class PaymentError(FormError):
    """A transfer cannot be written as a VietQR code; the message says what is wrong."""

    code = "form.payment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """The account that fees go to; public, it hangs at the counter too."""

    bank: str
    """The bank's number with NAPAS (BIN), six digits."""
    account: str
    """1 to 19 digits or letters."""

    def __post_init__(self) -> None:
        """Refuse what no bank has.

        Raises:
            PaymentError: The bank's number or the account is not written as banks write it.
        """
        if not _BANK.fullmatch(self.bank) or not _ACCOUNT.fullmatch(self.account):
            raise PaymentError("payment.bank must be 6 digits and payment.account 1 to 19 digits or letters")


def transfer_code(payee: Payee, *, amount: Decimal, purpose: str) -> str:
    """Return the text of the QR code for one transfer of a fixed amount.

    Args:
        payee: Where the money goes.
        amount: Whole đồng, more than 0.
        purpose: Told to the payee; letters without diacritics are kept, at most 25.

    Raises:
        PaymentError: The amount is none, or not in whole đồng.
    """
    if amount != int(amount) or not 0 < amount <= MOST_AMOUNT:
        raise PaymentError("a transfer is of whole đồng, more than none")
    account = field("00", payee.bank) + field("01", payee.account)
    return sealed(
        field("00", "01"),
        field("01", _DYNAMIC),
        field("38", field("00", NAPAS) + field("01", account) + field("02", TO_ACCOUNT)),
        field("53", VND),
        field("54", str(int(amount))),
        field("58", "VN"),
        field("62", field("08", plain(purpose))),
    )


def field(tag: str, value: str) -> str:
    """Return one data object: tag, length in two digits, value.

    Raises:
        PaymentError: The value is longer than 99.
    """
    if len(value) > _MOST_LENGTH:
        raise PaymentError(f"field {tag} of a VietQR code is too long")
    return f"{tag}{len(value):02}{value}"


def sealed(*fields: str) -> str:
    """Return the data objects with their checksum (CRC-16/CCITT-FALSE over all of it) at the end."""
    text = "".join(fields) + _CRC_HEAD
    return f"{text}{binascii.crc_hqx(text.encode('ascii'), _CRC_START):04X}"


def plain(text: str) -> str:
    """Return a purpose as every bank takes it: letters without diacritics, digits, single spaces."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    words = re.sub(r"[^0-9A-Za-z]+", " ", bare.encode("ascii", "ignore").decode()).split()
    return " ".join(words)[:MOST_PURPOSE].strip()
