"""Somebody stands by: they get their time, and what still does not work is ill. The hands are simulated."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, cast

import msgspec
import pytest

from drivers.errors import DeviceTimeoutError, PageNotFoundError, ScanError
from drivers.ports import PageProblem, PaperDesk, ScannedPage
from kiosk_app.cli import doctor
from kiosk_app.config import Config
from kiosk_app.doctor_words import explain_in
from kiosk_app.flow import technician
from kiosk_app.wiring import doctor_devices, paths
from kiosk_app.wiring.house import open_house
from kiosk_app.wiring.kiosk import all_simulated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kiosk_app.hands import Hands
    from kiosk_app.wiring.house import House


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("by-hand") / "data"
    config = msgspec.structs.replace(all_simulated(Config()), data_dir=folder)
    paths.prepare(config)
    opened = open_house(config, simulate=True)
    yield opened
    opened.close()


@pytest.fixture
def house(simulated: House) -> House:
    """Give a house whose doctor has no hands of its own: everything is a person's."""
    return dataclasses.replace(simulated, hands=None)


@pytest.fixture
def hands(simulated: House) -> Hands:
    assert simulated.hands is not None
    return simulated.hands


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_devices, "BY_HAND_S", 1.0)
    monkeypatch.setattr(doctor_devices, "CODE_S", 1.0)
    monkeypatch.setattr(doctor_devices, "AGAIN_S", 0.01)


class Desk:
    """Gives what is written down for it, the last again and again."""

    def __init__(self, *script: ScannedPage | Exception) -> None:
        self._script, self.pictures = list(script), 0

    def take_page(self, *, timeout_s: float) -> ScannedPage:
        assert timeout_s > 0
        came = self._script[min(self.pictures, len(self._script) - 1)]
        self.pictures += 1
        if isinstance(came, Exception):
            raise came
        return came


def with_desk(house: House, desk: Desk) -> House:
    return dataclasses.replace(
        house, services=dataclasses.replace(house.services, desk=cast("PaperDesk", desk))
    )


@pytest.fixture(scope="module")
def page(simulated: House) -> ScannedPage:
    return simulated.services.desk.take_page(timeout_s=30)


def test_every_wish_has_words_at_the_terminal_and_on_the_screen() -> None:
    assert set(doctor._ASKS) == set(technician._ASKS) == {"card", "paper", "slip", "slip_code", "tones"}


# --- the camera ---------------------------------------------------------------------------------------


def test_with_nobody_there_the_camera_is_not_tried_and_the_finding_says_so(house: House) -> None:
    desk = Desk(PageNotFoundError())
    found = doctor_devices.document_scanner(with_desk(house, desk), lambda _what: False)
    assert (found.well, found.measured["exercised"], desk.pictures) == (True, "no", 0)


def test_a_camera_that_never_sees_the_paper_is_ill(house: House) -> None:
    desk = Desk(PageNotFoundError())
    found = doctor_devices.document_scanner(with_desk(house, desk), lambda what: what == "paper")
    assert (found.well, found.cause) == (False, "scan.no_page")
    assert desk.pictures > 3
    assert "lens" in explain_in("en", found.part, found.state, found.cause, found.measured)


def test_a_folder_of_empty_pictures_that_comes_to_its_end_is_no_slow_camera(house: House) -> None:
    desk = Desk(PageNotFoundError(), DeviceTimeoutError())
    assert doctor_devices.document_scanner(with_desk(house, desk), lambda _w: True).cause == "scan.no_page"
    dead = Desk(DeviceTimeoutError())
    assert doctor_devices.document_scanner(with_desk(house, dead), lambda _w: True).cause == "device.timeout"


def test_whoever_lays_the_paper_gets_the_time_for_it(house: House, page: ScannedPage) -> None:
    covered = dataclasses.replace(page, problems=(PageProblem(code="covered", blocking=True),))
    desk = Desk(PageNotFoundError(), PageNotFoundError(), covered, page)
    found = doctor_devices.document_scanner(with_desk(house, desk), lambda _what: True)
    assert (found.well, found.cause, desk.pictures) == (True, "ok", 4)


def test_a_page_that_stays_bad_is_named_with_what_to_do(house: House, page: ScannedPage) -> None:
    for problem, cause in (("blurred", "page.blurred"), ("cut_off_left", "page.cut_off")):
        bad = dataclasses.replace(page, problems=(PageProblem(code=problem, blocking=True),))
        found = doctor_devices.document_scanner(with_desk(house, Desk(bad)), lambda _what: True)
        assert (found.state, found.cause, found.well) == ("fault", cause, False)
        assert "nguyên nhân" not in explain_in("vi", found.part, found.state, found.cause)


def test_an_empty_feeder_and_two_papers_are_told_apart(house: House) -> None:
    for error, cause in (
        (ScanError(detail="no_paper"), "scan.no_paper"),
        (PageNotFoundError(detail="two_papers"), "scan.two_papers"),
        (PageNotFoundError(detail="never_heard_of"), "scan.no_page"),
    ):
        found = doctor_devices.document_scanner(with_desk(house, Desk(error)), lambda _what: True)
        assert (found.well, found.cause) == (False, cause)


# --- the printer --------------------------------------------------------------------------------------


def test_a_slip_that_reads_otherwise_is_the_printers_fault(
    simulated: House, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "show_ticket", lambda: hands.show_code("xx garbage"))
    found = doctor_devices.ticket_printer(simulated, lambda _what: False)
    assert (found.well, found.cause, found.measured["read_back"]) == (False, "printer.unreadable", "no")
    assert "print head" in explain_in("en", found.part, found.state, found.cause, found.measured)


def test_a_person_holds_the_slip_at_the_scanner(house: House, hands: Hands) -> None:
    asked: list[str] = []

    def by_hand(what: str) -> bool:
        asked.append(what)
        if what == "slip_code":
            hands.show_ticket()
        return True

    found = doctor_devices.ticket_printer(house, by_hand)
    assert (found.well, found.measured["read_back"]) == (True, "yes")
    assert asked == ["slip", "slip_code"]


def test_a_slip_that_a_person_holds_in_vain_is_the_printers_fault(house: House) -> None:
    found = doctor_devices.ticket_printer(house, lambda _what: True)
    assert (found.well, found.cause, found.measured["read_back"]) == (False, "printer.unreadable", "no")


def test_an_ill_scanner_is_not_laid_on_the_printer(house: House, hands: Hands) -> None:
    hands.set_plugged("qr_scanner", plugged=False)
    try:
        found = doctor_devices.ticket_printer(house, lambda _what: True)
    finally:
        hands.set_plugged("qr_scanner", plugged=True)
    assert (found.well, found.measured["read_back"]) == (True, "not tried")


def test_with_nobody_there_nothing_is_printed_and_the_finding_says_so(house: House, hands: Hands) -> None:
    before = hands.last_ticket_png()
    found = doctor_devices.ticket_printer(house, lambda _what: False)
    assert (found.well, found.measured["exercised"]) == (True, "no")
    assert hands.last_ticket_png() == before
