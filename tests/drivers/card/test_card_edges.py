"""The last branches of the pure parts, and that nothing secret outlives a read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from typing import Any

import pytest
from asn1crypto import cms
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from drivers.card import chip_auth, holder, pace, passive_auth, signed_content, tlv
from drivers.card.apdu import Command, PlainChannel
from drivers.card.certificates import BadSignatureError, Certificate, UnsupportedKeyError
from drivers.card.ciphers import AES_128, AES_256, TRIPLE_DES, AesSuite
from drivers.card.curves import BRAINPOOL_P256R1
from drivers.card.reader import Surroundings, read_card
from drivers.card.session import Session
from drivers.card.trust import Trust, doubt_about
from drivers.errors import CardProtocolError
from drivers.ports import CanKey, CardReading, IdCard, Verdict
from drivers.simulated.card import authority, lds, signing
from drivers.simulated.card.authority import integer, sequence
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES, VIETNAM
from drivers.simulated.card.personas import HUONG

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
TRUST = Trust(anchors=tuple(Certificate.load(der) for der in authority.test_authorities()), moment=NOW)
H = bytes.fromhex
OID = passive_auth.OID_LDS_SECURITY_OBJECT
SIGNER = authority.document_signer(explicit=False)


class Line:
    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.extended = card.make.extended

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        answer = self.card.answer(apdu)
        assert isinstance(answer, bytes)
        return answer


def read(card: VirtualCard) -> CardReading:
    return read_card(
        Line(card),
        CanKey(can=HUONG.can),
        timeout_s=20,
        progress=lambda _share: None,
        surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes),
    )


# --- commands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "travels"),
    [
        (Command(ins=0xB0, le=65536, extended=True), "00B00000000000"),
        (Command(ins=0xB0, le=300, extended=True), "00B0000000012C"),
        (Command(ins=0x86, data=b"\x01\x02", extended=True), "008600000000020102"),
        (Command(ins=0x86, data=b"\x01\x02", le=65536, extended=True), "0086000000000201020000"),
        (Command(ins=0x86, extended=True), "00860000"),
    ],
)
def test_extended_length_as_the_standard_writes_it(command: Command, travels: str) -> None:
    assert command.to_bytes() == H(travels)


@pytest.mark.parametrize(
    "command",
    [
        Command(ins=0xB0, le=257),
        Command(ins=0xB0, data=bytes(256)),
        Command(ins=0xB0, le=65537, extended=True),
        Command(ins=0xB0, data=bytes(65536), extended=True),
    ],
)
def test_what_does_not_fit_is_not_sent(command: Command) -> None:
    with pytest.raises(CardProtocolError, match="does not fit"):
        command.to_bytes()


@pytest.mark.parametrize("suite", [AES_128, AES_256], ids=lambda suite: suite.name)
@pytest.mark.parametrize("blocks", [1, 2, 14, 513])
def test_decrypting_is_cbc_as_openssl_does_it(suite: AesSuite, blocks: int) -> None:
    key, ssc, plain = bytes(range(suite.key_length)), bytes(range(16)), bytes(range(16)) * blocks
    cipher = suite.cipher(key)
    for counter in (None, ssc):
        assert cipher.decrypt(cipher.encrypt(plain, ssc=counter), ssc=counter) == plain
    # Encrypting is OpenSSL's own CBC; a context used before leaves nothing in the next answer.
    zero_iv = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    assert cipher.decrypt(zero_iv.update(plain)) == plain


def test_the_retail_mac_of_a_single_block() -> None:
    key = H("7962D9ECE03D1ACD4C76089DCE131543")
    assert TRIPLE_DES.authenticator(key)(bytes(8)) == TRIPLE_DES.cipher(key).encrypt(bytes(8))


# --- PACE-CAM -----------------------------------------------------------------------------------------


def cam_info() -> pace.PaceInfo:
    return pace.PaceInfo(
        oid=pace.OID_CHIP_MAPPING + b"\x02", suite=AES_128, domain_id=13, domain=BRAINPOOL_P256R1
    )


@pytest.mark.parametrize("cut", [17, 18])
def test_pace_cam_without_its_chip_data_is_refused(cut: int) -> None:
    class Silent(VirtualCard):
        def answer(self, apdu: bytes) -> Any:
            answer = super().answer(apdu)
            if isinstance(answer, bytes) and apdu[0:2] == b"\x00\x86":
                token = tlv.find(answer[:-2], 0x7C, 0x86) or b""
                chip = b"" if cut == 17 else tlv.encode(0x8A, bytes(cut))
                return tlv.encode(0x7C, tlv.encode(0x86, token) + chip) + answer[-2:]
            return answer

    with pytest.raises(CardProtocolError, match="chip data"):
        pace.run(
            PlainChannel(Line(Silent(HUONG, make=MAKES["pace-cam"]))),
            cam_info(),
            CanKey(can=HUONG.can),
            random_bytes=secrets.token_bytes,
        )


def test_pace_cam_is_preferred_and_3des_comes_last() -> None:
    def offer(oid: bytes) -> bytes:
        return sequence(tlv.encode(0x06, oid), integer(2), integer(13))

    oids = [
        pace.OID_GENERIC_MAPPING + b"\x01",
        pace.OID_GENERIC_MAPPING + b"\x04",
        pace.OID_CHIP_MAPPING + b"\x02",
    ]
    found = []
    for count in (3, 2, 1):
        info = pace.parse_card_access(tlv.encode(0x31, b"".join(offer(oid) for oid in oids[:count]))).info
        assert info is not None
        found.append((info.suite.name, info.maps_chip))
    assert found == [("AES-128", True), ("AES-256", False), ("3DES", False)]


# --- signed files -------------------------------------------------------------------------------------


def signed() -> signed_content.SignedContent:
    return signed_content.parse(signing.signed_data(OID, b"content", SIGNER), OID)


def test_another_content_type_and_something_unsigned_are_refused() -> None:
    with pytest.raises(CardProtocolError, match="something else"):
        signed_content.parse(signing.signed_data("1.2.3", b"content", SIGNER), OID)
    data = cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()
    with pytest.raises(CardProtocolError):
        signed_content.parse(data, OID)
    twice = cms.ContentInfo.load(signing.signed_data(OID, b"content", SIGNER))
    infos = twice["content"]["signer_infos"]
    infos.append(infos[0].copy())
    with pytest.raises(CardProtocolError, match="exactly one"):
        signed_content.parse(twice.dump(force=True), OID)


def changed(field: str, value: object) -> signed_content.SignedContent:
    original = signed()
    signer = original.signer.copy()
    signer[field] = value
    return dataclasses.replace(original, signer=signer)


def test_a_signer_named_by_its_key_identifier_is_found() -> None:
    own = Certificate.load(SIGNER.certificate)
    by_key = changed("sid", cms.SignerIdentifier({"subject_key_identifier": own.key_identifier}))
    assert signed_content.signer_certificate(by_key) is not None
    stranger = changed("sid", cms.SignerIdentifier({"subject_key_identifier": b"nobody"}))
    assert signed_content.signer_certificate(stranger) is None


def test_an_unknown_digest_and_other_attributes_are_not_believed() -> None:
    certificate = Certificate.load(SIGNER.certificate)
    with pytest.raises(UnsupportedKeyError):
        signed_content.verify(changed("digest_algorithm", {"algorithm": "md5"}), certificate)
    with pytest.raises(BadSignatureError, match="missing"):
        signed_content.verify(changed("signed_attrs", []), certificate)
    with pytest.raises(BadSignatureError, match="type"):
        signed_content.verify(dataclasses.replace(signed(), content_type="1.2.3"), certificate)
    assert signed_content.verify(signed(), certificate) == "ECDSA-SHA256"


def test_an_ef_sod_with_an_unknown_digest_is_refused() -> None:
    md5 = H("300C06082A864886F70D020505" + "00")
    content = sequence(integer(0), md5, sequence())
    for broken in (content, sequence(integer(0))):
        raw = tlv.encode(0x77, signing.signed_data(OID, broken, SIGNER))
        with pytest.raises(CardProtocolError):
            passive_auth.parse_sod(raw)


def test_a_signature_whose_parts_are_garbage_is_invalid_and_no_crash() -> None:
    garbage = dataclasses.replace(signed(), signer={})
    assert passive_auth.judge_signature(garbage, TRUST).verdict is Verdict.INVALID


def test_an_authority_that_ran_out_before_its_signer() -> None:
    request = authority._Request(subject="short", issuer="short", years=(2010, 2020))
    root = Certificate.load(
        authority._issue(request, authority.private_key("short"), authority.private_key("short"))
    )
    request = authority._Request(subject="signer", issuer="short", years=(2015, 2040))
    signer = Certificate.load(
        authority._issue(request, authority.private_key("signer"), authority.private_key("short"))
    )
    assert doubt_about(signer, Trust(anchors=(root,), moment=NOW)) == "authority_expired"


# --- the chip's keys ----------------------------------------------------------------------------------


def test_an_rsa_key_is_no_key_for_chip_authentication() -> None:
    spki = authority.public_key_info(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    entry = sequence(tlv.encode(0x06, chip_auth.OID_PUBLIC_KEY_ECDH), spki)
    assert chip_auth.parse_dg14(tlv.encode(0x6E, tlv.encode(0x31, entry))) is None


@pytest.mark.parametrize("broken", [b"\x6e\x00", b"\x6e\x04\x31\x02\x04\x00"])
def test_a_signed_dg14_of_another_form_proves_nothing(broken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lds, "_dg14", lambda _persona, _make: broken)
    for make in (VIETNAM, MAKES["pace-cam"], MAKES["active-ecdsa"]):
        proof = read(VirtualCard(HUONG, make=make)).proof
        assert proof.passive_auth is Verdict.VALID
        assert proof.chip_auth is (Verdict.VALID if make.maps_chip else Verdict.INVALID)


def test_a_malformed_key_in_dg14_does_not_vouch_for_pace_cam(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = sequence(tlv.encode(0x06, chip_auth.OID_PUBLIC_KEY_ECDH), sequence(integer(1)))
    monkeypatch.setattr(lds, "_dg14", lambda _persona, _make: tlv.encode(0x6E, tlv.encode(0x31, entry)))
    card = VirtualCard(HUONG, Faults(unknown_csca=True), make=MAKES["pace-cam"])
    assert read(card).proof.chip_auth is Verdict.ABSENT


def test_dg14_and_dg15_hidden_by_the_unsigned_list_are_found_all_the_same() -> None:
    card = VirtualCard(HUONG, make=MAKES["active-ecdsa"])
    card._files[0x011E] = lds._com([1, 2])
    proof = read(card).proof
    assert "com_sod_differ" in proof.warnings
    assert (proof.chip_auth, proof.active_auth) == (Verdict.VALID, Verdict.VALID)
    assert proof.data_groups == (1, 2, 13, 14, 15)


def test_a_signing_key_of_an_unknown_kind_is_no_proof_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lds, "_dg15", lambda _persona, _make: b"\x6f\x02\x30\x00")
    assert read(VirtualCard(HUONG, make=MAKES["active-ecdsa"])).proof.active_auth is Verdict.ABSENT


def test_a_card_access_that_is_there_but_cannot_be_read_is_an_error() -> None:
    class Unreadable(Line):
        def transmit(self, apdu: bytes) -> bytes:
            return b"\x69\x82" if apdu[:2] == b"\x00\xb0" else super().transmit(apdu)

    with pytest.raises(CardProtocolError, match="cannot be read"):
        read_card(
            Unreadable(VirtualCard(HUONG)),
            CanKey(can=HUONG.can),
            timeout_s=5,
            progress=lambda _share: None,
            surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes),
        )


def test_a_session_is_not_opened_again_without_end() -> None:
    session = Session(
        Line(VirtualCard(HUONG)),
        CanKey(can=HUONG.can),
        random_bytes=secrets.token_bytes,
        expired=lambda: False,
    )
    for _ in range(5):
        session.reopen()
    with pytest.raises(CardProtocolError, match="keeps dropping"):
        session.reopen()


# --- the person ---------------------------------------------------------------------------------------


def test_what_the_printed_code_says_otherwise_is_a_warning() -> None:
    chip = read(VirtualCard(HUONG)).holder
    same = dataclasses.replace(chip, residence="somewhere else", full_name="Nguyen Thi Huong")
    assert holder.qr_doubts(chip, same) == []
    other = dataclasses.replace(
        chip,
        full_name="LÊ THỊ HƯƠNG",
        sex="male",
        birth_date="1994-02-15",
        old_id_number=None,
        issue_date="2021-05-11",
    )
    assert holder.qr_doubts(chip, other) == [
        "qr_birth_differs",
        "qr_sex_differs",
        "qr_issue_differs",
        "qr_name_differs",
    ]


def test_a_person_without_a_birth_date_raises_no_doubt_about_it() -> None:
    person = IdCard(id_number=HUONG.id_number, full_name=HUONG.full_name, sex="male")
    assert holder._number_doubts(person) == ["id_sex_differs"]


def test_the_files_of_a_persona_are_what_the_make_says() -> None:
    assert set(lds.build(HUONG, NO_FAULTS, MAKES["passport"])) == {
        0x101,
        0x102,
        0x10B,
        0x10C,
        0x10E,
        0x11D,
        0x11E,
    }
