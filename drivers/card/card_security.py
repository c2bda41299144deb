"""EF.CardSecurity: the chip's signed public keys, against which PACE-CAM is checked.

Source: ICAO Doc 9303-11 (8th ed.), 4.4.3.3.3 and 9.2.11; BSI TR-03110-3, A.1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.card import chip_auth, security_infos, signed_content, tlv
from drivers.card.key_agreement import CurveKey

if TYPE_CHECKING:
    from drivers.card.pace import ChipEvidence
    from drivers.card.security_infos import SecurityInfo
    from drivers.card.signed_content import SignedContent

OID_SECURITY_OBJECT = "0.4.0.127.0.7.3.2.1"
TAG_SET = 0x31


def parse(data: bytes) -> tuple[SignedContent, tuple[SecurityInfo, ...]]:
    """Read EF.CardSecurity: its signature to check, and its security infos.

    Raises:
        CardProtocolError: The file is malformed.
    """
    signed = signed_content.parse(data, OID_SECURITY_OBJECT)
    return signed, security_infos.parse(tlv.parse_one(signed.content, TAG_SET).value)


def curve_keys(infos: tuple[SecurityInfo, ...]) -> tuple[CurveKey, ...]:
    """Return the chip's keys on curves.

    Raises:
        CardProtocolError: A key is malformed.
    """
    found = (chip_auth.public_key(info) for info in infos)
    return tuple(key for key in found if isinstance(key, CurveKey))


def proves(evidence: ChipEvidence, keys: tuple[CurveKey, ...]) -> bool:
    """Tell whether the chip that opened with PACE-CAM holds the private key of one of these."""
    domain = evidence.domain
    return any(
        key.domain is domain
        and 0 < evidence.scalar < domain.n
        and domain.multiply(evidence.scalar, key.point) == evidence.point
        for key in keys
    )
