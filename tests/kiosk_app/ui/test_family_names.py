"""Family names are picked before they are typed."""

from __future__ import annotations

from kiosk_app.ui.widgets.family_names import family_names


def test_the_usual_ones_stand_there_before_a_letter_is_typed() -> None:
    assert family_names("", most=5) == ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng")


def test_letters_narrow_the_list_with_or_without_diacritics() -> None:
    assert family_names("tr", most=5) == ("Trần", "Trương", "Trịnh", "Triệu")
    assert family_names("Đ", most=3) == ("Đặng", "Đỗ", "Dương")
    assert family_names("gi", most=5) == ("Giàng",)
    assert family_names("KS", most=5) == ("Ksor",)


def test_nothing_is_offered_for_the_second_word_nor_for_a_whole_name() -> None:
    assert family_names("Nguyễn ", most=5) == ()
    assert family_names("Nguyễn V", most=5) == ()
    assert family_names("nguyễn", most=5) == ()
    assert family_names("Xyz", most=5) == ()
