"""What PC/SC answers and no virtual reader can be made to say: scripted at the border to pyscard."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from smartcard import scard as real

from drivers.card import pcsc
from drivers.card.apdu import CommandTooLongError
from drivers.errors import (
    CardProtocolError,
    DeviceBusyError,
    DeviceMissingError,
    DriverError,
    MediaRemovedError,
    NoCardError,
)

EMPTY, PRESENT = real.SCARD_STATE_EMPTY, real.SCARD_STATE_PRESENT
SHARED, RESET_BY_OTHER, NO_SERVICE, UNKNOWN_READER = 0x8010000B, 0x80100068, 0x8010001D, 0x80100009
EXTENDED_ATR = list(bytes.fromhex("3B8880010073C8405300900031"))
PROPERTIES = 0x42000DCC


class ScriptedPcsc:
    """Stands where `smartcard.scard` stands; each call takes the next answer of its script, or succeeds."""

    def __init__(self, **answers: list[Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("SCard"):
            return getattr(real, name)

        def call(*args: Any) -> Any:
            self.calls.append((name, args))
            script = self.answers.get(name)
            return script.pop(0) if script else DEFAULTS[name]

        return call

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [args for called, args in self.calls if called == name]


DEFAULTS: dict[str, Any] = {
    "SCardEstablishContext": (0, 1),
    "SCardReleaseContext": 0,
    "SCardListReaders": (0, ["Reader 00"]),
    "SCardGetStatusChange": (0, [("Reader 00", PRESENT, [])]),
    "SCardConnect": (0, 7, 2),
    "SCardBeginTransaction": 0,
    "SCardEndTransaction": 0,
    "SCardDisconnect": 0,
    "SCardStatus": (0, "Reader 00", 0, 2, EXTENDED_ATR),
    "SCardControl": (0x80100016, []),
    "SCardReconnect": (0, 1),
    "SCardTransmit": (0, [0x90, 0x00]),
}


def signed(code: int) -> int:
    """A code as pyscard gives it on machines with signed longs."""
    return code - (1 << 32)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(**answers: list[Any]) -> ScriptedPcsc:
        script = ScriptedPcsc(**answers)
        monkeypatch.setattr(pcsc, "scard", script)
        return script

    return use


# --- holding the card ----------------------------------------------------------------------------------


def test_a_card_held_for_a_moment_is_waited_for(scripted: Any) -> None:
    script = scripted(SCardConnect=[(signed(SHARED), 0, 0)] * 3)
    clock = Clock()
    with pcsc.Context(clock=clock, pause=clock.pause).card("Reader 00") as card:
        assert card.transmit(b"\x00\xa4\x00\x00") == b"\x90\x00"
    assert clock.now == pytest.approx(3 * pcsc.BUSY_PAUSE_S)
    assert len(script.named("SCardConnect")) == 4
    assert script.named("SCardDisconnect") == [(7, real.SCARD_RESET_CARD)]


def test_a_card_held_for_good_is_busy_within_its_deadline(scripted: Any) -> None:
    scripted(SCardConnect=[(SHARED, 0, 0)] * 100)
    clock = Clock()
    with pytest.raises(DeviceBusyError), pcsc.Context(clock=clock, pause=clock.pause).card("Reader 00"):
        pytest.fail("nobody else may have the card")
    assert clock.now == pytest.approx(pcsc.BUSY_S, abs=pcsc.BUSY_PAUSE_S)


def test_a_card_reset_by_another_before_the_transaction_is_connected_again(scripted: Any) -> None:
    script = scripted(SCardBeginTransaction=[RESET_BY_OTHER])
    clock = Clock()
    with pcsc.Context(clock=clock, pause=clock.pause).card("Reader 00"):
        pass
    assert script.named("SCardDisconnect") == [(7, real.SCARD_LEAVE_CARD), (7, real.SCARD_RESET_CARD)]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (0x8010000C, NoCardError),
        (0x80100069, MediaRemovedError),
        (UNKNOWN_READER, DeviceMissingError),
        (0x80100017, DeviceMissingError),
        (0x80100066, CardProtocolError),
        (0x80100067, CardProtocolError),
        (NO_SERVICE, DeviceMissingError),
    ],
)
def test_a_card_that_cannot_be_connected_is_an_error_at_once(
    scripted: Any, code: int, error: type[DriverError]
) -> None:
    script = scripted(SCardConnect=[(signed(code), 0, 0)])
    with pytest.raises(error), pcsc.Context().card("Reader 00"):
        pytest.fail("there is no card to have")
    assert len(script.named("SCardConnect")) == 1
    assert script.named("SCardDisconnect") == []


# --- talking to the card -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((0, []), MediaRemovedError),
        ((0x80100069, []), MediaRemovedError),
        ((0x80100016, []), MediaRemovedError),
        ((RESET_BY_OTHER, []), DeviceBusyError),
        ((NO_SERVICE, []), DeviceMissingError),
        ((0x80100013, []), DeviceMissingError),
        ((0x8010002F, []), DeviceMissingError),
    ],
)
def test_each_way_a_command_fails_is_its_own_error(
    scripted: Any, answer: tuple[int, list[int]], error: type[DriverError]
) -> None:
    script = scripted(SCardTransmit=[answer])
    with pytest.raises(error), pcsc.Context().card("Reader 00") as card:
        card.transmit(b"\x00\xb0\x00\x00\x00")
    removed = error is MediaRemovedError
    left = real.SCARD_LEAVE_CARD if removed else real.SCARD_RESET_CARD
    assert script.named("SCardDisconnect") == [(7, left)]
    assert script.named("SCardEndTransaction") == [(7, real.SCARD_LEAVE_CARD)]


@pytest.mark.parametrize("code", sorted(pcsc.TOO_LONG))
def test_a_reader_that_refuses_a_long_command_says_so(scripted: Any, code: int) -> None:
    scripted(SCardTransmit=[(signed(code), []), (signed(code), [])])
    with pcsc.Context().card("Reader 00") as card:
        with pytest.raises(CommandTooLongError):
            card.transmit(b"\x0c\xb0\x00\x00\x00\x00\x0d" + bytes(13) + b"\x00\x00")
        with pytest.raises(DriverError) as short:
            card.transmit(b"\x0c\xb0\x00\x00\x0d" + bytes(13) + b"\x00")
    assert not isinstance(short.value, CommandTooLongError)


def test_signed_bytes_are_bytes_all_the_same(scripted: Any) -> None:
    scripted(SCardTransmit=[(0, [-112, 0])])
    with pcsc.Context().card("Reader 00") as card:
        assert card.transmit(b"\x00\xa4\x00\x00") == b"\x90\x00"


def properties(longest: int) -> list[int]:
    return [0x0A, 0x04, *longest.to_bytes(4, "little")]


FEATURES = [0x06, 0x04, 1, 2, 3, 4, pcsc.FEATURE_PROPERTIES, 0x04, *PROPERTIES.to_bytes(4, "big")]


@pytest.mark.parametrize(
    ("controls", "extended"),
    [
        ([(0x80100016, [])], True),
        ([(0, [])], True),
        ([(0, FEATURES), (0x80100016, [])], True),
        ([(0, FEATURES), (0, [])], True),
        ([(0, FEATURES), (0, properties(261))], False),
        ([(0, FEATURES), (0, properties(65_544))], True),
    ],
)
def test_extended_length_is_used_unless_the_reader_says_that_it_is_too_small(
    scripted: Any, controls: list[Any], *, extended: bool
) -> None:
    script = scripted(SCardControl=list(controls))
    with pcsc.Context().card("Reader 00") as card:
        assert card.extended is extended
        assert card.extended is extended  # asked once
    asked = script.named("SCardControl")
    assert len(asked) == len(controls)
    assert len(asked) == 1 or asked[1][1] == PROPERTIES


def test_a_reset_card_may_choose_another_protocol(scripted: Any) -> None:
    script = scripted()
    with pcsc.Context().card("Reader 00") as card:
        card.reset()
        card.transmit(b"\x00\xa4\x00\x00")
    assert script.named("SCardTransmit")[0][1] == 1


# --- watching ------------------------------------------------------------------------------------------


def watched(script: ScriptedPcsc, *, reports: int) -> list[tuple[tuple[str, bool], ...]]:
    """Watch until so many reports have come."""
    seen: list[tuple[tuple[str, bool], ...]] = []
    stop = threading.Event()

    def report(slots: tuple[pcsc.Slot, ...]) -> None:
        seen.append(tuple((slot.name, slot.card_present) for slot in slots))
        if len(seen) == reports:
            stop.set()

    stopper = threading.Timer(20.0, stop.set)
    stopper.start()
    pcsc.watch(report, stop)
    stopper.cancel()
    assert script.calls
    return seen


def test_a_reader_that_goes_and_comes_while_the_service_stays_is_followed(
    scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcsc, "RETRY_S", 0.01)
    two = ["Reader 01", "Reader 00"]
    script = scripted(
        SCardListReaders=[(0, two), (0, two), (0, ["Reader 00"]), (signed(0x8010002E), []), (0, two)],
        SCardGetStatusChange=[
            (0, [("Reader 00", EMPTY, []), ("Reader 01", PRESENT, [])]),
            (signed(UNKNOWN_READER), []),  # unplugged while being waited for
            (0, [("Reader 00", EMPTY, [])]),
            (0, [("Reader 00", PRESENT | real.SCARD_STATE_CHANGED, []), ("Reader 01", EMPTY, [])]),
        ],
    )
    assert watched(script, reports=5) == [
        (("Reader 00", False), ("Reader 01", True)),
        (),
        (("Reader 00", False),),
        (),
        (("Reader 00", True), ("Reader 01", False)),
    ]
    assert len(script.named("SCardReleaseContext")) == 2


def test_a_service_that_goes_and_comes_is_followed(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcsc, "RETRY_S", 0.01)
    script = scripted(
        SCardEstablishContext=[(NO_SERVICE, 0), (0, 1), (0, 2)],
        SCardGetStatusChange=[
            (0, [("Reader 00", PRESENT, [])]),
            (signed(0x8010000A), []),  # nothing happened in time
            (0x80100013, []),  # pcscd died under the waiting call
            (0, [("Reader 00", PRESENT, [])]),
        ],
    )
    assert watched(script, reports=4) == [(), (("Reader 00", True),), (), (("Reader 00", True),)]
    assert [args[0] for args in script.named("SCardReleaseContext")] == [1, 2]
