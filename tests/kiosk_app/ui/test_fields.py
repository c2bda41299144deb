"""Fields: one way to set, read, lock and correct them all."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.dates import DateField, iso, parted
from kiosk_app.ui.widgets.field import Chip, Field
from kiosk_app.ui.widgets.fields import Choice, ChoiceField, LockedField, TextField, YesNoField
from kiosk_app.ui.widgets.lists import ListField, PickerPage, folded, matching

Stage = Callable[..., QWidget]

PEOPLES = [Choice(value=str(n), text=name) for n, name in enumerate(("Kinh", "Tày", "Thái", "Mường", "Ê Đê"))]
KIN = [Choice(value="m", text="Mẹ"), Choice(value="f", text="Cha"), Choice(value="o", text="Người khác")]


def every_field(look: Theme) -> list[tuple[Field, object, str]]:
    return [
        (TextField(look, "Họ tên"), "Nguyễn Gia Bảo", "Nguyễn Gia Bảo"),
        (ChoiceField(look, "Quan hệ", KIN), "m", "Mẹ"),
        (YesNoField(look, "Sinh tại bệnh viện?"), True, "Có"),
        (YesNoField(look, "Sinh tại bệnh viện?"), False, "Không"),
        (DateField(look, "Ngày sinh"), "1962-03-14", "14/03/1962"),
        (DateField(look, "Ngày sinh"), "1962-03", "03/1962"),
        (DateField(look, "Ngày sinh"), "1962", "1962"),
        (ListField(look, "Dân tộc", PEOPLES), "4", "Ê Đê"),
    ]


@pytest.mark.parametrize("index", range(8))
def test_a_value_set_is_the_value_read_and_tells_nobody(qtbot: QtBot, look: Theme, index: int) -> None:
    field, value, shown = every_field(look)[index]
    qtbot.addWidget(field)
    told: list[object] = []
    field.value_changed.connect(lambda new: told.append(new))  # noqa: PLW0108 - PySide passes a builtin no value
    field.set_value(value)
    assert field.value() == value
    assert field.shown() == shown
    assert told == []


@pytest.mark.parametrize("index", range(8))
def test_a_locked_field_shows_where_its_value_came_from(stage: Stage, look: Theme, index: int) -> None:
    field, value, _shown = every_field(look)[index]
    stage(field)
    field.set_value(value)
    field.set_locked("Từ thẻ")
    assert field.locked()
    assert not field.editor.isVisible()
    chips = field.findChildren(Chip)
    assert [chip.accessibleName() for chip in chips] == ["Từ thẻ"]
    field.set_locked(None)
    assert field.editor.isVisible()
    assert field.value() == value


@pytest.mark.parametrize("index", range(8))
def test_an_error_stands_at_the_field_and_keeps_the_value(qtbot: QtBot, look: Theme, index: int) -> None:
    field, value, _shown = every_field(look)[index]
    qtbot.addWidget(field)
    field.set_value(value)
    field.ensurePolished()
    before = field.sizeHint().height()
    field.set_error("Tháng 2 không có ngày 31. Xin chọn lại ngày.")
    assert field.error_text() == "Tháng 2 không có ngày 31. Xin chọn lại ngày."
    assert field.value() == value
    assert field.sizeHint().height() > before
    field.set_error(None)
    assert field.error_text() == ""


def test_what_the_card_gave_is_read_only(qtbot: QtBot, look: Theme) -> None:
    field = LockedField(look, "Họ tên", "NGUYỄN THỊ HƯƠNG")
    qtbot.addWidget(field)
    assert field.locked()
    assert field.value() == "NGUYỄN THỊ HƯƠNG"
    field.set_value("TRẦN VĂN LONG")
    assert field.shown() == "TRẦN VĂN LONG"


def test_typing_tells_each_change(qtbot: QtBot, look: Theme) -> None:
    field = TextField(look, "Họ tên")
    qtbot.addWidget(field)
    told: list[object] = []
    field.value_changed.connect(lambda new: told.append(new))  # noqa: PLW0108 - PySide passes a builtin no value
    QTest.keyClicks(field.input, "An ")
    assert told == ["A", "An", "An"]


def test_a_suggestion_takes_the_place_of_the_word_begun(qtbot: QtBot, look: Theme) -> None:
    field = TextField(look, "Họ tên")
    qtbot.addWidget(field)
    field.set_value("Nguyễn Gia Bả")
    field.suggest(["Bảo", "Bách"])
    button = next(one for one in field.findChildren(SecondaryButton) if one.text() == "Bảo")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert field.value() == "Nguyễn Gia Bảo"
    field.suggest([])
    assert not field._words.isVisibleTo(field)


def test_a_choice_by_touch_is_the_only_one(qtbot: QtBot, look: Theme) -> None:
    field = ChoiceField(look, "Quan hệ", KIN)
    qtbot.addWidget(field)
    told: list[object] = []
    field.value_changed.connect(lambda new: told.append(new))  # noqa: PLW0108 - PySide passes a builtin no value
    for value in ("m", "f", "f"):
        QTest.mouseClick(field.buttons[value], Qt.MouseButton.LeftButton)
    assert told == ["m", "f", "f"]
    assert [name for name, button in field.buttons.items() if button.isChecked()] == ["f"]


def test_an_unknown_choice_is_no_choice(qtbot: QtBot, look: Theme) -> None:
    kin, people = ChoiceField(look, "Quan hệ", KIN), ListField(look, "Dân tộc", PEOPLES)
    qtbot.addWidget(kin)
    qtbot.addWidget(people)
    kin.set_value("nobody")
    people.set_value("nobody")
    assert (kin.value(), people.value()) == ("", "")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("1962-03-14", ("14", "3", "1962")),
        ("1962-03", ("", "3", "1962")),
        ("1962", ("", "", "1962")),
        ("", ("", "", "")),
    ],
)
def test_dates_go_to_parts_and_back(text: str, parts: tuple[str, str, str]) -> None:
    assert parted(text) == parts
    assert iso(parts) == text


def test_an_unfinished_year_is_no_date_yet() -> None:
    assert iso(("14", "3", "19")) == ""


def test_digits_of_a_keypad_fill_day_month_year(qtbot: QtBot, look: Theme) -> None:
    field = DateField(look, "Ngày sinh")
    qtbot.addWidget(field)
    QTest.keyClicks(field.box, "31022026")
    assert field.value() == "2026-02-31"
    QTest.keyClick(field.box, Qt.Key.Key_Backspace)
    assert field.value() == ""


def test_a_list_is_searched_without_marks() -> None:
    assert folded("Đắk Lắk") == "dak lak"
    assert [choice.text for choice in matching(PEOPLES, "muong")] == ["Mường"]
    assert [choice.text for choice in matching(PEOPLES, "e de")] == ["Ê Đê"]
    assert len(matching(PEOPLES, "")) == len(PEOPLES)
    first = matching([Choice(value="1", text="Xã Sa Đéc"), Choice(value="2", text="Sa Đéc")], "sa dec")
    assert [choice.text for choice in first] == ["Sa Đéc", "Xã Sa Đéc"]


def test_a_long_list_says_how_much_is_not_shown(qtbot: QtBot, look: Theme) -> None:
    many = [Choice(value=str(n), text=f"Xã số {n}") for n in range(100)]
    page = PickerPage(look, "Xã", many)
    qtbot.addWidget(page)
    assert len(page.rows) == 40
    chosen: list[str] = []
    page.chosen.connect(lambda value: chosen.append(value))  # noqa: PLW0108 - as above
    page.search.input.setText("so 77")
    assert [row.text() for row in page.rows] == ["Xã số 77"]
    QTest.mouseClick(page.rows[0], Qt.MouseButton.LeftButton)
    assert chosen == ["77"]
