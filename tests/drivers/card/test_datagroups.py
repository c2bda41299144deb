from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.card import datagroups, tlv
from drivers.errors import CardProtocolError
from drivers.simulated.card import lds
from drivers.simulated.card.faults import NO_FAULTS
from drivers.simulated.card.personas import HUONG

FILES = lds.build(HUONG, NO_FAULTS)
DG2 = FILES[0x0102]


def picture(kind: str, size: tuple[int, int] = (60, 80)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(out, kind)
    return out.getvalue()


def test_com_lists_the_groups_by_number() -> None:
    assert datagroups.parse_com(FILES[0x011E]) == (1, 2, 13, 14)
    with pytest.raises(CardProtocolError):
        datagroups.parse_com(tlv.encode(0x60, b""))


def test_dg1_holds_the_zone_of_the_card() -> None:
    assert datagroups.parse_dg1(FILES[0x0101]).id_number == HUONG.id_number
    for data in (tlv.encode(0x61, b""), tlv.encode(0x61, tlv.encode(0x5F1F, b"\xff" * 90))):
        with pytest.raises(CardProtocolError):
            datagroups.parse_dg1(data)


def test_the_portrait_is_rgb_row_by_row() -> None:
    portrait = datagroups.decode_portrait(datagroups.face_image(DG2))
    assert (portrait.width, portrait.height) == lds.PORTRAIT_SIZE
    assert len(portrait.rgb) == portrait.width * portrait.height * 3


@pytest.mark.parametrize("kind", ["JPEG", "JPEG2000"])
def test_jpeg_and_jpeg_2000_are_decoded(kind: str) -> None:
    portrait = datagroups.decode_portrait(picture(kind))
    assert (portrait.width, portrait.height) == (60, 80)
    assert abs(portrait.rgb[0] - 200) < 8


@pytest.mark.parametrize(
    "data", [b"", picture("PNG"), picture("JPEG")[:200], picture("JPEG", (2001, 2001)), b"\xff\xd8\xff\x00"]
)
def test_damaged_foreign_or_huge_pictures_are_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        datagroups.decode_portrait(data)


@pytest.mark.parametrize("end", [4, 40, 80, 3000])
def test_a_cut_off_face_record_is_refused(end: int) -> None:
    with pytest.raises(CardProtocolError):
        datagroups.face_image(DG2[:end])


def test_a_record_that_claims_a_million_feature_points_is_refused() -> None:
    start = DG2.index(b"FAC\x00")
    broken = DG2[: start + 18] + b"\xff\xff" + DG2[start + 20 :]
    with pytest.raises(CardProtocolError):
        datagroups.face_image(broken)


@given(st.integers(0, 120), st.integers(0, 255))
def test_one_changed_header_byte_never_crashes(position: int, value: int) -> None:
    data = DG2[:position] + bytes([value]) + DG2[position + 1 :]
    with contextlib.suppress(CardProtocolError):
        datagroups.face_image(data)
