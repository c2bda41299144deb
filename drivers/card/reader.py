"""One whole read of an ID card over any transport: open, read, check, put together.

Order: EF.CardAccess → PACE (BAC only where the card has no PACE) → application → EF.COM → DG1 → DG13 →
EF.SOD → DG2 → DG14 and chip authentication, so that the name is known long before the portrait.

Source: ICAO Doc 9303-10 (8th ed.), 3.6; Doc 9303-11, 4.2; speed DEVICES.md 1.9.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.card import bac, chip_auth, datagroups, dg13, holder, pace, passive_auth, tlv
from drivers.card.apdu import (
    INS_READ_BINARY,
    INS_SELECT,
    SHORT_LE_MAX,
    SW_END_OF_FILE,
    SW_FILE_NOT_FOUND,
    SW_OK,
    SW_WRONG_LENGTH,
    WRONG_LE,
    Command,
    PlainChannel,
)
from drivers.card.secure_messaging import SecureChannel
from drivers.errors import AccessDeniedError, CardProtocolError, NotAnIdCardError
from drivers.ports import CanKey, CardProof, CardReading, IdCard, Verdict

if TYPE_CHECKING:
    import datetime as dt

    from drivers.card.apdu import Response, Sender, Transport
    from drivers.card.datagroups import File
    from drivers.card.pace import RandomBytes
    from drivers.card.passive_auth import SecurityObject, Trust
    from drivers.ports import AccessKey, Portrait, Progress

AID = bytes.fromhex("A0000002471001")
"""The eMRTD application. Source: ICAO Doc 9303-10, 3.6.1."""
SELECT_BY_FID = (0x02, 0x0C)
SELECT_BY_AID = (0x04, 0x0C)
BY_SFI = 0x80
MAX_FILE = 0x7FFF
"""What READ BINARY with a 15-bit offset reaches; more than any Vietnamese card's portrait."""
READ_STEPS = (160, 112)
"""Smaller pieces tried when a reader or card cannot answer a full one."""
MRZ, FACE, VIETNAM, SECURITY = 1, 2, 13, 14
"""The data groups read."""
SOD_MALFORMED = "sod_malformed"
SHARE_OPEN, SHARE_NAME, SHARE_PROOF, SHARE_PORTRAIT = 0.1, 0.3, 0.4, 0.95

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a read takes from outside.

    Args:
        trust: Authorities and the moment that counts.
        random_bytes: A cryptographic source; `secrets.token_bytes` outside tests.
        clock: Monotonic seconds.
    """

    trust: Trust = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)
    clock: Clock = time.monotonic


def read_card(
    transport: Transport,
    access: AccessKey,
    *,
    timeout_s: float,
    progress: Progress,
    surroundings: Surroundings,
) -> CardReading:
    """Read a whole card; errors as `drivers.ports.CardReader` tells.

    Args:
        transport: Leads to a card just connected or reset.
        access: CAN or MRZ.
        timeout_s: Bounds the whole read, seconds, checked before each APDU.
        progress: Called with the share done after each step and each piece of the portrait.
        surroundings: Authorities, randomness, clock.
    """
    clock, start = surroundings.clock, surroundings.clock()
    plain = PlainChannel(transport, expired=lambda: clock() - start > timeout_s)
    session = _open(plain, access, surroundings.random_bytes)
    progress(SHARE_OPEN)
    groups, sod, warnings = _read_text_groups(session.files, progress)
    portrait = _read_portrait(session.files, groups, sod, progress, warnings)
    chip_verdict = _prove_chip(session, plain, groups, sod, surroundings.random_bytes)
    person, doubts = _put_together(groups, portrait, surroundings.trust.moment.date())
    verdict, reason = _judge(sod, groups, warnings, surroundings.trust)
    proof = CardProof(
        access=session.access,
        cipher=session.cipher,
        passive_auth=verdict,
        passive_auth_reason=reason,
        chip_auth=chip_verdict,
        data_groups=tuple(sorted(groups)),
        apdus=plain.apdus,
        bytes_read=plain.bytes_received,
        elapsed_ms=round((clock() - start) * 1000, 1),
        warnings=(*warnings, *doubts),
    )
    progress(1.0)
    return CardReading(holder=person, proof=proof)


def _prove_chip(
    session: _Session,
    plain: PlainChannel,
    groups: dict[int, bytes],
    sod: SecurityObject | None,
    random_bytes: RandomBytes,
) -> Verdict:
    """Run chip authentication last of all, so that a clone costs its proof and not the data read before."""
    if sod is None or SECURITY not in sod.hashes:
        return Verdict.ABSENT
    data = session.files.read(datagroups.data_group(SECURITY))
    if data is None:
        return Verdict.ABSENT
    groups[SECURITY] = data
    try:
        key = chip_auth.parse_dg14(data) if sod.covers(SECURITY, data) else None
        if key is None:
            return Verdict.ABSENT
        proved = chip_auth.run(session.channel, plain, key, random_bytes=random_bytes)
        com = _FileReader(proved).read(datagroups.EF_COM)
    except CardProtocolError:
        # A clone does not know the key: it drops the channel or answers under another one.
        return Verdict.INVALID
    return Verdict.VALID if com else Verdict.INVALID


def _put_together(
    groups: dict[int, bytes], portrait: Portrait | None, today: dt.date
) -> tuple[IdCard, list[str]]:
    zone = datagroups.parse_dg1(groups[MRZ])
    vietnamese = dg13.parse(groups[VIETNAM]) if VIETNAM in groups else None
    person = holder.build(zone, vietnamese, portrait, today)
    return person, holder.doubts(zone, vietnamese, person, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    channel: SecureChannel
    files: _FileReader
    access: str
    cipher: str


def _open(plain: PlainChannel, access: AccessKey, random_bytes: RandomBytes) -> _Session:
    """Open the chip by PACE; by BAC only where EF.CardAccess is missing or offers no PACE at all."""
    raw = _read_card_access(plain)
    offer = pace.parse_card_access(raw) if raw is not None else None
    if offer is None or not offer.offers_pace:
        return _open_by_bac(plain, access, random_bytes)
    if offer.info is None:
        raise CardProtocolError("The card offers only kinds of PACE this kiosk does not speak.")
    keys = pace.run(plain, offer.info, access, random_bytes=random_bytes)
    channel = SecureChannel(plain, keys)
    _select_application(channel)
    return _Session(channel=channel, files=_FileReader(channel), access="PACE", cipher=keys.suite.name)


def _open_by_bac(plain: PlainChannel, access: AccessKey, random_bytes: RandomBytes) -> _Session:
    _select_application(plain)
    if isinstance(access, CanKey):
        raise AccessDeniedError("This card opens only with the three lines on its back (MRZ).")
    keys = bac.run(plain, *bac.access_keys(access.lines), random_bytes=random_bytes)
    channel = SecureChannel(plain, keys)
    return _Session(channel=channel, files=_FileReader(channel), access="BAC", cipher=keys.suite.name)


def _read_card_access(plain: PlainChannel) -> bytes | None:
    """Return EF.CardAccess, None where the card has none.

    SELECT MF is never sent: the Vietnamese card answers 6D00 (DEVICES.md 1.3).
    """
    fid = datagroups.EF_CARD_ACCESS.fid.to_bytes(2, "big")
    p1, p2 = SELECT_BY_FID
    selected = plain.send(Command(ins=INS_SELECT, p1=p1, p2=p2, data=fid))
    if selected.sw == SW_OK:
        read = plain.send(Command(ins=INS_READ_BINARY, le=SHORT_LE_MAX))
        if read.sw not in {SW_OK, SW_END_OF_FILE}:
            raise CardProtocolError(f"EF.CardAccess cannot be read (status {read.sw:04X}).")
        return read.data
    if selected.sw != SW_FILE_NOT_FOUND:
        # A bank card ends here as "not an ID card"; an ID card that hides its PACE does not get BAC.
        _select_application(plain)
        raise CardProtocolError(f"EF.CardAccess cannot be selected (status {selected.sw:04X}).")
    return None


def _select_application(channel: Sender) -> None:
    p1, p2 = SELECT_BY_AID
    response = channel.send(Command(ins=INS_SELECT, p1=p1, p2=p2, data=AID))
    if not response.ok:
        raise NotAnIdCardError("The card has no ID application.")


class _FileReader:
    """Reads whole files by short identifier, in pieces as large as this card has shown to answer."""

    def __init__(self, channel: SecureChannel) -> None:
        self._channel = channel
        self._piece = channel.max_read

    def read(self, file: File, progress: Callable[[float], None] = lambda _share: None) -> bytes | None:
        """Return the exact bytes of a file, None where the card has none.

        Raises:
            CardProtocolError: Another file than announced, too long, or cut off.
        """
        head = self._first_piece(file)
        if head is None:
            return None
        tag, length, start = tlv.read_header(head)
        total = start + length
        if tag != file.tag or total > MAX_FILE:
            raise CardProtocolError(f"{file.name} is another file than announced, or too long.")
        data = bytearray(head[:total])
        while len(data) < total:
            piece = self._piece_at(len(data), min(self._piece, total - len(data)))
            data += piece
            progress(len(data) / total)
        return bytes(data)

    def _first_piece(self, file: File) -> bytes | None:
        response = self._shrinking(BY_SFI | file.sfi, 0, self._piece)
        if response.sw in {SW_OK, SW_END_OF_FILE} and response.data:
            return response.data
        p1, p2 = SELECT_BY_FID
        selected = self._channel.send(Command(ins=INS_SELECT, p1=p1, p2=p2, data=file.fid.to_bytes(2, "big")))
        if not selected.ok:
            return None
        return self._piece_at(0, self._piece)

    def _piece_at(self, offset: int, size: int) -> bytes:
        response = self._shrinking(offset >> 8, offset & 0xFF, size)
        if response.sw not in {SW_OK, SW_END_OF_FILE} or not 0 < len(response.data) <= size:
            raise CardProtocolError(f"A file is cut off or over-long (status {response.sw:04X}).")
        return response.data

    def _shrinking(self, p1: int, p2: int, size: int) -> Response:
        """Read, asking for less while the card says that so much does not fit."""
        response = self._channel.send(Command(ins=INS_READ_BINARY, p1=p1, p2=p2, le=size))
        for step in (*READ_STEPS, 0):
            refused = response.sw == SW_WRONG_LENGTH or response.sw >> 8 == WRONG_LE
            if not refused or response.data or step == 0:
                break
            wanted = response.sw & 0xFF if response.sw >> 8 == WRONG_LE else step
            if wanted and wanted < size:
                self._piece = min(self._piece, max(wanted, READ_STEPS[-1]))
            response = self._channel.send(
                Command(ins=INS_READ_BINARY, p1=p1, p2=p2, le=min(wanted or step, size))
            )
        return response


def _read_text_groups(
    files: _FileReader, progress: Progress
) -> tuple[dict[int, bytes], SecurityObject | None, list[str]]:
    """Read EF.COM, DG1, DG13 and EF.SOD."""
    com = files.read(datagroups.EF_COM)
    listed = datagroups.parse_com(com) if com else ()
    groups: dict[int, bytes] = {}
    for number in (MRZ, VIETNAM):
        if number == MRZ or number in listed:
            data = files.read(datagroups.data_group(number))
            if data is not None:
                groups[number] = data
    if MRZ not in groups:
        raise CardProtocolError("The card holds no DG1.")
    progress(SHARE_NAME)
    raw = files.read(datagroups.EF_SOD)
    sod, warnings = _parse_sod(raw)
    progress(SHARE_PROOF)
    if sod and set(listed) != set(sod.hashes):
        warnings.append("com_sod_differ")
    if sod and VIETNAM in sod.hashes and VIETNAM not in listed:
        # The unsigned EF.COM hides what the signed list names.
        data = files.read(datagroups.data_group(VIETNAM))
        groups |= {VIETNAM: data} if data else {}
    return groups, sod, warnings


def _parse_sod(raw: bytes | None) -> tuple[SecurityObject | None, list[str]]:
    """Parse EF.SOD; a broken one condemns the proof, not the whole read."""
    try:
        return (passive_auth.parse_sod(raw) if raw else None), []
    except CardProtocolError:
        return None, [SOD_MALFORMED]


def _judge(
    sod: SecurityObject | None, groups: dict[int, bytes], warnings: list[str], trust: Trust
) -> tuple[Verdict, str]:
    if sod is not None:
        return passive_auth.judge(sod, groups, trust)
    return (Verdict.INVALID, SOD_MALFORMED) if SOD_MALFORMED in warnings else (Verdict.ABSENT, "no_sod")


def _read_portrait(
    files: _FileReader,
    groups: dict[int, bytes],
    sod: SecurityObject | None,
    progress: Progress,
    warnings: list[str],
) -> Portrait | None:
    """Read DG2; its picture is decoded only when the security object covers it."""
    data = files.read(
        datagroups.data_group(FACE),
        lambda share: progress(SHARE_PROOF + (SHARE_PORTRAIT - SHARE_PROOF) * share),
    )
    if data is None:
        warnings.append("no_portrait")
        return None
    groups[FACE] = data
    if sod is None or not sod.covers(FACE, data):
        warnings.append("portrait_not_signed")
        return None
    try:
        return datagroups.decode_portrait(datagroups.face_image(data))
    except CardProtocolError:
        # A picture that cannot be drawn takes nothing from the proof or the person.
        warnings.append("portrait_unreadable")
        return None
