from __future__ import annotations

import contextlib
import dataclasses
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import dg13, tlv
from drivers.errors import CardProtocolError
from drivers.simulated.card import lds
from drivers.simulated.card.authority import integer, sequence
from drivers.simulated.card.faults import NO_FAULTS
from drivers.simulated.card.personas import HUONG


def wrap(*fields: bytes) -> bytes:
    body = sequence(integer(1), tlv.encode(0x06, lds.OID_DG13), tlv.encode(0x31, b"".join(fields)))
    return tlv.encode(0x6D, body)


def text(value: str, tag: int = 0x0C) -> bytes:
    return tlv.encode(tag, value.encode())


def test_religion_and_personal_marks_never_leave_the_parser() -> None:
    secret = dataclasses.replace(HUONG, religion="CANARY-RELIGION", marks="CANARY-MARKS")
    data = lds.build(secret, NO_FAULTS)[0x010D]
    assert b"CANARY-RELIGION" in data
    parsed = dg13.parse(data)
    everything = " ".join(str(getattr(parsed, item.name)) for item in dataclasses.fields(parsed))
    assert "NGUYỄN" in everything
    assert "CANARY" not in everything


def test_fields_may_be_missing_empty_unordered_or_unknown() -> None:
    parsed = dg13.parse(
        wrap(
            sequence(integer(16), text("?")),
            sequence(integer(2), text("  LÒ  THỊ DÍN ")),
            sequence(integer(1), text("011190000123", 0x13)),
            sequence(integer(6)),
            sequence(integer(13), sequence(text(""), text("VÀNG THỊ SÚA"))),
        )
    )
    assert (parsed.id_number, parsed.full_name, parsed.ethnicity) == ("011190000123", "LÒ THỊ DÍN", None)
    assert (parsed.father_name, parsed.mother_name) == (None, "VÀNG THỊ SÚA")
    assert parsed.unknown == {16: text("?")}


def test_names_come_out_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "ĐẶNG THỊ ƯỚC")
    parsed = dg13.parse(wrap(sequence(integer(2), text(decomposed))))
    assert parsed.full_name == "ĐẶNG THỊ ƯỚC"


@pytest.mark.parametrize(
    ("printed", "iso"),
    [
        ("14/02/1994", "1994-02-14"),
        ("14021994", "1994-02-14"),
        ("00/00/1962", "1962"),
        ("00001962", "1962"),
        ("00/03/1962", "1962-03"),
        ("03/1962", "1962-03"),
        ("1962", "1962"),
        (" 01 / 12 / 2000 ", "2000-12-01"),
        ("", None),
        (None, None),
        ("Không thời hạn", None),
        ("32/01/1990", None),
        ("01/13/1990", None),
        ("01/01/0000", None),
    ],
)
def test_dates(printed: str | None, iso: str | None) -> None:
    assert dg13.normalise_date(printed) == iso


@pytest.mark.parametrize(
    "data",
    [
        b"",
        tlv.encode(0x6D, sequence(integer(1))),
        wrap(integer(5)),
        wrap(sequence(text("no number"))),
        wrap(sequence()),
        wrap(sequence(integer(2), tlv.encode(0x0C, b"Nguy\xe3n"))),
    ],
)
def test_other_layouts_are_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        dg13.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_end_in_data_or_in_the_one_error(data: bytes) -> None:
    with contextlib.suppress(CardProtocolError):
        dg13.parse(wrap(data))


@given(st.integers(0, 1000), st.integers(0, 255))
def test_one_changed_byte_never_crashes(position: int, value: int) -> None:
    data = bytearray(lds.build(HUONG, NO_FAULTS)[0x010D])
    data[position % len(data)] = value
    with contextlib.suppress(CardProtocolError):
        dg13.parse(bytes(data))
