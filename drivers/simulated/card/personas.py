"""Invented people for demonstrations and tests: card, QR code and access keys that belong together.

No real person is meant; the ID numbers are made up inside the published structure.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from drivers.card import mrz

NO_EXPIRY = "991231"


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """A person with a card.

    Dates are as printed on the card (`dd/mm/yyyy`, or `yyyy` where only the year is known).
    """

    name: str
    """What a script calls the person: `huong`."""
    id_number: str = field(repr=False)
    full_name: str = field(repr=False)
    birth: str = field(repr=False)
    sex: str = field(repr=False)
    """`Nam` or `Nữ`, as printed."""
    origin: str = field(default="", repr=False)
    residence: str = field(default="", repr=False)
    ethnicity: str = field(default="Kinh", repr=False)
    religion: str = field(default="Không", repr=False)
    marks: str = field(default="", repr=False)
    issued: str = field(repr=False)
    expires: str = field(repr=False)
    """Empty where the card never expires."""
    father: str = field(default="", repr=False)
    mother: str = field(default="", repr=False)
    spouse: str = field(default="", repr=False)
    old_number: str = field(default="", repr=False)
    has_dg13: bool = True
    """False for a card that lets a generic reader see the ICAO part only."""
    explicit_curve: bool = False
    """True where the certificates spell their curve out, as Vietnam's do."""
    layout: int = 2021
    """The layout of the printed QR code: 2021 (7 fields) or 2024 (11 fields)."""

    @property
    def can(self) -> str:
        """The Card Access Number: the last six digits of the ID number."""
        return self.id_number[-6:]

    @property
    def mrz(self) -> tuple[str, str, str]:
        """The three lines on the back. Source: DEVICES.md 1.4."""
        first = f"IDVNM{self.id_number[3:]}{mrz.check_digit(self.id_number[3:])}{self.id_number}<<"
        first += mrz.check_digit(first[5:])
        birth = _mrz_date(self.birth)
        expiry = _mrz_date(self.expires) if self.expires else NO_EXPIRY
        sex = "F" if self.sex == "Nữ" else "M"
        second = f"{birth}{mrz.check_digit(birth)}{sex}{expiry}{mrz.check_digit(expiry)}VNM".ljust(29, "<")
        composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
        surname, _, given = _unaccented(self.full_name).partition(" ")
        third = f"{surname}<<{given.replace(' ', '<')}".ljust(30, "<")[:30]
        return first, second + mrz.check_digit(composite), third

    @property
    def qr_text(self) -> str:
        """The text of the QR code printed on the card. Source: DEVICES.md 1.6."""
        birth = self.birth.replace("/", "").rjust(8, "0")
        fields = [self.id_number, self.old_number, self.full_name, birth, self.sex, self.residence]
        fields.append(self.issued.replace("/", ""))
        if self.layout != 2021:  # noqa: PLR2004 - the older of the two layouts
            fields += [""] * 4
        return "|".join(fields)


def _mrz_date(text: str) -> str:
    year, month, day = (*reversed(text.split("/")), "<<", "<<")[:3]
    return f"{year[-2:]}{month}{day}"


def _unaccented(text: str) -> str:
    bare = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    return "".join(char for char in bare if char.isascii() and (char.isalpha() or char == " "))


HUONG = Persona(
    name="huong",
    id_number="087194000412",
    full_name="NGUYỄN THỊ HƯƠNG",
    birth="14/02/1994",
    sex="Nữ",
    origin="Tân Phú Đông, Sa Đéc, Đồng Tháp",
    residence="Số 12, ấp Phú Long, Tân Phú Đông, Sa Đéc, Đồng Tháp",
    issued="10/05/2021",
    expires="14/02/2034",
    marks="Nốt ruồi cách 1cm dưới mắt phải",
    father="NGUYỄN VĂN THẠNH",
    mother="LÊ THỊ KIỀU OANH",
    spouse="ĐẶNG QUỐC BẢO",
    old_number="341876543",
)
BINH = Persona(
    name="binh",
    id_number="087062001537",
    full_name="TRẦN VĂN BÌNH",
    birth="1962",
    sex="Nam",
    residence="Khóm Hòa Khánh, phường Sa Đéc, tỉnh Đồng Tháp",
    issued="15/08/2024",
    expires="",
    has_dg13=False,
    explicit_curve=True,
    layout=2024,
)
UYEN = Persona(
    name="uyen",
    id_number="075301008263",
    full_name="CÔNG TẰNG TÔN NỮ NGUYỄN PHƯỚC HOÀNG THỤY QUỲNH UYÊN",
    birth="09/11/2001",
    sex="Nữ",
    ethnicity="Ê Đê",
    origin="Xã Ea Wer, huyện Buôn Đôn, tỉnh Đắk Lắk",
    residence="Số 145/27/8 đường Nguyễn Thị Minh Khai, khu phố 3, phường Trảng Dài, Biên Hòa, Đồng Nai",
    issued="20/11/2022",
    expires="09/11/2041",
    father="CÔNG TẰNG TÔN THẤT NGUYỄN PHƯỚC THIỆN ĐỨC",
    mother="H'BLĂM ƀUÔN KRÔNG",
    explicit_curve=True,
)
BAO = Persona(
    name="bao",
    id_number="087092000735",
    full_name="ĐẶNG QUỐC BẢO",
    birth="30/09/1992",
    sex="Nam",
    origin="Lai Vung, Đồng Tháp",
    residence="Số 12, ấp Phú Long, Tân Phú Đông, Sa Đéc, Đồng Tháp",
    issued="11/05/2021",
    expires="30/09/2032",
    father="ĐẶNG VĂN TÈO",
    mother="PHẠM THỊ ÚT",
    spouse="NGUYỄN THỊ HƯƠNG",
)
PERSONAS = {persona.name: persona for persona in (HUONG, BINH, UYEN, BAO)}
"""Every persona by the name a script uses. `huong` and `bao` are a couple, for two-card forms."""
