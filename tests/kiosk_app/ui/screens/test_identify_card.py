"""The card in the slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QLabel

from drivers.ports import Portrait
from kiosk_app.flow.events import BackPressed, CardSkipped, NextPressed
from kiosk_app.flow.steps import CardPhase, IdentifyCardView, Notice, Tone
from kiosk_app.ui.screens.identify_card import IdentifyCardScreen
from kiosk_app.ui.widgets.drawing import CardDrawing
from kiosk_app.ui.widgets.progress import ProgressLine

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

RED = Portrait(width=90, height=120, rgb=bytes((200, 30, 10)) * (90 * 120))
READ = IdentifyCardView(
    phase=CardPhase.READ,
    share=1.0,
    greeting="Chào bà NGUYỄN THỊ HƯƠNG",
    rows=(("Số định danh", "087 ••• ••• 412"), ("Ngày sinh", "14/02/1994")),
    portrait=RED,
    proof="Thẻ thật: con dấu điện tử trên chip đúng.",
)
REMOVED = Notice(tone=Tone.ERROR, text="Thẻ bị rút ra khi đang đọc. Xin đưa thẻ vào lại và để yên.")
INSERT = IdentifyCardView(phase=CardPhase.INSERT)
READING = IdentifyCardView(phase=CardPhase.READING, share=0.5)
FAILED = IdentifyCardView(phase=CardPhase.FAILED, notice=REMOVED)


def test_before_the_card_one_may_go_back_or_go_without(stage: Stage) -> None:
    screen = stage.build(IdentifyCardScreen, INSERT)
    assert "Đưa thẻ căn cước vào khe" in stage.words(screen)
    stage.press(screen, "skip-card")
    stage.press(screen, "back")
    assert stage.events == [CardSkipped(), BackPressed()]


def test_the_last_card_comes_out_before_another_persons_goes_in(stage: Stage) -> None:
    whose = "Xin đặt thẻ của cha."
    screen = stage.build(IdentifyCardScreen, IdentifyCardView(phase=CardPhase.REMOVE, whose=whose))
    drawing = screen.findChild(CardDrawing)
    assert isinstance(drawing, CardDrawing)
    assert drawing.outward is True
    words = stage.words(screen)
    assert "Xin lấy thẻ đang ở trong khe ra" in words
    assert whose in words
    screen.show_view(IdentifyCardView(phase=CardPhase.INSERT, whose=whose))
    stage.settle()
    assert bool(drawing.outward) is False
    assert "Đưa thẻ căn cước vào khe" not in stage.words(screen), "whose card it is stands in its place"
    assert whose in stage.words(screen)


def test_reading_shows_words_and_the_share(stage: Stage) -> None:
    screen = stage.build(IdentifyCardScreen, INSERT)
    for share in (0.1, 0.6):
        screen.show_view(IdentifyCardView(phase=CardPhase.READING, share=share))
    stage.settle()
    assert "Đang đọc thẻ… 60 %" in stage.words(screen)
    line = screen.findChild(ProgressLine)
    assert isinstance(line, ProgressLine)
    assert line.share() == pytest.approx(0.6)


def test_a_read_card_greets_by_name_shows_masked_rows_picture_and_proof(stage: Stage) -> None:
    screen = stage.build(IdentifyCardScreen, READ)
    words = stage.words(screen)
    for wanted in ("Chào bà NGUYỄN THỊ HƯƠNG", "087 ••• ••• 412", "14/02/1994", READ.proof):
        assert wanted in words
    picture = screen.findChild(QLabel, "portrait")
    assert isinstance(picture, QLabel)
    colour = picture.pixmap().toImage().pixelColor(20, 20)
    assert (colour.red(), colour.green(), colour.blue()) == (200, 30, 10)
    stage.press(screen, "primary")
    assert stage.events == [NextPressed()]


def test_a_second_card_leaves_nothing_of_the_first(stage: Stage) -> None:
    screen = stage.build(IdentifyCardScreen, READ)
    screen.show_view(INSERT)
    rows = (("Số định danh", "001 ••• ••• 777"),)
    screen.show_view(IdentifyCardView(phase=CardPhase.READ, greeting="Chào ông ĐẶNG VĂN Ổn", rows=rows))
    stage.settle()
    words = stage.words(screen)
    assert "001 ••• ••• 777" in words
    assert "412" not in words
    assert screen.findChild(QLabel, "portrait") is None


def test_only_a_read_or_failed_card_has_a_primary_button(stage: Stage) -> None:
    for view in (INSERT, IdentifyCardView(phase=CardPhase.READING, share=0.3)):
        screen = stage.build(IdentifyCardScreen, view)
        with pytest.raises(AssertionError):
            stage.button(screen, "primary")


def test_a_failure_says_what_to_do_and_offers_both_ways(stage: Stage) -> None:
    screen = stage.build(IdentifyCardScreen, IdentifyCardView(phase=CardPhase.READING, share=0.4))
    screen.show_view(FAILED)
    stage.settle()
    assert REMOVED.text in stage.words(screen)
    assert stage.button(screen, "primary").text() == "Thử lại"
    stage.press(screen, "primary")
    stage.press(screen, "skip-card")
    assert stage.events == [NextPressed(), CardSkipped()]


def test_a_second_try_forgets_the_failure(stage: Stage) -> None:
    screen = stage.build(IdentifyCardScreen, FAILED)
    screen.show_view(INSERT)
    stage.settle()
    assert REMOVED.text not in stage.words(screen)
    assert stage.button(screen, "skip-card").text() == "Không dùng thẻ"


def test_an_untrusted_card_is_told_in_amber_words(stage: Stage) -> None:
    proof = "Máy chưa kiểm được con dấu điện tử của thẻ. Cán bộ sẽ kiểm lại thẻ tại quầy."
    view = IdentifyCardView(
        phase=CardPhase.READ, greeting="Chào ông LÊ VĂN Ổn", proof=proof, proof_tone=Tone.WARN
    )
    screen = stage.build(IdentifyCardScreen, view)
    assert proof in stage.words(screen)
    assert screen.findChild(QLabel, "portrait") is None


@pytest.mark.parametrize("scale", [100, 150, 200])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("view", [INSERT, READING, READ, FAILED], ids=lambda view: view.phase)
def test_nothing_is_cut(stage: Stage, view: IdentifyCardView, scale: int, *, landscape: bool) -> None:
    screen = stage.build(IdentifyCardScreen, view, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
