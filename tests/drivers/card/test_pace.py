from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest

from drivers.card import pace, tlv
from drivers.card.apdu import Command, PlainChannel
from drivers.card.ciphers import AES_128, KeyUse
from drivers.card.curves import BRAINPOOL_P256R1, DOMAINS, KeyPair, Point
from drivers.card.secure_messaging import SecureChannel
from drivers.errors import AccessDeniedError, CardProtocolError
from drivers.ports import CanKey, MrzKey
from drivers.simulated.card import lds
from drivers.simulated.card.makes import VIETNAM
from drivers.simulated.card.personas import HUONG

if TYPE_CHECKING:
    from collections.abc import Callable

CAN = CanKey(can="000412")
CARD_ACCESS = lds.card_access(VIETNAM)
INFO = pace.PaceInfo(
    oid=pace.OID_GENERIC_MAPPING + b"\x02", suite=AES_128, domain_id=13, domain=BRAINPOOL_P256R1
)


class Chip:
    """A PACE chip of any suite and curve; `tamper` changes an answer by its tag."""

    def __init__(
        self,
        info: pace.PaceInfo,
        secret: bytes = b"000412",
        tamper: dict[int, Callable[[bytes], bytes]] | None = None,
    ) -> None:
        self.info = info
        self.secret = secret
        self.tamper = tamper or {}
        self.security: list[bytes] = []
        self.mse_answers: list[bytes] = []
        self.received: dict[int, bytes] = {}
        self.mac = b""
        self.mapped: Point | None = None
        self.theirs: Point | None = None

    def transmit(self, apdu: bytes) -> bytes:
        if apdu[1] == 0x22:
            self.security.append(apdu)
            return self.mse_answers.pop(0) if self.mse_answers else b"\x90\x00"
        asked = tlv.parse(tlv.parse_one(apdu[5:-1], 0x7C).value)
        tag, value = (asked[0].tag, asked[0].value) if asked else (0, b"")
        self.received[tag] = value
        answer_tag, answer = self._answer(tag, value)
        answer = self.tamper.get(answer_tag, bytes)(answer)
        if tag == 0x85 and value != pace.authentication_token(self.info, self.mac, self._own):
            return b"\x63\x00"
        return tlv.encode(0x7C, tlv.encode(answer_tag, answer)) + b"\x90\x00"

    def _answer(self, tag: int, value: bytes) -> tuple[int, bytes]:
        curve, suite = self.info.domain, self.info.suite
        if tag == 0:
            nonce = secrets.token_bytes(16)
            self.nonce = int.from_bytes(nonce, "big")
            return 0x80, suite.cipher(suite.derive(self.secret, KeyUse.PASSWORD)).encrypt(nonce)
        if tag == 0x81:
            self.mapped = curve.multiply_sum((self.nonce, curve.g), (77, curve.decode(value)))
            return 0x82, curve.encode(curve.multiply_generator(77))
        if tag == 0x83:
            assert self.mapped is not None
            self._own = curve.multiply(99, self.mapped)
            self.theirs = curve.decode(value)
            self.mac = suite.derive(KeyPair(curve, 99).agree(self.theirs), KeyUse.MAC)
            return 0x84, curve.encode(self._own)
        assert self.theirs is not None
        return 0x86, pace.authentication_token(self.info, self.mac, self.theirs)


def run(chip: Chip, access: CanKey | MrzKey = CAN) -> None:
    pace.run(PlainChannel(chip), chip.info, access, random_bytes=secrets.token_bytes)


GENERIC = [oid for oid in pace.SUITES if oid.startswith(pace.OID_GENERIC_MAPPING)]


@pytest.mark.parametrize("oid", GENERIC, ids=lambda oid: pace.SUITES[oid].name)
@pytest.mark.parametrize("domain_id", DOMAINS)
def test_every_cipher_on_every_curve(oid: bytes, domain_id: int) -> None:
    info = pace.PaceInfo(oid=oid, suite=pace.SUITES[oid], domain_id=domain_id, domain=DOMAINS[domain_id])
    run(Chip(info))


def test_a_wrong_can_is_access_denied() -> None:
    with pytest.raises(AccessDeniedError):
        run(Chip(INFO, secret=b"123456"))


