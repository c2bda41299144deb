"""Family names to pick instead of to type: the usual ones first, then those of the ethnic groups.

Source: DOMAIN.md 6.3 (pick lists before typing); the order is general knowledge and only saves keys.
"""

from __future__ import annotations

import unicodedata
from typing import Final

USUAL: Final = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đào",
    "Đinh",
    "Trương",
    "Lâm",
    "Mai",
    "Cao",
    "Châu",
    "Hà",
    "Tạ",
    "Trịnh",
    "Lương",
    "Thái",
    "Tô",
    "La",
    "Từ",
    "Đoàn",
    "Vương",
    "Quách",
    "Kiều",
    "Phùng",
    "Chu",
    "Tống",
    "Nghiêm",
    "Lưu",
    "Triệu",
)  # fmt: skip - read as a list of names, not one a line
OF_GROUPS: Final = (
    "Lò",
    "Quàng",
    "Cà",
    "Tòng",
    "Lường",
    "Vàng",
    "Giàng",
    "Sùng",
    "Thào",
    "Mùa",
    "Hạng",
    "Cứ",
    "Ly",
    "Vừ",
    "Tẩn",
    "Phàn",
    "Chẻo",
    "Lù",
    "Pờ",
    "Khoàng",
    "Hồ",
    "Pả",
    "Kray",
    "A",
    "Y",
    "H'",
    "Rơ",
    "Siu",
    "Ksor",
    "Rmah",
    "Kpă",
    "Nay",
    "Niê",
    "Êban",
    "Mlô",
    "Đinh",
    "Danh",
    "Thạch",
    "Sơn",
    "Kim",
    "Chau",
    "Néang",
    "Nông",
    "Hoàng",
    "Lục",
    "Ma",
    "Bế",
    "Ban",
    "Bàn",
    "Đặng",
    "Triệu",
    "Hà",
    "Bạch",
    "Quách",
)  # fmt: skip - the same


def family_names(typed: str, *, most: int) -> tuple[str, ...]:
    """Return family names that begin as the letters typed, with or without diacritics.

    Args:
        typed: What stands in the field; once there is a second word, or the name is whole, there is nothing
            to pick.
        most: How many at most.
    """
    if " " in typed:
        return ()
    names = tuple(dict.fromkeys((*USUAL, *OF_GROUPS))) if typed else USUAL
    start = _folded(typed)
    found = tuple(name for name in names if _folded(name).startswith(start))
    return () if [name.lower() for name in found] == [typed.lower()] else found[:most]


def _folded(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
