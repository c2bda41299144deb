"""A page longer than its place is moved by the finger and by two buttons, and presses nothing meanwhile."""

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk_app.ui.theme import Theme
from kiosk_app.ui.widgets.buttons import SecondaryButton
from kiosk_app.ui.widgets.drawing import CardDrawing
from kiosk_app.ui.widgets.scroll import ScrollColumn

Column = tuple[ScrollColumn, list[SecondaryButton], list[str]]


@pytest.fixture
def column(qtbot: QtBot, look: Theme, stage: Callable[..., QWidget]) -> Column:
    made, pressed = ScrollColumn(look), list[str]()
    rows = [SecondaryButton(look, f"Dòng {n}") for n in range(12)]

    def note(row: SecondaryButton) -> None:
        pressed.append(row.text())

    for row in rows:
        row.clicked.connect(partial(note, row))
        made.body.addWidget(row)
    made.body.addStretch(1)
    stage(made, 600, 800)
    qtbot.waitUntil(made._buttons.isVisible)
    return made, rows, pressed


def touch(kind: QEvent.Type, part: QWidget, at: QPoint) -> None:
    spot = QPointF(part.mapFromGlobal(at))
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, spot, QPointF(at), button, held, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(part, event)


def drag(part: QWidget, by: int) -> None:
    start = part.mapToGlobal(part.rect().center())
    touch(QEvent.Type.MouseButtonPress, part, start)
    for share in range(1, 5):
        touch(QEvent.Type.MouseMove, part, start + QPoint(0, by * share // 4))
    touch(QEvent.Type.MouseButtonRelease, part, start + QPoint(0, by))


def test_dragging_over_a_button_scrolls_and_presses_nothing(column: Column) -> None:
    made, rows, pressed = column
    drag(rows[3], -200)
    assert made.position() == 200
    assert pressed == []
    assert not rows[3].isDown()


def test_a_trembling_touch_presses(column: Column) -> None:
    made, rows, pressed = column
    drag(rows[2], -8)
    assert pressed == ["Dòng 2"]
    assert made.position() == 0


def test_after_a_drag_the_next_touch_presses_again(column: Column) -> None:
    _made, rows, pressed = column
    drag(rows[3], -100)
    QTest.mouseClick(rows[3], Qt.MouseButton.LeftButton)
    assert pressed == ["Dòng 3"]


def test_two_buttons_move_the_page_to_its_ends(column: Column) -> None:
    made, _rows, _pressed = column
    assert not made._up.isEnabled()
    for _press in range(6):
        QTest.mouseClick(made._down, Qt.MouseButton.LeftButton)
    assert made.position() == made._area.verticalScrollBar().maximum()
    assert not made._down.isEnabled()
    assert made._up.isEnabled()


def test_a_part_is_revealed(column: Column) -> None:
    made, rows, _pressed = column
    made.reveal(rows[-1])
    view = made._area.viewport()
    assert view.rect().contains(rows[-1].mapTo(view, QPoint(0, rows[-1].height() - 1)))


def test_the_buttons_go_when_everything_is_seen(qtbot: QtBot, column: Column) -> None:
    made, _rows, _pressed = column
    made.window().resize(600, 2400)
    qtbot.waitUntil(lambda: not made._buttons.isVisible())


def test_rows_just_added_can_be_revealed_at_once(column: Column, look: Theme) -> None:
    made, _rows, _pressed = column
    late = SecondaryButton(look, "Dòng mới")
    made.body.insertWidget(12, late)
    late.show()
    made.reveal(late)
    seen = late.mapTo(made, late.rect().topLeft()).y()
    assert seen >= 0
    assert seen + late.height() <= made.height()
    made.to_top()
    assert made.position() == 0


def test_a_page_that_fits_never_flashes_its_buttons(look: Theme, stage: Callable[..., QWidget]) -> None:
    made, shows = ScrollColumn(look), list[bool]()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
            del watched
            shows.append(event.type() == QEvent.Type.Show)
            return False

    watch = Watch()
    made._buttons.installEventFilter(watch)
    for n in range(4):
        made.body.addWidget(SecondaryButton(look, f"Dòng {n}"))
    made.body.addStretch(1)
    stage(made, 600, 800)
    assert not any(shows)


def test_what_may_shrink_shrinks_before_anything_is_scrolled(
    look: Theme, stage: Callable[..., QWidget]
) -> None:
    made = ScrollColumn(look)
    drawing = CardDrawing(look, "Hình")
    made.body.addWidget(SecondaryButton(look, "Dòng"))
    made.body.addWidget(drawing, 1)
    stage(made, 600, 400)
    assert not made._buttons.isVisible()
    assert drawing.height() < drawing.sizeHint().height()
