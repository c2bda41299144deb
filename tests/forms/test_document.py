from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pikepdf
import pytest

from forms import document as drawing
from forms.document import DocumentError, compile_template, document_data

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from forms.form import DefinedForm

TODAY = dt.date(2026, 11, 23)
A4_PT = (595.276, 841.89)
LETTERS = re.compile(rb"<([0-9A-Fa-f]+)>")


def text_of(pdf: bytes) -> str:
    """The text of a PDF by its fonts' own ToUnicode tables: what a search or a copy would find."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        found = "".join(text_of_page(page) for page in opened.pages)
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", found))


def text_of_page(page: pikepdf.Page) -> str:
    fonts = {str(name): unicode_table(font) for name, font in page.Resources.Font.items()}
    table: dict[int, str] = {}
    found = ""
    for instruction in pikepdf.parse_content_stream(page):
        if isinstance(instruction, pikepdf.ContentStreamInlineImage):
            continue
        operands, operator = instruction.operands, str(instruction.operator)
        if operator == "Tf":
            table = fonts[str(operands[0])]
        elif operator == "Tj":
            found += letters(bytes(operands[0]), table)
        elif operator == "TJ":
            found += "".join(letters(bytes(x), table) for x in operands[0] if isinstance(x, pikepdf.String))
        elif operator == "BT":
            found += " "
    return found


def letters(codes: bytes, table: dict[int, str]) -> str:
    return "".join(table.get(int.from_bytes(codes[i : i + 2], "big"), "") for i in range(0, len(codes), 2))


def unicode_table(font: Any) -> dict[int, str]:
    table: dict[int, str] = {}
    for line in bytes(font.ToUnicode.read_bytes()).splitlines():
        codes = [bytes.fromhex(found.decode()) for found in LETTERS.findall(line)]
        if len(codes) == 2 and len(codes[0]) == 2:
            table[int.from_bytes(codes[0], "big")] = codes[1].decode("utf-16-be")
    return table


@pytest.fixture(params=["1.001193", "2.000635"])
def drawn(
    *,
    request: pytest.FixtureRequest,
    birth: DefinedForm,
    extract: DefinedForm,
    answered: Callable[..., Any],
    birth_answers: dict[str, Any],
    extract_answers: dict[str, Any],
) -> tuple[DefinedForm, Any, bytes]:
    form, values = (birth, birth_answers) if request.param == "1.001193" else (extract, extract_answers)
    answers = answered(form, values)
    return form, answers, form.render_pdf(answers, receipt_code="K01-261123-0007", today=TODAY)


def test_the_form_is_one_a4_page_with_fonts_embedded(drawn: tuple[DefinedForm, Any, bytes]) -> None:
    with pikepdf.open(io.BytesIO(drawn[2])) as pdf:
        assert len(pdf.pages) == 1
        size = [float(x) for x in pdf.pages[0].MediaBox.as_list()[2:]]
        assert size == pytest.approx(A4_PT, abs=0.5)
        fonts = list(pdf.pages[0].Resources.Font.values())
        assert fonts
        for font in fonts:
            inner = font.DescendantFonts[0]
            assert "LiberationSerif" in str(inner.BaseFont)
            assert "/FontFile2" in inner.FontDescriptor or "/FontFile3" in inner.FontDescriptor
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "B")


def test_every_answer_stands_on_the_paper_with_its_diacritics(drawn: tuple[DefinedForm, Any, bytes]) -> None:
    form, _answers, pdf = drawn
    text = text_of(pdf)
    expected = ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "K01-261123-0007"]
    expected += [
        "NGUYỄN THỊ HƯƠNG",
        "087194000412",
        "phường Sa Đéc, tỉnh Đồng Tháp",
        "ngày 23 tháng 11 năm 2026",
    ]
    if form.code == "1.001193":
        expected += ["TỜ KHAI ĐĂNG KÝ KHAI SINH", "NGUYỄN GIA BẢO", "18/11/2026", "mười tám tháng mười một"]
        expected += ["Bệnh viện Đa khoa Sa Đéc", "xã Tân Khánh Trung", "Mẹ"]
    else:
        expected += ["TỜ KHAI CẤP BẢN SAO TRÍCH LỤC HỘ TỊCH", "UBND xã Tân Khánh Trung", "Bản thân"]
    for words in expected:
        assert words.replace(" ", "") in text.replace(" ", ""), words


def test_the_same_answers_give_the_same_bytes(drawn: tuple[DefinedForm, Any, bytes]) -> None:
    form, answers, pdf = drawn
    assert form.render_pdf(answers, receipt_code="K01-261123-0007", today=TODAY) == pdf


def test_an_empty_form_has_dots_to_write_on(birth: DefinedForm, extract: DefinedForm) -> None:
    for form in (birth, extract):
        pdf = form.render_pdf({}, receipt_code="", today=TODAY)
        assert "........" in text_of(pdf).replace(" ", "")


def test_the_fullest_form_stays_on_one_page(
    birth: DefinedForm, answered: Callable[..., Any], birth_answers: Any
) -> None:
    long_address = "Số 123, tổ 4, ấp Khánh Mỹ, đường Nguyễn Huệ nối dài"
    values = {
        **birth_answers,
        "nyc.noiCuTru.diaChi": long_address,
        "cha.coKhai": True,
        "cha.hoTen": "Nguyễn Phúc Hoàng Thiên Bảo Long",
        "cha.ngaySinh": "1990",
        "cha.danToc": "23",
        "cha.giayTo.loai": "10",
        "cha.giayTo.so": "012345678901",
        "cha.giayTo.ngayCap": "2024-08-01",
        "cha.giayTo.noiCap": "Cục Cảnh sát quản lý hành chính về trật tự xã hội",
        "cha.noiCuTru.xa": "30184",
        "cha.noiCuTru.diaChi": long_address,
        "soLuongBanSao": 20,
    }
    pdf = birth.render_pdf(answered(birth, values), receipt_code="K01-261123-0007", today=TODAY)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1


@pytest.mark.parametrize(
    "hostile", ['#panic("x")', "*bold* $x^2$ <a> @b", '"; #sys', "{{}}\\u{0}", '#import "x"']
)
def test_an_answer_is_never_source(
    birth: DefinedForm, answered: Callable[..., Any], birth_answers: dict[str, Any], hostile: str
) -> None:
    pdf = birth.render_pdf(
        answered(birth, {**birth_answers, "nks.noiSinh.coSo": hostile}), receipt_code="", today=TODAY
    )
    assert hostile.replace(" ", "")[:6] in text_of(pdf).replace(" ", "")


def test_a_preview_is_a_picture(birth: DefinedForm) -> None:
    data = document_data(birth.blueprint, {}, receipt_code="", today=TODAY)
    png = compile_template("1.001193.typ", data, today=TODAY, output="png")
    assert png.startswith(b"\x89PNG")


def test_a_broken_template_names_itself_and_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "bad.typ").write_text(
        "#let d = json(bytes(sys.inputs.data))\n#panic(d.name)", encoding="utf-8"
    )
    with pytest.raises(DocumentError, match=r"bad\.typ") as e:
        compile_template("bad.typ", {"name": "NGUYỄN THỊ HƯƠNG"}, today=TODAY, folder=tmp_path)
    assert "HƯƠNG" not in str(e.value) + str(e.value.__cause__) + caplog.text
    assert caplog.messages == ["form.render_failed"]


def test_two_pages_are_no_preview(tmp_path: Path) -> None:
    (tmp_path / "two.typ").write_text("a\n#pagebreak()\nb", encoding="utf-8")
    with pytest.raises(DocumentError, match="one page"):
        compile_template("two.typ", {}, today=TODAY, output="png", folder=tmp_path)


def test_missing_fonts_are_told(birth: DefinedForm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "FONTS", tmp_path)
    drawing._fonts.cache_clear()
    with pytest.raises(DocumentError, match="no fonts"):
        birth.render_pdf({}, receipt_code="", today=TODAY)
    monkeypatch.undo()
    drawing._fonts.cache_clear()
    assert birth.render_pdf({}, receipt_code="", today=TODAY)
