"""The files of a virtual card, made from a persona: COM, DG1, DG2, DG13, DG14 and a signed SOD.

Source: ICAO Doc 9303-10 (8th ed.), 4; DG13 DEVICES.md 1.5; face record ISO/IEC 19794-5:2005.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import io
from typing import TYPE_CHECKING

from asn1crypto import x509

from drivers.card import tlv
from drivers.card.chip_auth import OID_PUBLIC_KEY_ECDH
from drivers.card.datagroups import DATA_GROUP_TAGS, EF_COM, EF_SOD, data_group
from drivers.simulated.card import authority
from drivers.simulated.card.authority import integer, sequence

if TYPE_CHECKING:
    from drivers.simulated.card.faults import Faults
    from drivers.simulated.card.personas import Persona

SET, OID, OCTETS, UTF8, CONTEXT_0 = 0x31, 0x06, 0x04, 0x0C, 0xA0
SHA256 = bytes.fromhex("300B0609608648016503040201")
OID_LDS = bytes.fromhex("0606678108010101")
OID_SIGNED_DATA = bytes.fromhex("06092A864886F70D010702")
OID_CONTENT_TYPE = bytes.fromhex("06092A864886F70D010903")
OID_MESSAGE_DIGEST = bytes.fromhex("06092A864886F70D010904")
OID_DG13 = bytes.fromhex("28D316010008")
CARD_ACCESS = bytes.fromhex(
    "3134300D060804007F0007020202020101300F060A04007F000702020302020201013012060A04007F00070202040202020102"
    "02010D"
)
"""EF.CardAccess as several apps hard-code it for the Vietnamese card. Source: DEVICES.md 1.3."""

FACE = 2
PORTRAIT_SIZE = (360, 480)
JPEG_QUALITY = 84


def build(persona: Persona, faults: Faults) -> dict[int, bytes]:
    """Return every file of the card by its identifier."""
    signed = _groups(persona)
    if faults.cut_portrait:
        signed[FACE] = _dg2(persona.name, cut=True)
    groups = _groups(_somebody_else(persona)) if faults.wrong_hash else signed
    files = {data_group(number).fid: data for number, data in groups.items()}
    files[EF_COM.fid] = _com(sorted(groups))
    files[EF_SOD.fid] = _sod(signed, persona, faults)
    return files


def _groups(persona: Persona) -> dict[int, bytes]:
    groups = {1: _dg1(persona), FACE: _dg2(persona.name), 14: _dg14(persona)}
    return groups | {13: _dg13(persona)} if persona.has_dg13 else groups


def _somebody_else(persona: Persona) -> Persona:
    """Return what a forger would write: another name (DG1), another address (DG13)."""
    if persona.has_dg13:
        return dataclasses.replace(persona, residence="Số 1, đường Không Có Thật")
    return dataclasses.replace(persona, full_name="VÕ VĂN GIẢ")


def _com(numbers: list[int]) -> bytes:
    tags = bytes(DATA_GROUP_TAGS[number - 1] for number in numbers)
    body = tlv.encode(0x5F01, b"0107") + tlv.encode(0x5F36, b"040000") + tlv.encode(0x5C, tags)
    return tlv.encode(EF_COM.tag, body)


def _dg1(persona: Persona) -> bytes:
    return tlv.encode(data_group(1).tag, tlv.encode(0x5F1F, "".join(persona.mrz).encode("ascii")))


@functools.cache
def _dg2(name: str, *, cut: bool = False) -> bytes:
    picture = _portrait(name)[: 600 if cut else None]
    width, height = PORTRAIT_SIZE
    image_info = b"\x01\x00" + width.to_bytes(2, "big") + height.to_bytes(2, "big") + bytes(6)
    block = 20 + len(image_info) + len(picture)
    face = block.to_bytes(4, "big") + bytes(16) + image_info + picture
    record = b"FAC\x00010\x00" + (14 + block).to_bytes(4, "big") + b"\x00\x01" + face
    header = tlv.encode(0x81, b"\x02") + tlv.encode(0x87, b"\x01\x01") + tlv.encode(0x88, b"\x00\x08")
    template = tlv.encode(0x7F60, tlv.encode(0xA1, header) + tlv.encode(0x5F2E, record))
    return tlv.encode(data_group(2).tag, tlv.encode(0x7F61, integer(1) + template))


def _portrait(name: str) -> bytes:
    """Draw a silhouette: nobody's face, and different for each persona."""
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
    image.save(out, "JPEG", quality=JPEG_QUALITY)
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


def _sod(groups: dict[int, bytes], persona: Persona, faults: Faults) -> bytes:
    signer = authority.document_signer(
        explicit=persona.explicit_curve,
        unknown=faults.unknown_csca,
        expired=faults.expired_dsc,
        forged=faults.forged_curve,
    )
    hashes = (
        sequence(integer(number), tlv.encode(OCTETS, hashlib.sha256(data).digest()))
        for number, data in sorted(groups.items())
    )
    content = sequence(integer(0), SHA256, sequence(*hashes))
    digest = tlv.encode(OCTETS, hashlib.sha256(content).digest())
    attributes = sequence(OID_CONTENT_TYPE, tlv.encode(SET, OID_LDS)) + sequence(
        OID_MESSAGE_DIGEST, tlv.encode(SET, digest)
    )
    certificate = x509.Certificate.load(signer.certificate)
    signer_info = sequence(
        integer(1),
        sequence(certificate.issuer.dump(), integer(certificate.serial_number)),
        SHA256,
        tlv.encode(CONTEXT_0, attributes),
        authority.ECDSA_SHA256,
        tlv.encode(OCTETS, signer.sign(tlv.encode(SET, attributes))),
    )
    signed = sequence(
        integer(3),
        tlv.encode(SET, SHA256),
        sequence(OID_LDS, tlv.encode(CONTEXT_0, tlv.encode(OCTETS, content))),
        tlv.encode(CONTEXT_0, signer.certificate),
        tlv.encode(SET, signer_info),
    )
    return tlv.encode(EF_SOD.tag, sequence(OID_SIGNED_DATA, tlv.encode(CONTEXT_0, signed)))


def _dg14(persona: Persona) -> bytes:
    """Repeat the security infos under the signature, with the chip's own public key."""
    key = authority.private_key(f"chip of {persona.name}")
    info = authority.public_key_info(key, explicit=persona.explicit_curve)
    infos = tlv.parse_one(CARD_ACCESS, SET).value + sequence(tlv.encode(OID, OID_PUBLIC_KEY_ECDH), info)
    return tlv.encode(data_group(14).tag, tlv.encode(SET, infos))
