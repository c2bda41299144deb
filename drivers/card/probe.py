"""A report about an unknown card for the field: what it is and can, and no personal byte.

It holds the answer to reset, object identifiers, file lengths, status words, field numbers, algorithms and
timings; never the content of a text, a hash, a signature, a key, or a picture.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from asn1crypto import core

from drivers.card import atr as answer_to_reset
from drivers.card import (
    certificates,
    chip_auth,
    datagroups,
    pace,
    passive_auth,
    security_infos,
    signed_content,
    tlv,
)
from drivers.card.apdu import PlainChannel
from drivers.card.certificates import UnsupportedKeyError
from drivers.card.files import FileReader
from drivers.card.session import Session, read_card_access, select_application
from drivers.errors import CardError, CardProtocolError, NotAnIdCardError

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.card.apdu import CardLine
    from drivers.card.reader import Surroundings
    from drivers.ports import AccessKey

TAG_SET = 0x31
FACE, VIETNAM, SECURITY, SIGNING = 2, 13, 14, 15
GUARDED = frozenset({3, 4})
"""Fingerprints and irises: behind terminal authentication, never tried."""

Report = dict[str, Any]


def probe(
    line: CardLine,
    access: AccessKey | None,
    *,
    atr: bytes,
    timeout_s: float,
    surroundings: Surroundings,
) -> Report:
    """Look at a card and report.

    Args:
        line: Leads to a card just connected or reset.
        access: What opens the chip; None looks at the outside only.
        atr: The answer to reset.
        timeout_s: Bounds the whole probe, seconds.
        surroundings: Authorities, randomness, clock.

    Raises:
        MediaRemovedError: The card left the slot.
        DeviceTimeoutError: The card fell silent.
    """
    clock, start = surroundings.clock, surroundings.clock()
    report: Report = {"atr": atr.hex().upper(), "announces_extended": answer_to_reset.announces_extended(atr)}
    report["reader_and_card_extended"] = line.extended
    plain = PlainChannel(line, expired=lambda: clock() - start > timeout_s)
    report["outside"] = _attempt(lambda: _outside(plain))
    if access is not None:
        line.reset()
        report["inside"] = _attempt(
            lambda: _inside(line, access, surroundings, lambda: clock() - start > timeout_s)
        )
    report["elapsed_ms"] = round((clock() - start) * 1000, 1)
    return report


def _attempt(work: Callable[[], Report]) -> Report:
    """Run a part of the probe; what the card refuses is part of the report."""
    try:
        return work()
    except (CardProtocolError, NotAnIdCardError) as error:
        return _failure(error)
    except CardError as error:
        if error.code == "card.removed":
            raise
        return _failure(error)


def _failure(error: CardError) -> Report:
    return {"error": error.code, "message": str(error)}


def _outside(plain: PlainChannel) -> Report:
    raw = read_card_access(plain)
    select_application(plain)
    if raw is None:
        return {"card_access": None, "application": True}
    offers = pace.parse_card_access(raw)
    return {
        "card_access": {"length": len(raw), "protocols": _protocols(raw)},
        "pace_offered": offers.offers_pace,
        "pace_spoken": offers.info is not None,
        "application": True,
    }


def _protocols(infos: bytes) -> list[Report]:
    parsed = security_infos.parse(tlv.parse_one(infos, TAG_SET).value)
    return [{"oid": _dotted(info.oid), "numbers": list(info.numbers)} for info in parsed]


def _dotted(oid: bytes) -> str:
    dotted: str = core.ObjectIdentifier.load(tlv.encode(0x06, oid)).dotted
    return dotted


def _inside(
    line: CardLine, access: AccessKey, surroundings: Surroundings, expired: Callable[[], bool]
) -> Report:
    clock = surroundings.clock
    begin = clock()
    session = Session(line, access, random_bytes=surroundings.random_bytes, expired=expired)
    report: Report = {"access": session.access, "cipher": session.cipher, "open_ms": _ms(clock() - begin)}
    files = FileReader(session)
    com = files.read(datagroups.EF_COM)
    listed = datagroups.parse_com(com) if com else ()
    report["listed"] = list(listed)
    groups: dict[int, bytes] = {}
    report["files"] = []
    for number in sorted(set(listed) - GUARDED):
        begin = clock()
        data = files.read(datagroups.data_group(number))
        entry = {"dg": number, "length": len(data) if data else None, "ms": _ms(clock() - begin)}
        report["files"].append(entry)
        if data is not None:
            groups[number] = data
    report["sod"] = _attempt(lambda: _about_sod(files.read(datagroups.EF_SOD), groups, surroundings))
    for number, describe in DESCRIBED.items():
        if number in groups:
            report[f"dg{number}"] = _attempt(functools.partial(describe, groups[number]))
    report |= {"apdus": session.plain.apdus, "bytes": session.plain.bytes_received}
    return report | {"extended": files.extended, "reopenings": session.reopenings}


def _about_sod(raw: bytes | None, groups: dict[int, bytes], surroundings: Surroundings) -> Report:
    if raw is None:
        return {"length": None}
    sod = passive_auth.parse_sod(raw)
    judgement = passive_auth.judge(sod, groups, surroundings.trust)
    return {
        "length": len(raw),
        "digest": sod.digest,
        "covers": sorted(sod.hashes),
        "scheme": judgement.scheme,
        "verdict": str(judgement.verdict),
        "reason": judgement.reason,
        "signer_key": _about_key(sod),
    }


def _about_key(sod: passive_auth.SecurityObject) -> str:
    signer = signed_content.signer_certificate(sod.signed)
    if signer is None:
        return "missing"
    try:
        return _key_kind(signer.public_key())
    except UnsupportedKeyError as error:
        return f"unsupported: {error}"


def _key_kind(key: certificates.PublicKey) -> str:
    curve = getattr(key, "curve", None)
    return str(curve.name) if curve is not None else f"RSA {key.key_size}"


def _about_mrz(data: bytes) -> Report:
    zone = tlv.find(data, datagroups.data_group(1).tag, 0x5F1F)
    return {"zone_length": len(zone or b""), "digits_agree": datagroups.parse_dg1(data).digits_agree}


def _about_portrait(data: bytes) -> Report:
    picture = datagroups.face_image(data)
    modern = picture.startswith(datagroups.JP2_MAGICS)
    return {"format": "JPEG2000" if modern else "JPEG", "length": len(picture)}


def _about_person(data: bytes) -> Report:
    """Say which fields of DG13 there are and of what type; no text, and not whether one is empty.

    An empty name of a spouse would tell something of the holder.
    """
    fields: list[Report] = []
    for entry in tlv.parse(tlv.find(data, 0x6D, 0x30, 0x31) or b""):
        number, *values = tlv.parse(entry.value)
        tags = [f"{value.tag:02X}" for value in values]
        fields.append({"field": int.from_bytes(number.value, "big"), "tags": tags})
    return {"fields": fields}


def _about_security(data: bytes) -> Report:
    key = chip_auth.parse_dg14(data)
    infos = tlv.find(data, datagroups.data_group(SECURITY).tag, TAG_SET) or b""
    return {"protocols": _protocols(tlv.encode(TAG_SET, infos)), "chip_auth": key.name if key else None}


def _about_signing(data: bytes) -> Report:
    body = tlv.parse_one(data, datagroups.data_group(SIGNING).tag).value
    try:
        return {"key": _key_kind(certificates.load_public_key(body))}
    except UnsupportedKeyError as error:
        return {"key": f"unsupported: {error}"}


DESCRIBED: dict[int, Callable[[bytes], Report]] = {
    1: _about_mrz,
    FACE: _about_portrait,
    VIETNAM: _about_person,
    SECURITY: _about_security,
    SIGNING: _about_signing,
}


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
