"""One procedure before the work starts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, NextPressed
from kiosk_app.flow.steps import ProcedureView
from kiosk_app.ui.screens.procedure import ProcedureScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

VIEW = ProcedureView(
    code="1.001193",
    title="Đăng ký khai sinh",
    sector="Hộ tịch",
    time="Trong ngày; sau 15 giờ thì ngày làm việc tiếp theo.",
    fee="Miễn lệ phí cho trẻ em đăng ký khai sinh đúng hạn (Điều 11 Luật Hộ tịch).",
    papers=(("Giấy chứng sinh", True), ("Giấy chứng nhận kết hôn của cha mẹ", False)),
    legal="Quyết định 2304/QĐ-BTP",
    can_submit=True,
)


def test_papers_time_fee_and_law_are_told(stage: Stage) -> None:
    words = stage.words(stage.build(ProcedureScreen, VIEW))
    assert "Giấy chứng sinh · bắt buộc" in words
    assert "Giấy chứng nhận kết hôn của cha mẹ · nếu có" in words
    assert VIEW.fee in words
    assert VIEW.time in words
    assert "Căn cứ: Quyết định 2304/QĐ-BTP" in words


def test_no_papers_is_said_in_words(stage: Stage) -> None:
    words = stage.words(stage.build(ProcedureScreen, replace(VIEW, papers=(), legal="")))
    assert "Không cần giấy tờ nào khác" in words
    assert "Căn cứ" not in words


def test_the_primary_button_starts(stage: Stage) -> None:
    screen = stage.build(ProcedureScreen, VIEW)
    assert stage.button(screen, "primary").text() == "Bắt đầu"
    stage.press(screen, "primary")
    stage.press(screen, "back")
    assert stage.events == [NextPressed(), BackPressed()]


def test_a_procedure_of_the_counter_offers_a_number(stage: Stage) -> None:
    screen = stage.build(ProcedureScreen, VIEW)
    screen.show_view(replace(VIEW, can_submit=False))
    stage.settle()
    assert "Việc này làm tại quầy" in stage.words(screen)
    assert stage.button(screen, "primary").text() == "Lấy số"
    stage.press(screen, "primary")
    assert stage.events == [NextPressed()]


def test_the_same_view_rebuilds_nothing(stage: Stage) -> None:
    screen = stage.build(ProcedureScreen, VIEW)
    before = stage.button(screen, "primary")
    screen.show_view(replace(VIEW))
    assert stage.button(screen, "primary") is before


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut(stage: Stage, scale: int, *, landscape: bool) -> None:
    screen = stage.build(ProcedureScreen, VIEW, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
