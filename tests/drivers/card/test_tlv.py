from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import tlv
from drivers.errors import CardProtocolError

TAGS = st.sampled_from([0x01, 0x30, 0x5C, 0x61, 0x7F60, 0x7F61, 0x5F2E, 0x5F1F, 0x99])


@given(st.lists(st.tuples(TAGS, st.binary(max_size=300)), max_size=8))
def test_what_is_encoded_is_parsed_again(objects: list[tuple[int, bytes]]) -> None:
    data = b"".join(tlv.encode(tag, value) for tag, value in objects)
    assert [(item.tag, item.value) for item in tlv.parse(data)] == objects


@given(st.binary(max_size=200))
def test_any_bytes_end_in_objects_or_in_the_one_error(data: bytes) -> None:
    with contextlib.suppress(CardProtocolError):
        assert sum(len(item.value) for item in tlv.parse(data)) <= len(data)


@pytest.mark.parametrize(
    "data",
    [
        "7F",  # tag cut off
        "7F818101",  # tag of four bytes
        "30",  # no length
        "3080",  # indefinite length
        "3085010000000000",  # length of five bytes
        "308201",  # length cut off
        "3084FFFFFFFF00",  # a length of 4 GB
        "300201",  # value cut off
    ],
)
def test_malformed_objects_are_refused(data: str) -> None:
    with pytest.raises(CardProtocolError):
        tlv.parse(bytes.fromhex(data))


def test_too_many_objects_are_refused() -> None:
    assert len(tlv.parse(b"\x01\x00" * tlv.MAX_ITEMS)) == tlv.MAX_ITEMS
    with pytest.raises(CardProtocolError):
        tlv.parse(b"\x01\x00" * (tlv.MAX_ITEMS + 1))


def test_find_walks_down_and_stops_where_a_step_is_missing() -> None:
    data = tlv.encode(0x61, tlv.encode(0x7F61, tlv.encode(0x02, b"\x05")))
    assert tlv.find(data, 0x61, 0x7F61, 0x02) == b"\x05"
    assert tlv.find(data, 0x61, 0x30, 0x02) is None
    with pytest.raises(CardProtocolError):
        tlv.find(data, *([0x61] * (tlv.MAX_DEPTH + 1)))


def test_a_single_object_must_be_single_and_of_its_tag() -> None:
    assert tlv.parse_one(b"\x61\x01\x00", 0x61).value == b"\x00"
    for data in (b"", b"\x62\x00", b"\x61\x00\x61\x00"):
        with pytest.raises(CardProtocolError):
            tlv.parse_one(data, 0x61)


def test_constructed_is_told_from_the_first_tag_byte() -> None:
    assert tlv.Tlv(tag=0x7F61, value=b"").constructed
    assert not tlv.Tlv(tag=0x5F1F, value=b"").constructed


def test_header_reaches_to_the_value() -> None:
    assert tlv.read_header(bytes.fromhex("7582012C00")) == (0x75, 300, 4)
