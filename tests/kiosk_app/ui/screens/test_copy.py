"""Photocopies on the screen: each phase has its words and its one way on."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import (
    BackPressed,
    CopiesSet,
    FormPrintAsked,
    MorePagesAsked,
    NextPressed,
    PageKept,
    PageRetaken,
    PictureAsked,
)
from kiosk_app.flow.sheet_view import CopyPhase, CopyView, SheetPhase
from kiosk_app.flow.steps import Notice, ReviewView, Tone
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.copy import CopyScreen
from kiosk_app.ui.screens.review import ReviewScreen

if TYPE_CHECKING:
    from kiosk_app.flow.events import Event
    from tests.kiosk_app.ui.screens.conftest import Stage

READY = CopyView(phase=CopyPhase.READY, pages=2, copies=2, most_copies=5)
PRINTING = CopyView(phase=CopyPhase.PRINTING, pages=2, copies=2, sheet=SheetPhase.PRINTING)
REFUSED = Notice(tone=Tone.ERROR, text="Chữ bị mờ. Xin để yên tờ giấy rồi chụp lại.", code="page.blurred")


@pytest.mark.parametrize(
    ("view", "button", "event"),
    [
        (CopyView(phase=CopyPhase.AIM), "capture", PictureAsked()),
        (CopyView(phase=CopyPhase.AIM), "back", BackPressed()),
        (CopyView(phase=CopyPhase.JUDGED), "keep", PageKept()),
        (CopyView(phase=CopyPhase.JUDGED), "retake", PageRetaken()),
        (CopyView(phase=CopyPhase.JUDGED, notice=REFUSED), "retake", PageRetaken()),
        (READY, "print", NextPressed()),
        (READY, "more-pages", MorePagesAsked()),
        (READY, "more", CopiesSet(copies=3)),
        (READY, "less", CopiesSet(copies=1)),
        (PRINTING, "stop", BackPressed()),
        (dataclasses.replace(PRINTING, sheet=SheetPhase.OUT), "primary", NextPressed()),
        (dataclasses.replace(PRINTING, sheet=SheetPhase.FAILED), "again", BackPressed()),
    ],
)
def test_each_phase_has_its_ways(stage: Stage, view: CopyView, button: str, event: Event) -> None:
    stage.press(stage.build(CopyScreen, view), button)
    assert stage.events == [event]


def test_the_printing_button_counts_sheets(stage: Stage) -> None:
    assert stage.button(stage.build(CopyScreen, READY), "print").text() == "In 4 tờ"


@pytest.mark.parametrize(("copies", "less", "more"), [(1, False, True), (3, True, True), (5, True, False)])
def test_copies_stay_between_one_and_the_most(stage: Stage, copies: int, *, less: bool, more: bool) -> None:
    screen = stage.build(CopyScreen, dataclasses.replace(READY, copies=copies))
    assert stage.button(screen, "less").isEnabled() is less
    assert stage.button(screen, "more").isEnabled() is more


def test_when_no_sheet_is_left_the_button_says_so(stage: Stage) -> None:
    screen = stage.build(CopyScreen, dataclasses.replace(READY, more=False))
    assert not stage.button(screen, "more-pages").isEnabled()


def test_nobody_presses_on_while_it_prints(stage: Stage) -> None:
    screen = stage.build(CopyScreen, PRINTING)
    assert not stage.button(screen, "wait").isEnabled()


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (SheetPhase.OUT, "cầm lại bản chính"),
        (SheetPhase.CANCELLED, "đã được hủy"),
    ],
)
def test_what_became_of_the_sheets_is_told(stage: Stage, sheet: SheetPhase, words: str) -> None:
    assert words in stage.words(stage.build(CopyScreen, dataclasses.replace(PRINTING, sheet=sheet)))


def test_english_is_there(stage: Stage) -> None:
    set_language("en")
    assert "How many copies?" in stage.words(stage.build(CopyScreen, READY))


# --- the form on A4 -------------------------------------------------------------------------------------

REVIEW = ReviewView(procedure="Đăng ký khai sinh", fee="", consent="Tôi đồng ý.", blocks=())


def test_the_form_is_offered_only_where_it_can_be_printed(stage: Stage) -> None:
    screen = stage.build(ReviewScreen, REVIEW)
    assert "In tờ khai" not in stage.words(screen)
    screen = stage.build(ReviewScreen, dataclasses.replace(REVIEW, sheet=SheetPhase.OFFERED))
    stage.press(screen, "print-form")
    assert stage.events == [FormPrintAsked()]


def test_the_form_is_not_printed_twice_at_once(stage: Stage) -> None:
    screen = stage.build(ReviewScreen, dataclasses.replace(REVIEW, sheet=SheetPhase.PRINTING))
    assert not stage.button(screen, "print-form").isEnabled()
