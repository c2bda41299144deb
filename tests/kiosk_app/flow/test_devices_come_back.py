"""A device that went away in the middle of a visit is used again once it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drivers.errors import DeviceMissingError
from drivers.ports import DeviceState
from kiosk_app.flow.steps import ScanPhase
from tests.kiosk_app.flow.citizen import CARD_CODE, to_code, to_scan

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session


def test_a_camera_that_comes_back_takes_papers_again(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_scan(walk, hall, session)
    hall.desk.state = DeviceState.ABSENT
    walk.walk()
    walk.walk()
    assert session.visit.papers.phase is ScanPhase.AT_COUNTER
    assert session.visit.notice.code == "papers.no_camera"
    assert [why for _at, why in session.calls].count("papers.no_camera") == 1
    hall.desk.state = DeviceState.READY
    walk.walk()
    assert session.visit.papers.phase is ScanPhase.AIM
    assert session.visit.notice is None


def test_a_reader_or_scanner_that_comes_back_is_used_again(walker: Any, session: Session, hall: Any) -> None:
    walk = walker(session)
    to_code(walk)
    hall.codes.shown.append(DeviceMissingError())
    walk.walk()
    assert session.visit.notice.code == "device.missing"
    walk.walk()
    assert session.visit.notice is None
    hall.codes.shown.append(CARD_CODE)
    walk.walk()
    hall.card.state = DeviceState.ABSENT
    walk.walk()
    assert session.visit.notice.code == "card.no_reader"
    hall.card.state = DeviceState.READY
    walk.walk()
    assert session.visit.notice is None
