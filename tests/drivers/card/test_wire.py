from __future__ import annotations

import io
import threading

import pytest

from drivers import errors
from drivers.card import pcsc, wire
from drivers.errors import (
    CardProtocolError,
    DeviceBusyError,
    DeviceMissingError,
    DriverError,
    MediaRemovedError,
    NoCardError,
)
from drivers.ports import CanKey, CardProof, CardReading, IdCard, MrzKey, Portrait, Verdict
from drivers.simulated.card.personas import HUONG


def round_trip(event: wire.Event) -> wire.Event | None:
    stream = io.BytesIO()
    wire.write(stream, event)
    stream.seek(0)
    return wire.read_event(stream)


def test_a_whole_reading_crosses_the_pipe() -> None:
    reading = CardReading(
        holder=IdCard(
            id_number=HUONG.id_number,
            full_name=HUONG.full_name,
            portrait=Portrait(width=1, height=1, rgb=b"\x01\x02\x03"),
            sources={"full_name": "dg13"},
        ),
        proof=CardProof(access="PACE", cipher="AES-128", passive_auth=Verdict.VALID, warnings=("no_dg13",)),
    )
    event = wire.Event(kind=wire.DONE, reading=reading)
    assert round_trip(event) == event
    assert "HƯƠNG" not in repr(event)


@pytest.mark.parametrize("access", [CanKey(can="000412"), MrzKey(lines=HUONG.mrz)])
def test_requests_carry_the_key_and_hide_it(access: CanKey | MrzKey) -> None:
    request = wire.ReadRequest.build(access, reader="", timeout_s=3.0)
    stream = io.BytesIO()
    wire.write(stream, request)
    stream.seek(0)
    received = wire.read_request(stream)
    assert received == request
    assert received is not None
    assert received.access == access
    assert "000412" not in repr(request)


def test_every_error_a_read_can_raise_survives_the_pipe() -> None:
    for kind in wire.KINDS.values():
        error = wire.Event.failed(kind("what happened", detail="0x1")).to_error()
        assert type(error) is kind
        assert (str(error), error.detail) == ("what happened", "0x1")
    strange = wire.Event(kind=wire.FAILED, code="from.the.future", message="m").to_error()
    assert type(strange) is DriverError
    assert wire.KINDS["card.protocol"] is errors.CardProtocolError


def test_an_ended_or_cut_off_pipe_is_the_end() -> None:
    assert wire.read_event(io.BytesIO()) is None
    assert wire.read_event(io.BytesIO(b"\x00\x00\x00\x05ab")) is None


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x01\xc1", b"\x00\x00\x00\x01\x01"])
def test_noise_on_the_pipe_is_noticed(data: bytes) -> None:
    with pytest.raises(wire.BrokenFrameError):
        wire.read_event(io.BytesIO(data))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0x8010000C, NoCardError),
        (0x80100069, MediaRemovedError),
        (0x80100016, MediaRemovedError),
        (0x8010000B, DeviceBusyError),
        (0x80100068, DeviceBusyError),
        (0x80100066, CardProtocolError),
        (0x8010001D, DeviceMissingError),
        (0x80100013, DeviceMissingError),
        (0x8010FFFF, DeviceMissingError),
    ],
)
def test_each_pcsc_code_is_the_error_of_the_table(code: int, kind: type[DriverError]) -> None:
    error = pcsc.error_for(code)
    assert type(error) is kind
    assert error.detail == f"PC/SC {code:08X}"


def test_the_slot_with_a_card_is_chosen_before_the_first() -> None:
    empty, full = pcsc.Slot(name="A 00", card_present=False), pcsc.Slot(name="B 00", card_present=True)
    assert pcsc.choose((empty, full), "") is full
    assert pcsc.choose((empty, full), "a") is empty
    assert pcsc.choose((empty, full), "C") is None
    assert pcsc.choose((), "") is None


def test_watching_without_a_service_reports_no_readers_and_stops_when_told() -> None:
    # Stopped by its own first report, so this holds with and without a pcscd on the machine.
    stop, reports = threading.Event(), []

    def report(slots: tuple[pcsc.Slot, ...]) -> None:
        reports.append(slots)
        stop.set()

    pcsc.watch(report, stop)
    assert len(reports) == 1
