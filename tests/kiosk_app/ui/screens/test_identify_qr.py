"""The code on the card, or six digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, CanTyped, CardSkipped, TypeInstead
from kiosk_app.flow.steps import IdentifyQrView, Notice, Tone
from kiosk_app.ui.screens.identify_qr import IdentifyQrScreen
from kiosk_app.ui.widgets.fields import TextField

if TYPE_CHECKING:
    from kiosk_app.ui.widgets.screen import Screen
    from tests.kiosk_app.ui.screens.conftest import Stage

UNKNOWN = Notice(tone=Tone.WARN, text="Máy chưa hiểu mã này. Xin đưa mã QR ở góc trên thẻ căn cước.")
DIGITS = Notice(tone=Tone.ERROR, text="Cần đúng 6 chữ số cuối của số định danh. Xin gõ lại.")


def field_of(screen: Screen) -> TextField:
    field = screen.findChild(TextField, "can")
    assert isinstance(field, TextField)
    return field


def test_another_persons_code_is_asked_for_by_whose_it_is(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView(whose="Xin đặt thẻ của mẹ."))
    words = stage.words(screen)
    assert "Xin đặt thẻ của mẹ" in words
    assert "Không có thẻ này" in words
    stage.press(screen, "skip-card")
    assert stage.events == [CardSkipped()]


def test_without_a_code_one_may_type_or_go_on_without_card(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView())
    stage.press(screen, "type-instead")
    stage.press(screen, "skip-card")
    stage.press(screen, "back")
    assert stage.events == [TypeInstead(), CardSkipped(), BackPressed()]


def test_a_wrong_code_is_told_and_then_forgotten(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView(notice=UNKNOWN))
    assert UNKNOWN.text in stage.words(screen)
    screen.show_view(IdentifyQrView())
    stage.settle()
    assert UNKNOWN.text not in stage.words(screen)


def test_six_digits_are_sent_by_the_primary_button(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView(typing=True))
    field_of(screen).set_value("123456")
    stage.press(screen, "primary")
    assert stage.events == [CanTyped(digits="123456")]


def test_the_enter_key_of_the_pad_sends_as_well(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView(typing=True))
    field_of(screen).set_value("654321")
    field_of(screen).entered.emit()
    assert stage.events == [CanTyped(digits="654321")]


def test_an_error_stands_at_the_field_and_keeps_what_was_typed(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView(typing=True))
    field_of(screen).set_value("123")
    screen.show_view(IdentifyQrView(typing=True, notice=DIGITS))
    stage.settle()
    assert DIGITS.text in stage.words(screen)
    assert field_of(screen).value() == "123"


def test_the_digit_pad_comes_and_goes_by_itself(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView())
    shown = []
    for typing in (False, True, False):
        screen.show_view(IdentifyQrView(typing=typing))
        stage.settle()
        shown.append(screen.frame.pad is not None)
    assert shown == [False, True, False]


def test_a_screen_rebuilt_while_typing_opens_the_digits_again(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView(typing=True, typed="087"))
    assert screen.frame.pad is not None
    assert field_of(screen).value() == "087"


def test_turning_to_typing_and_back_leaves_one_way_each(stage: Stage) -> None:
    screen = stage.build(IdentifyQrScreen, IdentifyQrView())
    screen.show_view(IdentifyQrView(typing=True))
    stage.settle()
    assert stage.button(screen, "primary").text() == "Tiếp tục"
    screen.show_view(IdentifyQrView())
    stage.settle()
    assert stage.button(screen, "skip-card").text() == "Tôi không có thẻ"


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("typing", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool, typing: bool) -> None:
    notice = DIGITS if typing else UNKNOWN
    view = IdentifyQrView(typing=typing, notice=notice)
    screen = stage.build(IdentifyQrScreen, view, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
