"""Buttons: seen to be pressed, worked by keyboard, and saying why when they cannot be."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.ui.theme import SCALES, Theme, theme
from kiosk_app.ui.widgets.buttons import (
    ChoiceButton,
    EqualButton,
    PrimaryButton,
    SecondaryButton,
    StripButton,
)
from kiosk_app.ui.widgets.focus import FocusRing
from kiosk_app.ui.widgets.pressable import Pressable
from kiosk_app.ui.widgets.tiles import TileButton


def every_button(look: Theme) -> list[Pressable]:
    return [
        PrimaryButton(look, "Tiếp tục", icon="arrow-right"),
        SecondaryButton(look, "Quay lại", icon="arrow-left"),
        SecondaryButton(look, "Sửa", icon="pencil", small=True),
        EqualButton(look, "Đồng ý nộp", icon="check"),
        ChoiceButton(look, "Mẹ"),
        TileButton(look, "Nộp hồ sơ", "Thẻ căn cước tự điền tờ khai", icon="file-plus", filled=True),
        TileButton(look, "Hộ tịch", "Quầy 1", mark="A", trailing=("6", "đang chờ"), row=True),
        StripButton(look, "Gọi cán bộ", icon="hand", strong=True),
    ]


@pytest.mark.parametrize("index", range(8))
@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_touch_and_keys_press_once_each(qtbot: QtBot, look: Theme, index: int, key: Qt.Key) -> None:
    button = every_button(look)[index]
    qtbot.addWidget(button)
    button.show()
    presses: list[bool] = []
    button.clicked.connect(lambda: presses.append(True))
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.keyClick(button, key)
    assert len(presses) == 2
    assert button.accessibleName()


@pytest.mark.parametrize("scale", SCALES)
def test_a_touch_target_is_never_below_88(look: Theme, scale: int) -> None:
    del look
    for button in every_button(theme(scale=scale)):
        assert button.height_at(500) >= 88


def test_pressed_the_lip_goes_for_80_ms_and_comes_back(qtbot: QtBot, look: Theme) -> None:
    button = PrimaryButton(look, "Tiếp tục")
    qtbot.addWidget(button)
    button.resize(400, 128)
    button.show()
    middle = QPoint(200, 2)
    resting = button.grab().toImage().pixelColor(middle)
    assert resting.name() == look.palette.main.lower()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.grab().toImage().pixelColor(middle).name() != look.palette.main.lower()
    qtbot.waitUntil(lambda: button.grab().toImage().pixelColor(middle) == resting, timeout=2000)


def test_a_locked_button_says_why_and_is_not_pressed(qtbot: QtBot, look: Theme) -> None:
    button = PrimaryButton(look, "Nộp")
    qtbot.addWidget(button)
    free = button.height_at(500)
    button.set_reason("Xin điền nốt 2 ô.")
    button.setEnabled(False)
    presses: list[bool] = []
    button.clicked.connect(lambda: presses.append(True))
    button.show()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert presses == []
    assert button.accessibleDescription() == "Xin điền nốt 2 ô."
    assert button.height_at(300) >= free
    assert button.face().ground == look.palette.locked


def test_a_choice_is_ticked_not_only_coloured(qtbot: QtBot, look: Theme) -> None:
    button = ChoiceButton(look, "Mẹ")
    qtbot.addWidget(button)
    assert button.icon_name == ""
    button.setChecked(True)
    assert button.icon_name == "check"
    assert button.face().border_px == look.shape.active_border


def test_an_icon_gives_way_before_words_break(look: Theme) -> None:
    button = SecondaryButton(look, "Quay lại", icon="arrow-left")
    words = button.widths()[1] - 2 * button.padding() - button.icon_px() - look.space.block
    assert button.height_at(words + 2 * button.padding()) == button.least_height()
    assert button._letter(words + 2 * button.padding())[1] is False
    assert button._letter(words + 2 * button.padding() + 100)[1] is True


@pytest.mark.parametrize("scale", SCALES)
def test_a_tile_grows_with_its_words(look: Theme, scale: int) -> None:
    del look
    made = theme(scale=scale)
    tile = TileButton(made, "Thủ tục, lệ phí", "Cần giấy tờ gì, bao lâu, bao nhiêu tiền", icon="book-open")
    title, below = tile._words(480)
    assert below is not None
    assert tile.height_at(480) >= title.height + below.height


def test_the_ring_is_shown_for_the_keyboard_and_not_for_touch(qtbot: QtBot, look: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    line = QHBoxLayout(window)
    line.setContentsMargins(40, 40, 40, 40)
    first, second = SecondaryButton(look, "Một"), SecondaryButton(look, "Hai")
    line.addWidget(first)
    line.addWidget(second)
    line.setSizeConstraint(line.SizeConstraint.SetNoConstraint)
    window.resize(800, 220)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    second.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(second.hasFocus)
    ring = window.findChild(FocusRing)
    assert ring is not None
    assert ring.isVisible()
    reach = look.space.focus_gap + look.shape.focus_ring
    assert ring.geometry() == second.geometry().adjusted(-reach, -reach, reach, reach)
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    second.clearFocus()
    assert not ring.isVisible()


def test_the_ring_goes_with_a_screen_deleted_without_being_hidden(qtbot: QtBot, look: Theme) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    screen = QWidget(window)
    other = SecondaryButton(look, "Tiếp tục", parent=window)
    other.move(400, 0)
    button = SecondaryButton(look, "Quay lại", parent=screen)
    window.resize(800, 220)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    other.setFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(button.hasFocus)
    ring = window.findChild(FocusRing)
    assert ring is not None
    qtbot.waitUntil(ring.isVisible)
    screen.deleteLater()
    del screen, button
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    qtbot.waitUntil(lambda: not ring.isVisible())
    other.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(ring.isVisible)
