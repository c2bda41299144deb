from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.qr.framer import LONGEST_FRAME, Framer


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\n\r\n"])
def test_each_end_mark_gives_one_frame(end: bytes) -> None:
    framer = Framer()
    assert framer.feed(b"first" + end + b"second" + end) == [b"first", b"second"]
    assert framer.end_of_burst() is None


@given(
    st.lists(st.binary(min_size=1, max_size=40).filter(lambda b: not set(b) & {10, 13}), max_size=6),
    st.lists(st.integers(1, 30), min_size=1, max_size=40),
)
def test_frames_do_not_depend_on_how_the_bytes_come(codes: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(code + b"\r\n" for code in codes)
    framer, got, place = Framer(), [], 0
    for cut in [*cuts, len(stream)]:
        got += framer.feed(stream[place : place + cut])
        place += cut
    assert got == codes


def test_half_a_code_waits_for_the_rest_or_for_silence() -> None:
    framer = Framer()
    assert framer.feed(b"K01-2611") == []
    assert framer.feed(b"22-0007\r") == [b"K01-261122-0007"]
    assert framer.feed(b"no end") == []
    assert framer.end_of_burst() == b"no end"
    assert framer.end_of_burst() is None


def test_an_endless_frame_is_dropped_and_the_next_one_is_read() -> None:
    framer = Framer()
    assert framer.feed(b"x" * (LONGEST_FRAME + 1)) == []
    assert framer.feed(b"still the same\rgood\r") == [b"good"]
    assert framer.feed(b"x" * (LONGEST_FRAME + 1)) == []
    assert framer.end_of_burst() is None
    assert framer.feed(b"x" * (LONGEST_FRAME + 1) + b"\r") == []


def test_reset_forgets_half_a_code() -> None:
    framer = Framer()
    framer.feed(b"old")
    framer.reset()
    assert framer.feed(b"new\r") == [b"new"]
