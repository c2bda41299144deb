"""Content signed by one signer (CMS SignedData): EF.SOD, EF.CardSecurity and master lists.

Source: RFC 5652; ICAO Doc 9303-10 (8th ed.), 4.6.2; Doc 9303-12, 9.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import cms

from drivers.card import certificates
from drivers.card.certificates import BadSignatureError, Certificate, UnsupportedKeyError
from drivers.errors import CardProtocolError

TAG_SET = 0x31
SCHEMES = {"ecdsa": "ECDSA", "rsassa_pkcs1v15": "RSA", "rsassa_pss": "RSA-PSS"}
MALFORMED = (CardProtocolError, ValueError, TypeError, KeyError, IndexError)
"""What asn1crypto raises, partly late, on bytes that are not what they claim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedContent:
    """A signed content, parsed but not yet believed."""

    content_type: str
    content: bytes = field(repr=False)
    signer: Any = field(repr=False)
    certificates: tuple[Certificate, ...] = field(repr=False)


def parse(der: bytes, content_type: str) -> SignedContent:
    """Read a SignedData over a content of the type wanted.

    Raises:
        CardProtocolError: It is none, has not exactly one signer, or signs something else.
    """
    try:
        info = cms.ContentInfo.load(der, strict=True)
        signed = info["content"]
        encapsulated = signed["encap_content_info"]
        if info["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
            raise CardProtocolError("A signed file of the card is not signed by exactly one signer.")
        if encapsulated["content_type"].dotted != content_type:
            raise CardProtocolError("A signed file of the card signs something else than it should.")
        found = tuple(Certificate.load(choice.chosen.dump()) for choice in signed["certificates"])
        content = bytes(encapsulated["content"])
        signer = signed["signer_infos"][0]
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise CardProtocolError("A signed file of the card is malformed.") from error
    return SignedContent(content_type=content_type, content=content, signer=signer, certificates=found)


def signer_certificate(signed: SignedContent) -> Certificate | None:
    """Return the certificate of the signer, None where it is not enclosed."""
    sid = signed.signer["sid"]
    if sid.name == "subject_key_identifier":
        wanted = sid.chosen.native
        return next((found for found in signed.certificates if found.key_identifier == wanted), None)
    wanted = (sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native)
    return next(
        (found for found in signed.certificates if (found.issuer, found.serial_number) == wanted), None
    )


def verify(signed: SignedContent, certificate: Certificate) -> str:
    """Verify the signature and return what it was made with: `ECDSA-SHA256`.

    Raises:
        BadSignatureError: The content, the attributes or the signature were changed; the text says which.
        UnsupportedKeyError: The key or the scheme is of a kind this reader does not trust itself with.
    """
    signer = signed.signer
    digest: str = signer["digest_algorithm"]["algorithm"].native
    if digest not in certificates.HASHES:
        raise UnsupportedKeyError("digest_algorithm")
    attributes = {item["type"].native: item["values"] for item in signer["signed_attrs"]}
    if not {"content_type", "message_digest"} <= attributes.keys():
        raise BadSignatureError("signed_attributes_missing")
    if attributes["content_type"][0].dotted != signed.content_type:
        raise BadSignatureError("signed_content_type_differs")
    found = hashlib.new(digest, signed.content).digest()
    if not hmac.compare_digest(found, attributes["message_digest"][0].native):
        raise BadSignatureError("signed_digest_differs")
    algorithm = signer["signature_algorithm"]
    # The signature is over the attributes as a SET OF, not over their [0] form (RFC 5652, 5.4).
    raw: bytes = signer["signed_attrs"].dump()
    data, signature = bytes([TAG_SET]) + raw[1:], signer["signature"].native
    try:
        certificates.verify(certificate.public_key(), signature, data, algorithm=algorithm, digest=digest)
    except BadSignatureError as error:
        raise BadSignatureError("signature_wrong") from error
    return f"{SCHEMES.get(algorithm.signature_algo, '')}-{digest.upper()}"
