"""The virtual card behaves, and misbehaves, like the real one (DEVICES.md 1.3)."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card import mrz
from drivers.errors import DeviceMissingError
from drivers.simulated.card import faults, lds
from drivers.simulated.card.chip import Misbehaviour, VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import ATR_SHORT as ATR
from drivers.simulated.card.makes import VIETNAM
from drivers.simulated.card.personas import BINH, HUONG, PERSONAS, Persona
from drivers.simulated.card.vpcd import VpcdCard

H = bytes.fromhex
CARD = VirtualCard(HUONG)
SELECT_CARD_ACCESS = H("00A4020C02011C")
SELECT_APPLICATION = H("00A4040C07A0000002471001")


def card(**script: bool) -> VirtualCard:
    return VirtualCard(HUONG, Faults(**script))


def test_card_access_is_readable_straight_after_connect_and_not_later() -> None:
    chip = card()
    assert chip.answer(SELECT_CARD_ACCESS) == H("9000")
    read = chip.answer(H("00B0000000"))
    assert isinstance(read, bytes)
    assert read[:-2] == lds.card_access(VIETNAM)
    assert chip.answer(SELECT_APPLICATION) == H("9000")
    assert chip.answer(SELECT_CARD_ACCESS) == H("6982")
    chip.reset()
    assert chip.answer(SELECT_CARD_ACCESS) == H("9000")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00A4000C023F00", "6D00"),  # SELECT MF
        ("00A4040C07A0000000031010", "6A82"),  # a bank's application
        ("00A4020C02011E", "6982"),  # EF.COM without a session
        ("00B09E0004", "6982"),  # the same by short identifier
        ("00B0000004", "6982"),  # nothing selected
        ("0084000008", "6982"),  # no BAC before the application is selected
        ("0CB0000000", "6988"),  # secure messaging without a session
        ("00CA000000", "6D00"),
        ("0022C1A40F800A04007F00070202040202830103", "6A88"),  # PACE with a PIN it does not have
        ("0022C1A40F800A04007F00070202040101830102", "6A80"),  # PACE with 3DES and Diffie-Hellman
        ("10860000027C0000", "6985"),  # a step of PACE before it began
    ],
)
def test_traps_of_the_real_card(command: str, status: str) -> None:
    assert card().answer(H(command)) == H(status)


def test_an_old_chip_has_no_card_access() -> None:
    assert card(no_pace=True).answer(SELECT_CARD_ACCESS) == H("6A82")


def test_the_script_of_removal_and_silence() -> None:
    chip = VirtualCard(HUONG, Faults(removed_at_apdu=2, silent_at_apdu=3))
    assert chip.answer(SELECT_CARD_ACCESS) == H("9000")
    assert chip.answer(SELECT_CARD_ACCESS) is Misbehaviour.REMOVED
    assert chip.answer(SELECT_CARD_ACCESS) is Misbehaviour.SILENT


@given(st.lists(st.binary(min_size=4, max_size=60), max_size=4))
def test_any_commands_get_a_status(commands: list[bytes]) -> None:
    CARD.reset()
    for command in commands:
        answer = CARD.answer(command)
        assert isinstance(answer, bytes)
        assert len(answer) >= 2


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda persona: persona.name)
def test_a_persona_s_card_qr_and_keys_belong_together(persona: Persona) -> None:
    zone = mrz.parse("".join(persona.mrz))
    assert zone.digits_agree
    assert zone.id_number == persona.id_number
    assert persona.can == persona.id_number[-6:]
    fields = persona.qr_text.split("|")
    assert fields[0] == persona.id_number
    assert fields[2] == persona.full_name
    assert len(fields) == (7 if persona.layout == 2021 else 11)
    assert len(fields[3]) == len(fields[6]) == 8


def test_the_files_are_the_same_in_every_process() -> None:
    lds._dg2.cache_clear()
    assert lds.build(BINH, NO_FAULTS) == VirtualCard(BINH)._files


def test_faults_from_words() -> None:
    parsed = faults.parse(["wrong_hash", "removed_at_apdu=40", "latency_ms=2.5"])
    assert parsed == Faults(wrong_hash=True, removed_at_apdu=40, latency_ms=2.5)
    for word in ("nonsense", "removed_at_apdu", "wrong_hash=1", "silent_at_apdu=soon"):
        with pytest.raises(ValueError, match=r"fault|literal"):
            faults.parse([word])


class Reader:
    """Plays vpcd: listens, sends commands, reads answers."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])

    def accept(self) -> socket.socket:
        self._server.settimeout(5)
        connection, _ = self._server.accept()
        connection.settimeout(5)
        return connection

    def close(self) -> None:
        self._server.close()


def exchange(connection: socket.socket, payload: bytes) -> bytes:
    connection.sendall(len(payload).to_bytes(2, "big") + payload)
    size = int.from_bytes(connection.recv(2, socket.MSG_WAITALL), "big")
    return connection.recv(size, socket.MSG_WAITALL)


def test_the_wire_of_vpcd() -> None:
    reader = Reader()
    with VpcdCard(VirtualCard(HUONG, Faults(removed_at_apdu=3)), port=reader.port) as card:
        with reader.accept() as connection:
            connection.sendall(b"\x00\x01\x01")  # power on: no answer
            assert exchange(connection, b"\x04") == ATR
            assert exchange(connection, SELECT_CARD_ACCESS) == H("9000")
            assert exchange(connection, SELECT_APPLICATION) == H("9000")
            connection.sendall(b"\x00\x01\x02")  # reset
            assert exchange(connection, b"\x04") == ATR
            connection.sendall(b"\x00\x05" + H("00B0000000"))
            assert connection.recv(2) == b""
        assert card.wait_removed(5)
    reader.close()


def test_a_card_is_inserted_again_after_removal() -> None:
    reader = Reader()
    card = VpcdCard(VirtualCard(HUONG), port=reader.port)
    for _ in range(2):
        card.insert()
        with reader.accept() as connection:
            assert exchange(connection, b"\x04") == ATR
            card.remove()
            assert connection.recv(2) == b""
    card.remove()
    reader.close()


def test_without_vpcd_the_card_says_what_is_missing() -> None:
    with pytest.raises(DeviceMissingError):
        VpcdCard(CARD, port=1).insert()
