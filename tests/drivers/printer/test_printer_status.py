"""Status bytes are told apart by their fixed bits; unknown is never well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.ports import DeviceState
from drivers.printer.status import FenceWatch, is_status_answer, judge
from drivers.simulated.printer.conditions import ANSWERS, Condition


@pytest.mark.parametrize(
    ("answers", "state", "cause"),
    [
        ("12 12 12 12", DeviceState.READY, "ok"),
        ("12 12 12 1e", DeviceState.DEGRADED, "printer.paper_near_end"),
        ("1a 32 12 7e", DeviceState.BLOCKED, "printer.paper_out"),
        ("1a 16 12 12", DeviceState.BLOCKED, "printer.cover_open"),
        ("1a 52 1a 12", DeviceState.BLOCKED, "printer.cutter"),
        # Not in the table of DEVICES 2.2, still never "ok":
        ("1a 12 12 12", DeviceState.BLOCKED, "printer.offline"),
        ("1a 52 32 12", DeviceState.FAULT, "printer.error"),
        ("12 12 12 72", DeviceState.BLOCKED, "printer.paper_out"),
        ("1a 36 12 7e", DeviceState.BLOCKED, "printer.cover_open"),
    ],
)
def test_the_four_answers_name_the_cause(answers: str, state: DeviceState, cause: str) -> None:
    judged = judge(bytes.fromhex(answers))
    assert (judged.state, judged.cause, judged.raw) == (state, cause, answers)


def test_the_simulated_printer_answers_as_the_table_says() -> None:
    causes = {
        condition: judge(answers.realtime).cause
        for condition, answers in ANSWERS.items()
        if condition is not Condition.HANG
    }
    assert causes == {
        Condition.OK: "ok",
        Condition.NEAR_END: "printer.paper_near_end",
        Condition.PAPER_OUT: "printer.paper_out",
        Condition.COVER_OPEN: "printer.cover_open",
        Condition.CUTTER_ERROR: "printer.cutter",
    }


def test_exactly_the_fixed_bits_make_an_answer() -> None:
    answers = [byte for byte in range(256) if is_status_answer(byte)]
    assert len(answers) == 16
    assert 0x11 not in answers  # XON
    assert 0x13 not in answers  # XOFF
    assert 0x10 not in answers  # first byte of a status block
    assert all(
        f"{byte:08b}"[i] == sign for byte in answers for i, sign in ((0, "0"), (3, "1"), (6, "1"), (7, "0"))
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 0x0F), st.integers(0, 0x0F), st.integers(0, 0x0F)).map(bytes), max_size=5
    ),
    st.binary(max_size=3),
)
def test_status_blocks_are_never_taken_for_the_fence(blocks: list[bytes], noise: bytes) -> None:
    unasked = bytes(byte for byte in noise if byte in (0x11, 0x13, 0x12, 0x1A))
    stream = unasked + b"".join(b"\x18" + block for block in blocks)
    watch = FenceWatch()
    assert not any(watch.feed(bytes([byte])) for byte in stream)
    assert watch.feed(b"\x00")


def test_a_fence_with_paper_low_is_a_fence() -> None:
    assert FenceWatch().feed(b"\x03")
    assert FenceWatch().feed(b"\x0f")
    assert not FenceWatch().feed(b"")
