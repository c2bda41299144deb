"""The technician's card at the door and on the list: no person is kept, a wrong one costs time."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, Any

import pytest

from drivers.errors import MediaRemovedError, ScannerMisconfiguredError
from drivers.ports import DeviceState
from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import StaffPinView, Step, Tone
from kiosk_app.flow.technician_events import CardAdded, CardRemoved
from kiosk_app.flow.technician_tools import (
    CardEnrolledError,
    CardListDamagedError,
    CardUnknownError,
    CardUnprovenError,
    CardUntrustedError,
)
from kiosk_app.flow.technician_view import EnrolledCard, TechCardsView
from tests.kiosk_app.flow.citizen import CARD_CODE, RECEIPT_CODE
from tests.kiosk_app.flow.scripted_tools import TODAY, ScriptedTools

if TYPE_CHECKING:
    from drivers.errors import DriverError

ONE = EnrolledCard(label="thẻ 1", enrolled_on=TODAY)
TO_DOOR = (events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN))


@pytest.fixture
def tools() -> ScriptedTools:
    return ScriptedTools()


@pytest.fixture
def walk(hall: Any, walker: Any, tools: ScriptedTools) -> Any:
    return walker(Session(dataclasses.replace(hall.services(), technician=tools)))


def show(walk: Any, hall: Any, code: str) -> None:
    """Show a code when the turn that forgets earlier ones is over, and wait for what comes of it."""
    walk.walk()
    hall.codes.shown.append(code)
    walk.walk()
    walk.walk()


def door(walk: Any) -> StaffPinView:
    view = walk.session.view()
    assert isinstance(view, StaffPinView)
    return view


def listed(walk: Any) -> TechCardsView:
    view = walk.session.view()
    assert isinstance(view, TechCardsView)
    return view


def test_an_enrolled_card_opens_the_door_and_leaves_no_digit_behind(
    walk: Any, hall: Any, tools: ScriptedTools, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tools.desks.list = (ONE,)
    walk.act(*TO_DOOR)
    assert door(walk).takes_card
    show(walk, hall, CARD_CODE)
    said = door(walk).notice
    assert said is not None
    assert "khe" in said.text
    assert tools.desks.cans == []
    hall.card.present = True
    walk.walk()
    assert tools.desks.cans == ["000412"]
    assert walk.session.step is Step.STAFF
    assert walk.session.visit.identity.can == ""
    assert walk.session.visit.identity.reading is None
    assert "Rút thẻ ra" in walk.session.view().said.text
    assert any(record.getMessage() == "technician.card_admitted" for record in caplog.records)
    assert "000412" not in caplog.text
    assert "HƯƠNG" not in repr(walk.session.visit)


def test_while_the_card_is_read_the_screen_says_so(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    tools.desks.list = (ONE,)
    hall.card.present = True
    walk.act(*TO_DOOR)
    walk.walk()
    heard: list[str] = []

    def reading(_can: str) -> None:
        said = door(walk).notice
        heard.append(said.text if said else "")

    tools.desks.at_card = reading
    show(walk, hall, CARD_CODE)
    assert heard == ["Đang kiểm thẻ. Để yên thẻ trong khe."]


def test_without_an_enrolled_card_no_code_is_listened_for(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    hall.card.present = True
    walk.act(*TO_DOOR)
    hall.codes.shown.append(CARD_CODE)
    walk.walk()
    assert not door(walk).takes_card
    assert tools.desks.cans == []
    assert list(hall.codes.shown) == [CARD_CODE]


@pytest.mark.parametrize("error", [CardUnknownError(), CardUnprovenError(), CardUntrustedError()])
def test_a_card_that_does_not_open_shuts_the_door_for_longer_each_time(
    walk: Any, hall: Any, tools: ScriptedTools, error: DriverError, caplog: pytest.LogCaptureFixture
) -> None:
    tools.desks.list, tools.desks.fails = (ONE,), error
    hall.card.present = True
    walk.act(*TO_DOOR)
    waits = []
    for _try in range(4):
        show(walk, hall, CARD_CODE)
        waits.append(door(walk).wait_s)
        hall.seconds = max(hall.seconds, walk.session.pin_until)
    assert tools.desks.did == ["admit"] * 4
    assert waits == [0, 6, 16, 61]
    said = door(walk).notice
    assert said is not None
    assert said.code == error.code
    refused = [record for record in caplog.records if record.getMessage() == "technician.card_refused"]
    assert [record.__dict__["code"] for record in refused] == [error.code] * 4


def test_while_the_door_is_shut_a_card_is_not_even_read(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    tools.desks.list, tools.desks.fails = (ONE,), CardUnknownError()
    hall.card.present = True
    walk.act(*TO_DOOR)
    for _try in range(2):
        show(walk, hall, CARD_CODE)
    tools.desks.fails = None
    show(walk, hall, CARD_CODE)
    assert tools.desks.did == ["admit"] * 2
    assert walk.session.step is Step.STAFF_PIN
    walk.act(events.PinTyped(pin="246810"))
    assert walk.session.step is Step.STAFF_PIN  # the PIN waits as long


def test_a_card_taken_out_too_early_costs_nothing(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    tools.desks.list, tools.desks.fails = (ONE,), MediaRemovedError()
    hall.card.present = True
    walk.act(*TO_DOOR)
    show(walk, hall, CARD_CODE)
    assert door(walk).wait_s == 0
    assert not door(walk).wrong
    tools.desks.fails = None
    show(walk, hall, CARD_CODE)
    assert walk.session.step is Step.STAFF


def test_a_slot_that_is_gone_is_told_and_leaves_the_pin(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    tools.desks.list = (ONE,)
    hall.card.state = DeviceState.ABSENT
    walk.act(*TO_DOOR)
    show(walk, hall, CARD_CODE)
    said = door(walk).notice
    assert said is not None
    assert said.code == "technician.no_reader"
    assert door(walk).wait_s == 0
    assert tools.desks.cans == []


def test_other_codes_are_passed_over_and_a_sick_scanner_leaves_the_pin(
    walk: Any, hall: Any, tools: ScriptedTools
) -> None:
    tools.desks.list = (ONE,)
    walk.act(*TO_DOOR)
    show(walk, hall, RECEIPT_CODE)
    assert tools.desks.cans == []
    hall.codes.shown.append(ScannerMisconfiguredError())
    walk.walk()
    said = door(walk).notice
    assert said is not None
    assert said.code == "qr.misconfigured"
    walk.act(events.PinTyped(pin="246810"))
    assert walk.session.step is Step.STAFF


def test_a_damaged_list_leaves_the_pin(walk: Any, tools: ScriptedTools) -> None:
    tools.desks.list_fails = CardListDamagedError()
    walk.act(*TO_DOOR)
    assert not door(walk).takes_card
    walk.act(events.PinTyped(pin="246810"))
    assert walk.session.step is Step.STAFF


def test_a_card_is_enrolled_and_named_by_a_number(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    walk.act(*TO_DOOR, events.PinTyped(pin="246810"), events.Went(to=Step.TECH_CARDS), CardAdded())
    assert listed(walk).listening
    hall.codes.shown.append(CARD_CODE)
    hall.card.present = True
    walk.walk()
    assert tools.desks.cans == ["000412"]
    assert listed(walk).cards == (ONE,)
    assert not listed(walk).listening
    said = listed(walk).said
    assert said is not None
    assert "thẻ 1" in said.text
    assert walk.session.visit.identity.can == ""


@pytest.mark.parametrize("error", [CardUnprovenError(), CardEnrolledError(), MediaRemovedError()])
def test_a_card_that_cannot_be_enrolled_is_told_why(
    walk: Any, hall: Any, tools: ScriptedTools, error: DriverError
) -> None:
    tools.desks.fails = error
    hall.card.present = True
    walk.act(*TO_DOOR, events.PinTyped(pin="246810"), events.Went(to=Step.TECH_CARDS), CardAdded())
    show(walk, hall, CARD_CODE)
    said = listed(walk).said
    assert said is not None
    assert said.code == error.code
    assert (listed(walk).cards, listed(walk).listening) == ((), False)


def test_waiting_for_a_card_can_be_stopped(walk: Any, hall: Any, tools: ScriptedTools) -> None:
    walk.act(*TO_DOOR, events.PinTyped(pin="246810"), events.Went(to=Step.TECH_CARDS), CardAdded())
    walk.act(CardAdded())
    assert not listed(walk).listening
    hall.codes.shown.append(CARD_CODE)
    hall.card.present = True
    walk.walk()
    assert tools.desks.cans == []


def test_a_card_is_taken_off_at_the_second_touch(walk: Any, tools: ScriptedTools) -> None:
    two = EnrolledCard(label="thẻ 2", enrolled_on=TODAY)
    tools.desks.list = (ONE, two)
    walk.act(*TO_DOOR, events.PinTyped(pin="246810"), events.Went(to=Step.TECH_CARDS))
    walk.act(CardRemoved(label="thẻ 1"), CardRemoved(label="thẻ 2"))
    assert listed(walk).cards == (ONE, two)
    said = listed(walk).said
    assert said is not None
    assert said.tone is Tone.WARN
    walk.act(CardRemoved(label="thẻ 2"))
    assert listed(walk).cards == (ONE,)
    assert tools.desks.did == ["remove thẻ 2"]


def test_cards_are_neither_enrolled_nor_removed_from_before_the_door(
    walk: Any, hall: Any, tools: ScriptedTools
) -> None:
    tools.desks.list = (ONE,)
    hall.card.present = True
    hall.codes.shown.append(CARD_CODE)
    walk.act(CardAdded(), CardRemoved(label="thẻ 1"), CardRemoved(label="thẻ 1"))
    assert tools.desks.did == []
