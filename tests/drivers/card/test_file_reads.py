"""Reading files piece by piece: what a card may answer to READ BINARY, and files beyond 32 kB."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from typing import Any

import pytest

from drivers.card import tlv
from drivers.card.apdu import Command, Response
from drivers.card.datagroups import data_group
from drivers.card.files import MAX_FILE, FileReader
from drivers.card.reader import Surroundings, read_card
from drivers.card.trust import Trust
from drivers.errors import CardProtocolError
from drivers.ports import CanKey, CardReading
from drivers.simulated.card.card_reader import SimulatedCardReader
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES
from drivers.simulated.card.personas import HUONG

FACE = data_group(2)
NOBODY = Trust(anchors=(), moment=dt.datetime(2026, 11, 22, tzinfo=dt.UTC))


class Line:
    """A card in this process that keeps which instructions came."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.extended = card.make.extended

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        answer = self.card.answer(apdu)
        assert isinstance(answer, bytes)
        return answer


def read(make: str, faults: Faults = NO_FAULTS) -> tuple[CardReading, bytes]:
    card = VirtualCard(HUONG, faults, make=MAKES[make])
    around = Surroundings(trust=NOBODY, random_bytes=secrets.token_bytes, keep_files=True)
    reading = read_card(
        Line(card),
        CanKey(can=HUONG.can),
        timeout_s=60.0,
        progress=lambda _share: None,
        surroundings=around,
    )
    return reading, card._files[FACE.fid]


@pytest.mark.parametrize(
    ("make", "faults"),
    [
        ("large", NO_FAULTS),
        ("large-extended", NO_FAULTS),
        ("large", Faults(largest_read=150)),
        ("large", Faults(answers_in_pieces=100)),
        ("large", Faults(drops_long_reads=200)),
        ("large-extended", Faults(drops_long_reads=250)),
    ],
)
def test_a_portrait_beyond_32_kb_is_read_to_the_byte(make: str, faults: Faults) -> None:
    reading, face = read(make, faults)
    assert len(face) > 0x8000
    assert hashlib.sha256(reading.files["dg2"]).digest() == hashlib.sha256(face).digest()
    assert reading.holder.portrait is not None
    assert reading.proof.passive_auth_reason == "no_authorities_configured"


def test_the_simulated_slot_reads_it_too() -> None:
    slot = SimulatedCardReader()
    slot.insert(HUONG, make=MAKES["large"])
    reading = slot.read(CanKey(can=HUONG.can), timeout_s=60.0, progress=lambda _share: None)
    assert reading.proof.warnings == ()
    slot.close()


class Session:
    """A chip whose channel is in the clear and whose far answers are scripted."""

    extended = False

    def __init__(self, *far: Response) -> None:
        self.channel = self
        self.max_read = 200
        self.asked: list[Command] = []
        self._far = list(far)

    def send(self, command: Command) -> Response:
        self.asked.append(command)
        if command.ins == 0xB1:
            return self._far.pop(0)
        offset = 0 if command.p1 & 0x80 else command.p1 << 8 | command.p2
        head = FACE_HEAD if offset == 0 else b""
        return Response(data=(head + bytes(command.le or 0))[: command.le], sw=0x9000)


FACE_HEAD = bytes([FACE.tag, 0x83]) + (0x8100 - 5).to_bytes(3, "big")


def far(value: bytes, sw: int = 0x9000) -> Response:
    return Response(data=tlv.encode(0x53, value), sw=sw)


def file_of(session: Any) -> bytes | None:
    return FileReader(session).read(FACE)


def test_the_offset_travels_as_a_data_object_and_a_longer_file_is_cut() -> None:
    session = Session(far(bytes(8)), far(bytes(196)), far(b"twenty bytes, and two"[:20] + b"!!"))
    data = file_of(session)
    assert data is not None
    assert len(data) == 0x8100
    assert data.endswith(b"twenty bytes, and tw")
    commands = [command for command in session.asked if command.ins == 0xB1]
    assert [(command.data.hex(), command.le) for command in commands] == [
        ("54028020", 200),
        ("54028028", 200),
        ("540280ec", 24),
    ]


