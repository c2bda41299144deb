"""The files of a virtual card, made from a persona and a make: COM, DG1, DG2, DG11 to DG15, a signed SOD.

Source: ICAO Doc 9303-10 (8th ed.), 4; DG13 DEVICES.md 1.5; face record ISO/IEC 19794-5:2005.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
from typing import TYPE_CHECKING

from drivers.card import tlv
from drivers.card.active_auth import OID_ACTIVE, OID_PLAIN_ECDSA
from drivers.card.card_security import OID_SECURITY_OBJECT
from drivers.card.chip_auth import OID_DH, OID_PUBLIC_KEY_DH, OID_PUBLIC_KEY_ECDH
from drivers.card.datagroups import DATA_GROUP_TAGS, EF_COM, EF_SOD, data_group
from drivers.card.key_agreement import OID_STANDARD_DOMAIN, OID_X942
from drivers.card.passive_auth import OID_LDS_SECURITY_OBJECT
from drivers.simulated.card import authority, signing
from drivers.simulated.card.authority import integer, sequence
from drivers.simulated.card.chip_proof import dh_group, signing_key
from drivers.simulated.card.makes import VIETNAM

if TYPE_CHECKING:
    from drivers.simulated.card.authority import Signer
    from drivers.simulated.card.faults import Faults
    from drivers.simulated.card.makes import Make
    from drivers.simulated.card.personas import Persona

SET, OID, OCTETS, UTF8, BITS = 0x31, 0x06, 0x04, 0x0C, 0x03
SHA256 = bytes.fromhex("300B0609608648016503040201")
OID_DG13 = bytes.fromhex("28D316010008")
OID_TERMINAL = bytes.fromhex("04007F0007020202")
DEPTH = 10_000

FACE = 2
PORTRAIT_SIZE = (360, 480)
JPEG_QUALITY, LARGE_QUALITY = 84, 100


def build(persona: Persona, faults: Faults, make: Make = VIETNAM) -> dict[int, bytes]:
    """Return every file of the card by its identifier."""
    signed = _groups(persona, make)
    if faults.cut_portrait:
        signed[FACE] = _dg2(persona.name, cut=True)
    groups = _groups(_somebody_else(persona), make) if faults.wrong_hash else dict(signed)
    if faults.huge_length:
        groups[1] = bytes.fromhex("6184060000005F1F")
    if faults.deep_tlv:
        groups[FACE] = _deep()
    files = {data_group(number).fid: data for number, data in groups.items()}
    files[EF_COM.fid] = _com(sorted(groups))
    files[EF_SOD.fid] = _sod(signed, persona, faults, make)
    return files


def _groups(persona: Persona, make: Make) -> dict[int, bytes]:
    groups = {1: _dg1(persona, make), FACE: _dg2(persona.name, large=make.large), 14: _dg14(persona, make)}
    if make.details:
        groups |= {11: _dg11(persona), 12: _dg12(persona)}
    elif persona.has_dg13:
        groups[13] = _dg13(persona)
    return groups | ({15: _dg15(persona, make)} if make.active else {})


def _deep() -> bytes:
    """Return a DG2 whose objects nest far deeper than any face record."""
    inner = b""
    for _ in range(DEPTH):
        inner = tlv.encode(0x7F60, inner) if len(inner) < 30_000 else inner  # noqa: PLR2004 - fits 15 bits
    return tlv.encode(data_group(FACE).tag, tlv.encode(0x7F61, inner))


def _somebody_else(persona: Persona) -> Persona:
    """Return what a forger would write: another name (DG1), another address (DG13)."""
    if persona.has_dg13:
        return dataclasses.replace(persona, residence="Số 1, đường Không Có Thật")
    return dataclasses.replace(persona, full_name="VÕ VĂN GIẢ")


def _com(numbers: list[int]) -> bytes:
    tags = bytes(DATA_GROUP_TAGS[number - 1] for number in numbers)
    body = tlv.encode(0x5F01, b"0107") + tlv.encode(0x5F36, b"040000") + tlv.encode(0x5C, tags)
    return tlv.encode(EF_COM.tag, body)


def _dg1(persona: Persona, make: Make) -> bytes:
    zone = "".join(make.lines(persona)).encode("ascii")
    return tlv.encode(data_group(1).tag, tlv.encode(0x5F1F, zone))


@functools.cache
def _dg2(name: str, *, cut: bool = False, large: bool = False) -> bytes:
    picture = _portrait(name, LARGE_QUALITY if large else JPEG_QUALITY)[: 600 if cut else None]
    width, height = PORTRAIT_SIZE
    image_info = b"\x01\x00" + width.to_bytes(2, "big") + height.to_bytes(2, "big") + bytes(6)
    block = 20 + len(image_info) + len(picture)
    face = block.to_bytes(4, "big") + bytes(16) + image_info + picture
    record = b"FAC\x00010\x00" + (14 + block).to_bytes(4, "big") + b"\x00\x01" + face
    header = tlv.encode(0x81, b"\x02") + tlv.encode(0x87, b"\x01\x01") + tlv.encode(0x88, b"\x00\x08")
    template = tlv.encode(0x7F60, tlv.encode(0xA1, header) + tlv.encode(0x5F2E, record))
    return tlv.encode(data_group(2).tag, tlv.encode(0x7F61, integer(1) + template))


def _portrait(name: str, quality: int) -> bytes:
    """Draw a silhouette as JPEG: nobody's face, and different for each persona."""
    from PIL import Image, ImageDraw

    seed = hashlib.sha256(name.encode()).digest()
    image = Image.new("RGB", PORTRAIT_SIZE, (206, 222, 236))
    draw = ImageDraw.Draw(image)
    shirt = (60 + seed[0] % 120, 70 + seed[1] % 100, 90 + seed[2] % 110)
    draw.ellipse((30, 340, 330, 700), fill=shirt)
    draw.rectangle((150, 290, 210, 380), fill=(214, 178, 150))
    draw.ellipse((95, 90, 265, 320), fill=(222, 188, 160))
    draw.chord((88, 72, 272, 240), 180, 360, fill=(34, 28, 26))
    # Fine stripes give the picture the weight of a real portrait, some 15 kB.
    for row in range(0, PORTRAIT_SIZE[1], 3):
        shade = seed[row % len(seed)] % 24
        draw.line((0, row, 30 + seed[(row + 7) % 32] % 30, row), fill=(190 + shade, 205 + shade, 225))
        draw.line((300 + shade, row, PORTRAIT_SIZE[0], row), fill=(190 + shade, 205, 215 + shade))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _dg13(persona: Persona) -> bytes:
    # Out of order on purpose: a reader looks fields up by number.
    texts = {
        1: persona.id_number,
        3: persona.birth,
        2: persona.full_name,
        4: persona.sex,
        5: "Việt Nam",
        6: persona.ethnicity,
        7: persona.religion,
        8: persona.origin,
        9: persona.residence,
        10: persona.marks,
        11: persona.issued,
        12: persona.expires or "Không thời hạn",
        15: persona.old_number,
    }
    fields = [sequence(integer(number), _text(text)) for number, text in texts.items()]
    fields.append(sequence(integer(13), sequence(_text(persona.father), _text(persona.mother))))
    fields.append(sequence(integer(14), sequence(_text(persona.spouse))))
    body = sequence(integer(1), tlv.encode(OID, OID_DG13), tlv.encode(SET, b"".join(fields)))
    return tlv.encode(data_group(13).tag, body)


