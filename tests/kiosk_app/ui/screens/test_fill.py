"""One page of the form."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from forms.ports import FieldKind, FieldSpec, Place, Text
from kiosk_app.flow.events import BackPressed, FieldAnswered, NextPressed, PlaceSearched
from kiosk_app.flow.fill_view import FieldView, FillView
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.fill import FillScreen
from kiosk_app.ui.widgets.fields import LockedField
from kiosk_app.ui.widgets.question import Question

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.ui.widgets.screen import Screen
    from tests.kiosk_app.ui.screens.conftest import Stage

PLACES = (
    Place(code="29905", name="Phường Sa Đéc", province_code="82", province="Tỉnh Đồng Tháp"),
    Place(code="29908", name="Xã Tân Nhuận Đông", province_code="82", province="Tỉnh Đồng Tháp"),
)


def asked(name: str, kind: FieldKind, title: str, **more: Any) -> FieldView:
    names = ("half_width", "sensitive", "required", "max_length")
    of_spec = {key: more.pop(key) for key in names if key in more}
    spec = FieldSpec(name=name, kind=kind, title=Text(vi=title, en=title), **{"required": True, **of_spec})
    return FieldView(
        spec=spec, title=title, hint=more.pop("hint", ""), **{"value": None, "shown": "", **more}
    )


def from_card(name: str, kind: FieldKind, title: str, shown: str, **more: Any) -> FieldView:
    return asked(name, kind, title, value=shown, shown=shown, chip="Từ thẻ", locked=True, **more)


NAME = from_card("name", FieldKind.NAME, "Họ, chữ đệm, tên", "NGUYỄN THỊ HƯƠNG")
NUMBER = from_card("number", FieldKind.ID_NUMBER, "Số định danh cá nhân", "087 ••• ••• 412", sensitive=True)
BIRTH = from_card("birth", FieldKind.DATE, "Ngày sinh", "14/02/1994", half_width=True)
SEX = from_card("sex", FieldKind.CHOICE, "Giới tính", "Nữ", half_width=True)
RELATION = asked(
    "relation",
    FieldKind.CHOICE,
    "Quan hệ với trẻ",
    choices=(("mother", "Mẹ"), ("father", "Cha"), ("other", "Người khác")),
)
PHONE = asked("phone", FieldKind.TEL, "Số điện thoại", hint="để báo khi có kết quả")
CHILD = asked("child", FieldKind.NAME, "Họ, chữ đệm, tên của trẻ")
COMMUNE = asked("commune", FieldKind.PLACE, "Nơi sinh")
COPIES = asked("copies", FieldKind.NUMBER, "Số bản", required=False)
INSURED = asked("insured", FieldKind.YES_NO, "Có bảo hiểm y tế")
MOTHER = asked("mother", FieldKind.ID_NUMBER, "Số định danh của mẹ", sensitive=True, max_length=12)
CHILD_BIRTH = asked("child_birth", FieldKind.DATE, "Ngày sinh của trẻ")
ETHNIC = asked("ethnic", FieldKind.LIST, "Dân tộc", choices=(("kinh", "Kinh"), ("khmer", "Khmer")))

VIEW = FillView(
    page="applicant",
    page_number=1,
    page_count=3,
    title="Người đi khai",
    procedure="Đăng ký khai sinh",
    fields=(NAME, NUMBER, BIRTH, SEX, RELATION, PHONE),
    left=2,
)


def page(*fields: FieldView, **more: Any) -> FillView:
    return dataclasses.replace(VIEW, fields=fields, **more)


def field(screen: QWidget, name: str) -> Any:
    found = [one for one in screen.findChildren(QWidget, f"field-{name}") if one.isVisible()]
    assert len(found) == 1, f"{len(found)} fields are called {name}"
    return found[0]


def line(screen: QWidget, name: str) -> QLineEdit:
    found = field(screen, name).findChild(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def question(screen: QWidget, name: str) -> Question:
    return next(one for one in screen.findChildren(Question) if one.name == name and one.isVisible())


def test_the_page_says_what_it_is_and_how_much_is_left(stage: Stage) -> None:
    words = stage.words(stage.build(FillScreen, VIEW))
    for expected in ("Người đi khai", "Đăng ký khai sinh · phần 1 trong 3", "Còn 2 ô"):
        assert expected in words


def test_what_the_card_filled_is_locked_and_masked(stage: Stage) -> None:
    screen = stage.build(FillScreen, VIEW)
    assert isinstance(field(screen, "number"), LockedField)
    assert field(screen, "number").value() == "087 ••• ••• 412"
    assert "Từ thẻ" in stage.words(screen)


def test_a_choice_is_sent_at_once(stage: Stage) -> None:
    screen = stage.build(FillScreen, VIEW)
    stage.press(screen, "choice-relation-father")
    assert stage.events == [FieldAnswered(name="relation", value="father")]


@pytest.mark.parametrize(
    ("view", "given", "sent"),
    [
        (PHONE, "0919555018", "0919555018"),
        (CHILD, "Nguyễn Gia Bảo", "NGUYỄN GIA BẢO"),
        (COPIES, "3", 3),
        (INSURED, True, True),
        (CHILD_BIRTH, "2026-02-31", "2026-02-31"),
        (ETHNIC, "khmer", "khmer"),
    ],
    ids=lambda value: value.spec.name if isinstance(value, FieldView) else "",
)
def test_each_kind_sends_its_value(stage: Stage, view: FieldView, given: object, sent: object) -> None:
    screen = stage.build(FillScreen, page(view))
    field(screen, view.spec.name).set_value(given)
    field(screen, view.spec.name).value_changed.emit(field(screen, view.spec.name).value())
    assert stage.events[-1] == FieldAnswered(name=view.spec.name, value=sent)  # type: ignore[arg-type]


def test_an_emptied_answer_is_taken_away(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(INSURED))
    field(screen, "insured").value_changed.emit(None)
    assert stage.events == [FieldAnswered(name="insured", value="")]


def test_what_comes_back_from_the_session_is_not_sent_again(stage: Stage) -> None:
    screen = stage.build(FillScreen, VIEW)
    told = (
        dataclasses.replace(RELATION, value="mother", shown="Mẹ"),
        dataclasses.replace(PHONE, value="0919555018", shown="0919555018"),
    )
    screen.show_view(page(NAME, NUMBER, BIRTH, SEX, *told))
    assert field(screen, "relation").value() == "mother"
    assert field(screen, "phone").value() == "0919555018"
    assert stage.events == []


def _echo(screen: Screen, stage: Stage, change: Callable[[str], FieldView]) -> None:
    """Answer each typed value with a view, as the session does."""

    def answer(event: object) -> None:
        if isinstance(event, FieldAnswered):
            screen.show_view(page(change(str(event.value)), RELATION))

    screen.acted.connect(answer)
    stage.settle()


def test_typing_in_the_middle_keeps_cursor_and_focus(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(CHILD, RELATION))
    _echo(screen, stage, lambda text: dataclasses.replace(CHILD, value=text, shown=text))
    field(screen, "child").focus_input()
    typed = line(screen, "child")
    QTest.keyClicks(typed, "Bao")
    typed.setCursorPosition(1)
    QTest.keyClicks(typed, "xy")
    assert typed.text().upper() == "BXYAO"
    assert typed.cursorPosition() == 3
    assert QApplication.focusWidget() is typed
    assert stage.events[-1] == FieldAnswered(name="child", value="BXYAO")


def test_a_question_that_appears_leaves_the_typed_one_alone(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(PHONE, RELATION))
    field(screen, "phone").focus_input()
    typed = line(screen, "phone")
    QTest.keyClicks(typed, "0919")
    other = asked("other", FieldKind.TEXT, "Quan hệ khác")
    screen.show_view(page(PHONE, other, RELATION))
    stage.settle()
    assert line(screen, "phone") is typed
    assert typed.text() == "0919"
    assert QApplication.focusWidget() is typed
    tops = [question(screen, name).y() for name in ("phone", "other", "relation")]
    assert tops == sorted(tops)
    assert len(set(tops)) == 3


def test_the_tab_key_follows_the_eye_after_a_question_came(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(PHONE, COPIES))
    screen.show_view(page(PHONE, asked("other", FieldKind.TEXT, "Quan hệ khác"), COPIES))
    stage.settle()
    order: list[QLineEdit] = []
    start = line(screen, "phone")
    following: QWidget | None = start.nextInFocusChain()
    while following is not None and following is not start:
        if isinstance(following, QLineEdit) and following.isVisible():
            order.append(following)
        following = following.nextInFocusChain()
    assert order == [line(screen, "other"), line(screen, "copies")]


def test_a_mistake_stands_beside_its_field_and_goes_when_mended(stage: Stage) -> None:
    wrong = dataclasses.replace(
        CHILD_BIRTH, value="2026-02-31", problem="Tháng 2 không có ngày 31. Xin chọn lại ngày."
    )
    screen = stage.build(FillScreen, page(wrong))
    assert "Tháng 2 không có ngày 31" in stage.words(screen)
    screen.show_view(page(dataclasses.replace(CHILD_BIRTH, value="2026-02-28")))
    stage.settle()
    assert "không có ngày 31" not in stage.words(screen)


def test_a_warning_is_shown_without_blocking(stage: Stage) -> None:
    warned = dataclasses.replace(MOTHER, value="087194000412", warning="Số này không hợp với năm sinh.")
    screen = stage.build(FillScreen, page(warned))
    assert "Số này không hợp với năm sinh." in stage.words(screen)
    screen.show_view(page(dataclasses.replace(warned, warning="")))
    stage.settle()
    assert "không hợp" not in stage.words(screen)


def test_a_sensitive_number_is_whole_only_while_it_is_typed(stage: Stage) -> None:
    held = dataclasses.replace(MOTHER, value="087194000412", shown="087 ••• ••• 412")
    screen = stage.build(FillScreen, page(held, PHONE))
    assert field(screen, "mother").value() == "087 ••• ••• 412"
    field(screen, "mother").focus_input()
    assert field(screen, "mother").value() == "087194000412"
    field(screen, "phone").focus_input()
    assert field(screen, "mother").value() == "087 ••• ••• 412"
    assert stage.events == []


def test_a_value_from_the_code_that_may_be_changed_says_where_it_came_from(stage: Stage) -> None:
    held = dataclasses.replace(CHILD, value="AN", shown="AN", chip="Từ mã")
    screen = stage.build(FillScreen, page(held))
    assert "Từ mã, xin xem lại cho đúng" in stage.words(screen)


def test_a_commune_is_found_by_letters_and_picked(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(COMMUNE, PHONE))
    field(screen, "commune").focus_input()
    QTest.keyClicks(line(screen, "commune"), "sa")
    assert stage.events == [PlaceSearched(text="s"), PlaceSearched(text="sa")]
    screen.show_view(page(COMMUNE, PHONE, places=PLACES))
    stage.settle()
    stage.press(screen, "place-29905")
    assert stage.events[-1] == FieldAnswered(name="commune", value="29905")
    assert line(screen, "commune").text() == "Phường Sa Đéc, Tỉnh Đồng Tháp"
    assert not [one for one in screen.findChildren(QWidget, "place-29908") if one.isVisible()]


def test_typing_again_takes_the_picked_commune_away(stage: Stage) -> None:
    held = dataclasses.replace(COMMUNE, value="29905", shown="Phường Sa Đéc, Tỉnh Đồng Tháp")
    screen = stage.build(FillScreen, page(held))
    assert line(screen, "commune").text() == "Phường Sa Đéc, Tỉnh Đồng Tháp"
    field(screen, "commune").focus_input()
    line(screen, "commune").clear()
    QTest.keyClicks(line(screen, "commune"), "ta")
    assert FieldAnswered(name="commune", value="") in stage.events
    assert stage.events[-1] == PlaceSearched(text="ta")


def test_what_was_found_is_shown_at_the_field_that_asked(stage: Stage) -> None:
    second = asked("second", FieldKind.PLACE, "Nơi cư trú")
    screen = stage.build(FillScreen, page(COMMUNE, second))
    QTest.keyClicks(line(screen, "second"), "sa")
    screen.show_view(page(COMMUNE, second, places=PLACES))
    stage.settle()
    assert question(screen, "second").findChild(QWidget, "place-29905") is not None
    assert question(screen, "commune").findChild(QWidget, "place-29905") is None


def test_letters_that_find_nothing_are_answered_in_words(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(COMMUNE))
    QTest.keyClicks(line(screen, "commune"), "qqq")
    screen.show_view(page(COMMUNE, places=()))
    stage.settle()
    assert "Chưa thấy xã, phường" in stage.words(screen)


def test_the_focus_goes_to_the_mistake_each_time_next_is_pressed(stage: Stage) -> None:
    missing = page(RELATION, dataclasses.replace(PHONE, problem="Xin gõ số điện thoại."), focus="phone")
    screen = stage.build(FillScreen, page(RELATION, PHONE))
    stage.press(screen, "primary")
    screen.show_view(missing)
    stage.settle()
    assert QApplication.focusWidget() is line(screen, "phone")
    stage.button(screen, "choice-relation-other").setFocus()
    screen.show_view(missing)
    assert QApplication.focusWidget() is not line(screen, "phone")
    stage.press(screen, "primary")
    screen.show_view(missing)
    assert QApplication.focusWidget() is line(screen, "phone")
    assert stage.events == [NextPressed(), NextPressed()]


def test_a_mended_field_does_not_send_the_caret_to_the_next_mistake(stage: Stage) -> None:
    second = asked("second", FieldKind.TEXT, "Nơi làm việc", problem="Xin gõ nơi làm việc.")
    wrong = dataclasses.replace(PHONE, problem="Xin gõ số điện thoại.")
    screen = stage.build(FillScreen, page(wrong, second, focus="phone"))
    assert QApplication.focusWidget() is line(screen, "phone")
    screen.show_view(page(dataclasses.replace(PHONE, value="0", shown="0"), second, focus="second"))
    assert QApplication.focusWidget() is line(screen, "phone")
    stage.press(screen, "primary")
    screen.show_view(page(PHONE, second, focus="second"))
    assert QApplication.focusWidget() is line(screen, "second")


def test_an_answer_elsewhere_takes_the_found_communes_away_without_a_word(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(COMMUNE, RELATION))
    QTest.keyClicks(line(screen, "commune"), "sa")
    screen.show_view(page(COMMUNE, RELATION, places=PLACES))
    stage.settle()
    assert "Tân Nhuận Đông" in stage.words(screen)
    stage.press(screen, "choice-relation-other")
    screen.show_view(page(COMMUNE, RELATION))
    stage.settle()
    assert "Tân Nhuận Đông" not in stage.words(screen)
    assert "Chưa thấy" not in stage.words(screen)


def test_the_next_page_keeps_nothing_of_the_last(stage: Stage) -> None:
    screen = stage.build(FillScreen, page(PHONE))
    QTest.keyClicks(line(screen, "phone"), "0919")
    screen.show_view(page(PHONE, page="second", page_number=2, title="Trẻ"))
    stage.settle()
    assert line(screen, "phone").text() == ""
    assert "phần 2 trong 3" in stage.words(screen)


def test_the_next_page_begins_at_its_top(stage: Stage) -> None:
    screen = stage.build(FillScreen, VIEW, scale=200, landscape=True)
    screen.frame.reveal(question(screen, VIEW.fields[-1].spec.name))
    assert screen.frame._scroll.position() > 0
    screen.show_view(dataclasses.replace(VIEW, page="second", page_number=2))
    stage.settle()
    assert screen.frame._scroll.position() == 0


def test_back_goes_back(stage: Stage) -> None:
    stage.press(stage.build(FillScreen, VIEW), "back")
    assert stage.events == [BackPressed()]


@pytest.mark.parametrize(("scale", "share_a_row"), [(100, True), (200, False)])
def test_two_short_fields_share_a_row_where_there_is_room(
    stage: Stage, scale: int, *, share_a_row: bool
) -> None:
    screen = stage.build(FillScreen, VIEW, scale=scale)
    assert (question(screen, "birth").y() == question(screen, "sex").y()) is share_a_row
    assert question(screen, "name").width() >= 2 * question(screen, "birth").width() or not share_a_row


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    wrong = dataclasses.replace(CHILD_BIRTH, problem="Tháng 2 không có ngày 31. Xin chọn lại ngày.")
    view = page(NAME, NUMBER, RELATION, wrong, MOTHER, INSURED, ETHNIC, COMMUNE)
    screen = stage.build(FillScreen, view, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
