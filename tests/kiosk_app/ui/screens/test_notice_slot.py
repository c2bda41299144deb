"""The place where a notice stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk_app.flow.steps import Notice, Tone
from kiosk_app.ui.theme import theme
from kiosk_app.ui.widgets.notice_slot import NoticeSlot
from kiosk_app.ui.widgets.notices import NoteBar

if TYPE_CHECKING:
    from tests.kiosk_app.ui.screens.conftest import Stage


def slot_on(stage: Stage) -> tuple[QWidget, NoticeSlot]:
    page = QWidget()
    slot = NoticeSlot(theme())
    QVBoxLayout(page).addWidget(slot)
    stage.lay(page)
    return page, slot


def test_an_empty_slot_takes_no_room(stage: Stage) -> None:
    _page, slot = slot_on(stage)
    assert not slot.isVisible()
    slot.show_notice(Notice(tone=Tone.INFO, text="Xin chờ."))
    assert slot.isVisible()
    slot.show_notice(None)
    assert not slot.isVisible()
    assert slot.accessibleName() == ""


def test_bold_marks_are_not_read_out(stage: Stage) -> None:
    page, slot = slot_on(stage)
    slot.show_notice(Notice(tone=Tone.WARN, text="**Hết giấy.** Đã báo cán bộ."))
    assert slot.accessibleName() == "Hết giấy. Đã báo cán bộ."
    assert "Hết giấy. Đã báo cán bộ." in stage.words(page)


@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_looks_its_own(stage: Stage, tone: Tone) -> None:
    _page, slot = slot_on(stage)
    pictures = []
    for one in (tone, *(other for other in Tone if other is not tone)):
        slot.show_notice(Notice(tone=one, text="Máy in hết giấy."))
        stage.settle()
        bar = slot.findChild(NoteBar)
        assert isinstance(bar, NoteBar)
        pictures.append(bar.grab().toImage())
    assert all(picture != pictures[0] for picture in pictures[1:])
