"""Strokes of a scanner that types reach it, once each."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent

from drivers.qr.wedge import WedgeCodeScanner
from kiosk_app.flow.session import Session
from kiosk_app.ui.widgets.bars import Centre
from kiosk_app.ui.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

CODE = "K01-261123-0007"


@pytest.fixture
def scanner() -> WedgeCodeScanner:
    return WedgeCodeScanner()


@pytest.fixture
def window(qtbot: QtBot, hall: Any, scanner: WedgeCodeScanner) -> Iterator[Window]:
    services = dataclasses.replace(hall.services(), keys=scanner.key)
    made = Window(centre=Centre(name="Trung tâm", place=""), now=services.now, hotline="1022")
    qtbot.addWidget(made)
    made.show_first()
    made.show()
    made.attach(Session(services))
    yield made
    made.shut()


def stroke(window: Window, sign: str) -> None:
    """Press a key at the window, as the system does."""
    key = Qt.Key.Key_Return if sign == "\r" else Qt.Key(ord(sign.upper()))
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, sign)
    QCoreApplication.sendEvent(window.windowHandle(), event)


def test_a_code_that_is_typed_in_a_burst_is_read_once(window: Window, scanner: WedgeCodeScanner) -> None:
    for sign in CODE + "\r":
        stroke(window, sign)
    assert scanner.read(timeout_s=0) == CODE
    assert scanner.read(timeout_s=0) is None


def test_a_kiosk_without_such_a_scanner_minds_no_key(window: Window, hall: Any) -> None:
    window.session = Session(hall.services())
    for sign in CODE + "\r":
        stroke(window, sign)
    assert window.session.services.keys is None