def _text(text: str) -> bytes:
    return tlv.encode(UTF8, text.encode("utf-8"))


def _dg11(persona: Persona) -> bytes:
    surname, _, given = persona.full_name.partition(" ")
    day, month, year = ("00", "00", *persona.birth.split("/"))[-3:]
    objects = {
        0x5F0E: f"{surname}<<{given.replace(' ', '<')}",
        0x5F10: persona.id_number,
        0x5F2B: f"{year}{month}{day}",
        0x5F42: persona.residence.replace(", ", "<"),
    }
    return tlv.encode(data_group(11).tag, _details(objects))


def _dg12(persona: Persona) -> bytes:
    issued = "".join(reversed(persona.issued.split("/")))
    return tlv.encode(data_group(12).tag, _details({0x5F19: "Cục Cảnh sát QLHC", 0x5F26: issued}))


def _details(objects: dict[int, str]) -> bytes:
    tags = b"".join(tag.to_bytes(2, "big") for tag in objects)
    values = (tlv.encode(tag, text.encode("utf-8")) for tag, text in objects.items())
    return tlv.encode(0x5C, tags) + b"".join(values)


def _signer(persona: Persona, faults: Faults, make: Make) -> Signer:
    return authority.document_signer(
        explicit=persona.explicit_curve,
        unknown=faults.unknown_csca,
        expired=faults.expired_dsc,
        forged=faults.forged_curve,
        signature=make.signature,
        linked=make.linked,
    )


