from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from drivers.card import datagroups, dg13, holder, mrz
from drivers.errors import CardProtocolError
from drivers.simulated.card import lds
from drivers.simulated.card.faults import NO_FAULTS
from drivers.simulated.card.personas import BINH, HUONG, PERSONAS, Persona

NO_DETAILS = datagroups.Details()
TODAY = dt.date(2026, 11, 22)


def parts(persona: Persona) -> tuple[mrz.Mrz, dg13.VietnameseData | None]:
    raw = lds.build(persona, NO_FAULTS).get(0x010D)
    return mrz.parse("".join(persona.mrz)), dg13.parse(raw) if raw else None


def doubts(persona: Persona, **changes: Any) -> list[str]:
    zone, vietnamese = parts(persona)
    changed = dataclasses.replace(vietnamese, **changes) if vietnamese else None
    person = holder.build(zone, changed, NO_DETAILS, TODAY)
    return holder.doubts(zone, changed, person, TODAY)


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda persona: persona.name)
def test_honest_cards_raise_no_doubts(persona: Persona) -> None:
    assert doubts(persona) == ([] if persona.has_dg13 else ["no_dg13"])


def test_dg1_alone_gives_what_it_can_and_says_so() -> None:
    zone, _ = parts(BINH)
    person = holder.build(zone, None, NO_DETAILS, TODAY)
    assert (person.id_number, person.birth_date, person.sex) == (BINH.id_number, "1962", "male")
    assert (person.full_name, person.expiry_date, person.residence) == ("TRAN VAN BINH", None, None)
    assert set(person.sources.values()) == {"dg1"}


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"full_name": "NGUYỄN THỊ HUỆ"}, ["dg1_dg13_name_differs"]),
        ({"birth_date": "1994-02-15"}, ["dg1_dg13_birth_differs"]),
        ({"birth_date": "1995"}, ["dg1_dg13_birth_differs", "id_birth_differs"]),
        ({"sex": "male"}, ["dg1_dg13_sex_differs", "id_sex_differs"]),
        ({"id_number": "087194000413"}, ["dg1_dg13_id_differs"]),
        ({"expiry_date": "2024-02-14"}, ["dg1_dg13_expiry_differs", "card_expired"]),
    ],
)
def test_what_does_not_fit_together_is_a_doubt_with_a_code(changes: dict[str, Any], codes: list[str]) -> None:
    assert doubts(HUONG, **changes) == codes


def test_a_card_that_never_expires_does_not_take_the_filler_of_the_mrz() -> None:
    person = dataclasses.replace(HUONG, expires="")
    zone, vietnamese = parts(person)
    assert holder.build(zone, vietnamese, NO_DETAILS, TODAY).expiry_date is None


def test_a_wrong_check_digit_is_a_doubt() -> None:
    zone, vietnamese = parts(HUONG)
    zone = dataclasses.replace(zone, digits_agree=False)
    person = holder.build(zone, vietnamese, NO_DETAILS, TODAY)
    assert holder.doubts(zone, vietnamese, person, TODAY) == ["mrz_check_digit"]


def test_without_a_number_or_a_name_there_is_no_person() -> None:
    zone, _ = parts(BINH)
    for broken in (dataclasses.replace(zone, id_number=None), dataclasses.replace(zone, name="")):
        with pytest.raises(CardProtocolError):
            holder.build(broken, None, NO_DETAILS, TODAY)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("940214", "1994-02-14"),
        ("6203<<", "1962-03"),
        ("62<<<<", "1962"),
        ("620000", "1962"),
        ("<<<<<<", None),
    ],
)
def test_dates_of_the_mrz_may_be_partial(text: str, iso: str | None) -> None:
    assert holder.mrz_date(text, century=1900) == iso


@pytest.mark.parametrize(
    ("number", "yy", "century"),
    [("087194000412", "94", 1900), ("075301008263", "01", 2000), (None, "30", 1900), (None, "26", 2000)],
)
def test_the_century_of_birth(number: str | None, yy: str, century: int) -> None:
    assert holder.birth_century(number, yy, TODAY) == century
