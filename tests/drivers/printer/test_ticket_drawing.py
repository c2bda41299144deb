"""What a ticket looks like, measured in dots."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from drivers.ports import Ticket, TicketKind, TicketRow
from drivers.printer import typeset
from drivers.printer.raster import Raster, from_image
from drivers.printer.ticket import render
from drivers.printer.typeset import ASCENT, DESCENT, Sheet, Style, Weight, balance, clean, width_of, wrap

DOTS_PER_MM = 203 / 25.4
FONTS = typeset._FONTS
BASES = "aăâeêioôơuưy"
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE = {
    unicodedata.normalize("NFC", base + tone) for base in BASES + BASES.upper() for tone in TONES
} - set("aeiouyAEIOUY") | {"đ", "Đ"}
WIDTHS = [(576, 203), (384, 203), (512, 180)]
LONG_SERVICE = (
    "Đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con; ghi vào Sổ hộ tịch việc Ổn định, Ẩm thực, Ỷ lại"
)


def ink(raster: Raster) -> Image.Image:
    """The raster as a grey picture in which ink is bright."""
    return raster.image().convert("L").point(lambda grey: 255 - grey)


def tallest_black_run(raster: Raster) -> int:
    """Rows of the tallest block of rows that all hold ink."""
    best = run = 0
    for y in range(raster.height):
        run = run + 1 if any(raster.row(y)) else 0
        best = max(best, run)
    return best


@pytest.mark.parametrize(("width", "dpi"), WIDTHS)
def test_the_code_on_the_ticket_reads_back_exactly(queue_ticket: Ticket, width: int, dpi: int) -> None:
    picture = render(queue_ticket, width_dots=width, dpi=dpi).image().convert("L")
    found = zxingcpp.read_barcodes(picture)
    assert [code.text for code in found] == [queue_ticket.qr_text]


def test_the_code_on_a_receipt_reads_back_exactly(receipt: Ticket) -> None:
    found = zxingcpp.read_barcodes(render(receipt).image().convert("L"))
    assert [code.text for code in found] == [receipt.qr_text]


def test_a_code_too_rich_for_the_paper_gets_smaller_modules_and_still_reads(queue_ticket: Ticket) -> None:
    rich = dataclasses.replace(queue_ticket, qr_text="https://kiosk.example/d/" + "8f3a9c21d7" * 30)
    found = zxingcpp.read_barcodes(render(rich, width_dots=384).image().convert("L"))
    assert [code.text for code in found] == [rich.qr_text]


@pytest.mark.parametrize(("width", "dpi"), WIDTHS)
def test_a_queue_number_is_at_least_15_mm_high(queue_ticket: Ticket, width: int, dpi: int) -> None:
    plain = dataclasses.replace(queue_ticket, qr_text=None, notes=(), reprint=False)
    assert tallest_black_run(render(plain, width_dots=width, dpi=dpi)) >= 15 * dpi / 25.4


def test_a_queue_ticket_takes_at_most_90_mm_of_80_mm_paper(queue_ticket: Ticket) -> None:
    assert render(queue_ticket).height / DOTS_PER_MM <= 90
    two_lines = dataclasses.replace(
        queue_ticket, service="Đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con", reprint=True
    )
    assert render(two_lines).height / DOTS_PER_MM <= 90


@pytest.mark.parametrize(("width", "dpi"), WIDTHS)
@pytest.mark.parametrize("reprint", [False, True])
def test_nothing_touches_the_edges_however_long_the_names(
    queue_ticket: Ticket, receipt: Ticket, width: int, dpi: int, *, reprint: bool
) -> None:
    for ticket in (queue_ticket, receipt):
        long = dataclasses.replace(
            ticket,
            service=LONG_SERVICE,
            centre="TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG XÃ ĐẦM DƠI ỔN ĐỊNH " * 2,
            rows=(
                *ticket.rows,
                TicketRow(label=LONG_SERVICE, value=LONG_SERVICE),
                TicketRow(label="Mã", value="Ẫ" * 200),
            ),
            reprint=reprint,
        )
        picture = render(long, width_dots=width, dpi=dpi)
        box = ink(picture).getbbox()
        assert box is not None
        assert box[0] >= 8 * dpi // 203
        assert box[1] >= 1
        assert box[2] <= width - 8 * dpi // 203
        assert box[3] <= picture.height - 1


def test_the_tallest_and_deepest_letters_fit_their_line() -> None:
    assert len(VIETNAMESE) == 134
    for weight in Weight:
        font = ImageFont.truetype(
            FONTS / f"BeVietnamPro-{weight}.ttf", 100, layout_engine=ImageFont.Layout.BASIC
        )
        for sign in sorted(VIETNAMESE):
            _left, top, _right, bottom = font.getbbox(sign, anchor="ls")
            assert -top <= ASCENT * 100, sign
            assert bottom <= DESCENT * 100, sign


def test_every_vietnamese_letter_has_its_own_glyph() -> None:
    for weight in Weight:
        font = ImageFont.truetype(FONTS / f"BeVietnamPro-{weight}.ttf", 60)
        shapes = set()
        for sign in VIETNAMESE:
            picture = Image.new("L", (90, 110), 0)
            ImageDraw.Draw(picture).text((10, 80), sign, font=font, fill=255, anchor="ls")
            shapes.add(picture.tobytes())
        assert len(shapes) == len(VIETNAMESE)


def test_decomposed_text_prints_as_composed(queue_ticket: Ticket) -> None:
    loose = dataclasses.replace(
        queue_ticket, service=unicodedata.normalize("NFD", queue_ticket.service), qr_text=queue_ticket.qr_text
    )
    assert loose.service != queue_ticket.service
    assert render(loose) == render(queue_ticket)


def test_a_reprint_says_so_and_a_first_print_does_not(queue_ticket: Ticket) -> None:
    first = render(queue_ticket)
    again = render(dataclasses.replace(queue_ticket, reprint=True))
    added = again.height - first.height
    assert added > 0
    # Below the mark it is the same ticket; the mark is a mostly black bar.
    assert again.rows[-(first.height - 4) * 72 :] == first.rows[-(first.height - 4) * 72 :]
    bar = b"".join(again.row(y) for y in range(4, added - 8))
    black = sum(byte.bit_count() for byte in bar) / (len(bar) * 8)
    assert 0.6 < black < 0.95


def test_each_kind_of_slip_is_drawn(receipt: Ticket) -> None:
    status = dataclasses.replace(receipt, kind=TicketKind.STATUS, qr_text=None, hotline="", number="KIOSK 1")
    assert render(status).height > 200
    bare = dataclasses.replace(status, rows=(), notes=())
    assert 150 < render(bare).height < render(status).height


def test_hotline_and_rows_and_notes_all_reach_the_paper(receipt: Ticket) -> None:
    whole = render(receipt)
    for less in (
        dataclasses.replace(receipt, hotline=""),
        dataclasses.replace(receipt, rows=receipt.rows[:-1]),
        dataclasses.replace(receipt, notes=(receipt.notes[0], "2. Xong.")),
    ):
        assert render(less) != whole


def test_wrapped_lines_keep_every_word_in_order_and_fit() -> None:
    style = Style(weight=Weight.MEDIUM, size=25)
    for lines in (wrap(LONG_SERVICE, style, 300), balance(LONG_SERVICE, style, 300)):
        assert " ".join(lines) == LONG_SERVICE
        assert all(width_of(line, style) <= 300 for line in lines)
    endless = "W" * 100
    cut = wrap(f"a {endless} b", style, 300)
    assert "".join(cut).replace(" ", "") == f"a{endless}b"
    assert all(width_of(line, style) <= 300 for line in cut)


def test_balanced_lines_are_as_few_and_leave_no_lonely_word() -> None:
    style = Style(weight=Weight.BOLD, size=28)
    text = "Đăng ký khai sinh kết hợp đăng ký nhận cha, mẹ, con"
    greedy, even = wrap(text, style, 368), balance(text, style, 368)
    assert len(even) == len(greedy)
    assert greedy[-1] == "con"
    assert width_of(even[-1], style) > 150


def test_control_signs_never_reach_the_paper() -> None:
    assert clean("A\x10\x04\n B\u200b\u00a0C\x00") == "A B C"
    assert wrap(" \n ", Style(weight=Weight.MEDIUM, size=25), 100) == []


def test_an_overlong_number_is_made_lower_and_never_wider_than_the_paper() -> None:
    sheet = Sheet(384, side=8)
    sheet.number("A015", Weight.BLACK, height=120)
    assert sheet.y >= 120
    long = Sheet(384, side=8)
    long.number("K01-261123-0007", Weight.BLACK, height=120)
    assert 20 < long.y < 60
    box = ink(long.finish()).getbbox()
    assert box is not None
    assert box[0] >= 8
    assert box[2] <= 376
    empty = Sheet(384, side=8)
    empty.number(" ", Weight.BLACK, height=120)
    assert empty.y == 0


def test_a_raster_knows_its_own_shape() -> None:
    picture = Image.new("1", (10, 2), 1)
    picture.putpixel((9, 1), 0)
    raster = from_image(picture)
    assert raster.rows == b"\x00\x00\x00\x40"
    assert raster.image().tobytes() == picture.tobytes()
    with pytest.raises(ValueError, match="do not make"):
        Raster(width=10, height=2, rows=b"\0" * 3)
    with pytest.raises(ValueError, match="mode 1"):
        from_image(Image.new("L", (8, 8)))
    assert Raster(width=8, height=0, rows=b"").image().size == (8, 0)
    assert "rows" not in repr(raster)


def test_a_receipt_with_all_its_rows_takes_at_most_90_mm_of_80_mm_paper(receipt: Ticket) -> None:
    rows = [
        TicketRow(label=label, value=value)
        for label, value in (
            ("Mã của trung tâm", "H20.17-261123-0007"),
            ("Nộp lúc", "09:41 23/11/2026"),
            ("Lệ phí", "8.000 đồng mỗi bản"),
            ("Hẹn trả (dự kiến)", "25/11/2026"),
            ("Giấy tờ đã chụp", "3 trang"),
        )
    ]
    notes = (
        "Giữ phiếu này. Đưa mã trên phiếu vào máy để xem hồ sơ đến đâu.",
        "Hồ sơ đã gửi về trung tâm.",
        "Mang bản chính giấy tờ đến quầy khi cán bộ gọi.",
    )
    whole = dataclasses.replace(receipt, rows=tuple(rows), notes=notes)
    assert render(whole).height / DOTS_PER_MM <= 90


@pytest.mark.parametrize("size", [18, 22, 25, 35])
def test_letters_placed_one_by_one_are_the_dots_of_the_line_drawn_whole(size: int) -> None:
    for weight in Weight:
        style = Style(weight=weight, size=size)
        for text in (LONG_SERVICE, "AVATAR, To. “Ỵ” fi K01-261123-0007", "".join(sorted(VIETNAMESE))):
            sheet = Sheet(width_of(text, style) + 40, side=10)
            sheet.left(text, style, x=10, width=sheet.width - 20)
            page = Image.new("L", (sheet.width, sheet.y), 0)
            ImageDraw.Draw(page).text(
                (10, sheet._lines[0].y), text, font=typeset._font(style), fill=255, anchor="ls"
            )
            assert sheet.finish() == from_image(page.point(typeset._burn, mode="1"))
