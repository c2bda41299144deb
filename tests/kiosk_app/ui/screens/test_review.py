"""Everything that will be handed in, and the consent."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import ConsentAnswered, EditAsked
from kiosk_app.flow.steps import Notice, ReviewBlock, ReviewView, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.review import ReviewScreen
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.notices import InfoCard

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

FEE_NOTE = "Miễn lệ phí cho người thuộc gia đình có công với cách mạng; người thuộc hộ nghèo."
VIEW = ReviewView(
    procedure="Đăng ký khai sinh",
    fee=FEE_NOTE,
    consent="Hồ sơ được niêm phong và chỉ cán bộ của trung tâm mở được.",
    blocks=(
        ReviewBlock(
            name="applicant",
            title="Người đi khai",
            rows=(("Họ tên", "NGUYỄN THỊ HƯƠNG"), ("Số định danh", "087 ••• ••• 412")),
        ),
        ReviewBlock(name="papers", title="Giấy tờ", rows=(("Giấy chứng sinh", "1 trang, rõ nét"),)),
    ),
)


def test_it_reads_like_the_form_with_fee_and_consent(stage: Stage) -> None:
    words = stage.words(stage.build(ReviewScreen, VIEW))
    for expected in ("NGUYỄN THỊ HƯƠNG", "087 ••• ••• 412", FEE_NOTE, VIEW.consent, "đồng ý nộp hồ sơ này?"):
        assert expected in words


@pytest.mark.parametrize("block", ["applicant", "papers"])
def test_each_block_can_be_changed(stage: Stage, block: str) -> None:
    stage.press(stage.build(ReviewScreen, VIEW), f"edit-{block}")
    assert stage.events == [EditAsked(block=block)]


@pytest.mark.parametrize(("name", "agreed"), [("consent-yes", True), ("consent-no", False)])
def test_both_answers_are_sent(stage: Stage, name: str, *, agreed: bool) -> None:
    stage.press(stage.build(ReviewScreen, VIEW), name)
    assert stage.events == [ConsentAnswered(agreed=agreed)]


@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("scale", [100, 200])
def test_the_two_answers_weigh_the_same(stage: Stage, scale: int, *, landscape: bool) -> None:
    screen = stage.build(ReviewScreen, VIEW, scale=scale, landscape=landscape)
    yes, no = stage.button(screen, "consent-yes"), stage.button(screen, "consent-no")
    assert isinstance(yes, SecondaryButton)
    assert isinstance(no, SecondaryButton)
    assert yes.face() == no.face()
    assert abs(yes.width() - no.width()) <= 1
    assert abs(yes.height() - no.height()) <= 1


def test_while_saving_nothing_can_be_pressed_and_words_say_so(stage: Stage) -> None:
    screen = stage.build(ReviewScreen, VIEW)
    screen.show_view(dataclasses.replace(VIEW, busy=True))
    stage.settle()
    for name in ("consent-yes", "consent-no", "edit-papers"):
        stage.press(screen, name)
    assert stage.events == []
    assert "Đang lưu hồ sơ" in stage.words(screen)


def test_a_failure_stands_on_the_screen_and_the_answers_work_again(stage: Stage) -> None:
    screen = stage.build(ReviewScreen, dataclasses.replace(VIEW, busy=True))
    failed = Notice(tone=Tone.ERROR, text="Chưa lưu được hồ sơ. Xin thử lại.", code="queue.failed")
    screen.show_view(dataclasses.replace(VIEW, notice=failed))
    stage.settle()
    assert failed.text in stage.words(screen)
    stage.press(screen, "consent-yes")
    assert stage.events == [ConsentAnswered(agreed=True)]


def test_the_same_view_again_keeps_the_cards(stage: Stage) -> None:
    screen = stage.build(ReviewScreen, VIEW)
    before = screen.findChildren(InfoCard)
    screen.show_view(dataclasses.replace(VIEW))
    stage.settle()
    assert screen.findChildren(InfoCard) == before


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
def test_nothing_is_cut_at_200_per_cent(stage: Stage, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(ReviewScreen, VIEW, scale=200, landscape=landscape)
    assert stage.cut(screen) == []
