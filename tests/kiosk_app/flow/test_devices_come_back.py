"""A device that went away in the middle of a visit is used again once it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import DeviceBusyError, DeviceForbiddenError, DeviceMissingError, DriverError
from drivers.ports import DeviceState
from kiosk_app.flow.steps import ScanPhase
from tests.kiosk_app.flow.citizen import CARD_CODE, to_code, to_scan

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session


def said(session: Session) -> str:
    notice = session.visit.notice
    return notice.code if notice else ""


def phase(session: Session) -> ScanPhase:
    return session.visit.papers.phase


def test_a_camera_that_comes_back_takes_papers_again(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.state = DeviceState.ABSENT
    walk.walk()
    walk.walk()
    assert phase(session) is ScanPhase.AT_COUNTER
    assert said(session) == "papers.no_camera"
    assert [why for _at, why in session.calls].count("papers.no_camera") == 1
    hall.desk.state = DeviceState.READY
    walk.walk()
    assert phase(session) is ScanPhase.AIM
    assert said(session) == ""


@pytest.mark.parametrize("gone", [DeviceMissingError(), DeviceBusyError(), DeviceForbiddenError()], ids=repr)
def test_a_reader_or_scanner_that_comes_back_is_used_again(
    walker: Any, session: Session, hall: Any, gone: DriverError
) -> None:
    walk = walker(session)
    to_code(walk)
    hall.codes.shown.append(gone)
    walk.walk()
    assert said(session) == gone.code
    walk.walk()
    assert said(session) == ""
    hall.codes.shown.append(CARD_CODE)
    walk.walk()
    hall.card.state = DeviceState.ABSENT
    walk.walk()
    assert said(session) == "card.no_reader"
    hall.card.state = DeviceState.READY
    walk.walk()
    assert said(session) == ""
