from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import hashlib
from typing import TYPE_CHECKING

import pytest
from asn1crypto import algos
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.card import certificates, passive_auth, tlv
from drivers.card.certificates import Certificate, UnsupportedKeyError
from drivers.card.curves import BRAINPOOL_P256R1, DOMAINS, Domain
from drivers.card.trust import Trust, load_folder
from drivers.errors import CardProtocolError
from drivers.ports import Verdict
from drivers.simulated.card import authority, lds
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.personas import BINH, HUONG, Persona

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
ANCHORS = tuple(Certificate.load(der) for der in authority.test_authorities())
TRUST = Trust(anchors=ANCHORS, moment=NOW)


def files(persona: Persona = HUONG, faults: Faults = NO_FAULTS) -> tuple[bytes, dict[int, bytes]]:
    built = lds.build(persona, faults)
    sod = built.pop(0x011D)
    return sod, {fid & 0xFF: data for fid, data in built.items() if fid != 0x011E}


def judge(persona: Persona = HUONG, faults: Faults = NO_FAULTS, trust: Trust = TRUST) -> tuple[Verdict, str]:
    sod, groups = files(persona, faults)
    return verdict_of(passive_auth.parse_sod(sod), groups, trust)


def verdict_of(
    sod: passive_auth.SecurityObject, groups: dict[int, bytes], trust: Trust = TRUST
) -> tuple[Verdict, str]:
    found = passive_auth.judge(sod, groups, trust)
    return found.verdict, found.reason


def with_certificates(sod: passive_auth.SecurityObject, *found: Certificate) -> passive_auth.SecurityObject:
    return dataclasses.replace(sod, signed=dataclasses.replace(sod.signed, certificates=found))


@pytest.mark.parametrize("persona", [HUONG, BINH], ids=lambda persona: persona.name)
def test_an_honest_card_is_valid_with_named_and_with_explicit_curves(persona: Persona) -> None:
    assert judge(persona) == (Verdict.VALID, "")


def test_a_changed_group_is_invalid() -> None:
    assert judge(faults=Faults(wrong_hash=True)) == (Verdict.INVALID, "dg13_hash_differs")
    assert judge(BINH, Faults(wrong_hash=True)) == (Verdict.INVALID, "dg1_hash_differs")


def test_a_group_the_sod_does_not_know_is_invalid() -> None:
    sod, groups = files(BINH)
    parsed = passive_auth.parse_sod(sod)
    assert verdict_of(parsed, groups | {13: b"x"}) == (Verdict.INVALID, "dg13_not_signed")
    assert not parsed.covers(13, b"x")


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (Faults(unknown_csca=True), "authority_unknown"),
        (Faults(expired_dsc=True), "document_signer_expired"),
        (Faults(forged_curve=True), "document_signer_curve_parameters_match_no_named_curve"),
    ],
)
def test_what_nobody_known_vouches_for_is_untrusted(faults: Faults, reason: str) -> None:
    assert judge(faults=faults) == (Verdict.UNTRUSTED, reason)


def test_without_authorities_nothing_is_valid() -> None:
    assert judge(trust=Trust(anchors=(), moment=NOW)) == (Verdict.UNTRUSTED, "no_authorities_configured")


def test_an_expired_authority_is_untrusted() -> None:
    late = dt.datetime(2039, 6, 1, tzinfo=dt.UTC)
    assert judge(trust=Trust(anchors=ANCHORS, moment=late)) == (Verdict.VALID, "")
    later = dt.datetime(2046, 1, 1, tzinfo=dt.UTC)
    assert judge(trust=Trust(anchors=ANCHORS, moment=later))[0] is Verdict.UNTRUSTED


def test_a_changed_hash_list_breaks_the_signed_digest() -> None:
    sod, groups = files()
    other = groups[13] + b"x"
    forged = sod.replace(hashlib.sha256(groups[13]).digest(), hashlib.sha256(other).digest())
    verdict = verdict_of(passive_auth.parse_sod(forged), groups | {13: other})
    assert verdict == (Verdict.INVALID, "signed_digest_differs")


def test_a_changed_hash_list_with_a_matching_digest_breaks_the_signature() -> None:
    sod, groups = files()
    other = groups[13] + b"x"
    content = passive_auth.parse_sod(sod).signed.content
    changed = content.replace(hashlib.sha256(groups[13]).digest(), hashlib.sha256(other).digest())
    forged = sod.replace(content, changed)
    forged = forged.replace(hashlib.sha256(content).digest(), hashlib.sha256(changed).digest())
    verdict = verdict_of(passive_auth.parse_sod(forged), groups | {13: other})
    assert verdict == (Verdict.INVALID, "signature_wrong")


@pytest.mark.parametrize("data", [b"", b"\x77\x00", b"\x77\x02\x30\x00", files()[0][:-1]])
def test_something_else_than_a_sod_is_refused(data: bytes) -> None:
    with pytest.raises(CardProtocolError):
        passive_auth.parse_sod(data)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_one_changed_byte_is_never_valid_and_never_a_crash(position: int, change: int) -> None:
    sod, groups = files()
    at = position % len(sod)
    broken = sod[:at] + bytes([sod[at] ^ change]) + sod[at + 1 :]
    with contextlib.suppress(CardProtocolError):
        parsed = passive_auth.parse_sod(broken)
        if verdict_of(parsed, groups)[0] is Verdict.VALID:
            # Only what nobody signed may change: the versions and digest hints outside the attributes.
            assert parsed.signed.content == passive_auth.parse_sod(sod).signed.content
            assert (
                parsed.signed.certificates[0].signed_bytes
                == passive_auth.parse_sod(sod).signed.certificates[0].signed_bytes
            )


