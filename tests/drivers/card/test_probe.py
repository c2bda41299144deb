"""The report about an unknown card: everything a technician needs and no personal byte."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest

from drivers.card import passive_auth, probe
from drivers.card.certificates import Certificate
from drivers.card.reader import Surroundings
from drivers.card.trust import Trust
from drivers.errors import MediaRemovedError
from drivers.ports import CanKey
from drivers.simulated.card import authority, lds
from drivers.simulated.card.chip import VirtualCard
from drivers.simulated.card.faults import NO_FAULTS, Faults
from drivers.simulated.card.makes import MAKES
from drivers.simulated.card.personas import HUONG

if TYPE_CHECKING:
    from drivers.simulated.card.makes import Make

TRUST = Trust(
    anchors=tuple(Certificate.load(der) for der in authority.test_authorities()),
    moment=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
)


class Line:
    def __init__(self, card: VirtualCard) -> None:
        self.card = card
        self.extended = card.make.extended

    def reset(self) -> None:
        self.card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        answer = self.card.answer(apdu)
        if not isinstance(answer, bytes):
            raise MediaRemovedError
        return answer


def report(
    make: Make, faults: Faults = NO_FAULTS, *, can: str | None = HUONG.can, card: VirtualCard | None = None
) -> dict[str, Any]:
    chip = card or VirtualCard(HUONG, faults, make=make)
    return probe.probe(
        Line(chip),
        None if can is None else CanKey(can=can),
        atr=chip.atr,
        timeout_s=20,
        surroundings=Surroundings(trust=TRUST, random_bytes=secrets.token_bytes),
    )


@pytest.mark.parametrize("make", MAKES)
def test_the_report_holds_no_personal_byte(make: str) -> None:
    text = json.dumps(report(MAKES[make]), ensure_ascii=False)
    for secret in ("NGUY", "HUONG", "HƯƠNG", "940214", "000412", "Phú", "ĐẶNG", "Kinh", "1994", "2034"):
        assert secret not in text
    sod = VirtualCard(HUONG, make=MAKES[make])._files[0x011D]
    assert not any(sod[at : at + 6].hex().upper() in text.upper() for at in range(0, len(sod) - 6, 6))


def test_the_report_tells_what_the_card_is_and_can() -> None:
    found = report(MAKES["active-ecdsa"])
    assert found["outside"]["pace_spoken"]
    assert found["outside"]["card_access"]["protocols"][2] == {
        "oid": "0.4.0.127.0.7.2.2.4.2.2",
        "numbers": [2, 13],
    }
    inside = found["inside"]
    assert (inside["access"], inside["cipher"], inside["listed"]) == ("PACE", "AES-128", [1, 2, 13, 14, 15])
    assert [entry["dg"] for entry in inside["files"]] == [1, 2, 13, 14, 15]
    assert inside["sod"]["verdict"] == "valid"
    assert inside["sod"]["scheme"] == "RSA-PSS-SHA256"
    assert inside["dg1"] == {"zone_length": 90, "digits_agree": True}
    assert inside["dg2"]["format"] == "JPEG"
    assert {"field": 2, "tags": ["0C"]} in inside["dg13"]["fields"]
    assert 7 in {entry["field"] for entry in inside["dg13"]["fields"]}
    assert inside["dg14"]["chip_auth"] == "CA-ECDH-AES-128"
    assert inside["dg15"] == {"key": "brainpoolP256r1"}


def test_without_a_key_only_the_outside_is_looked_at() -> None:
    found = report(MAKES["vietnam"], can=None)
    assert "inside" not in found
    assert found["outside"]["application"]


def test_what_the_card_refuses_is_part_of_the_report() -> None:
    assert report(MAKES["vietnam"], can="111111")["inside"]["error"] == "card.access_denied"
    old = report(MAKES["vietnam"], Faults(no_pace=True))
    assert old["outside"]["card_access"] is None
    assert old["inside"]["error"] == "card.access_denied"
    assert report(MAKES["vietnam"], Faults(bad_mac=True))["inside"]["error"] == "card.protocol"
    assert report(MAKES["vietnam"], Faults(forged_curve=True))["inside"]["sod"]["signer_key"].startswith(
        "unsupp"
    )


def test_broken_files_are_told_and_the_others_still_described() -> None:
    card = VirtualCard(HUONG, make=MAKES["active-rsa"])
    card._files[0x010E] = b"\x6e\x00"
    card._files[0x010F] = b"\x6f\x02\x30\x00"
    del card._files[0x011D]
    inside = report(MAKES["active-rsa"], card=card)["inside"]
    assert inside["dg14"]["error"] == "card.protocol"
    assert inside["dg15"]["key"].startswith("unsupported")
    assert inside["sod"] == {"length": None}
    assert inside["dg13"]["fields"]


def test_a_listed_file_that_is_missing_has_no_length() -> None:
    card = VirtualCard(HUONG, make=MAKES["active-rsa"])
    del card._files[0x010F]
    inside = report(MAKES["active-rsa"], card=card)["inside"]
    assert [entry["length"] for entry in inside["files"] if entry["dg"] == 15] == [None]
    assert "dg15" not in inside


def test_a_signature_without_its_signer_s_certificate_is_told() -> None:
    sod = passive_auth.parse_sod(lds.build(HUONG, NO_FAULTS)[0x011D])
    bare = dataclasses.replace(sod, signed=dataclasses.replace(sod.signed, certificates=()))
    assert probe._about_key(bare) == "missing"


def test_a_card_that_leaves_ends_the_probe() -> None:
    with pytest.raises(MediaRemovedError):
        report(MAKES["vietnam"], Faults(removed_at_apdu=20))
