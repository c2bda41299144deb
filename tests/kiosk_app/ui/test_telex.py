"""Telex, VNI and tone keys: old-style tones, undone by the same key, never a lost letter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.ui.widgets.telex import Method, press, tone


def typed(keys: str, method: Method = Method.TELEX) -> str:
    text = ""
    for key in keys:
        text = press(text, key, method=method)
    return text


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("hoaf", "hòa"),
        ("hoafn", "hoàn"),
        ("thuys", "thúy"),
        ("quys", "quý"),
        ("gias", "giá"),
        ("gif", "gì"),
        ("quoocs", "quốc"),
        ("nguyeenx", "nguyễn"),
        ("nguyenxe", "nguyễn"),
        ("NGUYEENX", "NGUYỄN"),
        ("dduwowcj", "được"),
        ("dduowcj", "được"),
        ("huowng", "hương"),
        ("HUWOWNG", "HƯƠNG"),
        ("thuowr", "thuở"),
        ("truowngf", "trường"),
        ("nguoiwf", "người"),
        ("khuyaf", "khuỳa"),
        ("ngoaif", "ngoài"),
        ("mias", "mía"),
        ("muaw", "mưa"),
        ("luuw", "lưu"),
        ("ddawngj", "đặng"),
        ("Vieetj", "Việt"),
        ("oanhs", "oánh"),
        ("quar", "quả"),
        ("aaw", "ă"),
        ("awa", "â"),
        ("hoafz", "hoa"),
        ("Sa Ddeecs", "Sa Đéc".replace("é", "ế")),
    ],
)
def test_telex_writes_vietnamese(keys: str, wanted: str) -> None:
    assert typed(keys) == wanted


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("ass", "as"),
        ("aaa", "aa"),
        ("ddd", "dd"),
        ("aww", "aw"),
        ("oww", "ow"),
        ("w", "ư"),
        ("ww", "w"),
        ("thw", "thư"),
        ("zoo", "zô"),
    ],
)
def test_the_same_key_twice_means_the_letter(keys: str, wanted: str) -> None:
    assert typed(keys) == wanted


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ("hoa2", "hòa"),
        ("nguye6n4", "nguyễn"),
        ("d9uo7c5", "được"),
        ("na8m", "năm"),
        ("12", "12"),
        ("a11", "a1"),
    ],
)
def test_vni_writes_vietnamese(keys: str, wanted: str) -> None:
    assert typed(keys, Method.VNI) == wanted


def test_direct_keys_add_what_they_show() -> None:
    assert typed("Nguyễn Gia Bảo sfrxj", Method.DIRECT) == "Nguyễn Gia Bảo sfrxj"


def test_a_direct_letter_takes_over_the_tone() -> None:
    assert press("tiế", "n", method=Method.DIRECT) == "tiến"
    assert press("hò", "a", method=Method.DIRECT) == "hòa"


def test_a_tone_key_sets_changes_and_takes_away() -> None:
    assert tone("Bao", 3) == "Bảo"
    assert tone("Bảo", 1) == "Báo"
    assert tone("Bảo", 3) == "Bao"
    assert tone("Bảo", 0) == "Bao"
    assert tone("bcd", 1) == "bcd"
    assert tone("", 1) == ""


VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậếềểễệốồổỗộớờởỡợứừửữự AN1,"


@given(st.text(alphabet=VIETNAMESE, max_size=12), st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789 "))
def test_no_key_touches_what_stands_before_the_last_syllable(text: str, key: str) -> None:
    before = "Nguyễn, "
    for method in Method:
        assert press(before + text, key, method=method).startswith(before)


@given(st.text(alphabet=VIETNAMESE, max_size=12), st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789 "))
def test_a_key_adds_at_most_one_letter_and_loses_none(text: str, key: str) -> None:
    for method in Method:
        made = press(text, key, method=method)
        assert len(text) <= len(made) <= len(text) + 1
        assert made == unicodedata.normalize("NFC", made)


@given(st.text(alphabet=VIETNAMESE, max_size=8), st.integers(1, 5))
def test_a_tone_set_twice_is_taken_away(text: str, mark: int) -> None:
    bare = tone(text, 0)
    assert tone(tone(bare, mark), mark) == bare


@given(st.text(max_size=20), st.characters())
def test_any_text_at_all_is_taken(text: str, key: str) -> None:
    for method in Method:
        press(text, key, method=method)
