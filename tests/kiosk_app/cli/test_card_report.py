"""What the technician reads of a probe."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk_app.cli.card_report import probe_lines

SOD = {"length": 917, "scheme": "ECDSA-SHA256", "verdict": "valid", "reason": "", "signer_key": "secp256r1"}
INSIDE: dict[str, Any] = {
    "access": "PACE",
    "cipher": "AES-128",
    "open_ms": 340.1,
    "files": [{"dg": 1, "length": 95, "ms": 30.2}, {"dg": 13, "length": 443, "ms": 61.0}],
    "sod": SOD,
    "dg13": {"fields": [{"field": 2, "tags": ["0C"]}, {"field": 1, "tags": ["0C"]}]},
    "dg14": {"chip_auth": "CA-ECDH-AES-128"},
    "dg15": {"key": "RSA 2048"},
    "apdus": 90,
    "bytes": 22_000,
    "reopenings": 2,
}
OUTSIDE: dict[str, Any] = {"card_access": {"length": 54}, "pace_offered": True, "pace_spoken": True}


def lines(**changes: Any) -> dict[str, str]:
    report = {
        "reader": "ACS 00",
        "protocol": "T=1",
        "atr": "3B00",
        "announces_extended": True,
        "reader_and_card_extended": True,
        "outside": OUTSIDE,
        **changes,
    }
    return {line[:11].strip(): line[11:] for line in probe_lines(report)}


def test_a_whole_report_in_ten_lines() -> None:
    assert lines(inside=INSIDE) == {
        "reader": "ACS 00, T=1, ATR 3B00",
        "long reads": "yes",
        "outside": "ID application, PACE of a kind spoken here",
        "opened": "PACE with AES-128 in 340.1 ms",
        "files": "DG1 95 B 30.2 ms, DG13 443 B 61.0 ms",
        "signature": "valid, ECDSA-SHA256, signer's key secp256r1",
        "chip": "CA-ECDH-AES-128, signs with RSA 2048",
        "DG13": "fields 1 2",
        "cost": "90 commands, 22000 bytes, opened again 2 x",
    }


def test_without_a_key_and_with_a_wrong_one() -> None:
    assert lines()["inside"] == "not looked at: no key was given"
    wrong = {"error": "card.access_denied", "message": "The chip refused the key."}
    assert lines(inside=wrong)["inside"] == "The chip refused the key."


@pytest.mark.parametrize(
    ("outside", "told"),
    [
        ({**OUTSIDE, "pace_spoken": False}, "ID application, PACE of a kind not spoken here"),
        ({**OUTSIDE, "pace_offered": False}, "ID application, no PACE: opens with BAC"),
        ({"card_access": None, "application": True}, "ID application, no PACE: opens with BAC"),
        (
            {"error": "card.not_id", "message": "The card has no ID application."},
            "The card has no ID application.",
        ),
    ],
)
def test_the_outside_of_other_cards(outside: dict[str, Any], told: str) -> None:
    assert lines(outside=outside)["outside"] == told


@pytest.mark.parametrize(
    ("announces", "why"), [(True, "the reader is too small for them"), (False, "the card has none")]
)
def test_why_reads_are_short(*, announces: bool, why: str) -> None:
    assert lines(announces_extended=announces, reader_and_card_extended=False)["long reads"] == why


@pytest.mark.parametrize(
    ("sod", "told"),
    [
        ({"length": None}, "no EF.SOD"),
        ({"error": "card.protocol", "message": "EF.SOD is malformed."}, "EF.SOD is malformed."),
        (
            {**SOD, "verdict": "untrusted", "reason": "authority_unknown"},
            "untrusted (authority_unknown), ECDSA-SHA256, signer's key secp256r1",
        ),
        ({**SOD, "scheme": "", "verdict": "invalid"}, "invalid, not checked, signer's key secp256r1"),
    ],
)
def test_what_the_signature_came_to(sod: dict[str, Any], told: str) -> None:
    found = lines(
        inside={**INSIDE, "sod": sod, "dg14": {}, "dg15": {}, "dg13": {"error": "x"}, "reopenings": 0}
    )
    assert found["signature"] == told
    assert found["chip"] == "no chip authentication, no active authentication"
    assert "DG13" not in found
    assert found["cost"] == "90 commands, 22000 bytes"
