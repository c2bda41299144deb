"""Handed in."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest
import zxingcpp
from PySide6.QtGui import QImage

from kiosk_app.flow.events import NextPressed
from kiosk_app.flow.steps import DoneView, Notice, PaperState, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.done import DoneScreen
from kiosk_app.ui.widgets.big_number import BigNumber
from kiosk_app.ui.widgets.qr_picture import QrPicture

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

URL = "https://kiosk.example/d/K01-261123-0007?t=abcdefghijklmnopqrstuv"
VIEW = DoneView(
    number="K01-261123-0007",
    official_code=None,
    paper=PaperState.PRINTING,
    will_send_later=False,
    lines=(
        ("printer", "Xin ký tên vào tờ khai rồi đưa cán bộ."),
        ("calendar-check", "Dự kiến có kết quả: **thứ Ba, 24/11/2026**"),
    ),
    qr_text=URL,
    card_in_slot=False,
)


def test_the_number_and_the_lines_in_order(stage: Stage) -> None:
    screen = stage.build(DoneScreen, VIEW)
    words = stage.words(screen)
    assert "K01-261123-0007" in words
    first, second = words.index("Xin ký tên"), words.index("thứ Ba, 24/11/2026")
    assert words.index("Đang in phiếu") < first < second


def test_the_end_is_the_one_primary_action(stage: Stage) -> None:
    stage.press(stage.build(DoneScreen, VIEW), "primary")
    assert stage.events == [NextPressed()]


def test_without_paper_the_code_on_the_screen_can_be_read_by_a_phone(stage: Stage) -> None:
    view = dataclasses.replace(VIEW, paper=PaperState.ON_SCREEN)
    screen = stage.build(DoneScreen, view, contrast=True)
    assert "chụp hoặc ghi lại" in stage.words(screen)
    code = screen.findChild(QrPicture)
    assert isinstance(code, QrPicture)
    seen = code.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(seen.constBits(), np.uint8).reshape(seen.height(), seen.bytesPerLine())
    assert [found.text for found in zxingcpp.read_barcodes(pixels[:, : seen.width()])] == [URL]


@pytest.mark.parametrize("paper", [PaperState.PRINTING, PaperState.OUT])
def test_with_paper_no_code_is_drawn(stage: Stage, paper: PaperState) -> None:
    screen = stage.build(DoneScreen, dataclasses.replace(VIEW, paper=paper))
    assert screen.findChild(QrPicture) is None


def test_the_official_code_joins_when_it_is_known(stage: Stage) -> None:
    screen = stage.build(DoneScreen, dataclasses.replace(VIEW, will_send_later=True))
    assert "Xin giữ mã này" in stage.words(screen)
    screen.show_view(dataclasses.replace(VIEW, official_code="H20.17-261123-0007"))
    stage.settle()
    assert "H20.17-261123-0007" in stage.words(screen)
    assert "Xin giữ mã này" not in stage.words(screen)


@pytest.mark.parametrize(
    ("code", "later", "words"),
    [
        ("H20.17-261123-0007", False, "Hồ sơ đã gửi về trung tâm"),
        (None, False, "đang gửi về trung tâm"),
        (None, True, "sẽ gửi khi có mạng"),
    ],
)
def test_whether_it_was_sent_is_told_as_it_is(
    stage: Stage, code: str | None, words: str, *, later: bool
) -> None:
    view = dataclasses.replace(VIEW, official_code=code, will_send_later=later)
    assert words in stage.words(stage.build(DoneScreen, view))


def test_a_card_left_in_the_slot_is_asked_for_until_it_is_taken(stage: Stage) -> None:
    screen = stage.build(DoneScreen, dataclasses.replace(VIEW, card_in_slot=True))
    assert "Xin lấy thẻ" in stage.words(screen)
    screen.show_view(VIEW)
    stage.settle()
    assert "Xin lấy thẻ" not in stage.words(screen)


def test_a_printer_notice_is_shown(stage: Stage) -> None:
    notice = Notice(tone=Tone.WARN, text="Không rõ phiếu đã in đủ chưa.", code="printer.uncertain")
    screen = stage.build(DoneScreen, dataclasses.replace(VIEW, notice=notice))
    assert notice.text in stage.words(screen)


def test_the_same_view_again_keeps_the_number(stage: Stage) -> None:
    screen = stage.build(DoneScreen, VIEW)
    before = screen.findChild(BigNumber)
    screen.show_view(dataclasses.replace(VIEW))
    stage.settle()
    assert screen.findChild(BigNumber) is before


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    view = dataclasses.replace(VIEW, paper=PaperState.ON_SCREEN, will_send_later=True, card_in_slot=True)
    screen = stage.build(DoneScreen, view, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
