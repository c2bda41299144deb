"""VietQR codes: the two vectors of DOMAIN.md 5.5, and what is refused."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.qr.vietqr import parse_vietqr
from forms.payment import (
    MOST_AMOUNT,
    MOST_PURPOSE,
    NAPAS,
    Payee,
    PaymentError,
    field,
    plain,
    sealed,
    transfer_code,
)

OWN = (
    "00020101021238570010A00000072701270006970405011312345678901230208QRIBFTTA"
    "5303704540480005802VN62220818H20 17 250901 000163049EE8"
)
PUBLIC = (
    "00020101021138480010A00000072701300006970403011621129950446040255204581253037045802VN"
    "5910PHUONG CAC6005HANOI62110307NPS686963045802"
)
PAYEE = Payee(bank="970405", account="1234567890123")


def test_the_own_vector() -> None:
    assert transfer_code(PAYEE, amount=Decimal(8000), purpose="H20.17-250901-0001") == OWN


def test_the_public_vector() -> None:
    """A code of a shop, made of the same pieces: static, with a trade and a name, without an amount."""
    account = field("00", "970403") + field("01", "2112995044604025")
    made = sealed(
        field("00", "01"),
        field("01", "11"),
        field("38", field("00", NAPAS) + field("01", account)),
        field("52", "5812"),
        field("53", "704"),
        field("58", "VN"),
        field("59", "PHUONG CAC"),
        field("60", "HANOI"),
        field("62", field("03", "NPS6869")),
    )
    assert made == PUBLIC


def test_a_phone_reads_what_is_drawn() -> None:
    drawn = io.BytesIO()
    segno.make(OWN, error="m").save(drawn, kind="png", scale=4)
    assert zxingcpp.read_barcodes(Image.open(drawn))[0].text == OWN


@given(st.integers(1, MOST_AMOUNT), st.text(max_size=60))
def test_the_kiosk_s_own_reader_understands_every_code(amount: int, purpose: str) -> None:
    read = parse_vietqr(transfer_code(PAYEE, amount=Decimal(amount), purpose=purpose))
    assert (read["bank"], read["account"]) == ("970405", "1234567890123")
    assert read["amount"] == str(amount)
    assert read.get("purpose", "") == plain(purpose)
    assert len(plain(purpose)) <= MOST_PURPOSE
    assert plain(purpose).isascii()


@pytest.mark.parametrize("amount", ["0", "-1", "0.5", "10000000000000"])
def test_an_amount_that_is_none_is_refused(amount: str) -> None:
    with pytest.raises(PaymentError):
        transfer_code(PAYEE, amount=Decimal(amount), purpose="")


@pytest.mark.parametrize(
    ("bank", "account"), [("97040", "1"), ("970405", ""), ("970405", "1" * 20), ("", "1 2")]
)
def test_an_account_that_no_bank_has_is_refused(bank: str, account: str) -> None:
    with pytest.raises(PaymentError, match="payment"):
        Payee(bank=bank, account=account)


def test_a_field_has_room_for_ninety_nine() -> None:
    assert field("62", "a" * 99).startswith("6299")
    with pytest.raises(PaymentError):
        field("62", "a" * 100)


def test_a_purpose_keeps_letters_and_digits() -> None:
    assert plain("Lệ phí đăng ký: K01-261123-0007") == "Le phi dang ky K01 261123"
