"""Whole reads in this process: the same code and the same APDUs as over PC/SC."""

from __future__ import annotations

import datetime as dt
import itertools
import secrets
from typing import TYPE_CHECKING

import pytest

from drivers.card import tlv
from drivers.card.certificates import Certificate
from drivers.card.reader import Surroundings, read_card
from drivers.card.trust import Trust
from drivers.errors import (
    AccessDeniedError,
    CardProtocolError,
    DeviceTimeoutError,
    NotAnIdCardError,
)
from drivers.ports import CanKey, CardReading, MrzKey, Verdict
from drivers.simulated.card import authority
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.personas import BAO, BINH, HUONG, PERSONAS, UYEN, Persona

if TYPE_CHECKING:
    from collections.abc import Callable

TRUST = Trust(
    anchors=tuple(Certificate.load(der) for der in authority.test_authorities()),
    moment=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)


class Line:
    """Carries APDUs to a virtual card and keeps them."""

    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.commands: list[bytes] = []

    @property
    def extended(self) -> bool:
        return self.card.make.extended

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        self.commands.append(apdu)
        answer = self.card.answer(apdu)
        assert isinstance(answer, bytes)
        return answer


class T0Line(Line):
    """A T=0 reader: answers longer than 20 bytes are fetched with GET RESPONSE in pieces."""

    rest = b""

    def transmit(self, apdu: bytes) -> bytes:
        answer = self.rest if apdu[1] == 0xC0 else super().transmit(apdu)
        data, sw = answer[:-2], answer[-2:]
        if len(data) <= 20:
            self.rest = b""
            return answer
        self.rest = data[20:] + sw
        return data[:20] + bytes([0x61, min(len(data) - 20, 255)])


def read(
    persona: Persona = HUONG,
    faults: Faults = NO_FAULTS,
    *,
    access: CanKey | MrzKey | None = None,
    line: Line | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    progress: Callable[[float], None] = lambda _share: None,
) -> CardReading:
    return read_card(
        line or Line(VirtualCard(persona, faults)),
        access or CanKey(can=persona.can),
        timeout_s=10.0,
        progress=progress,
        surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes, clock=clock),
    )


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda persona: persona.name)
def test_every_persona_is_read_and_proved(persona: Persona) -> None:
    reading = read(persona)
    holder, proof = reading.holder, reading.proof
    assert holder.id_number == persona.id_number
    assert holder.full_name == (persona.full_name if persona.has_dg13 else "TRAN VAN BINH")
    assert (proof.access, proof.cipher, proof.passive_auth) == ("PACE", "AES-128", Verdict.VALID)
    assert proof.apdus <= 90
    assert proof.bytes_read > 10_000
    assert holder.portrait is not None
    assert len(holder.portrait.rgb) == holder.portrait.width * holder.portrait.height * 3


def test_the_whole_person_with_every_field_and_its_source() -> None:
    holder = read(UYEN).holder
    assert holder.full_name == "CÔNG TẰNG TÔN NỮ NGUYỄN PHƯỚC HOÀNG THỤY QUỲNH UYÊN"
    assert (holder.birth_date, holder.sex, holder.ethnicity) == ("2001-11-09", "female", "Ê Đê")
    assert (holder.issue_date, holder.expiry_date) == ("2022-11-20", "2041-11-09")
    assert holder.mother_name == "H'BLĂM ƀUÔN KRÔNG"
    assert (holder.spouse_name, holder.old_id_number) == (None, None)
    assert holder.nationality == "Việt Nam"
    assert holder.sources["full_name"] == "dg13"
    assert holder.sources["portrait"] == "dg2"


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=lambda persona: persona.name)
def test_the_chip_proves_that_it_is_no_copy(persona: Persona) -> None:
    proof = read(persona).proof
    assert (proof.chip_auth, proof.data_groups[-1]) == (Verdict.VALID, 14)


def test_a_cloned_chip_is_caught_and_its_data_still_told() -> None:
    reading = read(faults=Faults(cloned_chip=True))
    assert reading.proof.chip_auth is Verdict.INVALID
    assert reading.proof.passive_auth is Verdict.VALID
    assert reading.holder.full_name == HUONG.full_name


def test_chip_authentication_counts_only_under_the_signature() -> None:
    other = VirtualCard(BAO)._files[0x010E]
    proof = read(line=Line(with_file(0x010E, other))).proof
    assert proof.chip_auth is Verdict.ABSENT
    assert proof.passive_auth_reason == "dg14_hash_differs"
    missing = read(line=Line(with_file(0x010E, None))).proof
    assert (missing.chip_auth, missing.passive_auth) == (Verdict.ABSENT, Verdict.VALID)


