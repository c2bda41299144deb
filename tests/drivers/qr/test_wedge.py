"""A scanner that types, told from a person who types."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.errors import ScannerMisconfiguredError
from drivers.ports import DeviceState
from drivers.qr.payload import classify
from drivers.qr.wedge import WedgeCodeScanner

CARD = "087194000412|300912345|NGUYEN THI HUONG|14021994|Nu|Khom 2, Phuong 1|10052021"


def type_in(scanner: WedgeCodeScanner, text: str, *, gap_s: float, at_s: float = 100.0) -> bool:
    for sign in text:
        at_s += gap_s
        if scanner.key(sign, at_s):
            return True
    return False


@pytest.mark.parametrize("end", ["\r", "\n"])
def test_a_burst_that_ends_with_enter_is_a_code(end: str) -> None:
    scanner = WedgeCodeScanner()
    assert scanner.status().state is DeviceState.DEGRADED
    assert type_in(scanner, CARD + end, gap_s=0.005)
    assert scanner.read(timeout_s=0) == CARD
    assert scanner.status().state is DeviceState.READY


@pytest.mark.parametrize(
    ("text", "gap_s"), [(CARD + "\r", 0.086), ("12345\r", 0.005), (CARD, 0.005), ("\r", 0.005)]
)
def test_a_person_s_typing_is_none(text: str, gap_s: float) -> None:
    scanner = WedgeCodeScanner()
    assert not type_in(scanner, text, gap_s=gap_s)
    assert scanner.read(timeout_s=0) is None


def test_letters_typed_before_do_not_stick_to_the_code() -> None:
    scanner = WedgeCodeScanner()
    type_in(scanner, "abc", gap_s=0.1, at_s=0)
    assert type_in(scanner, CARD + "\r", gap_s=0.005, at_s=1.0)
    assert scanner.read(timeout_s=0) == CARD


def test_an_old_code_never_opens_a_new_screen() -> None:
    scanner = WedgeCodeScanner()
    type_in(scanner, CARD + "\r", gap_s=0.005)
    type_in(scanner, "half", gap_s=0.005, at_s=200)
    scanner.flush()
    assert not type_in(scanner, "end\r", gap_s=0.005, at_s=200.03)
    assert scanner.read(timeout_s=0) is None
    scanner.close()
    assert scanner.read(timeout_s=0) is None


def test_a_layout_that_makes_letters_of_digits_is_told() -> None:
    """Under the Vietnamese layout the number row types ă â ê ô and tone marks."""
    scanner = WedgeCodeScanner()
    assert type_in(scanner, "đơ₫̣ăâêổ̃́\r", gap_s=0.005)
    with pytest.raises(ScannerMisconfiguredError):
        scanner.read(timeout_s=0)
    assert (scanner.status().state, scanner.status().cause) == (DeviceState.DEGRADED, "qr.wrong_layout")
    type_in(scanner, CARD + "\r", gap_s=0.005, at_s=300)
    assert scanner.read(timeout_s=0) == CARD
    assert scanner.status().state is DeviceState.READY


@given(st.lists(st.tuples(st.text(min_size=1, max_size=1), st.floats(0, 2)), max_size=200))
def test_nothing_typed_raises(strokes: list[tuple[str, float]]) -> None:
    scanner, at_s = WedgeCodeScanner(), 0.0
    for sign, gap_s in strokes:
        at_s += gap_s
        scanner.key(sign, at_s)


def test_a_name_with_question_marks_is_refused_and_its_number_kept() -> None:
    found = classify("087194000412|300912345|NGUY?N TH? H??NG|14021994|N?|Khom 2|10052021")
    assert found.card is None
    assert (found.reason, found.fields["id_number"]) == ("card_text_damaged", "087194000412")