@pytest.mark.parametrize("can", ["", "12345", "1234567", "12a456", "１２３４５６"])
def test_a_can_that_is_none_never_reaches_the_card(can: str) -> None:
    chip = Chip(INFO)
    with pytest.raises(AccessDeniedError):
        run(chip, CanKey(can=can))
    assert not chip.security


def flipped(raw: bytes) -> bytes:
    return raw[:-1] + bytes([raw[-1] ^ 1])


@pytest.mark.parametrize(
    ("tag", "tamper", "says"),
    [
        (0x80, lambda raw: raw[:-1], "nonce"),
        (0x82, flipped, "not on its curve"),
        (0x84, flipped, "not on its curve"),
        (0x82, lambda _raw: b"\x00", "malformed"),
        (0x86, flipped, "token"),
        (0x86, lambda raw: raw[:-1], "token"),
    ],
)
def test_a_dishonest_step_is_refused(tag: int, tamper: Callable[[bytes], bytes], says: str) -> None:
    with pytest.raises(CardProtocolError, match=says):
        run(Chip(INFO, tamper={tag: tamper}))


@pytest.mark.parametrize(("asked", "answered"), [(0x81, 0x82), (0x83, 0x84)])
def test_an_echoed_key_is_refused(asked: int, answered: int) -> None:
    chip = Chip(INFO)
    chip.tamper[answered] = lambda _raw: chip.received[asked]
    with pytest.raises(CardProtocolError, match="echoed"):
        run(chip)


class Replying:
    """Answers every command alike."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    def transmit(self, apdu: bytes) -> bytes:
        assert apdu
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def test_a_skipped_step_is_refused() -> None:
    with pytest.raises(CardProtocolError, match="skipped"):
        pace.run(
            PlainChannel(Replying(b"\x90\x00", b"\x7c\x00\x90\x00")),
            INFO,
            CAN,
            random_bytes=secrets.token_bytes,
        )


@pytest.mark.parametrize("sw", [b"\x69\x82", b"\x69\x83", b"\x69\x85"])
def test_a_blocked_password_is_access_denied(sw: bytes) -> None:
    with pytest.raises(AccessDeniedError):
        pace.run(PlainChannel(Replying(b"\x90\x00", sw)), INFO, CAN, random_bytes=secrets.token_bytes)


def test_mse_is_tried_again_with_the_parameter_id() -> None:
    chip = Chip(INFO)
    chip.mse_answers = [b"\x6a\x88"]
    run(chip)
    assert chip.security[1].endswith(bytes.fromhex("84010D"))


def test_a_warning_about_few_tries_does_not_stop_it() -> None:
    chip = Chip(INFO)
    chip.mse_answers = [b"\x63\xc2"]
    run(chip)


def test_a_refused_mechanism_is_an_error() -> None:
    chip = Chip(INFO)
    chip.mse_answers = [b"\x6d\x00"]
    with pytest.raises(CardProtocolError):
        run(chip)


def test_the_session_works_afterwards() -> None:
    chip = Chip(INFO)
    keys = pace.run(PlainChannel(chip), INFO, CAN, random_bytes=secrets.token_bytes).keys
    assert keys.mac == chip.mac
    channel = SecureChannel(PlainChannel(Replying(b"\x69\x88")), keys)
    with pytest.raises(CardProtocolError):
        channel.send(Command(ins=0xB0, le=1))


def test_card_access_of_the_vietnamese_card() -> None:
    access = pace.parse_card_access(CARD_ACCESS)
    assert access.offers_pace
    assert access.info == INFO


def test_kinds_of_pace_we_do_not_speak_are_still_pace() -> None:
    # id-PACE-DH-GM-3DES-CBC-CBC: offered, so BAC must not follow.
    info = tlv.encode(0x06, bytes.fromhex("04007F0007020204") + b"\x01\x01") + tlv.encode(2, b"\x02")
    access = pace.parse_card_access(tlv.encode(0x31, tlv.encode(0x30, info + tlv.encode(2, b"\x00"))))
    assert access.offers_pace
    assert access.info is None


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"\x31\x02\x04\x00", b"\x31\x02\x30\x00"])
def test_malformed_card_access_is_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        pace.parse_card_access(data)


def test_the_mrz_opens_as_well() -> None:
    reference, secret = pace.password_secret(MrzKey(lines=HUONG.mrz))
    assert reference == pace.PASSWORD_MRZ
    run(Chip(INFO, secret=secret), MrzKey(lines=HUONG.mrz))
