import itertools
import subprocess
import sys

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kiosk_app.ui.safe import SafeScreen, rest
from kiosk_app.ui.widgets.text import Text

CENTRE = "Trung tâm Phục vụ hành chính công xã Quảng Phú Cầu, thành phố Hà Nội"


def shown(qtbot: QtBot, size: tuple[int, int], hotline: str = "1022", rest_ms: int = 600_000) -> SafeScreen:
    screen = rest(centre=CENTRE, hotline=hotline, size=size, rest_ms=rest_ms)
    qtbot.addWidget(screen)
    QApplication.processEvents()
    return screen


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (768, 1024)])
def test_every_word_has_its_place(qtbot: QtBot, size: tuple[int, int]) -> None:
    screen = shown(qtbot, size)
    places = [QRect(text.geometry()) for text in screen.findChildren(Text)]
    assert len(places) == 10
    assert all(screen.rect().contains(place) for place in places)
    assert not any(one.intersects(other) for one, other in itertools.combinations(places, 2))


def test_it_speaks_both_languages_and_names_the_telephone(qtbot: QtBot) -> None:
    screen = shown(qtbot, (1080, 1920))
    words = " ".join(text.text() for text in screen.findChildren(Text))
    assert "Mời ông bà đến quầy" in words
    assert "Please go to the counter" in words
    assert words.count("1022") == 2


def test_without_a_telephone_none_is_told(qtbot: QtBot) -> None:
    screen = shown(qtbot, (1080, 1920), hotline="")
    words = " ".join(text.text() for text in screen.findChildren(Text))
    assert "xin gọi" not in words


def test_what_must_be_mended_first_is_said_whole_to_the_technician(qtbot: QtBot) -> None:
    reason = "/etc/kiosk/kiosk.toml: Object contains unknown field `colour` - at `$.centre`; " * 2
    screen = rest(centre="", hotline="", size=(1080, 1920), reason=reason)
    qtbot.addWidget(screen)
    QApplication.processEvents()
    told = [text for text in screen.findChildren(Text) if text.text() == reason]
    assert told
    assert screen.rect().contains(told[0].geometry())
    assert told[0].height() >= told[0].heightForWidth(told[0].width())


def test_after_its_rest_the_loop_ends_well_so_that_the_kiosk_is_started_again() -> None:
    """In a process of its own: an application that has ended delivers nothing to the tests behind."""
    program = (
        "import sys; from kiosk_app.ui.safe import rest; from PySide6.QtWidgets import QApplication; "
        "screen = rest(centre='Trung tâm', hotline='1022', size=(540, 960), rest_ms=1); "
        "sys.exit(QApplication.exec())"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert done.returncode == 0
