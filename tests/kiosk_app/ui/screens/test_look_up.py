"""Where a dossier is."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, DossierAsked, EndPressed, TypeInstead
from kiosk_app.flow.steps import LookUpPhase, LookUpView, Notice, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.look_up import LookUpScreen
from kiosk_app.ui.widgets.fields import TextField
from kiosk_app.ui.widgets.receipt_drawing import ReceiptDrawing
from kiosk_app.ui.widgets.timeline import Timeline
from offline_queue.ports import DossierProgress

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.kiosk_app.ui.screens.conftest import Stage

ASK = LookUpView(phase=LookUpPhase.ASK)
TYPING = LookUpView(phase=LookUpPhase.TYPING)
PROGRESS = DossierProgress(
    code="H20.17-261123-0007",
    receipt_code="K01-261123-0007",
    state=5,
    since=dt.datetime(2026, 11, 24, 1, 20, tzinfo=dt.UTC),
    unit="Tư pháp – Hộ tịch",
    due=dt.date(2026, 11, 26),
    next_step="bring_papers",
)
FOUND = LookUpView(
    phase=LookUpPhase.FOUND,
    progress=PROGRESS,
    state_text="Cần bổ sung giấy tờ",
    state_tone=Tone.WARN,
    next_step="Xin mang đến Quầy 3.",
    procedure="Xác nhận tình trạng hôn nhân",
)


def text_field(screen: QWidget, name: str) -> TextField:
    found = screen.findChild(TextField, name)
    assert isinstance(found, TextField)
    return found


def timeline(screen: QWidget) -> str:
    found = [one for one in screen.findChildren(Timeline) if one.isVisible()]
    assert len(found) == 1
    return found[0].accessibleName()


def test_it_asks_for_the_slip_with_a_moving_drawing(stage: Stage) -> None:
    screen = stage.build(LookUpScreen, ASK)
    drawing = screen.findChild(ReceiptDrawing)
    assert isinstance(drawing, ReceiptDrawing)
    assert drawing.isVisible()
    assert drawing.moving()
    stage.press(screen, "type-instead")
    stage.press(screen, "back")
    assert stage.events == [TypeInstead(), BackPressed()]


def test_the_drawing_rests_when_it_is_not_seen(stage: Stage) -> None:
    screen = stage.build(LookUpScreen, ASK)
    screen.show_view(TYPING)
    stage.settle()
    drawing = screen.findChild(ReceiptDrawing)
    assert isinstance(drawing, ReceiptDrawing)
    assert not drawing.moving()


def test_code_and_last_digits_are_sent_together(stage: Stage) -> None:
    screen = stage.build(LookUpScreen, TYPING)
    text_field(screen, "dossier-code").set_value(" k01-261123-0007 ")
    text_field(screen, "id-tail").set_value("0412")
    stage.press(screen, "look-up-go")
    assert stage.events == [DossierAsked(code="K01-261123-0007", id_tail="0412")]


def test_a_mistake_keeps_what_was_typed(stage: Stage) -> None:
    screen = stage.build(LookUpScreen, TYPING)
    text_field(screen, "dossier-code").set_value("K01-261123-0007")
    screen.show_view(LookUpView(phase=LookUpPhase.WORKING))
    stage.settle()
    assert "Đang tra cứu" in stage.words(screen)
    unknown = Notice(tone=Tone.ERROR, text="Không thấy hồ sơ có mã này.", code="dossier.unknown")
    screen.show_view(dataclasses.replace(TYPING, notice=unknown))
    stage.settle()
    assert text_field(screen, "dossier-code").value() == "K01-261123-0007"
    assert unknown.text in stage.words(screen)


def test_found_tells_state_since_unit_due_and_next_step(stage: Stage) -> None:
    screen = stage.build(LookUpScreen, FOUND)
    words = stage.words(screen)
    for expected in (
        "Xác nhận tình trạng hôn nhân",
        "H20.17-261123-0007",
        "Cần bổ sung giấy tờ",
        "Xin mang đến Quầy 3.",
    ):
        assert expected in words
    told = timeline(screen)
    assert "Thứ Ba 24/11, 08:20 · Tư pháp – Hộ tịch" in told
    assert "Dự kiến Thứ Năm 26/11" in told
    stage.press(screen, "primary")
    assert stage.events == [EndPressed()]


@pytest.mark.parametrize(
    ("state", "passed", "to_come"),
    [
        (0, [], ["Đã tiếp nhận", "Đang giải quyết", "Có kết quả", "Trả kết quả"]),
        (1, [], ["Đã tiếp nhận", "Đang giải quyết", "Có kết quả", "Trả kết quả"]),
        (2, ["Đã nộp"], ["Đang giải quyết", "Có kết quả", "Trả kết quả"]),
        (3, ["Đã nộp"], []),
        (4, ["Đã nộp", "Đã tiếp nhận"], ["Có kết quả", "Trả kết quả"]),
        (6, ["Đã nộp", "Đã tiếp nhận", "Đang giải quyết"], ["Có kết quả", "Trả kết quả"]),
        (7, ["Đã nộp"], []),
        (8, ["Đã nộp", "Đã tiếp nhận"], []),
        (9, ["Đã nộp", "Đã tiếp nhận", "Đang giải quyết"], ["Trả kết quả"]),
        (10, ["Đã nộp", "Đã tiếp nhận", "Đang giải quyết", "Có kết quả"], []),
    ],
)
def test_the_way_of_each_state(stage: Stage, state: int, passed: list[str], to_come: list[str]) -> None:
    progress = dataclasses.replace(PROGRESS, state=state, unit="", due=None)
    view = dataclasses.replace(FOUND, progress=progress, state_text="BÂY GIỜ")
    told = timeline(stage.build(LookUpScreen, view))
    now = "BÂY GIỜ Thứ Ba 24/11, 08:20"
    assert told == ". ".join([*passed, now, *to_come])


def test_another_dossier_replaces_the_first(stage: Stage) -> None:
    screen = stage.build(LookUpScreen, FOUND)
    other = dataclasses.replace(PROGRESS, code="H20.17-261123-0099", state=9)
    screen.show_view(dataclasses.replace(FOUND, progress=other, state_text="Đã có kết quả"))
    stage.settle()
    assert "H20.17-261123-0007" not in stage.words(screen)
    assert "Đã có kết quả" in timeline(screen)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("view", [ASK, TYPING, FOUND], ids=["ask", "typing", "found"])
def test_nothing_is_cut_at_200_per_cent(
    stage: Stage, view: LookUpView, lang: str, *, landscape: bool
) -> None:
    set_language(lang)
    screen = stage.build(LookUpScreen, view, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
