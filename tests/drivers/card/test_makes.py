"""Cards of every make, read in this process: each protocol, each proof, each way down."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

import pytest

from drivers.card.certificates import Certificate
from drivers.card.reader import Surroundings, read_card
from drivers.card.trust import Trust
from drivers.errors import CardProtocolError
from drivers.ports import CanKey, CardReading, MrzKey, Verdict
from drivers.simulated.card import authority
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES, VIETNAM, Make
from drivers.simulated.card.personas import BAO, HUONG

if TYPE_CHECKING:
    from collections.abc import Callable

TRUST = Trust(
    anchors=tuple(Certificate.load(der) for der in authority.test_authorities()),
    moment=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)


class Line:
    """Carries APDUs to a virtual card, counts its resets and may change an answer."""

    def __init__(
        self, card: VirtualCard, change: Callable[[bytes, bytes], bytes] = lambda _command, answer: answer
    ) -> None:
        self.card = card
        self.resets = 0
        self._change = change

    @property
    def extended(self) -> bool:
        return self.card.make.extended

    def reset(self) -> None:
        self.resets += 1
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        answer = self.card.answer(apdu)
        assert isinstance(answer, bytes)
        return self._change(apdu, answer)


def read(
    make: Make | str = VIETNAM,
    faults: Faults = NO_FAULTS,
    *,
    line: Line | None = None,
    keep_files: bool = False,
    known: Callable[[CardReading], None] = lambda _reading: None,
    access: CanKey | MrzKey | None = None,
) -> CardReading:
    chosen = MAKES[make] if isinstance(make, str) else make
    return read_card(
        line or Line(VirtualCard(HUONG, faults, make=chosen)),
        access or CanKey(can=HUONG.can),
        timeout_s=20.0,
        progress=lambda _share: None,
        surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes, keep_files=keep_files),
        known=known,
    )


@pytest.mark.parametrize(
    ("make", "cipher", "signed_by", "chip_by", "active_by"),
    [
        ("vietnam", "AES-128", "ECDSA-SHA256", "CA-ECDH-AES-128", ""),
        ("active-rsa", "AES-128", "ECDSA-SHA256", "CA-ECDH-AES-128", "AA-RSA"),
        ("active-rsa-sha1", "AES-128", "ECDSA-SHA256", "", "AA-RSA"),
        ("active-ecdsa", "AES-128", "RSA-PSS-SHA256", "CA-ECDH-AES-128", "AA-ECDSA-SHA256"),
        ("pace-3des", "3DES", "ECDSA-SHA256", "CA-ECDH-3DES", ""),
        ("pace-cam", "AES-128", "ECDSA-SHA256", "PACE-CAM", ""),
        ("aes-256", "AES-256", "ECDSA-SHA256", "CA-ECDH-AES-256", ""),
        ("dh-aes", "AES-128", "RSA-SHA256", "CA-DH-AES-128", ""),
        ("dh-standard", "AES-128", "ECDSA-SHA256", "CA-DH-AES-128", ""),
        ("dh-3des", "AES-128", "ECDSA-SHA256", "CA-DH-3DES", ""),
        ("linked", "AES-128", "ECDSA-SHA256", "CA-ECDH-AES-128", ""),
        ("sheet", "AES-128", "ECDSA-SHA256", "CA-ECDH-AES-128", ""),
    ],
)
def test_every_protocol_is_spoken_and_its_proof_told(
    make: str, cipher: str, signed_by: str, chip_by: str, active_by: str
) -> None:
    reading = read(make)
    proof = reading.proof
    assert (proof.access, proof.cipher) == ("PACE", cipher)
    assert (proof.passive_auth, proof.passive_auth_by) == (Verdict.VALID, signed_by)
    assert (proof.chip_auth, proof.chip_auth_by) == (
        Verdict.VALID if chip_by else Verdict.ABSENT,
        chip_by,
    )
    assert (proof.active_auth, proof.active_auth_by) == (
        Verdict.VALID if active_by else Verdict.ABSENT,
        active_by,
    )
    assert (proof.warnings, proof.reopenings) == ((), 0)
    assert reading.holder.full_name == HUONG.full_name


@pytest.mark.parametrize("make", MAKES)
def test_the_mrz_of_every_shape_opens_with_pace_and_with_bac(make: str) -> None:
    access = MrzKey(lines=MAKES[make].lines(HUONG))
    assert read(make, access=access).proof.access == "PACE"
    old = read(make, Faults(no_pace=True), access=access).proof
    assert (old.access, old.passive_auth) == ("BAC", Verdict.VALID)


def test_a_passport_without_dg13_gives_the_person_of_dg11_and_dg12() -> None:
    holder = read("passport").holder
    assert (holder.full_name, holder.id_number) == (HUONG.full_name, HUONG.id_number)
    assert (holder.birth_date, holder.issue_date) == ("1994-02-14", "2021-05-10")
    assert holder.residence == HUONG.residence
    assert (holder.sources["full_name"], holder.sources["issue_date"]) == ("dg11", "dg12")


def test_a_channel_that_gets_shorter_answers_midway_needs_no_more_commands() -> None:
    proof = read("vietnam", Faults(no_pace=True), access=MrzKey(lines=HUONG.mrz)).proof
    assert (proof.cipher, proof.chip_auth, proof.reopenings) == ("3DES", Verdict.VALID, 0)
    assert proof.apdus <= 90


# --- extended length and the way down -----------------------------------------------------------------


def test_extended_length_needs_few_commands() -> None:
    proof = read("extended").proof
    assert proof.extended
    assert proof.apdus <= 20
    assert read("active-rsa").proof.apdus <= 20


@pytest.mark.parametrize("longest", [2000, 223, 200, 120])
def test_a_card_that_drops_the_session_over_long_reads_is_opened_again(longest: int) -> None:
    line = Line(VirtualCard(HUONG, Faults(drops_long_reads=longest), make=MAKES["extended"]))
    reading = read(line=line)
    assert reading.proof.reopenings == line.resets > 0
    assert not reading.proof.extended
    assert (reading.proof.passive_auth, reading.proof.chip_auth) == (Verdict.VALID, Verdict.VALID)
    assert reading.holder.portrait is not None


def test_a_session_dropped_before_the_application_is_opened_again_too() -> None:
    reading = read("pace-cam", Faults(drops_long_reads=200))
    assert reading.proof.reopenings > 0
    assert (reading.proof.chip_auth, reading.proof.chip_auth_by) == (Verdict.VALID, "CA-ECDH-AES-128")
    assert reading.holder.portrait is not None


def test_a_card_that_drops_every_session_is_given_up_within_bounds() -> None:
    line = Line(VirtualCard(HUONG, Faults(drops_long_reads=1)))
    with pytest.raises(CardProtocolError):
        read(line=line)
    assert line.resets <= 5


def test_a_session_lost_halfway_through_the_portrait_goes_on_where_it_stood() -> None:
    reads = 0

    def drop_once(command: bytes, answer: bytes) -> bytes:
        nonlocal reads
        reads += command[1] == 0xB0
        return b"\x67\x00" if reads == 40 and command[1] == 0xB0 else answer

    line = Line(VirtualCard(HUONG), drop_once)
    reading = read(line=line)
    assert (reading.proof.passive_auth, reading.proof.reopenings) == (Verdict.VALID, 1)
    assert reading.holder == read().holder


def test_a_lost_session_for_another_reason_is_an_error_at_once() -> None:
    line = Line(
        VirtualCard(HUONG), lambda command, answer: b"\x69\x88" if command[:2] == b"\x0c\xb0" else answer
    )
    with pytest.raises(CardProtocolError, match="6988"):
        read(line=line)
    assert line.resets == 0


@pytest.mark.parametrize(
    "faults",
    [Faults(exact_le=True), Faults(answers_in_pieces=40), Faults(answers_in_pieces=200, exact_le=True)],
    ids=["6Cxx", "61xx", "both"],
)
@pytest.mark.parametrize("make", ["vietnam", "pace-3des"])
def test_61xx_and_6cxx_are_understood(make: str, faults: Faults) -> None:
    assert read(make, faults).holder == read(make).holder


def test_a_second_opening_without_pace_is_refused() -> None:
    class Swapped(Line):
        def reset(self) -> None:
            super().reset()
            self.card = VirtualCard(HUONG, Faults(no_pace=True))

    line = Swapped(VirtualCard(HUONG, Faults(drops_long_reads=100)))
    with pytest.raises(CardProtocolError, match="no longer offers"):
        read(line=line, access=MrzKey(lines=HUONG.mrz))


# --- proofs that fail -----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ["vietnam", "dh-aes", "dh-3des", "pace-3des", "pace-cam", "extended"])
def test_a_clone_fails_its_proof_and_its_data_are_told(make: str) -> None:
    reading = read(make, Faults(cloned_chip=True))
    assert reading.proof.chip_auth is Verdict.INVALID
    assert reading.proof.passive_auth is Verdict.VALID
    assert reading.holder.full_name == HUONG.full_name


@pytest.mark.parametrize("make", ["active-rsa", "active-rsa-sha1", "active-ecdsa"])
@pytest.mark.parametrize("faults", [Faults(cloned_chip=True), Faults(wrong_challenge=True)])
def test_a_chip_that_cannot_sign_the_challenge_is_caught(make: str, faults: Faults) -> None:
    reading = read(make, faults)
    assert reading.proof.active_auth is Verdict.INVALID
    assert reading.holder.portrait is not None


def with_file(make: str, fid: int, data: bytes | None) -> Line:
    card = VirtualCard(HUONG, make=MAKES[make])
    if data is None:
        del card._files[fid]
    else:
        card._files[fid] = data
    return Line(card)


def test_active_authentication_counts_only_under_the_signature() -> None:
    other = VirtualCard(BAO, make=MAKES["active-ecdsa"])._files[0x010F]
    proof = read(line=with_file("active-ecdsa", 0x010F, other)).proof
    assert proof.active_auth is Verdict.ABSENT
    assert proof.passive_auth_reason == "dg15_hash_differs"
    assert read(line=with_file("active-ecdsa", 0x010F, None)).proof.active_auth is Verdict.ABSENT


def test_a_chip_that_breaks_off_instead_of_signing_is_invalid_and_still_read() -> None:
    line = Line(
        VirtualCard(HUONG, make=MAKES["active-ecdsa"]),
        lambda command, answer: b"\x6f\x00" if command[1] == 0x88 else answer,
    )
    reading = read(line=line)
    assert (reading.proof.active_auth, reading.proof.reopenings) == (Verdict.INVALID, 1)
    assert reading.holder.portrait is not None


def test_pace_cam_counts_only_for_a_key_the_state_signed() -> None:
    stranger = Faults(unknown_csca=True)
    proof = read("pace-cam", stranger).proof
    # The key stands in DG14 under the same unknown signature as everything else: as with CA, it counts.
    assert (proof.passive_auth, proof.chip_auth) == (Verdict.UNTRUSTED, Verdict.VALID)
    only_file = VirtualCard(HUONG, make=Make(pace=MAKES["pace-cam"].pace, chip=b""))
    assert read(line=Line(only_file)).proof.chip_auth is Verdict.VALID
    foreign = VirtualCard(HUONG, stranger, make=Make(pace=MAKES["pace-cam"].pace, chip=b""))
    proof = read(line=Line(foreign)).proof
    assert proof.chip_auth is Verdict.ABSENT
    assert "card_security_untrusted" in proof.warnings


@pytest.mark.parametrize("raw", [b"\x30\x02\x05\x00", None], ids=["broken", "missing"])
def test_a_broken_or_missing_card_security_leaves_the_proof_to_chip_authentication(raw: bytes | None) -> None:
    class Broken(VirtualCard):
        def _open_file(self, fid: int) -> bytes:
            opened = super()._open_file(fid)
            if fid == 0x011D and not self._application:
                self._current = raw
                return b"\x90\x00" if raw else b"\x6a\x82"
            return opened

    proof = read(line=Line(Broken(HUONG, make=MAKES["pace-cam"]))).proof
    assert (proof.chip_auth, proof.chip_auth_by) == (Verdict.VALID, "CA-ECDH-AES-128")


def test_a_file_of_100_mb_is_refused_at_its_header() -> None:
    line = Line(VirtualCard(HUONG, Faults(huge_length=True)))
    with pytest.raises(CardProtocolError, match="too long"):
        read(line=line)
    assert line.card.apdus < 30


def test_ten_thousand_nested_objects_are_only_a_bad_portrait() -> None:
    reading = read(faults=Faults(deep_tlv=True))
    assert reading.holder.portrait is None
    assert reading.proof.passive_auth_reason == "dg2_hash_differs"


def test_an_offer_that_the_signed_file_does_not_repeat_is_a_warning() -> None:
    class Offering(Line):
        def transmit(self, apdu: bytes) -> bytes:
            answer = super().transmit(apdu)
            if apdu == bytes.fromhex("00B0000000"):
                more = bytes.fromhex("3012060A04007F000702020402040201020201") + b"\x0d"
                body = answer[2:-2] + more
                return bytes([0x31, len(body)]) + body + answer[-2:]
            return answer

    proof = read(line=Offering(VirtualCard(HUONG))).proof
    assert "card_access_dg14_differ" in proof.warnings


# --- what is told, and when -----------------------------------------------------------------------------


def test_the_person_and_the_proof_are_known_before_the_portrait_is_fetched() -> None:
    told: list[CardReading] = []
    line = Line(VirtualCard(HUONG))
    reading = read(line=line, known=told.append)
    (early,) = told
    assert early.holder.full_name == HUONG.full_name
    assert early.holder.portrait is None
    assert (early.proof.passive_auth, early.proof.chip_auth) == (Verdict.VALID, Verdict.VALID)
    assert 2 not in early.proof.data_groups
    assert early.proof.apdus < reading.proof.apdus / 3


def test_exact_files_are_handed_on_only_where_asked_for() -> None:
    card = VirtualCard(HUONG, make=MAKES["active-ecdsa"])
    assert read(line=Line(card)).files == {}
    card.reset()
    files = read(line=Line(card), keep_files=True).files
    assert set(files) == {"card_access", "com", "sod", "dg1", "dg2", "dg13", "dg14", "dg15"}
    assert files["dg13"] == card._files[0x010D]
    assert files["sod"] == card._files[0x011D]
