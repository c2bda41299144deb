"""Choosing a procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, ProcedurePicked, Searched
from kiosk_app.flow.steps import ChooseView, ProcedureTile
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.choose import ChooseScreen
from kiosk_app.ui.widgets.fields import TextField

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

BIRTH = ProcedureTile(
    code="1.001193", title="Đăng ký khai sinh", subtitle="Thẻ điền sẵn 40 %", icon="baby", has_form=True
)
EXTRACT = ProcedureTile(
    code="2.000635",
    title="Cấp bản sao trích lục hộ tịch",
    subtitle="Thẻ điền sẵn 80 %",
    icon="files",
    has_form=True,
)
LAND = ProcedureTile(
    code="1.012753", title="Đăng ký đất đai lần đầu", subtitle="Đất đai", icon="landmark", has_form=False
)
VIEW = ChooseView(procedures=(EXTRACT, BIRTH, LAND))


def search_of(screen: ChooseScreen) -> TextField:
    field = screen.findChild(TextField, "search")
    assert isinstance(field, TextField)
    return field


def test_a_tile_picks_its_procedure(stage: Stage) -> None:
    stage.press(stage.build(ChooseScreen, VIEW), "procedure-1.001193")
    assert stage.events == [ProcedurePicked(code="1.001193")]


def test_back_goes_back(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, VIEW)
    stage.press(screen, "back")
    assert stage.events == [BackPressed()]


def test_letters_are_sent_as_they_are_typed_and_stay(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, VIEW)
    assert isinstance(screen, ChooseScreen)
    field = search_of(screen)
    field.set_value("khai")
    field.value_changed.emit("khai")
    assert stage.events == [Searched(text="khai")]
    screen.show_view(ChooseView(procedures=(BIRTH,), query="khai"))
    assert field.value() == "khai"
    assert stage.events == [Searched(text="khai")]


def test_found_procedures_replace_the_frequent_ones(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, VIEW)
    screen.show_view(ChooseView(procedures=(BIRTH,), query="khai"))
    stage.settle()
    words = stage.words(screen)
    assert "Tìm thấy 1 thủ tục" in words
    assert "Cấp bản sao trích lục hộ tịch" not in words
    stage.press(screen, "procedure-1.001193")


def test_nothing_found_says_what_to_do(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, ChooseView(procedures=(), query="xyz"))
    assert "Không thấy thủ tục nào có chữ “xyz”" in stage.words(screen)
    screen.show_view(VIEW)
    stage.settle()
    assert "Không thấy thủ tục nào" not in stage.words(screen)


def test_a_procedure_without_form_says_at_the_counter(stage: Stage) -> None:
    assert "Đất đai · tại quầy" in stage.words(stage.build(ChooseScreen, VIEW))


def test_the_same_view_keeps_its_tiles(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, VIEW)
    before = stage.button(screen, "procedure-1.001193")
    screen.show_view(ChooseView(procedures=(EXTRACT, BIRTH, LAND)))
    stage.settle()
    assert stage.button(screen, "procedure-1.001193") is before


def test_a_rebuilt_screen_brings_the_typed_letters_back_and_asks_nothing(stage: Stage) -> None:
    set_language("en")
    screen = stage.build(ChooseScreen, ChooseView(procedures=(BIRTH,), query="khai"))
    assert isinstance(screen, ChooseScreen)
    assert search_of(screen).value() == "khai"
    assert stage.events == []


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    screen = stage.build(ChooseScreen, VIEW, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []


def test_a_quick_word_searches_and_the_same_again_brings_the_first_list_back(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, VIEW)
    assert isinstance(screen, ChooseScreen)
    stage.press(screen, "quick-0")
    assert stage.events == [Searched(text="Khai sinh")]
    screen.show_view(ChooseView(procedures=(BIRTH,), query="Khai sinh"))
    assert search_of(screen).value() == "Khai sinh"
    assert stage.button(screen, "quick-0").isChecked()
    stage.press(screen, "quick-0")
    assert stage.events[-1] == Searched(text="")
    assert search_of(screen).value() == ""


def test_quick_words_make_room_for_what_typed_letters_found(stage: Stage) -> None:
    screen = stage.build(ChooseScreen, VIEW)
    screen.show_view(ChooseView(procedures=(BIRTH,), query="khai s"))
    stage.settle()
    assert "Chứng thực" not in stage.words(screen)


def test_a_name_of_half_a_page_is_shortened(stage: Stage) -> None:
    long = ProcedureTile(code="9", title="Chứng thực " * 30, subtitle="", icon="stamp", has_form=False)
    screen = stage.build(ChooseScreen, ChooseView(procedures=(long,)))
    assert len(stage.button(screen, "procedure-9").text()) <= 60
