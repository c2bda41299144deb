"""Passive authentication: the data groups are the ones the state signed.

Source: ICAO Doc 9303-11 (8th ed.), 5.1; Doc 9303-10, 4.6.2 (EF.SOD); RFC 5652.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asn1crypto import algos

from drivers.card import certificates, signed_content, tlv
from drivers.card.certificates import BadSignatureError, UnsupportedKeyError
from drivers.card.datagroups import EF_SOD
from drivers.card.signed_content import MALFORMED, SignedContent
from drivers.card.trust import Trust, doubt_about
from drivers.errors import CardProtocolError
from drivers.ports import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

OID_LDS_SECURITY_OBJECT = "2.23.136.1.1.1"
TAG_SEQUENCE = 0x30


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityObject:
    """An EF.SOD, parsed but not yet believed."""

    digest: str
    hashes: Mapping[int, bytes] = field(repr=False)
    signed: SignedContent = field(repr=False)

    def covers(self, number: int, data: bytes) -> bool:
        """Tell whether the hash of a data group stands in this object."""
        expected = self.hashes.get(number)
        found = hashlib.new(self.digest, data).digest()
        return expected is not None and hmac.compare_digest(found, expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a signature proves: the verdict, why not more, and what it was made with."""

    verdict: Verdict
    reason: str = ""
    scheme: str = ""


def parse_sod(data: bytes) -> SecurityObject:
    """Read EF.SOD.

    Raises:
        CardProtocolError: The file is no signed security object.

    Source: ICAO Doc 9303-10, 4.6.2.2.
    """
    signed = signed_content.parse(tlv.parse_one(data, EF_SOD.tag).value, OID_LDS_SECURITY_OBJECT)
    try:
        digest, hashes = _parse_hashes(signed.content)
    except (ValueError, TypeError, KeyError) as error:
        raise CardProtocolError("EF.SOD is malformed.") from error
    return SecurityObject(digest=digest, hashes=hashes, signed=signed)


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


def judge(sod: SecurityObject, groups: Mapping[int, bytes], trust: Trust) -> Judgement:
    """Say what the security object proves about the data groups read, and why not more.

    Args:
        sod: The parsed EF.SOD.
        groups: Number and exact bytes of every data group read.
        trust: Authorities and moment.

    Returns:
        VALID; UNTRUSTED with a reason (the data hang together, but nobody known vouches for them);
        or INVALID with a reason (something was changed).
    """
    difference = first_difference(sod, groups)
    if difference:
        return Judgement(verdict=Verdict.INVALID, reason=difference)
    return judge_signature(sod.signed, trust)


def first_difference(sod: SecurityObject, groups: Mapping[int, bytes]) -> str:
    """Name the first data group that is not the signed one, empty where all are."""
    for number, data in sorted(groups.items()):
        if number not in sod.hashes:
            return f"dg{number}_not_signed"
        if not sod.covers(number, data):
            return f"dg{number}_hash_differs"
    return ""


def judge_signature(signed: SignedContent, trust: Trust) -> Judgement:
    """Say what the signature of a file of the card is worth."""
    try:
        signer = signed_content.signer_certificate(signed)
        if signer is None:
            return Judgement(verdict=Verdict.UNTRUSTED, reason="document_signer_missing")
        scheme = signed_content.verify(signed, signer)
        doubt = doubt_about(signer, trust)
    except BadSignatureError as error:
        return Judgement(verdict=Verdict.INVALID, reason=str(error))
    except UnsupportedKeyError as error:
        return Judgement(verdict=Verdict.UNTRUSTED, reason=f"document_signer_{error}")
    except MALFORMED:
        return Judgement(verdict=Verdict.INVALID, reason="sod_malformed")
    verdict = Verdict.UNTRUSTED if doubt else Verdict.VALID
    return Judgement(verdict=verdict, reason=doubt, scheme=scheme)
