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

from asn1crypto import algos, pem, x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from drivers.card import tlv
from drivers.card.curves import BRAINPOOL_P256R1, Domain

if TYPE_CHECKING:
    from pathlib import Path

OID_EC_PUBLIC_KEY = bytes.fromhex("06072A8648CE3D0201")
OID_PRIME_FIELD = bytes.fromhex("06072A8648CE3D0101")
OID_BRAINPOOL_P256R1 = bytes.fromhex("06092B2403030208010107")
ECDSA_SHA256 = bytes.fromhex("300A06082A8648CE3D040302")
RSA_SHA256 = bytes.fromhex("300D06092A864886F70D01010B0500")
PSS_SHA256: bytes = algos.SignedDigestAlgorithm(
    {
        "algorithm": "rsassa_pss",
        "parameters": {
            "hash_algorithm": {"algorithm": "sha256"},
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
            "salt_length": 32,
        },
    }
).dump()
OID_MASTER_LIST_SIGNER = "2.23.136.1.1.3"
NEXT = "test CSCA next"
SEQUENCE, INTEGER, OCTETS, BITS = 0x30, 0x02, 0x04, 0x03
CSCA_YEARS = (2020, 2045)
DSC_YEARS = (2021, 2040)
EXPIRED_YEARS = (2010, 2015)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key pair with its certificate."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    certificate: bytes
    """DER."""
    pss: bool = False

    @property
    def algorithm(self) -> bytes:
        """The AlgorithmIdentifier of its signatures."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return ECDSA_SHA256
        return PSS_SHA256 if self.pss else RSA_SHA256

    def sign(self, data: bytes) -> bytes:
        """Sign over SHA-256; ECDSA gives the same signature each time."""
        if isinstance(self.key, ec.EllipticCurvePrivateKey):
            return self.key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        chosen = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if self.pss else padding.PKCS1v15()
        return self.key.sign(data, chosen, hashes.SHA256())


def private_key(sentence: str) -> ec.EllipticCurvePrivateKey:
    """Return the test key a sentence stands for."""
    number = int.from_bytes(hashlib.sha512(sentence.encode()).digest(), "big")
    return ec.derive_private_key(number % (BRAINPOOL_P256R1.n - 1) + 1, ec.BrainpoolP256R1())


@functools.cache
def authority(*, explicit: bool, unknown: bool = False) -> Signer:
    """Return a self-signed test CSCA; `unknown` gives one that no folder holds."""
    label = f"{'unknown' if unknown else 'test'} CSCA {'explicit' if explicit else 'named'}"
    key = private_key(label)
    request = _Request(subject=label, issuer=label, years=CSCA_YEARS, explicit=explicit)
    return Signer(key=key, certificate=_issue(request, key, key))


@functools.cache
def next_authority() -> Signer:
    """Return the link certificate of the next test CSCA: its new key, signed with the old one."""
    key = private_key(NEXT)
    request = _Request(subject=NEXT, issuer="test CSCA named", years=CSCA_YEARS)
    return Signer(key=key, certificate=_issue(request, key, private_key("test CSCA named")))


@functools.cache
def document_signer(
    *,
    explicit: bool,
    unknown: bool = False,
    expired: bool = False,
    forged: bool = False,
    signature: str = "ECDSA",
    linked: bool = False,
) -> Signer:
    """Return a test document signer; the flags give it the fault of that name."""
    issuer = f"{'unknown' if unknown else 'test'} CSCA {'explicit' if explicit else 'named'}"
    request = _Request(
        subject="test document signer",
        issuer=NEXT if linked else issuer,
        years=EXPIRED_YEARS if expired else DSC_YEARS,
        explicit=explicit or forged,
        forged=forged,
    )
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if signature == "ECDSA":
        key = private_key(f"test document signer {explicit} {unknown} {expired} {forged}")
    else:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _issue(request, key, private_key(request.issuer))
    return Signer(key=key, certificate=certificate, pss=signature == "PSS")


@functools.cache
def master_list_signer(*, purpose: bool = True) -> Signer:
    """Return a signer of master lists under the test CSCA; without its purpose nobody may believe it."""
    key = private_key("test master list signer")
    request = _Request(
        subject="test master list signer",
        issuer="test CSCA named",
        years=DSC_YEARS,
        purpose=OID_MASTER_LIST_SIGNER if purpose else "",
    )
    return Signer(key=key, certificate=_issue(request, key, private_key("test CSCA named")))


def test_authorities() -> tuple[bytes, ...]:
    """Return what a folder of the test country holds: two authorities and a link to a third, DER."""
    signers = (authority(explicit=False), authority(explicit=True), next_authority())
    return tuple(signer.certificate for signer in signers)


def write_csca_folder(folder: Path) -> Path:
    """Write the test authorities as PEM and DER files into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    named, explicit, link = test_authorities()
    (folder / "test-csca-named.pem").write_bytes(pem.armor("CERTIFICATE", named))
    (folder / "test-csca-explicit.cer").write_bytes(explicit)
    (folder / "test-csca-link.cer").write_bytes(link)
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


def public_key_info(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, explicit: bool = False, forged: bool = False
) -> bytes:
    """Return SubjectPublicKeyInfo, of a curve key with a named or a spelled-out curve."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    domain = BRAINPOOL_P256R1
    curve = explicit_parameters(domain, forged=forged) if explicit else OID_BRAINPOOL_P256R1
    return sequence(sequence(OID_EC_PUBLIC_KEY, curve), tlv.encode(BITS, b"\x00" + _point(key)))


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    numbers = key.public_key().public_numbers()
    return BRAINPOOL_P256R1.encode((numbers.x, numbers.y))


def _identifier(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    # SHA-1 is the customary key identifier; nothing rests on it.
    own = _point(key) if isinstance(key, ec.EllipticCurvePrivateKey) else public_key_info(key)
    return hashlib.sha1(own, usedforsecurity=False).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What a certificate is to say."""

    subject: str
    issuer: str
    years: tuple[int, int]
    explicit: bool = False
    forged: bool = False
    purpose: str = ""


def _issue(
    request: _Request,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> bytes:
    begin, end = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in request.years)
    validity = x509.Validity(
        {"not_before": x509.Time({"utc_time": begin}), "not_after": x509.Time({"utc_time": end})}
    )
    entries = [
        {"extn_id": "key_identifier", "extn_value": _identifier(key)},
        {"extn_id": "authority_key_identifier", "extn_value": {"key_identifier": _identifier(issuer_key)}},
    ]
    if request.purpose:
        entries.append({"extn_id": "extended_key_usage", "extn_value": [request.purpose]})
    extensions = x509.Extensions(entries)
    serial = int.from_bytes(hashlib.sha256(request.subject.encode() + _identifier(key)).digest()[:8], "big")
    body = sequence(
        tlv.encode(0xA0, integer(2)),
        integer(serial),
        ECDSA_SHA256,
        _name(request.issuer),
        validity.dump(),
        _name(request.subject),
        public_key_info(key, explicit=request.explicit, forged=request.forged),
        tlv.encode(0xA3, extensions.dump()),
    )
    signature = issuer_key.sign(body, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    return sequence(body, ECDSA_SHA256, tlv.encode(BITS, b"\x00" + signature))


def _name(common: str) -> bytes:
    name: bytes = x509.Name.build({"country_name": "VN", "common_name": common}).dump()
    return name
