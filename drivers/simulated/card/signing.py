"""Signed files as the test country makes them: EF.SOD, EF.CardSecurity, master lists.

Source: RFC 5652, 5; ICAO Doc 9303-12 (8th ed.), 9.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from asn1crypto import core, x509

from drivers.card import tlv
from drivers.card.trust import OID_MASTER_LIST
from drivers.simulated.card.authority import integer, sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.simulated.card.authority import Signer

SET, OCTETS, CONTEXT_0 = 0x31, 0x04, 0xA0
SHA256 = bytes.fromhex("300B0609608648016503040201")
OID_SIGNED_DATA = bytes.fromhex("06092A864886F70D010702")
OID_CONTENT_TYPE = bytes.fromhex("06092A864886F70D010903")
OID_MESSAGE_DIGEST = bytes.fromhex("06092A864886F70D010904")


def signed_data(content_type: str, content: bytes, signer: Signer) -> bytes:
    """Return a CMS SignedData over a content, its signer's certificate enclosed."""
    kind: bytes = core.ObjectIdentifier(content_type).dump()
    digest = tlv.encode(OCTETS, hashlib.sha256(content).digest())
    attributes = sequence(OID_CONTENT_TYPE, tlv.encode(SET, kind)) + sequence(
        OID_MESSAGE_DIGEST, tlv.encode(SET, digest)
    )
    certificate = x509.Certificate.load(signer.certificate)
    signer_info = sequence(
        integer(1),
        sequence(certificate.issuer.dump(), integer(certificate.serial_number)),
        SHA256,
        tlv.encode(CONTEXT_0, attributes),
        signer.algorithm,
        tlv.encode(OCTETS, signer.sign(tlv.encode(SET, attributes))),
    )
    signed = sequence(
        integer(3),
        tlv.encode(SET, SHA256),
        sequence(kind, tlv.encode(CONTEXT_0, tlv.encode(OCTETS, content))),
        tlv.encode(CONTEXT_0, signer.certificate),
        tlv.encode(SET, signer_info),
    )
    return sequence(OID_SIGNED_DATA, tlv.encode(CONTEXT_0, signed))


def master_list(members: Iterable[bytes], signer: Signer) -> bytes:
    """Return a signed CscaMasterList of DER certificates."""
    content = sequence(integer(0), tlv.encode(SET, b"".join(sorted(members))))
    return signed_data(OID_MASTER_LIST, content, signer)
