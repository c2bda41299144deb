"""Three faces and a way past them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.events import EndPressed, Rated, ReasonGiven
from kiosk_app.flow.steps import RatePhase, RateView
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.rate import RateScreen

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage

WHY = RateView(phase=RatePhase.WHY, reasons=(("slow", "Phải chờ lâu"), ("other", "Lý do khác")))
THANKS = RateView(phase=RatePhase.THANKS)


def test_each_face_is_one_touch_and_can_be_skipped(stage: Stage) -> None:
    screen = stage.build(RateScreen, RateView())
    for score in (3, 2, 1):
        stage.press(screen, f"rate-{score}")
    stage.press(screen, "primary")
    assert stage.events == [*(Rated(score=score) for score in (3, 2, 1)), EndPressed()]
    assert "Máy không ghi tên ông bà" in stage.words(screen)


def test_the_reasons_and_the_thanks_follow_on_the_same_screen(stage: Stage) -> None:
    screen = stage.build(RateScreen, RateView())
    screen.show_view(WHY)
    stage.settle()
    stage.press(screen, "reason-slow")
    assert stage.events == [ReasonGiven(reason="slow")]
    screen.show_view(THANKS)
    stage.settle()
    words = stage.words(screen)
    assert "Cảm ơn ông bà" in words
    assert "Phải chờ lâu" not in words


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("scale", [100, 200])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("view", [RateView(), WHY, THANKS], ids=["ask", "why", "thanks"])
def test_nothing_is_cut(stage: Stage, view: RateView, lang: str, scale: int, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(RateScreen, view, scale=scale, landscape=landscape)
    assert stage.cut(screen) == []
