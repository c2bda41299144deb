"""The technician's door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLineEdit

from kiosk_app.flow.events import BackPressed, PinTyped
from kiosk_app.flow.steps import Notice, StaffPinView, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.staff_pin import StaffPinScreen
from kiosk_app.ui.widgets.fields import TextField

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.kiosk_app.ui.screens.conftest import Stage


def pin_field(screen: QWidget) -> TextField:
    found = screen.findChild(TextField, "pin")
    assert isinstance(found, TextField)
    return found


def test_the_pin_is_sent_once_and_forgotten(stage: Stage) -> None:
    screen = stage.build(StaffPinScreen, StaffPinView())
    pin_field(screen).set_value("482913")
    stage.press(screen, "primary")
    assert stage.events == [PinTyped(pin="482913")]
    assert pin_field(screen).value() == ""


def test_the_pin_is_never_shown(stage: Stage) -> None:
    screen = stage.build(StaffPinScreen, StaffPinView())
    pin_field(screen).set_value("482913")
    line = pin_field(screen).findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    assert line.echoMode() is QLineEdit.EchoMode.Password
    assert "482913" not in stage.words(screen)


def test_nothing_is_sent_without_digits(stage: Stage) -> None:
    screen = stage.build(StaffPinScreen, StaffPinView())
    stage.press(screen, "primary")
    assert stage.events == []


def test_a_wrong_pin_says_how_long_to_wait_and_the_door_stays_shut(stage: Stage) -> None:
    screen = stage.build(StaffPinScreen, StaffPinView(wrong=True, wait_s=30))
    assert "30" in stage.words(screen)
    assert not stage.button(screen, "primary").isEnabled()
    pin_field(screen).set_value("482913")
    pin_field(screen).entered.emit()
    assert stage.events == []
    screen.show_view(StaffPinView(wrong=True))
    stage.settle()
    assert stage.button(screen, "primary").isEnabled()
    assert "chưa đúng" in stage.words(screen)


def test_a_kiosk_without_a_pin_says_how_to_set_one(stage: Stage) -> None:
    screen = stage.build(StaffPinScreen, StaffPinView(configured=False))
    assert "kiosk config --hash-pin" in stage.words(screen)
    assert not pin_field(screen).isVisible()
    stage.press(screen, "back")
    assert stage.events == [BackPressed()]


def test_a_card_is_offered_only_where_one_opens_the_door(stage: Stage) -> None:
    screen = stage.build(StaffPinScreen, StaffPinView())
    assert "thẻ kỹ thuật" not in stage.words(screen)
    screen.show_view(StaffPinView(takes_card=True))
    stage.settle()
    assert "thẻ kỹ thuật" in stage.words(screen)


def test_what_is_wrong_with_a_card_stands_while_the_door_is_shut(stage: Stage) -> None:
    said = Notice(tone=Tone.ERROR, text="Thẻ này chưa được ghi ở máy.", code="technician.card_unknown")
    screen = stage.build(StaffPinScreen, StaffPinView(takes_card=True, notice=said, wrong=True, wait_s=30))
    assert "Thẻ này chưa được ghi" in stage.words(screen)
    assert "Xin chờ 30 giây" in stage.words(screen)
    assert not stage.button(screen, "primary").isEnabled()


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    view = StaffPinView(wrong=True, wait_s=30)
    screen = stage.build(StaffPinScreen, view, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