@pytest.mark.parametrize(
    "answer",
    [
        Response(data=b"", sw=0x6A82),
        Response(data=b"\x01\x02\x03", sw=0x9000),
        Response(data=b"\x54\x01\x00", sw=0x9000),
        far(b""),
    ],
    ids=["refused", "malformed", "another object", "empty"],
)
def test_a_far_answer_that_is_none_is_an_error(answer: Response) -> None:
    with pytest.raises(CardProtocolError):
        file_of(Session(answer))


def test_a_file_beyond_any_size_is_refused_at_its_header() -> None:
    class Huge(Session):
        def send(self, command: Command) -> Response:
            self.asked.append(command)
            return Response(data=bytes([FACE.tag, 0x84]) + MAX_FILE.to_bytes(4, "big"), sw=0x9000)

    session = Huge()
    with pytest.raises(CardProtocolError, match="too long"):
        file_of(session)
    assert len(session.asked) == 1


# --- what a card may answer to a read ------------------------------------------------------------------


class Scripted:
    """A chip of one file that answers the n-th read as told and every other one honestly."""

    extended = False
    max_read = 200
    CONTENT = bytes([FACE.tag, 0x82, 0x02, 0x58]) + bytes(range(200)) * 3

    def __init__(self, **answers: tuple[bytes | None, int]) -> None:
        self.channel = self
        self._answers = {int(name.removeprefix("read_")): answer for name, answer in answers.items()}
        self.asked: list[tuple[int, int]] = []

    def send(self, command: Command) -> Response:
        offset = 0 if command.p1 & 0x80 else command.p1 << 8 | command.p2
        self.asked.append((offset, command.le or 0))
        honest = self.CONTENT[offset : offset + (command.le or 0)]
        data, sw = self._answers.get(len(self.asked), (None, 0x9000))
        return Response(data=honest if data is None else data, sw=sw)


def read_scripted(**answers: tuple[bytes | None, int]) -> tuple[Scripted, bytes | None]:
    session = Scripted(**answers)
    return session, file_of(session)


def test_a_short_read_goes_on_where_it_ended() -> None:
    session, data = read_scripted(read_2=(Scripted.CONTENT[200:260], 0x9000))
    assert data == Scripted.CONTENT
    assert session.asked[:3] == [(0, 200), (200, 200), (260, 200)]


def test_an_end_of_file_warning_before_the_end_goes_on_too() -> None:
    session, data = read_scripted(read_2=(Scripted.CONTENT[200:260], 0x6282))
    assert data == Scripted.CONTENT
    assert session.asked[2] == (260, 200)


@pytest.mark.parametrize("sw", [0x9000, 0x6282])
def test_a_read_of_nothing_is_an_error_not_a_loop(sw: int) -> None:
    with pytest.raises(CardProtocolError, match="cut off"):
        read_scripted(read_2=(b"", sw))


@pytest.mark.parametrize("read", ["read_1", "read_2", "read_4"])
def test_an_over_long_read_is_refused(read: str) -> None:
    with pytest.raises(CardProtocolError, match="more than it was asked"):
        read_scripted(**{read: (bytes(201), 0x9000)})


def test_6cxx_names_the_length_that_is_asked_next() -> None:
    session, data = read_scripted(read_2=(b"", 0x6C28))
    assert data == Scripted.CONTENT
    assert session.asked[1:3] == [(200, 200), (200, 0x28)]


@pytest.mark.parametrize("sw", [0x6700, 0x6C00])
def test_6700_steps_down_the_ladder_and_stays_there(sw: int) -> None:
    session, data = read_scripted(read_2=(b"", sw))
    assert data == Scripted.CONTENT
    assert session.asked == [(0, 200), (200, 200), (200, 160), (360, 160), (520, 84)]


@pytest.mark.parametrize("sw", [0x6B00, 0x6982, 0x6A86, 0x6F00])
def test_6b00_and_every_other_refusal_in_the_middle_is_an_error(sw: int) -> None:
    with pytest.raises(CardProtocolError, match=f"{sw:04X}"):
        read_scripted(read_2=(b"", sw))