def test_an_old_chip_switches_from_3des_to_aes_to_prove_itself() -> None:
    proof = read(BAO, Faults(no_pace=True), access=MrzKey(lines=BAO.mrz)).proof
    assert (proof.access, proof.chip_auth) == ("BAC", Verdict.VALID)


def test_the_mrz_opens_the_same_card() -> None:
    assert read(access=MrzKey(lines=HUONG.mrz)).holder == read().holder


def test_an_old_chip_is_opened_by_bac_and_only_with_the_mrz() -> None:
    old = Faults(no_pace=True)
    reading = read(BAO, old, access=MrzKey(lines=BAO.mrz))
    assert (reading.proof.access, reading.proof.cipher) == ("BAC", "3DES")
    assert reading.proof.passive_auth is Verdict.VALID
    with pytest.raises(AccessDeniedError):
        read(BAO, old)
    with pytest.raises(AccessDeniedError):
        read(BAO, old, access=MrzKey(lines=HUONG.mrz))


@pytest.mark.parametrize("access", [CanKey(can=HUONG.can), MrzKey(lines=HUONG.mrz)], ids=["can", "mrz"])
def test_a_failed_pace_never_becomes_bac(access: CanKey | MrzKey) -> None:
    line = Line(VirtualCard(HUONG, Faults(pace_fails=True)))
    with pytest.raises(CardProtocolError):
        read(access=access, line=line)
    assert {command[1] for command in line.commands} == {0xA4, 0xB0, 0x22, 0x86}


@pytest.mark.parametrize("access", [CanKey(can="999999"), MrzKey(lines=BAO.mrz)], ids=["can", "mrz"])
def test_a_wrong_key_is_access_denied_and_never_becomes_bac(access: CanKey | MrzKey) -> None:
    line = Line(VirtualCard(HUONG))
    with pytest.raises(AccessDeniedError):
        read(access=access, line=line)
    assert 0x84 not in {command[1] for command in line.commands}


@pytest.mark.parametrize("faults", [Faults(bad_mac=True), Faults(no_do99=True)])
def test_a_dishonest_channel_is_a_protocol_error(faults: Faults) -> None:
    with pytest.raises(CardProtocolError):
        read(faults=faults)


@pytest.mark.parametrize(
    ("faults", "verdict", "reason"),
    [
        (Faults(wrong_hash=True), Verdict.INVALID, "dg13_hash_differs"),
        (Faults(unknown_csca=True), Verdict.UNTRUSTED, "authority_unknown"),
        (Faults(expired_dsc=True), Verdict.UNTRUSTED, "document_signer_expired"),
    ],
)
def test_the_proof_says_what_is_wrong(faults: Faults, verdict: Verdict, reason: str) -> None:
    proof = read(faults=faults).proof
    assert (proof.passive_auth, proof.passive_auth_reason) == (verdict, reason)


@pytest.mark.parametrize("largest", [200, 160, 120, 112])
def test_a_card_that_answers_little_at_a_time_is_read_all_the_same(largest: int) -> None:
    assert read(faults=Faults(largest_read=largest)).holder == read().holder


def test_a_card_that_answers_next_to_nothing_at_a_time_is_refused() -> None:
    with pytest.raises(CardProtocolError):
        read(faults=Faults(largest_read=8))


def test_a_card_without_short_identifiers_is_read_by_selecting() -> None:
    assert read(faults=Faults(no_sfi=True)).holder == read().holder


def test_a_t0_reader_works_too() -> None:
    assert read(line=T0Line(VirtualCard(HUONG))).holder == read().holder


def test_the_same_card_is_read_again_after_a_reset() -> None:
    card = VirtualCard(HUONG)
    first = read(line=Line(card))
    card.reset()
    assert read(line=Line(card)).holder == first.holder


