"""X.509 certificates of document signers and of country authorities, explicit curves included.

`cryptography` refuses certificates with explicit curve parameters, and Vietnam's are of that kind, so the
certificate is parsed with asn1crypto, its curve mapped to a named one only when p, a, b, G, n and h all
match (anything less is CVE-2020-0601), and its signature verified over the raw bytes.

Source: ICAO Doc 9303-12 (8th ed.), 7.1; RFC 3279, 2.3.5; RFC 5280.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from drivers.card import tlv
from drivers.card.curves import DOMAINS

if TYPE_CHECKING:
    import datetime as dt

    from drivers.card.curves import Domain

HASHES: dict[str, hashes.HashAlgorithm] = {
    # SHA-1 signed the oldest cards; the verdict still hangs on the authority's certificate.
    "sha1": hashes.SHA1(),  # noqa: S303 - verified only, never made
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
OID_EC_PUBLIC_KEY = bytes.fromhex("2A8648CE3D0201")
"""id-ecPublicKey; a SEQUENCE behind it means explicit parameters. Source: RFC 3279, 2.3.5."""
TAG_SEQUENCE, TAG_OCTETS, TAG_INTEGER, TAG_OID = 0x30, 0x04, 0x02, 0x06
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class UnsupportedKeyError(Exception):
    """A key or signature scheme this reader does not trust itself with; becomes `untrusted`."""


class BadSignatureError(Exception):
    """A signature that does not verify."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """A certificate, its parsed form and the exact bytes its issuer signed; equal to itself only."""

    parsed: Any
    signed_bytes: bytes
    spki: bytes

    @classmethod
    def load(cls, der: bytes) -> Certificate:
        """Parse one DER certificate.

        Raises:
            ValueError: The bytes are not a certificate.
        """
        parsed = x509.Certificate.load(der, strict=True)
        tbs = parsed["tbs_certificate"]
        return cls(parsed=parsed, signed_bytes=tbs.dump(), spki=tbs["subject_public_key_info"].dump())

    @property
    def subject(self) -> bytes:
        """The subject name as DER."""
        return bytes(self.parsed.subject.dump())

    @property
    def issuer(self) -> bytes:
        """The issuer name as DER."""
        return bytes(self.parsed.issuer.dump())

    @property
    def key_identifier(self) -> bytes | None:
        """The subject key identifier."""
        value: bytes | None = self.parsed.key_identifier
        return value

    @property
    def authority_key_identifier(self) -> bytes | None:
        """The key identifier of the issuer."""
        extension = self.parsed.authority_key_identifier_value
        value: bytes | None = extension.native["key_identifier"] if extension else None
        return value

    @property
    def serial_number(self) -> int:
        """The serial number."""
        return int(self.parsed.serial_number)

    @property
    def may_issue(self) -> bool:
        """False where the certificate says that it is no authority; old ones say nothing."""
        constraints = self.parsed.basic_constraints_value
        return constraints is None or bool(constraints["ca"].native)

    @property
    def purposes(self) -> tuple[str, ...]:
        """The extended key usages, dotted."""
        usage = self.parsed.extended_key_usage_value
        return tuple(purpose.dotted for purpose in usage) if usage else ()

    @property
    def begins(self) -> dt.datetime:
        """When the validity period begins."""
        moment: dt.datetime = self.parsed.not_valid_before
        return moment

    @property
    def ends(self) -> dt.datetime:
        """When the validity period ends."""
        moment: dt.datetime = self.parsed.not_valid_after
        return moment

    def valid_at(self, moment: dt.datetime) -> bool:
        """Tell whether a moment (with time zone) lies in the validity period."""
        return self.begins <= moment <= self.ends

    def public_key(self) -> PublicKey:
        """Return the public key, its curve mapped to a named one.

        Raises:
            UnsupportedKeyError: The curve is unknown or its parameters match no named curve entirely.
        """
        return load_public_key(self.spki)


def load_public_key(spki: bytes) -> PublicKey:
    """Build a public key from SubjectPublicKeyInfo.

    Raises:
        UnsupportedKeyError: Neither RSA nor EC on a curve this reader knows.
    """
    try:
        algorithm, bits = tlv.parse(tlv.parse_one(spki, 0x30).value)
        oid, *parameters = tlv.parse(algorithm.value)
        if oid.value == OID_EC_PUBLIC_KEY and parameters and parameters[0].tag == TAG_SEQUENCE:
            domain = named_domain(parameters[0].value)
            return ec.EllipticCurvePublicKey.from_encoded_point(domain.openssl(), bits.value[1:])
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnsupportedKeyError("key_malformed") from error
    if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        return key
    raise UnsupportedKeyError("key_type")


def named_domain(parameters: bytes) -> Domain:
    """Return the named curve whose p, a, b, G, n and h all equal the explicit parameters.

    Args:
        parameters: The content of SpecifiedECDomain.

    Raises:
        UnsupportedKeyError: No named curve matches entirely.

    Source: SEC 1 v2, C.2.
    """
    _version, prime, curve, base, order, cofactor = _typed(
        parameters, TAG_INTEGER, TAG_SEQUENCE, TAG_SEQUENCE, TAG_OCTETS, TAG_INTEGER, TAG_INTEGER
    )
    _kind, p = _typed(prime, TAG_OID, TAG_INTEGER)
    a, b = _typed(curve, TAG_OCTETS, TAG_OCTETS)
    p_number, a_number, b_number, n, h = (
        int.from_bytes(value, "big") for value in (p, a, b, order, cofactor)
    )
    found = (p_number, a_number, b_number, base, n, h)
    for domain in DOMAINS.values():
        if found == (domain.p, domain.a, domain.b, domain.encode(domain.g), domain.n, 1):
            return domain
    raise UnsupportedKeyError("curve_parameters_match_no_named_curve")


def _typed(data: bytes, *tags: int) -> tuple[bytes, ...]:
    """Return the values of the first objects, whose tags must be these (a seed or hash may follow)."""
    items = tlv.parse(data)[: len(tags)]
    if [item.tag for item in items] != list(tags):
        raise UnsupportedKeyError("curve_parameters_malformed")
    return tuple(item.value for item in items)


def verify(key: PublicKey, signature: bytes, data: bytes, *, algorithm: Any, digest: str) -> None:
    """Verify a signature.

    Args:
        key: The signer's key.
        signature: As it stands in the structure.
        data: Exactly what was signed.
        algorithm: The asn1crypto SignedDigestAlgorithm of the structure.
        digest: The digest to use where the algorithm does not name one (plain RSA, plain ECDSA).

    Raises:
        BadSignatureError: The signature is wrong.
        UnsupportedKeyError: The scheme is unknown or does not fit the key.
    """
    scheme: str = algorithm.signature_algo
    named = algorithm["algorithm"].native
    hash_name = algorithm.hash_algo if named not in {"rsassa_pkcs1v15", "ecdsa"} else digest
    chosen = HASHES.get(hash_name)
    if chosen is None:
        raise UnsupportedKeyError("digest_algorithm")
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and scheme == "ecdsa":
            key.verify(signature, data, ec.ECDSA(chosen))
        elif isinstance(key, rsa.RSAPublicKey) and scheme in {"rsassa_pkcs1v15", "rsassa_pss"}:
            key.verify(signature, data, _rsa_padding(algorithm, chosen), chosen)
        else:
            raise UnsupportedKeyError("signature_algorithm")
    except InvalidSignature as error:
        raise BadSignatureError(scheme) from error


def _rsa_padding(algorithm: Any, chosen: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if algorithm.signature_algo == "rsassa_pkcs1v15":
        return padding.PKCS1v15()
    parameters = algorithm["parameters"]
    mask = HASHES.get(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native, chosen)
    return padding.PSS(mgf=padding.MGF1(mask), salt_length=int(parameters["salt_length"].native))


def issued_by(certificate: Certificate, issuer: Certificate) -> bool:
    """Tell whether `issuer` signed `certificate`.

    Raises:
        UnsupportedKeyError: The issuer's key or scheme cannot be checked.
    """
    algorithm = certificate.parsed["signature_algorithm"]
    signature: bytes = certificate.parsed["signature_value"].native
    try:
        verify(issuer.public_key(), signature, certificate.signed_bytes, algorithm=algorithm, digest="sha256")
    except BadSignatureError:
        return False
    return True