def _sod(groups: dict[int, bytes], persona: Persona, faults: Faults, make: Make) -> bytes:
    hashes = (
        sequence(integer(number), tlv.encode(OCTETS, hashlib.sha256(data).digest()))
        for number, data in sorted(groups.items())
    )
    content = sequence(integer(0), SHA256, sequence(*hashes))
    signed = signing.signed_data(OID_LDS_SECURITY_OBJECT, content, _signer(persona, faults, make))
    return tlv.encode(EF_SOD.tag, signed)


def card_access(make: Make) -> bytes:
    """Return EF.CardAccess; of a Vietnamese card as several apps hard-code it (DEVICES.md 1.3)."""
    return tlv.encode(SET, _offers(make))


def _offers(make: Make) -> bytes:
    offers = sequence(tlv.encode(OID, OID_TERMINAL), integer(1))
    if make.chip:
        offers += sequence(tlv.encode(OID, make.chip), integer(1))
    return offers + sequence(tlv.encode(OID, make.pace), integer(2), integer(make.domain_id))


def card_security(persona: Persona, faults: Faults) -> bytes:
    """Return EF.CardSecurity: the chip's key for PACE-CAM, signed."""
    key = authority.private_key(f"chip of {persona.name}")
    info = authority.public_key_info(key, explicit=persona.explicit_curve)
    content = tlv.encode(SET, sequence(tlv.encode(OID, OID_PUBLIC_KEY_ECDH), info))
    return signing.signed_data(OID_SECURITY_OBJECT, content, _signer(persona, faults, VIETNAM))


def _dg14(persona: Persona, make: Make) -> bytes:
    """Repeat the security infos under the signature, with the chip's own public key."""
    key = authority.private_key(f"chip of {persona.name}")
    if make.chip.startswith(OID_DH):
        group = dh_group(make)
        number = pow(group.generator, key.private_numbers().private_value, group.prime)
        algorithm = _dh_algorithm(make)
        info = sequence(algorithm, tlv.encode(BITS, b"\x00" + integer(number)))
        entry = sequence(tlv.encode(OID, OID_PUBLIC_KEY_DH), info)
    else:
        info = authority.public_key_info(key, explicit=persona.explicit_curve)
        entry = sequence(tlv.encode(OID, OID_PUBLIC_KEY_ECDH), info)
    infos = _offers(make) + (entry if make.chip else b"")
    if make.active.startswith("ECDSA"):
        digest = tlv.encode(OID, OID_PLAIN_ECDSA + b"\x03")
        infos += sequence(tlv.encode(OID, OID_ACTIVE), integer(1), digest)
    return tlv.encode(data_group(14).tag, tlv.encode(SET, infos))


def _dh_algorithm(make: Make) -> bytes:
    """Return how the group of the chip's key is named: by number, or spelled out."""
    if make.standard_group is not None:
        return sequence(tlv.encode(OID, OID_STANDARD_DOMAIN), integer(make.standard_group))
    group = dh_group(make)
    numbers = sequence(integer(group.prime), integer(group.generator), integer((group.prime - 1) // 2))
    return sequence(tlv.encode(OID, OID_X942), numbers)


def _dg15(persona: Persona, make: Make) -> bytes:
    key = signing_key(make.active, persona.name)
    return tlv.encode(data_group(15).tag, authority.public_key_info(key))
