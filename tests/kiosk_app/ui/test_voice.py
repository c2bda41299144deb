"""Reading aloud: what is said, what never is, and what makes it stop."""

from __future__ import annotations

import gc
import importlib
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from drivers.simulated.speaker import SimulatedSpeaker
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import Step
from kiosk_app.ui.theme import theme
from kiosk_app.ui.widgets.bars import Centre, Strip, StripKey
from kiosk_app.ui.widgets.screen import ScreenContext
from kiosk_app.ui.window import SCREENS, Window
from tests.golden.screen_views import NOW, views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pytestqt.qtbot import QtBot

    from drivers.ports import Said

PERSONAL = ("HƯƠNG", "LONG", "087", "412", "1994", "0919", "Phú Long")
"""What the invented people of the golden pictures are called and have."""


class SlowSpeaker(SimulatedSpeaker):
    """Talks until it is hushed."""

    def __init__(self) -> None:
        super().__init__()
        self.silence = threading.Event()

    def say(self, said: Sequence[Said], *, language: str) -> None:
        super().say(said, language=language)
        self.silence.wait(20)

    def hush(self) -> None:
        super().hush()
        self.silence.set()


@pytest.fixture
def opened(qtbot: QtBot, hall: Any) -> Iterator[Callable[[Any], tuple[Window, Session]]]:
    windows: list[Window] = []

    def make(speaker: Any) -> tuple[Window, Session]:
        hall.speaker = speaker
        window = Window(centre=Centre(name="Trung tâm"), now=hall.services().now, hotline="1022")
        windows.append(window)
        window.resize(1080, 1920)
        window.show_first()
        window.show()
        qtbot.addWidget(window)
        session = Session(hall.services())
        window.attach(session)
        qtbot.waitUntil(lambda: session.health is not None)
        return window, session

    yield make
    for window in windows:
        window.shut()
    gc.unfreeze()


def strip(window: Window) -> Strip:
    QApplication.processEvents()
    return next(one for one in window.findChildren(Strip) if one.isVisible())


def test_a_kiosk_without_a_voice_offers_none(opened: Any) -> None:
    window, _session = opened(None)
    assert StripKey.VOICE not in strip(window).buttons


def test_a_touch_reads_the_screen_in_the_language_it_shows(opened: Any, qtbot: QtBot) -> None:
    speaker = SimulatedSpeaker()
    window, _session = opened(speaker)
    strip(window).buttons[StripKey.VOICE].click()
    qtbot.waitUntil(lambda: len(speaker.heard) == 1)
    language, said = speaker.heard[0]
    assert language == "vi"
    assert said[0].prompt == "welcome"
    assert said[0].text == "Hôm nay ông bà cần việc gì? Chạm vào một ô bên dưới."
    assert any("Nộp hồ sơ" in one.text for one in said)
    strip(window).buttons[StripKey.LANGUAGE].click()
    strip(window).buttons[StripKey.VOICE].click()
    qtbot.waitUntil(lambda: len(speaker.heard) == 2)
    assert speaker.heard[1][0] == "en"
    assert speaker.heard[1][1][0].text.startswith("What do you need today?")
    strip(window).buttons[StripKey.LANGUAGE].click()


def test_a_second_touch_falls_silent_and_a_third_speaks_again(opened: Any, qtbot: QtBot) -> None:
    speaker = SlowSpeaker()
    window, _session = opened(speaker)
    voice = strip(window).buttons[StripKey.VOICE]
    voice.click()
    qtbot.waitUntil(lambda: len(speaker.heard) == 1)
    voice.click()
    assert speaker.hushed == 1
    voice.click()
    qtbot.waitUntil(lambda: len(speaker.heard) == 2)


def test_another_screen_falls_silent(opened: Any, qtbot: QtBot) -> None:
    speaker = SlowSpeaker()
    window, session = opened(speaker)
    strip(window).buttons[StripKey.VOICE].click()
    qtbot.waitUntil(lambda: len(speaker.heard) == 1)
    strip(window).buttons[StripKey.HELP].click()
    assert session.step is Step.HELP
    assert speaker.hushed == 1


@pytest.mark.parametrize("name", views())
def test_every_screen_says_its_question_and_no_datum_of_a_citizen(qtbot: QtBot, name: str) -> None:
    step, view = views()[name]
    module, kind = SCREENS[step].split(".")
    made = getattr(importlib.import_module(f"kiosk_app.ui.screens.{module}"), kind)
    screen = made(ScreenContext(theme=theme(), centre=Centre(name="Trung tâm"), now=NOW, voice=True))
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1080, 1920)
    screen.setParent(window)
    screen.setGeometry(window.rect())
    screen.show_view(view)
    window.show()
    QApplication.processEvents()
    said = screen.said("x")
    words = " ".join(one.text for one in said)
    assert len(words) > 20, "nothing is said"
    assert "**" not in words
    assert [found for found in PERSONAL if found in words] == []
