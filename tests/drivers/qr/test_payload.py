from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.ports import CodeKind
from drivers.qr.payload import classify
from drivers.qr.vietqr import crc16

CARD_2021 = (
    "087198001234|321456789|Nguyễn Thị Hường|15081998|Nữ|Ấp Phú Thuận, Phường Sa Đéc, Đồng Tháp|22122021"
)
CARD_2024 = "087062000789||Phạm Văn Ước|00001962|Nam|Số 12, Nguyễn Huệ, Sa Đéc|01072024||||"
VIETQR = (
    "00020101021138480010A00000072701300006970403011621129950446040255204581253037045802VN"
    "5910PHUONG CAC6005HANOI62110307NPS686963045802"
)
VIETQR_AMOUNT = (
    "00020101021238570010A00000072701270006970405011312345678901230208QRIBFTTA5303704540480005802VN"
    "62220818H20 17 250901 000163049EE8"
)

texts = st.one_of(
    st.text(max_size=300),
    st.from_regex(r"[0-9]{9,13}[|$].{0,80}"),
    st.lists(st.text(max_size=20), min_size=6, max_size=12).map(
        lambda parts: "087198001234|" + "|".join(parts)
    ),
    st.text(max_size=60).map(lambda rest: "000201" + rest),
    st.text(max_size=60).map(lambda rest: "https://" + rest),
    st.from_regex(r"https://a\.vn/d/K0[0-9]-[0-9]{6}-[0-9]{4}\?t=.{0,20}"),
    st.binary(max_size=60).map(bytes.hex),
)


@given(texts)
def test_any_text_is_classified_and_none_raises(text: str) -> None:
    found = classify(text)
    assert found.kind in CodeKind
    assert found.text == text
    assert (found.card is not None) == (found.kind is CodeKind.ID_CARD)
    assert (found.receipt_code is not None) == (found.kind is CodeKind.RECEIPT)


def test_the_card_of_2021_gives_every_field() -> None:
    found = classify(CARD_2021)
    assert found.kind is CodeKind.ID_CARD
    card = found.card
    assert card
    assert card.id_number == "087198001234"
    assert card.old_id_number == "321456789"
    assert card.full_name == "Nguyễn Thị Hường"
    assert card.birth_date == "1998-08-15"
    assert card.sex == "female"
    assert card.residence == "Ấp Phú Thuận, Phường Sa Đéc, Đồng Tháp"
    assert card.issue_date == "2021-12-22"
    assert set(card.sources.values()) == {"qr"}
    assert found.fields["id_number"] == "087198001234"


def test_the_card_of_2024_keeps_its_extras_and_its_partial_date() -> None:
    found = classify(CARD_2024)
    assert found.card
    assert found.card.birth_date == "1962"
    assert found.card.old_id_number is None
    assert found.card.sex == "male"
    assert [key for key in found.fields if key.startswith("extra_")] == [
        "extra_8",
        "extra_9",
        "extra_10",
        "extra_11",
    ]
    assert "old_id_number" not in found.card.sources


@pytest.mark.parametrize(
    "text",
    [
        CARD_2021.replace("|", "$"),
        CARD_2021.encode().hex(),
        CARD_2021.encode().hex().upper(),
        f"\ufeff{CARD_2021}\r\n",
        CARD_2021.replace("Hường", "Hu\u031bo\u031b\u0300ng"),
        f"{CARD_2021}|||",
    ],
)
def test_other_shapes_of_the_same_card_give_the_same_person(text: str) -> None:
    found = classify(text)
    assert found.card
    assert found.card.full_name == "Nguyễn Thị Hường"
    assert found.card.birth_date == "1998-08-15"


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("15081998", "1998-08-15"),
        ("00081998", "1998-08"),
        ("00001998", "1998"),
        ("1998", "1998"),
        ("15/08/1998", "1998-08-15"),
        ("", None),
        ("00000000", None),
    ],
)
def test_dates_may_be_partial(digits: str, expected: str | None) -> None:
    found = classify(CARD_2021.replace("15081998", digits))
    assert found.card
    assert found.card.birth_date == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("087198001234|321456789|Nguyễn", "card_fields_missing"),
        (CARD_2021.replace("087198001234", "87198001234"), "card_id_number_malformed"),
        (CARD_2021.replace("321456789", "32145"), "card_old_id_number_malformed"),
        (CARD_2021.replace("Nguyễn", "Nguy?n"), "card_text_damaged"),
        (CARD_2021.replace("Nguyễn", "Nguy\ufffdn"), "card_text_damaged"),
        (CARD_2021.replace("Đéc", "\ufffdéc"), "card_text_damaged"),
        (CARD_2021.replace("Nữ", "N?"), "card_text_damaged"),
        (CARD_2021.replace("Nguyễn Thị Hường", ""), "card_name_malformed"),
        (CARD_2021.replace("Nguyễn", "Nguy3n"), "card_name_malformed"),
        (CARD_2021.replace("15081998", "31021998"), "card_date_impossible"),
        (CARD_2021.replace("15081998", "150898"), "card_date_malformed"),
        (CARD_2021.replace("|Nữ|", "|X|"), "card_sex_malformed"),
        (CARD_2021 + "|" * 40, "card_fields_too_many"),
        (VIETQR[:-1] + "3", "vietqr_checksum_wrong"),
        ("000201", "vietqr_malformed"),
        ("K01-261322-0007", ""),
        ("1" * 5000, "too_long"),
    ],
)
def test_what_is_not_taken_says_why(text: str, reason: str) -> None:
    found = classify(text)
    if reason:
        assert found.kind is CodeKind.OTHER
        assert found.reason == reason
    else:
        assert found.reason == "receipt_date_impossible"
    assert found.card is None


