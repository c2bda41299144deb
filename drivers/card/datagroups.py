"""EF.COM, DG1, DG2, DG11 and DG12: what an eMRTD holds.

Source: ICAO Doc 9303-10 (8th ed.), 4.6 and 4.7; ISO/IEC 19794-5:2005 for the face record.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass, field

from drivers.card import mrz, tlv
from drivers.errors import CardProtocolError
from drivers.ports import Portrait


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An elementary file of the card: where it is and the tag it begins with."""

    name: str
    fid: int
    tag: int

    @property
    def sfi(self) -> int:
        """The short identifier, the low five bits of the long one. Source: ICAO Doc 9303-10, table 38."""
        return self.fid & 0x1F


EF_CARD_ACCESS = File(name="EF.CardAccess", fid=0x011C, tag=0x31)
EF_CARD_SECURITY = File(name="EF.CardSecurity", fid=0x011D, tag=0x30)
EF_COM = File(name="EF.COM", fid=0x011E, tag=0x60)
EF_SOD = File(name="EF.SOD", fid=0x011D, tag=0x77)
DATA_GROUP_TAGS = (
    0x61,
    0x75,
    0x63,
    0x76,
    0x65,
    0x66,
    0x67,
    0x68,
    0x69,
    0x6A,
    0x6B,
    0x6C,
    0x6D,
    0x6E,
    0x6F,
    0x70,
)
"""Tags of DG1 to DG16 in order. Source: ICAO Doc 9303-10, table 37."""

PIXEL_CAP = 4_000_000
"""A portrait larger than this is an attack on memory, not a face."""
JPEG_MAGIC = b"\xff\xd8\xff"
JP2_MAGICS = (b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51")
FACE_MAGIC = b"FAC\x00"
FACE_HEADER = 14
FACE_INFO = 20
FEATURE_POINT = 8
IMAGE_INFO = 12


def data_group(number: int) -> File:
    """Return the file of data group 1 to 16."""
    return File(name=f"DG{number}", fid=0x0100 + number, tag=DATA_GROUP_TAGS[number - 1])


def parse_com(data: bytes) -> tuple[int, ...]:
    """Return the numbers of the data groups EF.COM lists; it is unsigned and only a hint.

    Raises:
        CardProtocolError: The file is malformed.
    """
    tags = tlv.find(data, EF_COM.tag, 0x5C)
    if tags is None:
        raise CardProtocolError("EF.COM lists no data groups.")
    return tuple(DATA_GROUP_TAGS.index(tag) + 1 for tag in tags if tag in DATA_GROUP_TAGS)


def parse_dg1(data: bytes) -> mrz.Mrz:
    """Read the MRZ held by DG1: TD1, TD2 or TD3.

    Raises:
        CardProtocolError: The file holds no machine readable zone.
    """
    zone = tlv.find(data, data_group(1).tag, 0x5F1F)
    if zone is None or not zone.isascii():
        raise CardProtocolError("DG1 holds no machine readable zone.")
    return mrz.parse(zone.decode("ascii"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What DG11 and DG12 add where a card has no DG13; None where they are silent."""

    full_name: str | None = field(default=None, repr=False)
    id_number: str | None = field(default=None, repr=False)
    birth_date: str | None = field(default=None, repr=False)
    residence: str | None = field(default=None, repr=False)
    issue_date: str | None = field(default=None, repr=False)


def parse_details(dg11: bytes | None, dg12: bytes | None) -> Details:
    """Read the additional personal and document details; everything else in them is dropped here.

    Raises:
        CardProtocolError: A file is malformed or a text is not UTF-8.

    Source: ICAO Doc 9303-10 (8th ed.), 4.7.11 and 4.7.12.
    """
    person = {} if dg11 is None else _objects(dg11, data_group(11).tag)
    document = {} if dg12 is None else _objects(dg12, data_group(12).tag)
    number = _text(person.get(0x5F10))
    return Details(
        full_name=_name(_text(person.get(0x5F0E))),
        id_number=number if number and re.fullmatch(r"[0-9]{12}", number) else None,
        birth_date=_full_date(person.get(0x5F2B)),
        residence=_joined(_text(person.get(0x5F42))),
        issue_date=_full_date(document.get(0x5F26)),
    )


def _objects(data: bytes, tag: int) -> dict[int, bytes]:
    return {item.tag: item.value for item in tlv.parse(tlv.parse_one(data, tag).value)}


def _text(raw: bytes | None) -> str | None:
    try:
        return unicodedata.normalize("NFC", (raw or b"").decode("utf-8")).strip() or None
    except UnicodeDecodeError as error:
        raise CardProtocolError("DG11 or DG12 holds a text that is not UTF-8.") from error


def _name(text: str | None) -> str | None:
    """Return surname and given names one space apart; `<<` stands between them, `<` between words."""
    return " ".join((text or "").replace("<", " ").split()) or None


def _joined(text: str | None) -> str | None:
    return ", ".join(part.strip() for part in (text or "").split("<") if part.strip()) or None


def _full_date(raw: bytes | None) -> str | None:
    """Return yyyymmdd, as text or as packed digits, in ISO 8601; 00 shortens it."""
    digits = (raw or b"").hex() if len(raw or b"") == 4 else (raw or b"").decode("ascii", "replace")  # noqa: PLR2004 - packed
    match = re.fullmatch(r"([0-9]{4})(0[0-9]|1[0-2])([0-2][0-9]|3[01])", digits)
    if match is None:
        return None
    year, month, day = match.groups()
    if month == "00":
        return year
    return f"{year}-{month}" if day == "00" else f"{year}-{month}-{day}"


def face_image(data: bytes) -> bytes:
    """Return the coded picture of the first face in DG2.

    Raises:
        CardProtocolError: The record is malformed or cut off.

    Source: ICAO Doc 9303-10, 4.7.2; ISO/IEC 19794-5:2005, 5.3 to 5.7.
    """
    template = tlv.find(data, data_group(2).tag, 0x7F61, 0x7F60) or b""
    record = next((item.value for item in tlv.parse(template) if item.tag in {0x5F2E, 0x7F2E}), b"")
    if not record.startswith(FACE_MAGIC) or len(record) < FACE_HEADER + FACE_INFO:
        raise CardProtocolError("DG2 holds no face record.")
    block = int.from_bytes(record[FACE_HEADER : FACE_HEADER + 4], "big")
    points = int.from_bytes(record[FACE_HEADER + 4 : FACE_HEADER + 6], "big")
    start = FACE_HEADER + FACE_INFO + points * FEATURE_POINT + IMAGE_INFO
    end = FACE_HEADER + block
    if not start < end <= len(record):
        raise CardProtocolError("The face record of DG2 is cut off.")
    return record[start:end]


def decode_portrait(picture: bytes) -> Portrait:
    """Decode a JPEG or JPEG 2000 portrait.

    Raises:
        CardProtocolError: Another format, damaged, or more pixels than a portrait has.
    """
    from PIL import Image

    kind = "JPEG2000" if picture.startswith(JP2_MAGICS) else "JPEG"
    if not picture.startswith((JPEG_MAGIC, *JP2_MAGICS)):
        raise CardProtocolError("The portrait is neither JPEG nor JPEG 2000.")
    try:
        with Image.open(io.BytesIO(picture), formats=[kind]) as image:
            width, height = image.size
            if width * height > PIXEL_CAP:
                raise CardProtocolError("The portrait has more pixels than any portrait.")
            picture_rgb = image if image.mode == "RGB" else image.convert("RGB")
            return Portrait(width=width, height=height, rgb=picture_rgb.tobytes())
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise CardProtocolError("The portrait is damaged.") from error
