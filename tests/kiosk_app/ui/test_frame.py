"""Whole screens: everything is seen at every text size, and pads never cover the field."""

import time
from functools import partial

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kiosk_app import i18n
from kiosk_app.ui.app import apply_theme, make_application
from kiosk_app.ui.theme import SCALES, Theme, theme
from kiosk_app.ui.widgets.bars import StripKey, date_words
from kiosk_app.ui.widgets.dates import DateField, DatePad
from kiosk_app.ui.widgets.field import FieldBox
from kiosk_app.ui.widgets.fields import ChoiceField, TextField
from kiosk_app.ui.widgets.frame import ScreenFrame, Strip
from kiosk_app.ui.widgets.keyboard import DigitPad, Keyboard
from kiosk_app.ui.widgets.lists import ListField, PickerPage
from kiosk_app.ui.widgets.telex import Method
from kiosk_app.ui.widgets.text import Text
from tests.kiosk_app.ui import kit_gallery as gallery

LOOKS = [(scale, contrast, wide) for scale in SCALES for contrast in (False, True) for wide in (False, True)]


def shown(qtbot: QtBot, made: ScreenFrame) -> ScreenFrame:
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.resize(*((1920, 1080) if made.theme.landscape else (1080, 1920)))
        made.show()
        made.activateWindow()
    return made


def shows(made: ScreenFrame, kind: type[QWidget]) -> bool:
    return isinstance(made.pad, kind)


def page_of(made: ScreenFrame) -> QWidget | None:
    return made.page


def on_screen(made: ScreenFrame, part: QWidget) -> QRect:
    return QRect(part.mapTo(made, QPoint(0, 0)), part.size())


@pytest.mark.parametrize(("scale", "contrast", "wide"), LOOKS)
@pytest.mark.parametrize("name", gallery.SCREENS)
def test_no_words_are_cut(qtbot: QtBot, name: str, scale: int, contrast: bool, wide: bool) -> None:  # noqa: FBT001 - pytest passes by name
    look = theme(scale=scale, contrast=contrast, landscape=wide)
    apply_theme(make_application(), look)
    made = shown(qtbot, gallery.SCREENS[name](look))
    assert made.size().width() == (1920 if wide else 1080)
    for text in made.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height() + 1, text.text()
            assert text.minimumSizeHint().width() <= text.width() + 1, text.text()


@pytest.mark.parametrize(("scale", "wide"), [(scale, wide) for scale in SCALES for wide in (False, True)])
def test_the_primary_button_and_the_strip_stay(qtbot: QtBot, scale: int, wide: bool) -> None:  # noqa: FBT001 - pytest passes by name
    look = theme(scale=scale, landscape=wide)
    made = shown(qtbot, gallery.typing(look))
    field = made.findChild(TextField)
    assert field is not None
    for _state in ("closed", "open"):
        right = made.right_button
        assert right is not None
        for part in (right, *made.strip.buttons.values()):
            place = on_screen(made, part)
            assert made.rect().contains(place)
            assert min(place.width(), place.height()) >= 80
        field.focus_input()
        qtbot.waitUntil(lambda: made.pad is not None)


@pytest.mark.parametrize(("scale", "wide"), [(scale, wide) for scale in SCALES for wide in (False, True)])
@pytest.mark.parametrize("kind", [TextField, DateField])
def test_a_pad_never_covers_its_field(
    qtbot: QtBot,
    kind: type[TextField] | type[DateField],
    scale: int,
    wide: bool,  # noqa: FBT001 - pytest passes by name
) -> None:
    made = shown(qtbot, gallery.typing(theme(scale=scale, landscape=wide)))
    field = made.findChild(kind)
    assert field is not None
    field.focus_input()
    qtbot.waitUntil(lambda: made.pad is not None)
    pad = made.pad
    assert pad is not None
    box = field.findChild(FieldBox)
    assert box is not None
    place = on_screen(made, box)
    assert place.bottom() < on_screen(made, pad).top()
    assert place.top() >= on_screen(made, made.head).bottom()


def test_each_kind_of_field_opens_its_own_pad(qtbot: QtBot, look: Theme) -> None:
    made = gallery.screen(look, title="Thử")
    name, phone = TextField(look, "Họ tên", typing="name"), TextField(look, "Số", typing="digits")
    born = DateField(look, "Ngày sinh")
    kin = ChoiceField(look, "Quan hệ", [])
    for field in (name, phone, born, kin):
        made.body.addWidget(field)
    shown(qtbot, made)
    for field, pad in ((name, Keyboard), (phone, DigitPad), (born, DatePad)):
        field.focus_input()
        qtbot.waitUntil(partial(shows, made, pad))


def test_the_keyboard_types_telex_into_the_field(qtbot: QtBot, look: Theme) -> None:
    made = shown(qtbot, gallery.typing(look))
    field = made.findChild(TextField)
    assert field is not None
    field.set_value("")
    field.focus_input()
    qtbot.waitUntil(lambda: isinstance(made.pad, Keyboard))
    pad = made.pad
    assert isinstance(pad, Keyboard)
    for key in "nguyeenx":
        QTest.mouseClick(pad.keys[key], Qt.MouseButton.LeftButton)
    pad.press("space")
    for key in ("b", "a", "o", "ả"):
        pad.press(key)
    assert field.value() == "Nguyễn Bảo"
    pad.press("backspace")
    pad.set_method(Method.VNI)
    pad.press("backspace")
    for key in "a1n":
        pad.press(key)
    assert field.value() == "Nguyễn Bán"
    pad.press("method")
    assert pad.method is Method.DIRECT
    pad.press("shift")
    pad.press("đ")
    assert field.value() == "Nguyễn BánĐ"
    done: list[bool] = []
    field.entered.connect(lambda: done.append(True))
    pad.press("done")
    assert not pad.isVisible()
    assert done == [True]


