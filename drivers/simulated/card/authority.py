"""A test country: authorities and document signers whose keys everybody can compute.

They exist so that passive authentication runs for real on simulated cards. The keys come from fixed
sentences, so cards served by one process are trusted by another; a kiosk trusts them only with
`--simulate` or when somebody names their folder.

Source: ICAO Doc 9303-12 (8th ed.), 7.1 (certificate profiles).
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import pem, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from drivers.card import tlv
from drivers.card.curves import BRAINPOOL_P256R1, Domain

if TYPE_CHECKING:
    from pathlib import Path

OID_EC_PUBLIC_KEY = bytes.fromhex("06072A8648CE3D0201")
OID_PRIME_FIELD = bytes.fromhex("06072A8648CE3D0101")
OID_BRAINPOOL_P256R1 = bytes.fromhex("06092B2403030208010107")
ECDSA_SHA256 = bytes.fromhex("300A06082A8648CE3D040302")
SEQUENCE, INTEGER, OCTETS, BITS = 0x30, 0x02, 0x04, 0x03
CSCA_YEARS = (2020, 2045)
DSC_YEARS = (2021, 2040)
EXPIRED_YEARS = (2010, 2015)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key pair with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: bytes
    """DER."""

    def sign(self, data: bytes) -> bytes:
        """Sign with ECDSA over SHA-256, the same signature each time."""
        return self.key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def private_key(sentence: str) -> ec.EllipticCurvePrivateKey:
    """Return the test key a sentence stands for."""
    number = int.from_bytes(hashlib.sha512(sentence.encode()).digest(), "big")
    return ec.derive_private_key(number % (BRAINPOOL_P256R1.n - 1) + 1, ec.BrainpoolP256R1())


@functools.cache
def authority(*, explicit: bool, unknown: bool = False) -> Signer:
    """Return a self-signed test CSCA; `unknown` gives one that no folder holds."""
    label = f"{'unknown' if unknown else 'test'} CSCA {'explicit' if explicit else 'named'}"
    key = private_key(label)
    return Signer(key=key, certificate=_issue(label, key, label, key, CSCA_YEARS, explicit=explicit))


@functools.cache
def document_signer(
    *, explicit: bool, unknown: bool = False, expired: bool = False, forged: bool = False
) -> Signer:
    """Return a test document signer; the flags give it the fault of that name."""
    issuer = authority(explicit=explicit, unknown=unknown)
    issuer_name = f"{'unknown' if unknown else 'test'} CSCA {'explicit' if explicit else 'named'}"
    key = private_key(f"test document signer {explicit} {unknown} {expired} {forged}")
    years = EXPIRED_YEARS if expired else DSC_YEARS
    certificate = _issue(
        "test document signer",
        key,
        issuer_name,
        issuer.key,
        years,
        explicit=explicit or forged,
        forged=forged,
    )
    return Signer(key=key, certificate=certificate)


def write_csca_folder(folder: Path) -> Path:
    """Write the test authorities as PEM and DER files into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    named, explicit = authority(explicit=False), authority(explicit=True)
    (folder / "test-csca-named.pem").write_bytes(pem.armor("CERTIFICATE", named.certificate))
    (folder / "test-csca-explicit.cer").write_bytes(explicit.certificate)
    return folder


def integer(value: int) -> bytes:
    """Return a non-negative DER INTEGER."""
    return tlv.encode(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def sequence(*parts: bytes) -> bytes:
    """Return a DER SEQUENCE."""
    return tlv.encode(SEQUENCE, b"".join(parts))


def explicit_parameters(domain: Domain, *, forged: bool = False) -> bytes:
    """Return a curve spelled out; `forged` gives it another generator, as CVE-2020-0601 does."""
    generator = domain.multiply(2, domain.g) if forged else domain.g
    return sequence(
        integer(1),
        sequence(OID_PRIME_FIELD, integer(domain.p)),
        sequence(
            tlv.encode(OCTETS, domain.a.to_bytes(domain.size, "big")),
            tlv.encode(OCTETS, domain.b.to_bytes(domain.size, "big")),
        ),
        tlv.encode(OCTETS, domain.encode(generator)),
        integer(domain.n),
        integer(1),
    )


def public_key_info(key: ec.EllipticCurvePrivateKey, *, explicit: bool, forged: bool = False) -> bytes:
    """Return SubjectPublicKeyInfo with a named or a spelled-out curve."""
    domain = BRAINPOOL_P256R1
    curve = explicit_parameters(domain, forged=forged) if explicit else OID_BRAINPOOL_P256R1
    return sequence(sequence(OID_EC_PUBLIC_KEY, curve), tlv.encode(BITS, b"\x00" + _point(key)))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = key.public_key().public_numbers()
    return BRAINPOOL_P256R1.encode((numbers.x, numbers.y))


def _identifier(key: ec.EllipticCurvePrivateKey) -> bytes:
    # SHA-1 is the customary key identifier; nothing rests on it.
    return hashlib.sha1(_point(key), usedforsecurity=False).digest()


def _issue(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    years: tuple[int, int],
    *,
    explicit: bool,
    forged: bool = False,
) -> bytes:
    begin, end = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in years)
    validity = x509.Validity(
        {"not_before": x509.Time({"utc_time": begin}), "not_after": x509.Time({"utc_time": end})}
    )
    extensions = x509.Extensions(
        [
            {"extn_id": "key_identifier", "extn_value": _identifier(key)},
            {
                "extn_id": "authority_key_identifier",
                "extn_value": {"key_identifier": _identifier(issuer_key)},
            },
        ]
    )
    serial = int.from_bytes(hashlib.sha256(subject.encode() + _identifier(key)).digest()[:8], "big")
    body = sequence(
        tlv.encode(0xA0, integer(2)),
        integer(serial),
        ECDSA_SHA256,
        _name(issuer),
        validity.dump(),
        _name(subject),
        public_key_info(key, explicit=explicit, forged=forged),
        tlv.encode(0xA3, extensions.dump()),
    )
    signature = issuer_key.sign(body, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return sequence(body, ECDSA_SHA256, tlv.encode(BITS, b"\x00" + signature))


def _name(common: str) -> bytes:
    name: bytes = x509.Name.build({"country_name": "VN", "common_name": common}).dump()
    return name
