"""Draws papers that look like Vietnamese civil papers; every name, number and date in them is invented."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Draw = ImageDraw.ImageDraw
    Font = ImageFont.FreeTypeFont

DPI = 200
A4_PX = (1654, 2339)
"""A4 at 200 dpi, width and height."""
FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
INK = (38, 36, 44)
STAMP_RED = (205, 32, 42)
PEN_BLUE = (34, 58, 160)
MARGIN = 150


def _font(weight: str, size: int) -> Font:
    return ImageFont.truetype(str(FONTS / f"BeVietnamPro-{weight}.ttf"), size)


def birth_certificate() -> NDArray[np.uint8]:
    """Draw a birth certificate (giấy khai sinh): framed, with a red stamp and a blue signature."""
    page, draw = _blank((255, 252, 244))
    draw.rectangle((70, 70, A4_PX[0] - 70, A4_PX[1] - 70), outline=(176, 64, 70), width=5)
    draw.rectangle((84, 84, A4_PX[0] - 84, A4_PX[1] - 84), outline=(176, 64, 70), width=2)
    y = _national_header(draw, 150)
    y = _centred(draw, y + 60, "GIẤY KHAI SINH", _font("Bold", 74), (180, 30, 40))
    y = _centred(draw, y + 10, "Số: 0123/2026", _font("Regular", 34), INK)
    rows = (
        ("Họ, chữ đệm, tên", "TRẦN NGỌC BẢO KHÁNH"),
        ("Ngày, tháng, năm sinh", "09/10/2026"),
        ("Ghi bằng chữ", "Ngày chín tháng mười năm hai nghìn không trăm hai mươi sáu"),
        ("Giới tính · Dân tộc · Quốc tịch", "Nữ · Kinh · Việt Nam"),
        ("Nơi sinh", "Trạm Y tế phường Sa Đéc, tỉnh Đồng Tháp"),
        ("Quê quán", "Xã Mỹ An Hưng, tỉnh Đồng Tháp"),
        ("Số định danh cá nhân", "087326000123"),
        ("Họ và tên người mẹ", "NGUYỄN THỊ HƯỜNG"),
        ("Năm sinh · Dân tộc · Quốc tịch", "1998 · Kinh · Việt Nam"),
        ("Nơi cư trú của người mẹ", "Ấp Phú Thuận, phường Sa Đéc, tỉnh Đồng Tháp"),
        ("Họ và tên người cha", "TRẦN QUỐC ĐẠT"),
        ("Năm sinh · Dân tộc · Quốc tịch", "1995 · Kinh · Việt Nam"),
        ("Nơi cư trú của người cha", "Ấp Phú Thuận, phường Sa Đéc, tỉnh Đồng Tháp"),
        ("Người đi khai sinh", "TRẦN QUỐC ĐẠT, số định danh 087095000456"),
    )
    _rows(draw, y + 60, rows)
    _sign(page, draw, "CÔNG CHỨC TƯ PHÁP - HỘ TỊCH", "Lê Thị Mỹ Duyên", top=1790)
    return _as_bgr(page)


def residence_confirmation() -> NDArray[np.uint8]:
    """Draw a confirmation of residence (xác nhận thông tin về cư trú) with a small table."""
    page, draw = _blank((255, 255, 255))
    y = _national_header(draw, 130)
    y = _centred(draw, y + 50, "XÁC NHẬN THÔNG TIN VỀ CƯ TRÚ", _font("Bold", 52), INK)
    rows = (
        ("Họ và tên", "PHẠM VĂN ƯỚC"),
        ("Ngày, tháng, năm sinh", "1962"),
        ("Giới tính", "Nam"),
        ("Số định danh cá nhân", "087062000789"),
        ("Nơi thường trú", "Số 12, đường Nguyễn Huệ, phường Sa Đéc, tỉnh Đồng Tháp"),
        ("Nơi ở hiện tại", "Như trên"),
        ("Họ và tên chủ hộ", "PHẠM VĂN ƯỚC"),
    )
    y = _rows(draw, y + 50, rows)
    people = (
        ("STT", "Họ và tên", "Sinh năm", "Quan hệ"),
        ("1", "Võ Thị Thuỷ", "1965", "Vợ"),
        ("2", "Phạm Minh Trí", "1990", "Con"),
        ("3", "Phạm Thị Ngọc Ánh", "1993", "Con"),
        ("4", "Phạm Gia Huy", "2019", "Cháu"),
    )
    y = _table(draw, y + 40, people)
    note = "Xác nhận này có giá trị trong thời hạn một năm kể từ ngày cấp và được dùng để bổ túc hồ sơ."
    draw.text((MARGIN, y + 40), note, font=_font("Regular", 28), fill=INK)
    _sign(page, draw, "TRƯỞNG CÔNG AN PHƯỜNG", "Đại uý Huỳnh Công Bằng", top=1700)
    return _as_bgr(page)


PAPERS: dict[str, Callable[[], NDArray[np.uint8]]] = {
    "birth_certificate": birth_certificate,
    "residence": residence_confirmation,
}
"""Every paper that can be laid on the desk; each returns (2339, 1654, 3) uint8 BGR."""


def _blank(colour: tuple[int, int, int]) -> tuple[Image.Image, Draw]:
    page = Image.new("RGB", A4_PX, colour)
    return page, ImageDraw.Draw(page)


def _as_bgr(page: Image.Image) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.asarray(page, dtype=np.uint8)[..., ::-1])


def _centred(draw: Draw, y: int, text: str, font: Font, colour: tuple[int, int, int]) -> int:
    draw.text((A4_PX[0] // 2, y), text, font=font, fill=colour, anchor="ma")
    return y + int(font.size * 1.35)


def _national_header(draw: Draw, y: int) -> int:
    y = _centred(draw, y, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", _font("Bold", 38), INK)
    y = _centred(draw, y, "Độc lập - Tự do - Hạnh phúc", _font("SemiBold", 34), INK)
    middle = A4_PX[0] // 2
    draw.line((middle - 230, y + 4, middle + 230, y + 4), fill=INK, width=3)
    return y + 20


def _rows(draw: Draw, y: int, rows: tuple[tuple[str, str], ...]) -> int:
    label, value = _font("Regular", 31), _font("SemiBold", 31)
    for name, text in rows:
        draw.text((MARGIN, y), f"{name}:", font=label, fill=INK)
        left = MARGIN + int(draw.textlength(f"{name}: ", font=label))
        draw.text((left, y), text, font=value, fill=INK)
        draw.line((left, y + 44, A4_PX[0] - MARGIN, y + 44), fill=(170, 170, 178), width=1)
        y += 72
    return y


def _table(draw: Draw, y: int, rows: tuple[tuple[str, str, str, str], ...]) -> int:
    edges = (MARGIN, MARGIN + 120, MARGIN + 740, MARGIN + 1010, A4_PX[0] - MARGIN)
    for index, row in enumerate(rows):
        font = _font("Bold" if index == 0 else "Regular", 29)
        for left, right, text in zip(edges, edges[1:], row, strict=False):
            draw.rectangle((left, y, right, y + 62), outline=INK, width=2)
            draw.text((left + 16, y + 12), text, font=font, fill=INK)
        y += 62
    return y


def _sign(page: Image.Image, draw: Draw, title: str, name: str, *, top: int) -> None:
    middle = A4_PX[0] - MARGIN - 360
    draw.text((middle, top), title, font=_font("Bold", 32), fill=INK, anchor="ma")
    draw.text((middle, top + 370), name, font=_font("SemiBold", 34), fill=INK, anchor="ma")
    draw.line(_signature(middle - 120, top + 210), fill=PEN_BLUE, width=6, joint="curve")
    _stamp(page, (middle - 150, top + 200))


def _signature(x: int, y: int) -> list[tuple[float, float]]:
    turns = np.linspace(0, 5 * math.pi, 160)
    return [(x + 17 * t + 34 * math.sin(2 * t), y + 62 * math.sin(t) * math.exp(-t / 14)) for t in turns]


def _stamp(page: Image.Image, centre: tuple[int, int]) -> None:
    """Press a round red stamp, half see-through like ink."""
    size = 320
    layer = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(layer)
    draw.ellipse((4, 4, size - 4, size - 4), outline=215, width=9)
    draw.ellipse((58, 58, size - 58, size - 58), outline=215, width=4)
    middle = size / 2
    star = [
        (
            middle + (58 if point % 2 == 0 else 23) * math.sin(point * math.pi / 5),
            middle - (58 if point % 2 == 0 else 23) * math.cos(point * math.pi / 5),
        )
        for point in range(10)
    ]
    draw.polygon(star, fill=215)
    font = _font("Bold", 26)
    for index, letter in enumerate("PHƯỜNG SA ĐÉC · TỈNH ĐỒNG THÁP · "):
        angle = 2 * math.pi * index / 33
        glyph = Image.new("L", (44, 44), 0)
        ImageDraw.Draw(glyph).text((22, 22), letter, font=font, fill=215, anchor="mm")
        turned = glyph.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        place = (int(middle + 126 * math.sin(angle)) - 22, int(middle - 126 * math.cos(angle)) - 22)
        layer.paste(255, (*place, place[0] + 44, place[1] + 44), turned)
    page.paste(STAMP_RED, (centre[0] - size // 2, centre[1] - size // 2), layer)