def test_a_damaged_name_still_leaves_the_numbers_and_the_dates() -> None:
    kept = {
        "id_number": "087198001234",
        "old_id_number": "321456789",
        "birth_date": "1998-08-15",
        "issue_date": "2021-12-22",
    }
    damaged = CARD_2021.replace("Nguyễn", "Nguy?n")
    assert classify(damaged).fields == kept
    no_date = classify(damaged.replace("15081998", "31021998"))
    assert (no_date.reason, "birth_date" in no_date.fields) == ("card_text_damaged", False)
    assert no_date.fields["issue_date"] == "2021-12-22"
    assert classify("087198001234||LE VAN AN|00001962|N?|Sa Dec|").fields == {
        "id_number": "087198001234",
        "birth_date": "1962",
    }


@pytest.mark.parametrize(
    ("text", "code", "token"),
    [
        ("https://gateway.example/d/K01-261122-0007?t=q3Xz_-9", "K01-261122-0007", "q3Xz_-9"),
        ("http://127.0.0.1:8080/base/d/K01-261122-0007?t=a", "K01-261122-0007", "a"),
        ("https://gateway.example/d/H20.17-261122-0007", "H20.17-261122-0007", None),
        ("K01-261122-0007", "K01-261122-0007", None),
        (" k01-261122-0007\r\n", "K01-261122-0007", None),
        ("H15.50.05.13-261008-0975", "H15.50.05.13-261008-0975", None),
        ("g09-261008-000975", "G09-261008-000975", None),
        ("https://tinh.gov.vn/portaldvc/tra-cuu?MHS=H15.50-261008-0975&SGT=1", "H15.50-261008-0975", None),
        ("https://tinh.gov.vn/x?maHoSo=H15.50-261008-0975", "H15.50-261008-0975", None),
        ("https://x.vn/#/tra-cuu?MHS=H20.17-261122-0007", "H20.17-261122-0007", None),
        ("https://x.vn/?lang=vi#/tra-cuu?a=1&maHoSo=H20.17-261122-0007", "H20.17-261122-0007", None),
        ("https://x.vn/#mhs=H20.17-261122-0007", "H20.17-261122-0007", None),
        ("https://x.vn/?mhs=H20.17-261122-0007#/?mhs=H20.17-261122-0008", "H20.17-261122-0007", None),
    ],
)
def test_receipts_are_told_in_all_their_forms(text: str, code: str, token: str | None) -> None:
    found = classify(text)
    assert (found.kind, found.receipt_code, found.token) == (CodeKind.RECEIPT, code, token)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("https://dichvucong.gov.vn/", CodeKind.URL, ""),
        ("https://x.vn/#/tra-cuu", CodeKind.URL, ""),
        ("https://x.vn/#/tra-cuu?MHS=x", CodeKind.URL, "receipt_code_malformed"),
        ("https://a.vn/d/XX?t=1", CodeKind.URL, "receipt_code_malformed"),
        ("https://a.vn/d/K01-269922-0007?t=1", CodeKind.URL, "receipt_date_impossible"),
        ("https://a.vn/d/K01-261122-0007?t=a%20b", CodeKind.URL, "receipt_token_malformed"),
        ("https://[::1/", CodeKind.OTHER, ""),
        ("javascript:alert(1)", CodeKind.OTHER, ""),
        ("Xin chào", CodeKind.OTHER, ""),
        ("", CodeKind.NONE, "empty"),
        (" \r\n\0", CodeKind.NONE, "empty"),
    ],
)
def test_everything_else_is_a_link_a_text_or_nothing(text: str, kind: CodeKind, reason: str) -> None:
    found = classify(text)
    assert (found.kind, found.reason) == (kind, reason)


def test_a_payment_code_gives_bank_account_and_amount() -> None:
    assert classify(VIETQR).fields["bank"] == "970403"
    found = classify(VIETQR_AMOUNT)
    assert found.kind is CodeKind.VIETQR
    assert found.fields["account"] == "1234567890123"
    assert found.fields["amount"] == "8000"
    assert found.fields["purpose"] == "H20 17 250901 0001"


def test_a_well_summed_code_of_another_scheme_or_shape_is_no_vietqr() -> None:
    for body, reason in (
        ("00020101021153037045802VN6304", "vietqr_other_scheme"),
        ("0002019A6304", "vietqr_malformed"),
    ):
        assert classify(f"{body}{crc16(body.encode()):04X}").reason == reason


def test_a_payload_does_not_show_the_person_in_a_log() -> None:
    shown = repr(classify(CARD_2021))
    assert "Hường" not in shown
    assert "087198001234" not in shown