def test_keys_type_at_the_caret_and_never_past_the_end(qtbot: QtBot, look: Theme) -> None:
    field = TextField(look, "Số", typing="digits", max_length=5)
    pad = DigitPad(look)
    qtbot.addWidget(field)
    qtbot.addWidget(pad)
    pad.feed(field.input)
    field.set_value("09")
    field.input.setCursorPosition(1)
    for key in "1234":
        pad.press(key)
    assert field.value() == "01239"
    field.input.selectAll()
    pad.press("7")
    assert field.value() == "7"
    pad.feed(None)
    pad.press("8")
    assert field.value() == "7"


def test_the_date_pad_leads_from_day_to_month_to_year(qtbot: QtBot, look: Theme) -> None:
    field, pad = DateField(look, "Ngày sinh"), DatePad(look)
    qtbot.addWidget(field)
    qtbot.addWidget(pad)
    pad.feed(field.box)
    pad.keys["31"].click()
    pad.keys["2"].click()
    with qtbot.waitSignal(pad.finished):
        for key in "2026":
            pad.keys[key].click()
    assert field.value() == "2026-02-31"
    pad.keys["day"].click()
    pad.keys["unknown"].click()
    assert field.value() == "2026-02"
    pad.keys["unknown"].click()
    assert field.value() == "2026"
    pad.keys["backspace"].click()
    assert field.value() == ""


def test_a_list_opens_its_page_and_comes_back_with_the_answer(qtbot: QtBot, look: Theme) -> None:
    made = shown(qtbot, gallery.dating(look))
    field = made.findChild(ListField)
    assert field is not None
    backs: list[bool] = []
    made.left_pressed.connect(lambda: backs.append(True))
    QTest.mouseClick(field.box, Qt.MouseButton.LeftButton)
    page = made.page
    assert isinstance(page, PickerPage)
    right = made.right_button
    assert right is not None
    assert not right.isVisible()
    alone = made.action_bar._alone
    assert alone is not None
    QTest.mouseClick(alone, Qt.MouseButton.LeftButton)
    assert page_of(made) is None
    assert backs == []
    field.open_page()
    page = made.page
    assert isinstance(page, PickerPage)
    page.search.input.setText("muong")
    QTest.mouseClick(page.rows[0], Qt.MouseButton.LeftButton)
    assert field.value() == "Mường"
    assert page_of(made) is None
    assert right.isVisible()


def test_actions_and_strip_say_what_was_pressed(qtbot: QtBot, look: Theme) -> None:
    made = shown(qtbot, gallery.fill(look))
    heard: list[str] = []
    made.left_pressed.connect(lambda: heard.append("left"))
    made.right_pressed.connect(lambda: heard.append("right"))
    made.strip_pressed.connect(lambda key: heard.append(key))  # noqa: PLW0108 - PySide passes a builtin no value
    for button in (made.left_button, made.right_button, made.strip.buttons[StripKey.SIZE]):
        assert button is not None
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard == ["left", "right", "size"]
    made.set_right(None)
    assert made.right_button is None


def test_two_equal_answers_are_equally_large(qtbot: QtBot, look: Theme) -> None:
    made = shown(qtbot, gallery.review(look))
    left, right = made.left_button, made.right_button
    assert left is not None
    assert right is not None
    assert abs(left.width() - right.width()) <= 1
    assert left.face() == right.face()


def test_the_other_language_is_offered_in_its_own_words(qtbot: QtBot, look: Theme) -> None:
    made = gallery.fill(look)
    qtbot.addWidget(made)
    assert made.strip.buttons[StripKey.LANGUAGE].text() == "English"
    i18n.set_language("en")
    other = gallery.fill(look)
    qtbot.addWidget(other)
    assert other.strip.buttons[StripKey.LANGUAGE].text() == "Tiếng Việt"


def test_the_head_names_the_day(look: Theme) -> None:
    del look
    assert date_words(gallery.NOW) == "Thứ Hai, 23/11"
    assert date_words(gallery.NOW.replace(day=29)) == "Chủ nhật, 29/11"


def test_a_screen_is_built_and_shown_quickly(qtbot: QtBot, look: Theme) -> None:
    shown(qtbot, gallery.fill(look))
    began = time.perf_counter()
    made = gallery.fill(look)
    qtbot.addWidget(made)
    made.resize(1080, 1920)
    made.grab()
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("wide", [False, True])
def test_a_screen_is_one_window_and_opens_no_other(qtbot: QtBot, *, wide: bool) -> None:
    look = theme(landscape=wide)
    made = shown(qtbot, gallery.review(look))
    made.set_right("Tiếp tục")
    made.set_say("Xin xem lại")
    made.set_counter("Còn 1 ô")
    visible = [window for window in QApplication.topLevelWidgets() if window.isVisible()]
    assert visible == [made]


def test_the_counter_is_red_until_nothing_is_left(qtbot: QtBot, look: Theme) -> None:
    made = shown(qtbot, gallery.fill(look))
    for done, colour in ((False, look.palette.main), (True, look.palette.ok)):
        made.set_counter("Đã đủ" if done else "Còn 2 ô", done=done)
        picture = made._heading.counter().grab().toImage()
        inks = {
            picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())
        }
        assert colour.lower() in inks


def test_the_strip_offers_only_what_works(look: Theme) -> None:
    assert list(Strip(look, voice=True).buttons) == list(StripKey)
    assert set(StripKey) - set(Strip(look).buttons) == {StripKey.VOICE}
