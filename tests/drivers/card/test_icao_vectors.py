"""The worked examples of ICAO Doc 9303-11, appendices D and G.1."""

from __future__ import annotations

import hashlib

from drivers.card import bac, pace, tlv
from drivers.card.apdu import Command, PlainChannel
from drivers.card.ciphers import AES_128, KeyUse
from drivers.card.curves import BRAINPOOL_P256R1
from drivers.card.secure_messaging import SecureChannel, SessionKeys
from drivers.ports import MrzKey

H = bytes.fromhex


class ScriptedCard:
    """Answers the commands it expects, in order, and nothing else."""

    def __init__(self, script: list[tuple[str, str]]) -> None:
        self.script = [(H(command), H(answer)) for command, answer in script]

    def transmit(self, apdu: bytes) -> bytes:
        command, answer = self.script.pop(0)
        assert apdu == command
        return answer


D2_ENC, D2_MAC = H("AB94FDECF2674FDFB9B391F85D7F76F2"), H("7962D9ECE03D1ACD4C76089DCE131543")


def test_d2_access_keys() -> None:
    assert bac.keys_from_information("L898902C<369080619406236") == (D2_ENC, D2_MAC)


def bac_session() -> SessionKeys:
    command = "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"
    answer = "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449"
    card = ScriptedCard(
        [("0084000008", "4608F919887022129000"), ("0082000028" + command + "28", answer + "9000")]
    )
    randoms = iter((H("781723860C06C226"), H("0B795240CB7049B01C19B33E32804F0B")))
    return bac.run(PlainChannel(card), D2_ENC, D2_MAC, random_bytes=lambda _size: next(randoms))


def test_d3_bac_agrees_on_the_session_keys() -> None:
    keys = bac_session()
    assert keys.encryption == H("979EC13B1CBFE9DCD01AB0FED307EAE5")
    assert keys.mac == H("F1CB1F1FB5ADF208806B89DC579DC1F8")
    assert keys.ssc == H("887022120C06C226")


def test_d4_secure_messaging_selects_and_reads() -> None:
    card = ScriptedCard(
        [
            (
                "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
                "990290008E08FA855A5D4C50A8ED9000",
            ),
            (
                "0CB000000D9701048E08ED6705417E96BA5500",
                "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
            ),
        ]
    )
    channel = SecureChannel(PlainChannel(card), bac_session())
    assert channel.send(Command(ins=0xA4, p1=2, p2=0x0C, data=H("011E"))).ok
    assert channel.send(Command(ins=0xB0, le=4)).data == H("60145F01")
    assert channel.max_read == 231


def test_g1_password_and_nonce() -> None:
    secret = hashlib.sha1(b"T22000129364081251010318", usedforsecurity=False).digest()
    assert secret == H("7E2D2A41C74EA0B38CD36F863939BFA8E9032AAD")
    key = AES_128.derive(secret, KeyUse.PASSWORD)
    assert key == H("89DED1B26624EC1E634C1989302849DD")
    assert AES_128.cipher(key).decrypt(H("95A3A016522EE98D01E76CB6B98B42C3")) == H(
        "3F00C4D39D153F2B2A214A078D899B22"
    )


class G1Card:
    """Plays the chip of G.1: its own private keys are fixed, so every answer is."""

    X1 = int("498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560", 16)
    X2 = int("107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A", 16)
    NONCE = int("3F00C4D39D153F2B2A214A078D899B22", 16)

    def __init__(self) -> None:
        self.token = b""

    def transmit(self, apdu: bytes) -> bytes:
        if apdu[1] == 0x22:
            assert apdu == H("0022C1A40F800A04007F00070202040202830101")
            return H("9000")
        asked = tlv.parse(tlv.parse_one(apdu[5:-1], 0x7C).value)
        tag, value = (asked[0].tag, asked[0].value) if asked else (0x7F, b"")
        return tlv.encode(0x7C, self.answer(tag, value)) + H("9000")

    def answer(self, tag: int, value: bytes) -> bytes:
        curve = BRAINPOOL_P256R1
        if tag == 0x81:
            self.mapped = curve.multiply_sum((self.NONCE, curve.g), (self.X1, curve.decode(value)))
            return tlv.encode(0x82, curve.encode(curve.multiply_generator(self.X1)))
        if tag == 0x83:
            return tlv.encode(0x84, curve.encode(curve.multiply(self.X2, self.mapped)))
        if tag == 0x85:
            self.token = value
            return tlv.encode(0x86, H("3ABB9674BCE93C08"))
        return tlv.encode(0x80, H("95A3A016522EE98D01E76CB6B98B42C3"))


def test_g1_whole_protocol_yields_the_tokens_and_keys_of_the_standard() -> None:
    # The third line of the example's document is not part of the password.
    lines = ("I<UTOT220001293" + "<" * 15, "6408125F1010318UTO<<<<<<<<<<<0", "SMITH<<ANNA" + "<" * 19)
    info = pace.PaceInfo(oid=H("04007F00070202040202"), suite=AES_128, domain_id=13, domain=BRAINPOOL_P256R1)
    privates = iter(
        int(number, 16) - 1
        for number in (
            "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99",
            "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595",
        )
    )
    card = G1Card()
    keys = pace.run(
        PlainChannel(card),
        info,
        MrzKey(lines=lines),
        random_bytes=lambda size: next(privates).to_bytes(size, "big"),
    ).keys
    assert card.token == H("C2B0BD78D94BA866")
    assert keys.encryption == H("F5F0E35C0D7161EE6724EE513A0D9A7F")
    assert keys.mac == H("FE251C7858B356B24514B3BD5F4297D1")
    assert keys.ssc == bytes(16)
