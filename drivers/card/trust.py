"""Who vouches for a document signer: the configured authorities, their links and master lists.

A folder holds CSCA certificates (`.pem`, `.der`, `.cer`, `.crt`) and master lists (`.ml`). A self-signed
certificate in the folder is believed because an administrator put it there; a link certificate only when an
authority of the folder signed it; a master list only when its signer descends from one.

Source: ICAO Doc 9303-12 (8th ed.), 4.3 (link certificates) and 9 (master lists).
"""

from __future__ import annotations

import functools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import pem

from drivers.card import certificates, signed_content, tlv
from drivers.card.certificates import BadSignatureError, Certificate, UnsupportedKeyError
from drivers.errors import CardProtocolError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

log = logging.getLogger(__name__)

CERTIFICATE_SUFFIXES = frozenset({".pem", ".der", ".cer", ".crt"})
MASTER_LIST_SUFFIX = ".ml"
MAX_CERTIFICATE_BYTES = 64_000
MAX_MASTER_LIST_BYTES = 8_000_000
MAX_TRIED_ISSUERS = 32
MAX_LINKS = 4
MAX_MEMBERS = 4096
OID_MASTER_LIST = "2.23.136.1.1.2"
OID_MASTER_LIST_SIGNER = "2.23.136.1.1.3"
TAG_SEQUENCE, TAG_SET = 0x30, 0x31


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What passive authentication may believe: the authorities, and the moment that counts."""

    anchors: tuple[Certificate, ...]
    moment: dt.datetime


def doubt_about(signer: Certificate, trust: Trust) -> str:
    """Return why a signer is not to be trusted, empty where an authority vouches for it."""
    if not trust.anchors:
        return "no_authorities_configured"
    issuer = find_issuer(signer, trust.anchors)
    if issuer is None:
        return "authority_unknown"
    if not signer.valid_at(trust.moment):
        return "document_signer_expired"
    if not issuer.valid_at(trust.moment):
        return "authority_expired"
    return _doubt_about_authority(issuer, trust)


def _doubt_about_authority(authority: Certificate, trust: Trust) -> str:
    """Follow link certificates up to a self-signed authority."""
    for _ in range(MAX_LINKS):
        if _is_root(authority):
            return ""
        others = [anchor for anchor in trust.anchors if anchor is not authority]
        parent = find_issuer(authority, others)
        if parent is None:
            return "authority_link_unknown"
        # The old authority may have run out since; it vouched while it was valid.
        if not parent.valid_at(authority.begins):
            return "authority_link_expired"
        authority = parent
    return "authority_link_too_long"


def find_issuer(signed: Certificate, anchors: Sequence[Certificate]) -> Certificate | None:
    """Return the authority that signed; identifiers only order the tries, the signature decides."""
    wanted = signed.authority_key_identifier
    ranked = sorted(
        (anchor for anchor in anchors if anchor.may_issue),
        key=lambda anchor: (
            wanted is None or anchor.key_identifier != wanted,
            anchor.subject != signed.issuer,
        ),
    )
    return next((anchor for anchor in ranked[:MAX_TRIED_ISSUERS] if _issued(signed, anchor)), None)


@functools.lru_cache(maxsize=MAX_TRIED_ISSUERS)
def _is_root(authority: Certificate) -> bool:
    """Tell whether an authority signed itself; remembered, since authorities outlive many reads."""
    return _issued(authority, authority)


def _issued(signed: Certificate, issuer: Certificate) -> bool:
    try:
        return certificates.issued_by(signed, issuer)
    except (UnsupportedKeyError, CardProtocolError):
        # An authority of a kind we cannot check vouches for nothing; the next one may.
        return False


def load_folder(folder: Path | None, moment: dt.datetime) -> tuple[tuple[Certificate, ...], int]:
    """Load every certificate (PEM or DER) and master list of a folder.

    Args:
        folder: Where they are; None for nowhere.
        moment: When the signers of master lists must be valid.

    Returns:
        The certificates, and how many files could not be read or believed.
    """
    if folder is None or not folder.is_dir():
        return (), 0
    found: list[Certificate] = []
    bad = 0
    paths = sorted(folder.iterdir())
    for path in paths:
        if path.suffix.lower() not in CERTIFICATE_SUFFIXES or path.stat().st_size > MAX_CERTIFICATE_BYTES:
            continue
        try:
            found.extend(_certificates(path.read_bytes()))
        except (ValueError, TypeError):
            bad += 1
    own = Trust(anchors=tuple(found), moment=moment)
    for path in paths:
        if path.suffix.lower() == MASTER_LIST_SUFFIX:
            members = _master_list(path, own)
            found.extend(members or ())
            bad += members is None
    return tuple(found), bad


class AuthorityFolder:
    """The authorities of a folder, loaded once and again when a file or the day changes.

    The master list of all countries takes a second to load and check, which no citizen should wait for.

    Args:
        folder: Where certificates and master lists lie; None for nowhere.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._seen: object = None
        self._anchors: tuple[Certificate, ...] = ()

    def trust(self, moment: dt.datetime) -> Trust:
        """Return what may be believed at a moment; files that are not believed are counted in the log."""
        seen = (moment.date(), self._files())
        if seen != self._seen:
            self._anchors, bad = load_folder(self._folder, moment)
            self._seen = seen
            if bad:
                log.warning("card.bad_authority_files", extra={"count": bad})
        return Trust(anchors=self._anchors, moment=moment)

    def _files(self) -> tuple[tuple[str, int, int], ...]:
        """Return name, size and time of change of every file; any difference means loading again."""
        if self._folder is None or not self._folder.is_dir():
            return ()
        found = ((path.name, path.stat()) for path in sorted(self._folder.iterdir()))
        return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)


def _certificates(raw: bytes) -> list[Certificate]:
    ders = [der for _, _, der in pem.unarmor(raw, multiple=True)] if pem.detect(raw) else [raw]
    return [Certificate.load(der) for der in ders]


def _master_list(path: Path, trust: Trust) -> tuple[Certificate, ...] | None:
    if path.stat().st_size > MAX_MASTER_LIST_BYTES:
        return None
    try:
        return read_master_list(path.read_bytes(), trust)
    except (BadSignatureError, UnsupportedKeyError, *signed_content.MALFORMED):
        return None


def read_master_list(der: bytes, trust: Trust) -> tuple[Certificate, ...]:
    """Return the authorities of a CscaMasterList whose signer is trusted.

    Args:
        der: The signed list.
        trust: Authorities one of which must have issued the list's signer.

    Raises:
        BadSignatureError: The signature is wrong, or nobody known vouches for the signer.
        CardProtocolError: The file is no master list.

    Source: ICAO Doc 9303-12, 9.2 and table 6 (extended key usage of the signer).
    """
    signed = signed_content.parse(der, OID_MASTER_LIST)
    signer = signed_content.signer_certificate(signed)
    if signer is None or OID_MASTER_LIST_SIGNER not in signer.purposes:
        raise BadSignatureError("master_list_signer_missing")
    signed_content.verify(signed, signer)
    doubt = doubt_about(signer, trust)
    if doubt:
        raise BadSignatureError(doubt)
    members = [
        part for part in tlv.parse(tlv.parse_one(signed.content, TAG_SEQUENCE).value) if part.tag == TAG_SET
    ]
    if len(members) != 1:
        raise CardProtocolError("The master list holds no list of authorities.")
    return tuple(
        Certificate.load(tlv.encode(item.tag, item.value))
        for item in tlv.iterate(members[0].value, most=MAX_MEMBERS)
    )
