"""Declarations made elsewhere: what is taken, and what a stranger's code cannot do."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.ports import CodeKind
from drivers.qr.declaration import PREFIX, make_declaration
from drivers.qr.payload import classify

ANSWERS: dict[str, str | int | bool | list[str]] = {
    "nyc.hoTen": "NGUYỄN THỊ HƯƠNG",
    "soBan": 2,
    "nop": True,
    "giay": ["a", "b"],
}


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_what_was_made_is_read_back_and_fits_a_code() -> None:
    text = make_declaration("2.000635", ANSWERS)
    assert len(text) < 200
    found = classify(text)
    assert found.kind is CodeKind.DECLARATION
    assert found.fields["procedure"] == "2.000635"
    assert json.loads(found.fields["answers"]) == ANSWERS
    assert "HƯƠNG" not in repr(found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("KHAI1:2.000635", "declaration_malformed"),
        ("KHAI1:../../etc:abc", "declaration_malformed"),
        ("KHAI1:2.000635:%%%", "declaration_malformed"),
        (f"KHAI1:2.000635:{packed(b'no zlib')}", "declaration_malformed"),
        (f"KHAI1:2.000635:{packed(zlib.compress(b'[1]'))}", "declaration_malformed"),
        (f"KHAI1:2.000635:{packed(zlib.compress(b'{}')[:-3])}", "declaration_malformed"),
        (f"KHAI1:2.000635:{packed(zlib.compress(b'[' * 9000))}", "declaration_malformed"),
        (f"KHAI1:2.000635:{packed(zlib.compress(b' ' * 1_000_000))}", "declaration_too_large"),
        (make_declaration("2.000635", {"a": "x" * 501}), "declaration_odd_value"),
        (make_declaration("2.000635", {"a": "x\x1b[2J"}), "declaration_odd_value"),
        (make_declaration("2.000635", {"a": "x\0"}), "declaration_odd_value"),
        (make_declaration("2.000635", {"a": "x\x0by"}), "declaration_odd_value"),
        (make_declaration("2.000635", {"a": ["x", "y\u202ez"]}), "declaration_odd_value"),
        (make_declaration("2.000635", {"__proto__": "x"}), "declaration_odd_value"),
        (make_declaration("2.000635", {"a": 10**13}), "declaration_odd_value"),
        (make_declaration("2.000635", {f"f{at}": 1 for at in range(121)}), "declaration_malformed"),
    ],
)
def test_what_is_no_declaration_is_refused_with_a_reason(text: str, reason: str) -> None:
    found = classify(text)
    assert (found.kind, found.reason) == (CodeKind.OTHER, reason)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Thôn 3\nXã B", "Thôn 3 Xã B"),
        ("Thôn 3\r\nXã B", "Thôn 3 Xã B"),
        ("Ấp\u00a04", "Ấp 4"),
        ("Ấp\t4\u202f\u2028B", "Ấp 4  B"),
        (["a\nb", "c\u00a0d"], ["a b", "c d"]),
        ("x" * 250 + "\r\n" + "y" * 249, "x" * 250 + " " + "y" * 249),
    ],
)
def test_line_breaks_and_wide_spaces_become_plain_ones(
    written: str | list[str], read: str | list[str]
) -> None:
    found = classify(make_declaration("2.000635", {"a": written}))
    assert found.kind is CodeKind.DECLARATION
    assert json.loads(found.fields["answers"]) == {"a": read}


@pytest.mark.parametrize("value", [None, 1.5, {"a": 1}, [1], [["a"]]])
def test_only_plain_answers_are_taken(value: Any) -> None:
    assert classify(make_declaration("2.000635", {"a": value})).reason == "declaration_odd_value"


@given(st.text(max_size=300) | st.binary(max_size=300).map(packed))
def test_nothing_a_stranger_writes_raises(tail: str) -> None:
    assert classify(f"{PREFIX}2.000635:{tail}").kind in {CodeKind.OTHER, CodeKind.DECLARATION}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("https://sso.dancuquocgia.gov.vn/login?x=1", CodeKind.VNEID),
        ("https://vneid.gov.vn/qr/abc", CodeKind.VNEID),
        ("https://vneid.gov.vn.evil.example/qr", CodeKind.URL),
        ("https://notvneid.gov.vn/qr", CodeKind.URL),
    ],
)
def test_a_sign_in_of_the_e_id_app_is_told_apart(text: str, kind: CodeKind) -> None:
    assert classify(text).kind is kind
