"""Passive authentication: the data groups are the ones the state signed.

Source: ICAO Doc 9303-11 (8th ed.), 5.1; Doc 9303-10, 4.6.2 (EF.SOD); RFC 5652.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from asn1crypto import algos, cms

from drivers.card import certificates, tlv
from drivers.card.certificates import BadSignatureError, Certificate, UnsupportedKeyError
from drivers.card.datagroups import EF_SOD
from drivers.errors import CardProtocolError
from drivers.ports import Verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

OID_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
TAG_SET, TAG_SEQUENCE = 0x31, 0x30
MALFORMED = (CardProtocolError, ValueError, TypeError, KeyError, IndexError)
"""What asn1crypto raises, partly late, on bytes that are not what they claim."""
MAX_TRIED_ISSUERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityObject:
    """An EF.SOD, parsed but not yet believed."""

    digest: str
    hashes: Mapping[int, bytes] = field(repr=False)
    content: bytes = field(repr=False)
    signer: Any = field(repr=False)
    certificates: tuple[Certificate, ...] = field(repr=False)

    def covers(self, number: int, data: bytes) -> bool:
        """Tell whether the hash of a data group stands in this object."""
        expected = self.hashes.get(number)
        found = hashlib.new(self.digest, data).digest()
        return expected is not None and hmac.compare_digest(found, expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What passive authentication may believe: the authorities, and the moment that counts."""

    anchors: tuple[Certificate, ...]
    moment: dt.datetime


def parse_sod(data: bytes) -> SecurityObject:
    """Read EF.SOD.

    Raises:
        CardProtocolError: The file is no signed security object.

    Source: ICAO Doc 9303-10, 4.6.2.2.
    """
    body = tlv.parse_one(data, EF_SOD.tag).value
    try:
        info = cms.ContentInfo.load(body, strict=True)
        signed = info["content"]
        encapsulated = signed["encap_content_info"]
        if info["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
            raise CardProtocolError("EF.SOD is not signed by exactly one signer.")
        if encapsulated["content_type"].dotted != OID_LDS_SECURITY_OBJECT:
            raise CardProtocolError("EF.SOD signs something else than data groups.")
        content: bytes = bytes(encapsulated["content"])
        found = tuple(Certificate.load(choice.chosen.dump()) for choice in signed["certificates"])
        digest, hashes = _parse_hashes(content)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise CardProtocolError("EF.SOD is malformed.") from error
    return SecurityObject(
        digest=digest, hashes=hashes, content=content, signer=signed["signer_infos"][0], certificates=found
    )


def _parse_hashes(content: bytes) -> tuple[str, dict[int, bytes]]:
    _version, algorithm, groups = tlv.parse(tlv.parse_one(content, TAG_SEQUENCE).value)[:3]
    name = algos.DigestAlgorithm.load(tlv.encode(algorithm.tag, algorithm.value))["algorithm"].native
    if name not in certificates.HASHES:
        raise CardProtocolError("EF.SOD uses an unknown digest.")
    hashes: dict[int, bytes] = {}
    for entry in tlv.parse(groups.value):
        number, value = tlv.parse(entry.value)
        hashes[int.from_bytes(number.value, "big")] = value.value
    return name, hashes


def judge(sod: SecurityObject, groups: Mapping[int, bytes], trust: Trust) -> tuple[Verdict, str]:
    """Say what the security object proves about the data groups read, and why not more.

    Args:
        sod: The parsed EF.SOD.
        groups: Number and exact bytes of every data group read.
        trust: Authorities and moment.

    Returns:
        VALID; UNTRUSTED with a reason (the data hang together, but nobody known vouches for them);
        or INVALID with a reason (something was changed).
    """
    difference = _first_difference(sod, groups)
    if difference:
        return Verdict.INVALID, difference
    try:
        signer = _signer_certificate(sod)
        if signer is None:
            return Verdict.UNTRUSTED, "document_signer_missing"
        _verify_signature(sod, signer)
        return _judge_signer(signer, trust)
    except BadSignatureError as error:
        return Verdict.INVALID, str(error)
    except UnsupportedKeyError as error:
        return Verdict.UNTRUSTED, f"document_signer_{error}"
    except MALFORMED:
        return Verdict.INVALID, "sod_malformed"


def _first_difference(sod: SecurityObject, groups: Mapping[int, bytes]) -> str:
    for number, data in sorted(groups.items()):
        if number not in sod.hashes:
            return f"dg{number}_not_signed"
        if not sod.covers(number, data):
            return f"dg{number}_hash_differs"
    return ""


def _signer_certificate(sod: SecurityObject) -> Certificate | None:
    sid = sod.signer["sid"]
    if sid.name == "subject_key_identifier":
        wanted = sid.chosen.native
        return next((found for found in sod.certificates if found.key_identifier == wanted), None)
    issuer, serial = sid.chosen["issuer"].dump(), sid.chosen["serial_number"].native
    return next(
        (found for found in sod.certificates if (found.issuer, found.serial_number) == (issuer, serial)), None
    )


def _verify_signature(sod: SecurityObject, certificate: Certificate) -> None:
    signer = sod.signer
    digest: str = signer["digest_algorithm"]["algorithm"].native
    if digest not in certificates.HASHES:
        raise UnsupportedKeyError("digest_algorithm")
    attributes = {item["type"].native: item["values"] for item in signer["signed_attrs"]}
    if not {"content_type", "message_digest"} <= attributes.keys():
        raise BadSignatureError("signed_attributes_missing")
    if attributes["content_type"][0].dotted != OID_LDS_SECURITY_OBJECT:
        raise BadSignatureError("signed_content_type_differs")
    found = hashlib.new(digest, sod.content).digest()
    if not hmac.compare_digest(found, attributes["message_digest"][0].native):
        raise BadSignatureError("signed_digest_differs")
    # The signature is over the attributes as a SET OF, not over their [0] form (RFC 5652, 5.4).
    raw: bytes = signer["signed_attrs"].dump()
    try:
        certificates.verify(
            certificate.public_key(),
            signer["signature"].native,
            bytes([TAG_SET]) + raw[1:],
            algorithm=signer["signature_algorithm"],
            digest=digest,
        )
    except BadSignatureError as error:
        raise BadSignatureError("signature_wrong") from error


def _judge_signer(signer: Certificate, trust: Trust) -> tuple[Verdict, str]:
    if not trust.anchors:
        return Verdict.UNTRUSTED, "no_authorities_configured"
    issuer = _find_issuer(signer, trust.anchors)
    if issuer is None:
        return Verdict.UNTRUSTED, "authority_unknown"
    if not signer.valid_at(trust.moment):
        return Verdict.UNTRUSTED, "document_signer_expired"
    if not issuer.valid_at(trust.moment):
        return Verdict.UNTRUSTED, "authority_expired"
    return Verdict.VALID, ""


def _find_issuer(signer: Certificate, anchors: Sequence[Certificate]) -> Certificate | None:
    """Return the authority that signed; identifiers only order the tries, the signature decides."""
    wanted = signer.authority_key_identifier
    ranked = sorted(
        anchors,
        key=lambda anchor: (
            wanted is None or anchor.key_identifier != wanted,
            anchor.subject != signer.issuer,
        ),
    )
    for anchor in ranked[:MAX_TRIED_ISSUERS]:
        try:
            if certificates.issued_by(signer, anchor):
                return anchor
        except (UnsupportedKeyError, CardProtocolError):
            continue  # an authority of a kind we cannot check vouches for nothing; the next one may
    return None
