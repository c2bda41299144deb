"""What is built and taken down a thousand times leaves nothing behind: a kiosk is not restarted for years."""

from __future__ import annotations

import ctypes
import gc
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from kiosk_app.ui.widgets.bars import ActionBar
from kiosk_app.ui.widgets.buttons import PrimaryButton
from kiosk_app.ui.widgets.emptied import emptied

if TYPE_CHECKING:
    from collections.abc import Callable

    from kiosk_app.ui.theme import Theme

TIMES = 400


class _Info(ctypes.Structure):
    _fields_ = (("counters", ctypes.c_size_t * 10),)


def held() -> tuple[int, int]:
    """Return Python's blocks and the bytes of the C library's heap in use, when all that can go has gone."""
    gc.collect()
    ask = ctypes.CDLL(None).mallinfo2
    ask.restype = _Info
    found = ask().counters
    return sys.getallocatedblocks(), int(found[7] + found[4])


def grown(work: Callable[[], None]) -> tuple[float, float]:
    """Return blocks and bytes that stay for each time something is done."""

    def often() -> None:
        for _time in range(TIMES):
            work()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QCoreApplication.processEvents()

    often()
    before = held()
    often()
    after = held()
    return (after[0] - before[0]) / TIMES, (after[1] - before[1]) / TIMES


@pytest.mark.usefixtures("qapp")
def test_a_layout_that_is_emptied_keeps_nothing() -> None:
    place = QWidget()
    line = QHBoxLayout(place)

    def work() -> None:
        line.addWidget(QLabel("a"))
        line.addStretch(1)
        for old in emptied(line):
            old.deleteLater()

    blocks, size = grown(work)
    assert blocks < 0.5
    assert size < 16


def test_buttons_and_bars_that_come_and_go_keep_nothing(look: Theme) -> None:
    place = QWidget()  # never shown: pytest-qt would keep what Qt says of a window
    bar = ActionBar(look)
    bar.setParent(place)

    def work() -> None:
        PrimaryButton(look, "Tiếp tục").deleteLater()
        bar.set_right("Tiếp tục")
        bar.set_left("Quay lại")
        bar.set_right(None)

    blocks, size = grown(work)
    assert blocks < 0.5
    assert size < 64