def test_a_sod_without_its_signer_s_certificate_is_untrusted() -> None:
    sod, groups = files()
    parsed = with_certificates(passive_auth.parse_sod(sod))
    assert verdict_of(parsed, groups) == (Verdict.UNTRUSTED, "document_signer_missing")


def test_another_card_s_certificate_does_not_fit_the_signature() -> None:
    sod, groups = files()
    parsed = passive_auth.parse_sod(sod)
    stranger = Certificate.load(authority.document_signer(explicit=False, unknown=True).certificate)
    swapped = dataclasses.replace(stranger, parsed=parsed.signed.certificates[0].parsed)
    verdict = verdict_of(with_certificates(parsed, swapped), groups)
    assert verdict == (Verdict.INVALID, "signature_wrong")


# --- explicit curve parameters (CVE-2020-0601) ---------------------------------------------------------


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=lambda domain: domain.name)
def test_a_curve_spelled_out_is_recognised(domain: Domain) -> None:
    parameters = tlv.parse_one(authority.explicit_parameters(domain), 0x30).value
    assert certificates.named_domain(parameters) is domain


def test_one_wrong_parameter_makes_it_no_curve_of_ours() -> None:
    for position in range(6):
        items = list(tlv.parse(tlv.parse_one(authority.explicit_parameters(BRAINPOOL_P256R1), 0x30).value))
        if position == 0:
            continue  # the version says nothing about the curve
        value = items[position].value
        items[position] = tlv.Tlv(tag=items[position].tag, value=value[:-1] + bytes([value[-1] ^ 2]))
        raw = b"".join(tlv.encode(item.tag, item.value) for item in items)
        with pytest.raises((UnsupportedKeyError, CardProtocolError)):
            certificates.named_domain(raw)


def test_a_missing_cofactor_is_refused() -> None:
    items = tlv.parse(tlv.parse_one(authority.explicit_parameters(BRAINPOOL_P256R1), 0x30).value)[:-1]
    with pytest.raises(UnsupportedKeyError):
        certificates.named_domain(b"".join(tlv.encode(item.tag, item.value) for item in items))


def test_other_kinds_of_keys_are_refused() -> None:
    spki = (
        ed25519.Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(UnsupportedKeyError):
        certificates.load_public_key(spki)
    off_curve = authority.public_key_info(authority.private_key("x"), explicit=True)
    with pytest.raises(UnsupportedKeyError):
        certificates.load_public_key(off_curve[:-1] + bytes([off_curve[-1] ^ 1]))


# --- signature schemes ---------------------------------------------------------------------------------

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_rsa_pkcs1_and_pss_and_plain_ecdsa_are_verified() -> None:
    key, data = RSA_KEY.public_key(), b"attributes"
    pkcs1 = RSA_KEY.sign(data, padding.PKCS1v15(), hashes.SHA256())
    plain = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"})
    certificates.verify(key, pkcs1, data, algorithm=plain, digest="sha256")
    pss = RSA_KEY.sign(data, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384())
    parameters = {
        "hash_algorithm": {"algorithm": "sha384"},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha384"}},
        "salt_length": 48,
    }
    scheme = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss", "parameters": parameters})
    certificates.verify(key, pss, data, algorithm=scheme, digest="sha1")
    with pytest.raises(certificates.BadSignatureError):
        certificates.verify(key, pss, b"other", algorithm=scheme, digest="sha384")
    elliptic = authority.private_key("x")
    ecdsa = algos.SignedDigestAlgorithm({"algorithm": "ecdsa"})
    signature = elliptic.sign(data, ec.ECDSA(hashes.SHA512()))
    certificates.verify(elliptic.public_key(), signature, data, algorithm=ecdsa, digest="sha512")


def test_a_scheme_that_does_not_fit_the_key_is_refused() -> None:
    scheme = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
    with pytest.raises(UnsupportedKeyError):
        certificates.verify(
            authority.private_key("x").public_key(), b"", b"", algorithm=scheme, digest="sha256"
        )
    with pytest.raises(UnsupportedKeyError):
        certificates.verify(
            RSA_KEY.public_key(),
            b"",
            b"",
            algorithm=algos.SignedDigestAlgorithm({"algorithm": "md5_rsa"}),
            digest="sha256",
        )


# --- the folder ----------------------------------------------------------------------------------------


def test_the_folder_takes_pem_and_der_and_counts_what_it_cannot_read(
    csca_folder: Path, tmp_path: Path
) -> None:
    found, bad = load_folder(csca_folder, NOW)
    assert (len(found), bad) == (3, 0)
    (tmp_path / "broken.cer").write_bytes(b"no certificate")
    (tmp_path / "broken.pem").write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (tmp_path / "readme.txt").write_bytes(b"not looked at")
    assert load_folder(tmp_path, NOW) == ((), 2)
    assert load_folder(tmp_path / "missing", NOW) == ((), 0)
    assert load_folder(None, NOW) == ((), 0)
