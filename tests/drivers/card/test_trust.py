"""Link certificates and master lists: who may vouch, and who may not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from drivers.card import certificates, trust
from drivers.card.certificates import BadSignatureError, Certificate
from drivers.card.trust import AuthorityFolder, Trust, doubt_about, load_folder
from drivers.errors import CardProtocolError
from drivers.simulated.card import authority, signing
from drivers.simulated.card.authority import _issue, _Request, private_key

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
NAMED = Certificate.load(authority.authority(explicit=False).certificate)
LINK = Certificate.load(authority.next_authority().certificate)
LINKED_SIGNER = Certificate.load(authority.document_signer(explicit=False, linked=True).certificate)
PLAIN_SIGNER = Certificate.load(authority.document_signer(explicit=False).certificate)


def made(subject: str, issuer: str, years: tuple[int, int]) -> Certificate:
    request = _Request(subject=subject, issuer=issuer, years=years)
    return Certificate.load(_issue(request, private_key(subject), private_key(issuer)))


def doubt(signer: Certificate, *anchors: Certificate, moment: dt.datetime = NOW) -> str:
    return doubt_about(signer, Trust(anchors=anchors, moment=moment))


def test_a_link_leads_to_the_older_authority() -> None:
    assert doubt(LINKED_SIGNER, NAMED, LINK) == ""
    assert doubt(LINKED_SIGNER, LINK, NAMED) == ""


def test_a_link_alone_vouches_for_nothing() -> None:
    assert doubt(LINKED_SIGNER, LINK) == "authority_link_unknown"
    assert doubt(LINKED_SIGNER, NAMED) == "authority_unknown"
    stranger = Certificate.load(authority.authority(explicit=False, unknown=True).certificate)
    assert doubt(LINKED_SIGNER, LINK, stranger) == "authority_link_unknown"


def test_a_link_counts_only_where_the_older_authority_was_valid_when_it_signed() -> None:
    root = made("old root", "old root", (2000, 2010))
    in_time = made("new key", "old root", (2009, 2045))
    too_late = made("new key", "old root", (2012, 2045))
    signer = made("signer", "new key", (2020, 2030))
    assert doubt(signer, root, in_time) == ""
    assert doubt(signer, root, too_late) == "authority_link_expired"


def test_links_in_a_ring_end() -> None:
    ring = [made(f"ring {n}", f"ring {(n + 1) % 6}", (2000, 2045)) for n in range(6)]
    assert doubt(made("signer", "ring 0", (2020, 2030)), *ring) == "authority_link_too_long"


def test_a_certificate_that_says_it_is_no_authority_issues_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert NAMED.may_issue
    monkeypatch.setattr(Certificate, "may_issue", property(lambda _self: False))
    assert trust.find_issuer(PLAIN_SIGNER, [NAMED]) is None


def test_an_authority_of_an_unknown_kind_is_passed_over() -> None:
    forged = Certificate.load(authority.document_signer(explicit=False, forged=True).certificate)
    assert doubt(PLAIN_SIGNER, forged, NAMED) == ""
    assert doubt(PLAIN_SIGNER, forged) == "authority_unknown"


# --- master lists -------------------------------------------------------------------------------------

MEMBERS = (authority.authority(explicit=True).certificate, authority.next_authority().certificate)
LIST = signing.master_list(MEMBERS, authority.master_list_signer())
OWN = Trust(anchors=(NAMED,), moment=NOW)


def test_a_master_list_brings_its_authorities() -> None:
    found = trust.read_master_list(LIST, OWN)
    assert {certificate.subject for certificate in found} == {
        Certificate.load(der).subject for der in MEMBERS
    }


def test_a_master_list_of_many_countries_is_read() -> None:
    many = tuple(
        _issue(
            _Request(subject=f"c{n}", issuer=f"c{n}", years=(2020, 2040)), private_key("c"), private_key("c")
        )
        for n in range(400)
    )
    assert len(trust.read_master_list(signing.master_list(many, authority.master_list_signer()), OWN)) == 400


def test_a_list_whose_signer_nobody_knows_is_not_believed() -> None:
    explicit = Certificate.load(authority.authority(explicit=True).certificate)
    with pytest.raises(BadSignatureError, match="authority_unknown"):
        trust.read_master_list(LIST, Trust(anchors=(explicit,), moment=NOW))
    with pytest.raises(BadSignatureError, match="no_authorities"):
        trust.read_master_list(LIST, Trust(anchors=(), moment=NOW))


def test_a_document_signer_may_not_sign_a_list() -> None:
    for signer in (authority.document_signer(explicit=False), authority.master_list_signer(purpose=False)):
        with pytest.raises(BadSignatureError, match="signer_missing"):
            trust.read_master_list(signing.master_list(MEMBERS, signer), OWN)


def test_a_changed_list_is_not_believed() -> None:
    at = LIST.index(MEMBERS[0]) + 40
    with pytest.raises(BadSignatureError, match="signed_digest_differs"):
        trust.read_master_list(LIST[:at] + bytes([LIST[at] ^ 1]) + LIST[at + 1 :], OWN)


def test_a_signed_file_that_is_no_list_is_refused() -> None:
    empty = signing.signed_data(
        trust.OID_MASTER_LIST, b"\x30\x03\x02\x01\x00", authority.master_list_signer()
    )
    with pytest.raises(CardProtocolError):
        trust.read_master_list(empty, OWN)


def test_the_folder_takes_believed_lists_and_counts_the_others(tmp_path: Path) -> None:
    (tmp_path / "own.cer").write_bytes(authority.authority(explicit=False).certificate)
    (tmp_path / "icao.ml").write_bytes(LIST)
    (tmp_path / "broken.ml").write_bytes(b"\x30\x00")
    (tmp_path / "stranger.ML").write_bytes(
        signing.master_list(MEMBERS, authority.document_signer(explicit=False, unknown=True))
    )
    found, bad = load_folder(tmp_path, NOW)
    assert (len(found), bad) == (3, 2)


def test_a_folder_is_loaded_again_when_a_file_or_the_day_changes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = AuthorityFolder(tmp_path)
    assert folder.trust(NOW).anchors == ()
    (tmp_path / "own.cer").write_bytes(authority.authority(explicit=False).certificate)
    (tmp_path / "broken.cer").write_bytes(b"no certificate")
    first = folder.trust(NOW)
    later = folder.trust(NOW + dt.timedelta(minutes=1))
    assert len(first.anchors) == 1
    assert later.anchors[0] is first.anchors[0]
    assert later.moment == NOW + dt.timedelta(minutes=1)
    assert [record.getMessage() for record in caplog.records] == ["card.bad_authority_files"]
    assert folder.trust(NOW + dt.timedelta(days=1)).anchors[0] is not first.anchors[0]
    assert AuthorityFolder(None).trust(NOW).anchors == ()
    assert AuthorityFolder(tmp_path / "missing").trust(NOW).anchors == ()


def test_a_list_beyond_any_size_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own.cer").write_bytes(authority.authority(explicit=False).certificate)
    (tmp_path / "icao.ml").write_bytes(LIST)
    monkeypatch.setattr(trust, "MAX_MASTER_LIST_BYTES", 100)
    assert load_folder(tmp_path, NOW)[1] == 1


def test_a_curve_of_another_kind_is_an_unsupported_key() -> None:
    with pytest.raises(certificates.UnsupportedKeyError):
        certificates.load_public_key(b"\x30\x00")