def test_progress_only_grows_and_the_name_comes_long_before_the_portrait() -> None:
    shares: list[float] = []
    read(progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert shares[1] == pytest.approx(0.3)
    assert len(shares) > 50


def test_the_time_bounds_the_whole_read() -> None:
    ticks = itertools.count()
    line = Line(VirtualCard(HUONG))
    with pytest.raises(DeviceTimeoutError):
        read(line=line, clock=lambda: float(next(ticks)))
    assert len(line.commands) <= 10


class BankCard:
    """Knows no file and no application of ours."""

    extended = False

    def reset(self) -> None:
        raise AssertionError

    def __init__(self, sw: bytes) -> None:
        self._sw = sw

    def transmit(self, apdu: bytes) -> bytes:
        assert apdu[1] != 0x84, "nobody may start BAC on a bank card"
        return self._sw


@pytest.mark.parametrize("sw", ["6A82", "6D00", "6E00", "6985"])
def test_a_bank_card_is_not_an_id_card(sw: str) -> None:
    with pytest.raises(NotAnIdCardError):
        read_card(
            BankCard(bytes.fromhex(sw)),
            CanKey(can="123456"),
            timeout_s=1.0,
            progress=lambda _share: None,
            surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes),
        )


def test_an_id_card_that_hides_its_card_access_gets_no_bac() -> None:
    class Hiding(Line):
        def transmit(self, apdu: bytes) -> bytes:
            if apdu.endswith(b"\x01\x1c"):
                return b"\x69\x82"
            return super().transmit(apdu)

    line = Hiding(VirtualCard(HUONG))
    with pytest.raises(CardProtocolError, match="6982"):
        read(access=MrzKey(lines=HUONG.mrz), line=line)
    assert 0x84 not in {command[1] for command in line.commands}


def test_only_unknown_kinds_of_pace_end_in_an_error_not_in_bac() -> None:
    class Offering(Line):
        def transmit(self, apdu: bytes) -> bytes:
            if apdu[1] == 0xB0:
                self.commands.append(apdu)
                info = tlv.encode(0x06, bytes.fromhex("04007F00070202040101")) + b"\x02\x01\x02\x02\x01\x00"
                return tlv.encode(0x31, tlv.encode(0x30, info)) + b"\x90\x00"
            return super().transmit(apdu)

    line = Offering(VirtualCard(HUONG))
    with pytest.raises(CardProtocolError, match="does not speak"):
        read(access=MrzKey(lines=HUONG.mrz), line=line)
    assert [command[1] for command in line.commands] == [0xA4, 0xB0]


def with_file(fid: int, data: bytes | None, persona: Persona = HUONG) -> VirtualCard:
    card = VirtualCard(persona)
    if data is None:
        del card._files[fid]
    else:
        card._files[fid] = data
    return card


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("6184060000005F1F"),  # 100 MB
        bytes.fromhex("75025F1F"),  # another group in its place
        bytes.fromhex("61820500") + bytes(100),  # announces more than it holds
        bytes.fromhex("61"),
        b"\x61\x00",
    ],
)
def test_a_hostile_file_is_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        read(line=Line(with_file(0x0101, data)))


def test_a_card_without_dg1_is_refused() -> None:
    with pytest.raises(CardProtocolError):
        read(line=Line(with_file(0x0101, None)))


def test_a_missing_or_broken_sod_is_told_apart_and_the_portrait_is_not_decoded() -> None:
    absent = read(line=Line(with_file(0x011D, None)))
    assert absent.proof.passive_auth is Verdict.ABSENT
    broken = read(line=Line(with_file(0x011D, b"\x77\x02\x30\x00")))
    assert (broken.proof.passive_auth, broken.proof.passive_auth_reason) == (Verdict.INVALID, "sod_malformed")
    for reading in (absent, broken):
        assert reading.holder.portrait is None
        assert "portrait_not_signed" in reading.proof.warnings


def test_a_missing_portrait_is_a_warning() -> None:
    reading = read(line=Line(with_file(0x0102, None)))
    assert "no_portrait" in reading.proof.warnings
    assert reading.holder.full_name == HUONG.full_name


def test_a_damaged_portrait_is_a_warning_and_the_proof_still_holds() -> None:
    reading = read(faults=Faults(cut_portrait=True))
    assert reading.holder.portrait is None
    assert "portrait_unreadable" in reading.proof.warnings
    assert reading.proof.passive_auth is Verdict.VALID


def test_a_foreign_portrait_is_not_decoded_and_condemns_the_card() -> None:
    other = VirtualCard(BAO)._files[0x0102]
    reading = read(line=Line(with_file(0x0102, other)))
    assert reading.holder.portrait is None
    assert reading.proof.passive_auth_reason == "dg2_hash_differs"


def test_hiding_dg13_from_the_unsigned_list_does_not_hide_it() -> None:
    com = VirtualCard(BINH)._files[0x011E]
    reading = read(line=Line(with_file(0x011E, com)))
    assert "com_sod_differ" in reading.proof.warnings
    assert reading.holder.full_name == HUONG.full_name
