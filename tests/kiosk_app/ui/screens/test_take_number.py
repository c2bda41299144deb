"""A number without any dossier."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import BackPressed, EndPressed, ServicePicked
from kiosk_app.flow.steps import Notice, PaperState, TakeNumberView, Tone
from kiosk_app.ui.screens.take_number import TakeNumberScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

VIEW = TakeNumberView(
    services=(
        ("A", "Hộ tịch, chứng thực", "files"),
        ("B", "Cư trú, căn cước", "house"),
        ("C", "Đất đai, xây dựng", "landmark"),
        ("D", "Trợ cấp, chính sách", "heart-handshake"),
        ("E", "Việc khác", "message-circle"),
    )
)
COUNTER = "Hộ tịch: khai sinh, kết hôn, khai tử · Quầy 12, nhà B tầng 2"
GIVEN = replace(VIEW, number="A015", service="Hộ tịch, chứng thực", waiting=4, paper=PaperState.PRINTING)


def test_a_row_picks_its_counter(stage: Stage) -> None:
    screen = stage.build(TakeNumberScreen, VIEW)
    stage.press(screen, "service-C")
    stage.press(screen, "back")
    assert stage.events == [ServicePicked(series="C"), BackPressed()]


def test_the_number_stands_large_with_who_is_before(stage: Stage) -> None:
    screen = stage.build(TakeNumberScreen, VIEW)
    screen.show_view(GIVEN)
    stage.settle()
    words = stage.words(screen)
    assert "A015" in words
    assert "Hộ tịch, chứng thực\nTrước ông bà còn 4 người" in words
    assert "Cư trú, căn cước" not in words
    stage.press(screen, "primary")
    assert stage.events == [EndPressed()]


def test_the_next_one_is_told_so(stage: Stage) -> None:
    screen = stage.build(TakeNumberScreen, replace(GIVEN, waiting=0))
    assert "Ông bà là người tiếp theo" in stage.words(screen)


@pytest.mark.parametrize(
    ("paper", "sentence"),
    [
        (PaperState.PRINTING, "Phiếu đang in"),
        (PaperState.OUT, "Xin lấy phiếu ở khe bên phải"),
        (PaperState.ON_SCREEN, "Xin ghi lại hoặc chụp số này"),
    ],
)
def test_the_paper_is_told_in_words(stage: Stage, paper: PaperState, sentence: str) -> None:
    screen = stage.build(TakeNumberScreen, GIVEN)
    screen.show_view(replace(GIVEN, paper=paper))
    stage.settle()
    assert sentence in stage.words(screen)


def test_a_printer_notice_appears_beside_the_number(stage: Stage) -> None:
    notice = Notice(tone=Tone.WARN, text="Máy in hết giấy hoặc đang mở nắp. Đã báo cán bộ.")
    screen = stage.build(TakeNumberScreen, replace(GIVEN, paper=PaperState.ON_SCREEN, notice=notice))
    assert notice.text in stage.words(screen)


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize(
    "view",
    [VIEW, replace(GIVEN, paper=PaperState.ON_SCREEN), replace(GIVEN, service=COUNTER)],
    ids=["rows", "number", "counter"],
)
def test_nothing_is_cut(stage: Stage, view: TakeNumberView, scale: int, *, landscape: bool) -> None:
    screen = stage.build(TakeNumberScreen, view, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
