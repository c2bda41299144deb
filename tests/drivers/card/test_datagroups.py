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


# --- DG11 and DG12 ---------------------------------------------------------------------------------------


def details(dg11: dict[int, bytes] | None = None, dg12: dict[int, bytes] | None = None) -> datagroups.Details:
    def file(tag: int, objects: dict[int, bytes] | None) -> bytes | None:
        body = b"".join(tlv.encode(name, value) for name, value in (objects or {}).items())
        return None if objects is None else tlv.encode(tag, body)

    return datagroups.parse_details(file(0x6B, dg11), file(0x6C, dg12))


def test_details_are_read_and_the_rest_is_dropped() -> None:
    found = details(
        {
            0x5F0E: "TRẦN<<VĂN<BÌNH".encode(),
            0x5F10: b"087062001537",
            0x5F42: "Số 1<Sa Đéc".encode(),
            0x5F12: b"09",
        },
        {0x5F26: bytes.fromhex("20210510")},
    )
    assert (found.full_name, found.id_number) == ("TRẦN VĂN BÌNH", "087062001537")
    assert (found.residence, found.issue_date) == ("Số 1, Sa Đéc", "2021-05-10")
    assert details() == datagroups.Details()


@pytest.mark.parametrize(
    ("raw", "iso"),
    [
        (b"19620305", "1962-03-05"),
        (b"19620300", "1962-03"),
        (b"19620000", "1962"),
        (bytes.fromhex("19620305"), "1962-03-05"),
        (b"1962", None),
        (b"", None),
        ("năm".encode(), None),
    ],
)
def test_dates_of_details_may_be_partial_or_packed(raw: bytes, iso: str | None) -> None:
    assert details({0x5F2B: raw}).birth_date == iso


def test_an_id_number_of_another_shape_and_broken_text_are_not_taken() -> None:
    assert details({0x5F10: b"C1234567"}).id_number is None
    with pytest.raises(CardProtocolError):
        details({0x5F0E: b"\xff\xfe"})
