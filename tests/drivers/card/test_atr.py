from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import atr
from drivers.simulated.card.makes import ATR_EXTENDED, ATR_SHORT

H = bytes.fromhex


@pytest.mark.parametrize("answer", [ATR_SHORT, ATR_EXTENDED])
def test_the_check_byte_of_our_own_answers_is_right(answer: bytes) -> None:
    check = 0
    for byte in answer[1:]:
        check ^= byte
    assert check == 0


@pytest.mark.parametrize(
    ("answer", "extended"),
    [
        (ATR_SHORT, False),
        (ATR_EXTENDED, True),
        (H("3B058073C80040"), True),  # no interface bytes, category 80
        (H("3B0710"), False),  # historical bytes in another form
        (H("3B04807102"), False),  # no capabilities
        (H("3B048072C840"), False),  # two capability bytes only
        (H("3B8F80"), False),  # cut off
        (H("3BF0"), False),
        (H("3B"), False),
        (b"", False),
    ],
)
def test_extended_length_is_what_the_capabilities_say(answer: bytes, extended: bool) -> None:  # noqa: FBT001
    assert atr.announces_extended(answer) is extended


@given(st.binary(max_size=40))
def test_any_bytes_are_an_answer_of_some_kind(answer: bytes) -> None:
    assert atr.announces_extended(answer) in {True, False}
    assert len(atr.historical_bytes(answer)) <= 15


def test_what_a_reader_says_about_itself() -> None:
    features = H("060442000001") + H("120442000D49")
    assert atr.feature(features, 0x12) == 0x42000D49
    assert atr.feature(features, 0x13) is None
    assert atr.longest_command(H("0A0400000100")) == 65536
    assert atr.longest_command(H("0B0200000A0205010A")) == 0x0105
    assert atr.longest_command(H("0B02AABB")) is None
    assert atr.longest_command(b"\x0a") is None
