"""What stands on the official sheet, read back by pdftotext: every answer, in NFC, on one page."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
import unicodedata
from functools import cache

import pikepdf
import pytest

from forms.catalogue import DEFINITIONS, Catalogue, load_catalogue
from forms.ports import FieldKind
from forms.receipt import Intake, render_receipt
from tests.forms.personas import PERSONAS, fill

TODAY = dt.date(2026, 11, 23)
CODES = sorted(path.stem for path in DEFINITIONS.glob("*.json"))
RECEIPT = "K01-261123-0007"
TICKED = frozenset((FieldKind.YES_NO, FieldKind.ROWS))
"""Told by a tick, or by the table of people itself."""
ELSEHOW = frozenset(
    ("kinhGui", "hkd.chuThe", "ndk.gioChet", "nks.loaiDangKy", "ndk.loaiDangKy", "cha.the", "me.the")
)
"""Ticked, told in other words (14 giờ 05 phút), or for the officer's system only."""

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


@cache
def shipped() -> Catalogue:
    return load_catalogue(lambda: TODAY, commune="29905")


def read_back(pdf: bytes) -> str:
    told = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return told.stdout.decode("utf-8")


def bare(text: str) -> str:
    """Letters and digits only, lower case: line breaks, capitals and spaces in numbers do not matter."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("code", CODES)
def test_every_answer_can_be_read_back_from_one_page(code: str, persona: str) -> None:
    form = shipped().form(code)
    answers = form.clean(fill(form, persona, members=2))
    pdf = form.render_pdf(answers, receipt_code=RECEIPT, today=TODAY)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
    text = read_back(pdf)
    assert unicodedata.is_normalized("NFC", text)
    found = bare(text)
    missing = []
    for name, answer in answers.items():
        question = form.blueprint.questions[name]
        if question.kind in TICKED or name in ELSEHOW or not question.print_as:
            continue
        if bare(form.show(name, answer, lang="vi", mask=False)) not in found:
            missing.append(name)
    assert missing == []


def test_the_receipt_has_the_fields_of_the_law_s_form() -> None:
    form = shipped().form("2.000635")
    answers = fill(form, "a young mother")
    intake = Intake(
        centre="Trung tâm Phục vụ hành chính công phường Sa Đéc",
        hotline="1022",
        received_at=dt.datetime(2026, 11, 23, 9, 5, tzinfo=dt.timezone(dt.timedelta(hours=7))),
        receipt_code=RECEIPT,
        tracking_url="https://kiosk.example/d/K01-261123-0007",
    )
    pdf = render_receipt(form, answers, intake)
    found = bare(read_back(pdf))
    for words in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ", "Mã hồ sơ", RECEIPT, intake.centre,
        "Tiếp nhận hồ sơ của ông, bà: NGUYỄN THỊ HƯƠNG", "Địa chỉ", "Số điện thoại", "Thư điện tử",
        "Nội dung yêu cầu giải quyết", "Chủ hồ sơ", "Hình thức nộp", "Thành phần hồ sơ", "Bản chính",
        "Bản sao chứng thực", "Bản chụp", "Số lượng hồ sơ: 01 (bộ)", "Thời gian giải quyết theo quy định",
        "09 giờ 05 phút, ngày 23/11/2026", "(dự kiến, cán bộ xác nhận): ngày 23/11/2026",
        "Đăng ký nhận kết quả tại: Tại trung tâm", "8.000 đồng", "Người nộp hồ sơ", "Người tiếp nhận hồ sơ",
        "Chỉ có giá trị khi cán bộ đã ghi mã hồ sơ và ký",
    ):  # fmt: skip
        assert bare(words) in found, words
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
        with opened.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "B")
