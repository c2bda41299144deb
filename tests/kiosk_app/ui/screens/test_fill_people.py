"""Listed people, other people's cards, several answers and family names on the page of a form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from forms.ports import FieldKind, FieldSpec, RowSpec, RowsSpec, Text
from kiosk_app.flow.events import FieldAnswered, NextPressed
from kiosk_app.flow.fill_view import FieldView, FillView
from kiosk_app.flow.form_events import OtherCardAsked, RowAdded, RowOpened, RowRemoved
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.fill import FillScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

NAM = RowSpec(title=Text(vi="Người thứ 1", en="Person 1"), shown="TRẦN VĂN NAM", complete=True)
NOBODY = RowSpec(title=Text(vi="Người thứ 2", en="Person 2"), shown="", complete=False)
COUNT = "thanhVien.length"
ROWS = RowsSpec(
    rows=(NAM, NOBODY),
    low=0,
    high=3,
    add=Text(vi="Thêm một người", en="Add a person"),
    remove=Text(vi="Bỏ người này", en="Take this person away"),
    next_card="thanhVien[2]",
)


def field(
    name: str, kind: FieldKind, *, rows: RowsSpec | None = None, panel: Text | None = None
) -> FieldView:
    spec = FieldSpec(name=name, kind=kind, title=Text(vi="Ô", en="Box"), rows=rows, panel=panel)
    return FieldView(spec=spec, title="Ô", hint="", value=None, shown="")


def listing(rows: RowsSpec) -> FillView:
    return page(field(COUNT, FieldKind.ROWS, rows=rows))


def page(*fields: FieldView, cards: tuple[tuple[str, str, bool], ...] = (), row: bool = False) -> FillView:
    return FillView(
        page="p",
        page_number=1,
        page_count=2,
        title="Người cùng thay đổi",
        procedure="Đăng ký thường trú",
        fields=fields,
        left=0,
        cards=cards,
        row=row,
    )


def test_people_are_listed_and_each_can_be_opened_or_taken_away(stage: Stage) -> None:
    screen = stage.build(FillScreen, listing(ROWS))
    words = stage.words(screen)
    assert "TRẦN VĂN NAM" in words
    assert "Người thứ 2 · chưa khai đủ" in words
    for name in ("row-edit-1", "row-remove-0", "row-add", "row-by-card"):
        stage.press(screen, name)
    assert stage.events == [
        RowOpened(index=1),
        RowRemoved(name=COUNT, index=0),
        RowAdded(name=COUNT),
        OtherCardAsked(role="thanhVien[2]"),
    ]


def test_a_full_list_offers_no_more_and_a_fixed_one_takes_nobody_away(stage: Stage) -> None:
    full = replace(ROWS, rows=(NAM, NOBODY, NOBODY), low=3, next_card="")
    screen = stage.build(FillScreen, listing(full))
    names = {one.objectName() for one in screen.findChildren(QAbstractButton) if one.isVisible()}
    assert "row-add" not in names
    assert "row-by-card" not in names
    assert not any(name.startswith("row-remove") for name in names)


def test_the_list_follows_the_form(stage: Stage) -> None:
    screen = stage.build(FillScreen, listing(ROWS))
    screen.show_view(listing(replace(ROWS, rows=(NAM,), next_card="thanhVien[1]")))
    stage.settle()
    assert "Người thứ 2" not in stage.words(screen)
    stage.press(screen, "row-by-card")
    assert stage.events == [OtherCardAsked(role="thanhVien[1]")]


def test_the_page_of_one_person_says_so_on_its_button(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(field("a", FieldKind.TEXT), row=True))
    assert stage.button(screen, "primary").accessibleName().startswith("Xong người này")
    stage.press(screen, "primary")
    assert stage.events == [NextPressed()]


def test_a_card_is_asked_for_by_whose_it_is_and_a_read_one_says_so(stage: Stage) -> None:
    cards = (("me", "Xin đặt thẻ của mẹ.", True), ("cha", "Xin đặt thẻ của cha.", False))
    screen = stage.build(FillScreen, page(field("a", FieldKind.TEXT), cards=cards))
    words = stage.words(screen)
    assert "Đã đọc xong" in words
    assert "Đặt thẻ: Xin đặt thẻ của cha." in words
    stage.press(screen, "card-cha")
    stage.press(screen, "card-me")
    assert stage.events == [OtherCardAsked(role="cha"), OtherCardAsked(role="me")]


def test_a_panel_has_its_title_over_its_fields(stage: Stage) -> None:
    first = field("a", FieldKind.TEXT, panel=Text(vi="Mẹ", en="Mother"))
    screen = stage.build(FillScreen, page(first, field("b", FieldKind.TEXT)))
    assert "Mẹ" in stage.words(screen).splitlines()
    screen.show_view(page(field("b", FieldKind.TEXT)))
    stage.settle()
    assert "Mẹ" not in stage.words(screen).splitlines()


def test_several_answers_stay_pressed_and_are_told_together(stage: Stage) -> None:
    choices = (("nghe", "Nghe"), ("nhin", "Nhìn"), ("khac", "Khác"))
    view = replace(field("kt", FieldKind.CHOICES), choices=choices)
    screen = stage.build(FillScreen, page(view))
    for name in ("nhin", "nghe", "nhin"):
        stage.press(screen, f"choice-kt-{name}")
    assert stage.events == [
        FieldAnswered(name="kt", value=["nhin"]),
        FieldAnswered(name="kt", value=["nghe", "nhin"]),
        FieldAnswered(name="kt", value=["nghe"]),
    ]
    screen.show_view(page(replace(view, value=["khac"])))
    assert [n for n, _t in choices if stage.button(screen, f"choice-kt-{n}").isChecked()] == ["khac"]


def test_a_family_name_is_picked_and_the_next_word_begins(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(field("hoTen", FieldKind.NAME)))
    line = screen.findChild(QLineEdit)
    assert line is not None
    line.setFocus()
    stage.settle()
    offered = [one for one in screen.findChildren(QAbstractButton) if one.isVisible()]
    assert "Nguyễn" in {one.accessibleName() for one in offered}
    QTest.keyClicks(line, "tr")
    stage.settle()
    pick = next(one for one in screen.findChildren(QAbstractButton) if one.accessibleName() == "Trần")
    pick.click()
    stage.settle()
    assert line.text() == "Trần "
    assert stage.events[-1] == FieldAnswered(name="hoTen", value="TRẦN")
    assert not [one for one in screen.findChildren(QAbstractButton) if one.accessibleName() == "Trịnh"]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("scale", [100, 200])
def test_no_word_is_cut(stage: Stage, lang: str, scale: int, *, landscape: bool) -> None:
    set_language(lang)
    cards = (("me", "Xin đặt thẻ của người làm chứng thứ 1.", True), ("cha", "Xin đặt thẻ của cha.", False))
    view = replace(listing(ROWS), cards=cards)
    screen = stage.build(FillScreen, view, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
