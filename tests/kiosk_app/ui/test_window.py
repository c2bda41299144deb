from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from drivers import errors as device_errors
from kiosk_app import i18n
from kiosk_app.flow import events
from kiosk_app.flow.steps import CardPhase, Step
from kiosk_app.ui import window as window_module
from kiosk_app.ui.start import split_centre
from kiosk_app.ui.widgets.bars import Centre, Strip, StripKey
from kiosk_app.ui.window import SCREENS, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from kiosk_app.flow.session import Session

CARD_CODE = "087194000412|card"


@pytest.fixture
def window(qtbot: QtBot, hall: Any, session: Session) -> Iterator[Window]:
    services = hall.services()
    made = Window(centre=Centre(name="Trung tâm", place="Phường"), now=services.now, hotline="1022")
    made.resize(1080, 1920)
    made.show_first()
    made.show()
    qtbot.addWidget(made)
    made.attach(session)
    qtbot.waitUntil(lambda: session.health is not None)
    yield made
    made.shut()
    gc.unfreeze()


def click(window: Window, name: str) -> None:
    deadline = time.monotonic() + 5
    while not (found := _visible(window, name)):
        assert time.monotonic() < deadline, f"no visible {name}"
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
    found[0].click()


def _visible(window: Window, name: str) -> list[QAbstractButton]:
    return [button for button in window.findChildren(QAbstractButton, name) if button.isVisible()]


def press(window: Window, key: StripKey) -> None:
    QApplication.processEvents()
    strip = next(strip for strip in window.findChildren(Strip) if strip.isVisible())
    strip.buttons[key].click()


def texts(window: Window) -> str:
    words = [label.text() for label in window.findChildren(QLabel)]
    words += [line.text() for line in window.findChildren(QLineEdit)]
    words += [widget.accessibleName() for widget in window.findChildren(QWidget)]
    return "\n".join(words)


def to_form(window: Window, hall: Any, session: Session, qtbot: QtBot) -> None:
    click(window, "tile-submit")
    click(window, "procedure-2.000635")
    click(window, "primary")
    hall.codes.shown.append(CARD_CODE)
    qtbot.waitUntil(lambda: session.step is Step.IDENTIFY_CARD)
    hall.card.present = True
    qtbot.waitUntil(lambda: session.visit.identity.phase is CardPhase.READ)
    click(window, "primary")
    qtbot.waitUntil(lambda: session.step is Step.FILL)


def test_every_step_has_a_screen() -> None:
    assert set(SCREENS) == set(Step)


def test_before_the_house_is_open_the_first_screen_says_so(qtbot: QtBot, hall: Any) -> None:
    window = Window(centre=Centre(name="Trung tâm", place=""), now=hall.services().now, hotline="1022")
    window.resize(1080, 1920)
    window.show_first()
    window.show()
    qtbot.addWidget(window)
    assert "Máy đang khởi động" in texts(window)
    click(window, "tile-submit")
    assert window.shut()


def test_a_house_that_does_not_open_is_tried_again(
    qtbot: QtBot, hall: Any, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window_module, "REOPEN_MS", 10)
    window = Window(centre=Centre(name="Trung tâm", place=""), now=hall.services().now, hotline="1022")
    window.resize(1080, 1920)
    window.show_first()
    qtbot.addWidget(window)
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise device_errors.DeviceMissingError
        if len(tries) == 2:
            raise ZeroDivisionError("a bug")
        return "house"

    with qtbot.captureExceptions() as caught:
        window.open_with(work, lambda _house: window.attach(session))
        qtbot.waitUntil(lambda: bool(caught))
    window.crashed()
    qtbot.waitUntil(lambda: window.session is session)
    assert len(tries) == 3
    assert window.shut()
    gc.unfreeze()


def test_the_end_leaves_no_word_of_the_citizen_in_any_widget(
    window: Window, hall: Any, session: Session, qtbot: QtBot
) -> None:
    to_form(window, hall, session, qtbot)
    assert "HƯƠNG" in texts(window)
    press(window, StripKey.END)
    qtbot.waitUntil(lambda: "HƯƠNG" not in texts(window))
    assert session.step is Step.WELCOME


def test_language_size_and_contrast_go_back_for_the_next_citizen(
    window: Window, session: Session, qtbot: QtBot
) -> None:
    click(window, "tile-take_number")
    press(window, StripKey.LANGUAGE)
    press(window, StripKey.SIZE)
    press(window, StripKey.CONTRAST)
    assert i18n.language() == "en"
    assert "Civil status" in texts(window)
    press(window, StripKey.END)
    qtbot.waitUntil(lambda: session.step is Step.WELCOME)
    assert i18n.language() == "vi"
    assert "Nộp hồ sơ" in texts(window)


def test_a_bug_in_a_job_wipes_and_shows_the_calm_screen(
    window: Window, hall: Any, session: Session, qtbot: QtBot
) -> None:
    to_form(window, hall, session, qtbot)
    with qtbot.captureExceptions() as caught:
        window.act(events.FieldAnswered(name="nyc.sdt", value="0919555012"))
        hall.line.outcome = ZeroDivisionError("a bug")
        session.step = Step.LOOK_UP
        window.act(events.DossierAsked(code="K01-261123-0001", id_tail="0412"))
        qtbot.waitUntil(lambda: bool(caught))
    window.crashed()
    assert session.step is Step.ONE_MOMENT
    assert not session.visit.filling.answers
    assert "HƯƠNG" not in texts(window)


def test_an_expected_error_stays_on_the_screen_as_a_sentence(
    window: Window, hall: Any, session: Session, qtbot: QtBot
) -> None:
    hall.card.outcome = device_errors.MediaRemovedError()
    click(window, "tile-submit")
    click(window, "procedure-2.000635")
    click(window, "primary")
    hall.codes.shown.append(CARD_CODE)
    hall.card.present = True
    qtbot.waitUntil(lambda: session.visit.identity.phase is CardPhase.FAILED)
    assert "Thẻ bị rút ra khi đang đọc" in texts(window)


def test_the_question_is_laid_over_everything_and_answered_by_one_touch(
    window: Window, hall: Any, session: Session, qtbot: QtBot
) -> None:
    to_form(window, hall, session, qtbot)
    hall.seconds += 61
    qtbot.waitUntil(lambda: session.idle_left_s is not None, timeout=5000)
    click(window, "still-here")
    assert session.idle_left_s is None
    assert session.step is Step.FILL


def test_a_commune_is_split_from_the_name_of_its_centre() -> None:
    centre = split_centre("Trung tâm Phục vụ hành chính công phường Sa Đéc")
    assert centre == Centre(name="Trung tâm Phục vụ hành chính công", place="Phường Sa Đéc")
    assert split_centre("Một cửa").place == ""
