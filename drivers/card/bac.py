"""Basic Access Control, for a card without PACE and for nothing else.

Source: ICAO Doc 9303-11 (8th ed.), 4.3; worked example in appendix D.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from drivers.card import mrz
from drivers.card.apdu import INS_EXTERNAL_AUTHENTICATE, INS_GET_CHALLENGE, SW_OK, Command
from drivers.card.ciphers import DES_BLOCK, MAC_LENGTH, TRIPLE_DES, KeyUse, pad
from drivers.card.secure_messaging import SessionKeys
from drivers.errors import AccessDeniedError, CardProtocolError

if TYPE_CHECKING:
    from drivers.card.apdu import Sender
    from drivers.card.pace import RandomBytes

CHALLENGE_LENGTH = 8
KEY_LENGTH = 16
ANSWER_LENGTH = 2 * CHALLENGE_LENGTH + KEY_LENGTH + MAC_LENGTH
SW_REFUSED = (0x6300, 0x6982, 0x6985, 0x6988)


def access_keys(lines: tuple[str, ...]) -> tuple[bytes, bytes]:
    """Return Kenc and Kmac of the document.

    Raises:
        CardProtocolError: The lines are not a machine readable zone.

    Source: ICAO Doc 9303-11, 4.3.2.
    """
    return keys_from_information(mrz.information(lines))


def keys_from_information(information: str) -> tuple[bytes, bytes]:
    """Return Kenc and Kmac from MRZ_information. Source: ICAO Doc 9303-11, 9.7.2 and D.2."""
    # SHA-1 is what the standard fixes here; it derives, it does not sign.
    seed = hashlib.sha1(information.encode("ascii"), usedforsecurity=False).digest()[:KEY_LENGTH]
    return TRIPLE_DES.derive(seed, KeyUse.ENCRYPTION), TRIPLE_DES.derive(seed, KeyUse.MAC)


def run(card: Sender, encryption: bytes, mac: bytes, *, random_bytes: RandomBytes) -> SessionKeys:
    """Authenticate both sides and agree on session keys.

    Args:
        card: The channel in the clear, the eMRTD application selected.
        encryption: Kenc of the document.
        mac: Kmac of the document.
        random_bytes: Where RND.IFD and K.IFD come from, in this order.

    Raises:
        AccessDeniedError: The card refused the MRZ.
        CardProtocolError: The card's answer is forged or malformed.

    Source: ICAO Doc 9303-11, 4.3.3 and D.3.
    """
    challenge = card.send(Command(ins=INS_GET_CHALLENGE, le=CHALLENGE_LENGTH))
    if challenge.sw != SW_OK or len(challenge.data) != CHALLENGE_LENGTH:
        raise CardProtocolError(f"The card gave no challenge (status {challenge.sw:04X}).")
    own, key_share = random_bytes(CHALLENGE_LENGTH), random_bytes(KEY_LENGTH)
    cryptogram = TRIPLE_DES.cipher(encryption).encrypt(own + challenge.data + key_share)
    data = cryptogram + TRIPLE_DES.authenticator(mac)(pad(cryptogram, DES_BLOCK))
    response = card.send(Command(ins=INS_EXTERNAL_AUTHENTICATE, data=data, le=ANSWER_LENGTH))
    if response.sw in SW_REFUSED or response.sw >> 4 == SW_REFUSED[0] >> 4:
        raise AccessDeniedError("The chip refused the MRZ: it belongs to another card or was misread.")
    if response.sw != SW_OK or len(response.data) != ANSWER_LENGTH:
        raise CardProtocolError(f"The card broke BAC off (status {response.sw:04X}).")
    return _session(response.data, encryption, mac, own + key_share, challenge.data)


def _session(answer: bytes, encryption: bytes, mac: bytes, ours: bytes, challenge: bytes) -> SessionKeys:
    own, key_share = ours[:CHALLENGE_LENGTH], ours[CHALLENGE_LENGTH:]
    cryptogram, tag = answer[:-MAC_LENGTH], answer[-MAC_LENGTH:]
    if not hmac.compare_digest(TRIPLE_DES.authenticator(mac)(pad(cryptogram, DES_BLOCK)), tag):
        raise CardProtocolError("The MAC of the card's BAC answer is wrong.")
    plain = TRIPLE_DES.cipher(encryption).decrypt(cryptogram)
    if not hmac.compare_digest(plain[: 2 * CHALLENGE_LENGTH], challenge + own):
        raise CardProtocolError("The card's BAC answer belongs to another exchange.")
    seed = bytes(a ^ b for a, b in zip(key_share, plain[2 * CHALLENGE_LENGTH :], strict=True))
    return SessionKeys(
        suite=TRIPLE_DES,
        encryption=TRIPLE_DES.derive(seed, KeyUse.ENCRYPTION),
        mac=TRIPLE_DES.derive(seed, KeyUse.MAC),
        ssc=challenge[4:] + own[4:],
    )
