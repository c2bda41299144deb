from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import mrz
from drivers.errors import CardProtocolError

# ICAO Doc 9303-5, appendix A (TD1).
UTOPIA = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)


def test_specimen_of_the_standard() -> None:
    zone = mrz.parse("".join(UTOPIA))
    assert (zone.document_number, zone.birth, zone.expiry) == ("D23145890", "740812", "120415")
    assert (zone.name, zone.sex, zone.nationality) == ("ERIKSSON ANNA MARIA", "female", "UTO")
    assert zone.id_number is None
    assert zone.digits_agree
    assert mrz.information(UTOPIA) == "D23145890774081221204159"


@pytest.mark.parametrize(("text", "digit"), [("520727", "3"), ("D23145890", "7"), ("AB2134<<<", "5")])
def test_check_digits_of_the_standard(text: str, digit: str) -> None:
    assert mrz.check_digit(text) == digit


@pytest.mark.parametrize("position", [5, 14, 30, 36, 38, 44, 59])
def test_one_wrong_character_is_noticed(position: int) -> None:
    text = "".join(UTOPIA)
    other = "4" if text[position] != "4" else "5"
    assert not mrz.parse(text[:position] + other + text[position + 1 :]).digits_agree


def test_long_document_numbers_spill_into_the_optional_field() -> None:
    # ICAO Doc 9303-5, 4.2.2.1, note j: filler in the check digit's place, the rest follows.
    first = "I<UTOD23145890<7349<<<<<<<<<<<"
    assert mrz.information((first, *UTOPIA[1:])) == "D23145890" + "734" + "9" + "7408122" + "1204159"


@pytest.mark.parametrize("filler", sorted(mrz.NO_EXPIRY))
def test_a_card_without_expiry_has_none(filler: str) -> None:
    second = UTOPIA[1][:8] + filler + UTOPIA[1][14:]
    assert mrz.parse(UTOPIA[0] + second + UTOPIA[2]).expiry is None


def test_spaces_and_lower_case_from_a_keyboard_are_fine() -> None:
    assert mrz.split_lines(" ".join(UTOPIA).lower()) == UTOPIA


@pytest.mark.parametrize("text", ["", "A" * 89, "A" * 91, "é" * 90, "a?" * 45])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(CardProtocolError):
        mrz.parse(text)


def test_check_digit_refuses_other_characters() -> None:
    with pytest.raises(CardProtocolError):
        mrz.check_digit("ab")


@given(st.text(max_size=120))
def test_any_text_ends_in_a_zone_or_in_the_one_error(text: str) -> None:
    with contextlib.suppress(CardProtocolError):
        mrz.parse(text)


@given(st.text(alphabet="ABCXYZ0123456789<", min_size=90, max_size=90))
def test_any_zone_of_the_alphabet_is_read(text: str) -> None:
    assert len(mrz.parse(text).birth) == 6
    mrz.information(mrz.split_lines(text))


# --- TD2 and TD3: the specimens of ICAO Doc 9303-6 and 9303-4, appendix B --------------------------------

TD2 = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<D231458907UTO7408122F1204159<<<<<<<6"
TD3 = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10"


@pytest.mark.parametrize(
    ("text", "number", "information"),
    [(TD2, "D23145890", "D23145890774081221204159"), (TD3, "L898902C3", "L898902C3674081221204159")],
    ids=["TD2", "TD3"],
)
def test_the_specimens_of_the_standard(text: str, number: str, information: str) -> None:
    zone = mrz.parse(text)
    assert (zone.document_number, zone.name, zone.nationality) == (number, "ERIKSSON ANNA MARIA", "UTO")
    assert (zone.birth, zone.sex, zone.expiry, zone.id_number) == ("740812", "female", "120415", None)
    assert zone.digits_agree
    assert mrz.information(mrz.split_lines(text)) == information


@pytest.mark.parametrize("text", [TD2, TD3])
def test_a_changed_digit_is_marked_in_every_shape(text: str) -> None:
    at = text.index("740812")
    assert not mrz.parse(text[:at] + "75" + text[at + 2 :]).digits_agree
