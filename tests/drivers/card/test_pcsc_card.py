"""The card slot over a real pcscd: virtual reader, real pyscard, real child process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.card import pcsc
from drivers.card.pcsc_reader import PcscCardReader
from drivers.errors import (
    AccessDeniedError,
    CardProtocolError,
    DeviceBusyError,
    DeviceMissingError,
    DeviceTimeoutError,
    DriverError,
    MediaRemovedError,
    NoCardError,
)
from drivers.ports import CanKey, DeviceState, MrzKey, Verdict
from drivers.simulated.card import pcscd
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES, VIETNAM, Make
from drivers.simulated.card.personas import BAO, BINH, HUONG, PERSONAS, Persona
from drivers.simulated.card.vpcd import VpcdCard
from kiosk_app.config import Config
from kiosk_app.wiring import card as wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.ports import CardReading

pytestmark = pytest.mark.pcscd
IN_S = 10.0
CYCLES = int(os.environ.get("KIOSK_CARD_CYCLES", "8"))
"""Cards in and out in one test; 200 is the long campaign."""


@pytest.fixture
def reader(vpcd_port: int, csca_folder: Path) -> Iterator[PcscCardReader]:
    assert vpcd_port
    slot = PcscCardReader(csca_dir=csca_folder)
    yield slot
    slot.close()


@contextlib.contextmanager
def inserted(
    reader: PcscCardReader,
    port: int,
    persona: Persona = HUONG,
    faults: Faults = NO_FAULTS,
    *,
    make: Make = VIETNAM,
    tries: int = 1,
) -> Iterator[VpcdCard]:
    assert reader.wait_for_card(present=False, timeout_s=IN_S)
    with VpcdCard(VirtualCard(persona, faults, make=make), port=port) as card:
        for _ in range(tries - 1):
            if reader.wait_for_card(present=True, timeout_s=2.0):
                break
            card.insert()
        assert reader.wait_for_card(present=True, timeout_s=IN_S)
        yield card


def read(reader: PcscCardReader, persona: Persona = HUONG, timeout_s: float = 20.0) -> CardReading:
    return reader.read(CanKey(can=persona.can), timeout_s=timeout_s, progress=lambda _share: None)


def test_a_card_is_inserted_read_and_removed(reader: PcscCardReader, vpcd_port: int) -> None:
    shares: list[float] = []
    with inserted(reader, vpcd_port):
        reading = reader.read(CanKey(can=HUONG.can), timeout_s=20, progress=shares.append)
        assert (
            reader.read(MrzKey(lines=HUONG.mrz), timeout_s=20, progress=shares.append).holder
            == reading.holder
        )
    assert reading.holder.full_name == "NGUYỄN THỊ HƯƠNG"
    assert reading.holder.portrait is not None
    proof = reading.proof
    assert (proof.access, proof.passive_auth, proof.warnings) == ("PACE", Verdict.VALID, ())
    assert proof.apdus <= 90
    assert shares[-1] == 1.0
    assert reader.wait_for_card(present=False, timeout_s=IN_S)
    assert not reader.card_present()


def test_bac_over_pcsc(reader: PcscCardReader, vpcd_port: int) -> None:
    with inserted(reader, vpcd_port, BAO, Faults(no_pace=True)):
        reading = reader.read(MrzKey(lines=BAO.mrz), timeout_s=20, progress=lambda _share: None)
    assert reading.proof.access == "BAC"


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(removed_at_apdu=1), MediaRemovedError),
        (Faults(removed_at_apdu=40), MediaRemovedError),
        (Faults(bad_mac=True), CardProtocolError),
        (Faults(pace_fails=True), CardProtocolError),
    ],
)
def test_each_fault_is_its_own_error_and_the_next_card_is_read(
    reader: PcscCardReader, vpcd_port: int, faults: Faults, error: type[DriverError]
) -> None:
    with inserted(reader, vpcd_port, HUONG, faults), pytest.raises(error):
        read(reader)
    with inserted(reader, vpcd_port, BINH):
        assert read(reader, BINH).holder.id_number == BINH.id_number


def pull_out_in_the_middle(reader: PcscCardReader, port: int) -> None:
    halfway = threading.Event()

    def pull(card: VpcdCard) -> None:
        assert halfway.wait(IN_S)
        card.remove()

    with inserted(reader, port, HUONG, Faults(latency_ms=5)) as card:
        hand = threading.Thread(target=pull, args=(card,))
        hand.start()
        with pytest.raises(MediaRemovedError):
            reader.read(
                CanKey(can=HUONG.can),
                timeout_s=20,
                progress=lambda share: halfway.set() if share > 0.5 else None,
            )
        hand.join()


def test_a_card_pulled_out_by_hand_in_the_middle_and_the_next_is_noticed(
    reader: PcscCardReader, vpcd_port: int
) -> None:
    # pcscd loses a card put in quickly after a reset of one that had left: see drivers.card.pcsc.
    for _ in range(3):
        pull_out_in_the_middle(reader, vpcd_port)
    with inserted(reader, vpcd_port):
        assert read(reader).holder.id_number == HUONG.id_number


def test_a_wrong_can_is_told_apart_from_a_lifted_card(reader: PcscCardReader, vpcd_port: int) -> None:
    with inserted(reader, vpcd_port), pytest.raises(AccessDeniedError):
        read(reader, BAO)


def test_an_empty_slot_says_so(reader: PcscCardReader, vpcd_port: int) -> None:
    assert vpcd_port
    assert reader.wait_for_card(present=False, timeout_s=IN_S)
    with pytest.raises(NoCardError):
        read(reader)
    assert reader.status().state is DeviceState.READY


def test_a_silent_card_ends_in_time_and_its_process_is_replaced(vpcd_port: int, csca_folder: Path) -> None:
    reader = PcscCardReader(csca_dir=csca_folder, silence_s=0.5)
    try:
        with inserted(reader, vpcd_port, HUONG, Faults(silent_at_apdu=30)):
            hung = reader.child_pid
            with pytest.raises(DeviceTimeoutError):
                read(reader)
            assert reader.child_pid != hung
            with pytest.raises(ProcessLookupError):
                os.kill(hung or 0, 0)
        # pcscd itself resets the hung card when it leaves, so the next one may have to be put in twice.
        with inserted(reader, vpcd_port, tries=4):
            assert read(reader).holder.id_number == HUONG.id_number
    finally:
        reader.close()


def test_a_dying_card_process_is_replaced(reader: PcscCardReader, vpcd_port: int) -> None:
    with inserted(reader, vpcd_port, HUONG, Faults(latency_ms=10)):
        died = threading.Event()

        def die(share: float) -> None:
            if share > 0.5 and not died.is_set():
                died.set()
                os.kill(reader.child_pid or 0, 9)

        with pytest.raises(CardProtocolError, match="ended"):
            reader.read(CanKey(can=HUONG.can), timeout_s=20, progress=die)
        assert reader.wait_for_card(present=True, timeout_s=IN_S)
        assert read(reader).holder.id_number == HUONG.id_number


def test_long_commands_pass_and_the_person_is_known_before_the_portrait(
    reader: PcscCardReader, vpcd_port: int
) -> None:
    told: list[CardReading] = []
    with inserted(reader, vpcd_port, make=MAKES["active-rsa"]):
        reading = reader.read(
            CanKey(can=HUONG.can), timeout_s=20, progress=lambda _share: None, known=told.append
        )
    proof = reading.proof
    assert proof.extended
    assert proof.apdus <= 20
    assert (proof.chip_auth, proof.active_auth) == (Verdict.VALID, Verdict.VALID)
    assert [early.holder.full_name for early in told] == [HUONG.full_name]
    assert told[0].holder.portrait is None
    assert reading.files == {}


def test_a_session_dropped_over_a_long_read_is_opened_again_after_a_reset(
    reader: PcscCardReader, vpcd_port: int
) -> None:
    with inserted(reader, vpcd_port, HUONG, Faults(drops_long_reads=200), make=MAKES["extended"]):
        proof = read(reader).proof
    assert proof.reopenings == 2
    assert (proof.passive_auth, proof.chip_auth) == (Verdict.VALID, Verdict.VALID)


def test_the_probe_crosses_the_process_border(reader: PcscCardReader, vpcd_port: int) -> None:
    with inserted(reader, vpcd_port, make=MAKES["pace-cam"]):
        report = reader.probe(CanKey(can=HUONG.can), timeout_s=20)
        outside = reader.probe(None, timeout_s=20)
    assert report["inside"]["cipher"] == "AES-128"
    assert report["atr"] == MAKES["pace-cam"].atr.hex().upper()
    assert "inside" not in outside
    assert reader.wait_for_card(present=False, timeout_s=IN_S)
    with pytest.raises(NoCardError):
        reader.probe(None, timeout_s=5)


def test_a_card_held_by_another_process_is_busy(reader: PcscCardReader, vpcd_port: int) -> None:
    code = (
        "import sys\nfrom smartcard import scard as s\n"
        "_, context = s.SCardEstablishContext(s.SCARD_SCOPE_SYSTEM)\n"
        "code, card, _ = s.SCardConnect(context, 'Virtual PCD 00 00', s.SCARD_SHARE_EXCLUSIVE, 3)\n"
        "print(code, flush=True)\nsys.stdin.read()\ns.SCardDisconnect(card, s.SCARD_LEAVE_CARD)\n"
    )
    with (
        inserted(reader, vpcd_port),
        subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "0"
        with pytest.raises(DeviceBusyError):
            read(reader)
        other.communicate()
        assert read(reader).holder.id_number == HUONG.id_number


def test_two_reads_at_once_are_refused(reader: PcscCardReader, vpcd_port: int) -> None:
    def second(share: float) -> None:
        assert share
        with pytest.raises(DeviceBusyError):
            read(reader)

    with inserted(reader, vpcd_port):
        reader.read(CanKey(can=HUONG.can), timeout_s=20, progress=second)


def test_a_caller_that_breaks_off_leaves_no_answer_behind(reader: PcscCardReader, vpcd_port: int) -> None:
    class VisitEndedError(Exception):
        pass

    def leave(share: float) -> None:
        assert share
        raise VisitEndedError

    with inserted(reader, vpcd_port), pytest.raises(VisitEndedError):
        reader.read(CanKey(can=HUONG.can), timeout_s=20, progress=leave)
    with inserted(reader, vpcd_port, BINH):
        assert read(reader, BINH).holder.id_number == BINH.id_number


def zombies(*parents: int) -> int:
    found = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # a process that ended while we looked is no zombie
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            found += state == "Z" and int(parent) in parents
    return found


@pytest.mark.timeout(1200)
def test_many_cards_leave_no_handle_process_or_thread(reader: PcscCardReader, vpcd_port: int) -> None:
    def counts() -> tuple[int, int, int, int]:
        child = reader.child_pid or 0
        files = len(os.listdir(f"/proc/{child}/fd"))  # noqa: PTH208 - counting, not walking
        own = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - the same
        return files, own, threading.active_count(), zombies(os.getpid(), child)

    with inserted(reader, vpcd_port):
        read(reader)
    child, before = reader.child_pid, counts()
    for number in range(CYCLES):
        persona = list(PERSONAS.values())[number % len(PERSONAS)]
        with inserted(reader, vpcd_port, persona):
            assert read(reader, persona).holder.id_number == persona.id_number
    assert (reader.child_pid, counts()) == (child, before)


def test_closing_twice_is_fine_and_a_closed_reader_has_no_card(vpcd_port: int) -> None:
    assert vpcd_port
    reader = PcscCardReader()
    assert len(reader.readers()) == 2
    reader.close()
    reader.close()
    assert not reader.card_present()
    with pytest.raises(DeviceMissingError):
        read(reader)


def test_the_reader_is_chosen_by_name(vpcd_port: int) -> None:
    assert vpcd_port
    reader = PcscCardReader(reader="no such reader")
    try:
        reader.readers()
        assert reader.status().state is DeviceState.ABSENT
        with pytest.raises(DeviceMissingError):
            read(reader)
    finally:
        reader.close()


def test_two_readers_at_once_each_with_its_card(vpcd_port: int, csca_folder: Path) -> None:
    with (
        contextlib.closing(PcscCardReader(reader="00 00", csca_dir=csca_folder)) as first,
        contextlib.closing(PcscCardReader(reader="00 01", csca_dir=csca_folder)) as second,
        contextlib.closing(PcscCardReader(csca_dir=csca_folder)) as either,
    ):
        with inserted(second, vpcd_port + 1, BINH):
            assert not first.card_present()
            assert read(second, BINH).holder.id_number == BINH.id_number
            # Without a name the first reader that has a card is taken, wherever it stands in the list.
            assert either.wait_for_card(present=True, timeout_s=IN_S)
            assert read(either, BINH).holder.id_number == BINH.id_number
            with inserted(first, vpcd_port, HUONG):
                assert read(first).holder.id_number == HUONG.id_number
                assert read(second, BINH).holder.id_number == BINH.id_number
            assert first.wait_for_card(present=False, timeout_s=IN_S)
            assert second.card_present()
            assert either.card_present()
        assert either.wait_for_card(present=False, timeout_s=IN_S)


def test_both_readers_read_at_the_same_time(vpcd_port: int, csca_folder: Path) -> None:
    with (
        contextlib.closing(PcscCardReader(reader="00 00", csca_dir=csca_folder)) as first,
        contextlib.closing(PcscCardReader(reader="00 01", csca_dir=csca_folder)) as second,
    ):
        found: list[str] = []

        def other() -> None:
            found.append(read(second, BINH).holder.id_number)

        slow = Faults(latency_ms=3)
        with inserted(first, vpcd_port, HUONG, slow), inserted(second, vpcd_port + 1, BINH, slow):
            hand = threading.Thread(target=other)
            hand.start()
            assert read(first).holder.id_number == HUONG.id_number
            hand.join(20.0)
        assert found == [BINH.id_number]
        assert first.wait_for_card(present=False, timeout_s=IN_S)
        assert second.wait_for_card(present=False, timeout_s=IN_S)


def test_slots_are_listed_directly_too(vpcd_port: int) -> None:
    assert vpcd_port
    with pcsc.Context() as context:
        assert [slot.name for slot in context.slots()] == ["Virtual PCD 00 00", "Virtual PCD 00 01"]
        with pytest.raises(NoCardError), context.card("Virtual PCD 00 01"):
            pass
        with pytest.raises(DeviceMissingError), context.card("no such reader"):
            pass


def test_a_running_pcscd_is_never_touched(vpcd_port: int, tmp_path: Path) -> None:
    assert vpcd_port
    with pytest.raises(DeviceBusyError), pcscd.run_pcscd(tmp_path):
        pass


def test_simulate_takes_the_real_reader_where_there_is_one(vpcd_port: int, tmp_path: Path) -> None:
    slot = wiring.open_card_reader(Config(data_dir=tmp_path), simulate=True)
    try:
        assert isinstance(slot, PcscCardReader)
        with inserted(slot, vpcd_port):
            assert read(slot).proof.passive_auth is Verdict.VALID
    finally:
        slot.close()
