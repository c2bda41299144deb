"""One whole read of an ID card over any line: open, prove, read, check, put together.

Order: EF.CardAccess → PACE (BAC only where the card has no PACE) → application → EF.COM → DG14 and chip
authentication → DG1 → DG13 (DG11 and DG12 where there is none) → EF.SOD → active authentication → the person
is told → DG2, so that the name stands on the screen long before the portrait.

Source: ICAO Doc 9303-10 (8th ed.), 3.6; Doc 9303-11, 4.2; speed DEVICES.md 1.9.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from drivers.card import active_auth, chip_auth, datagroups, dg13, holder, passive_auth
from drivers.card.chip_proof import ChipProof
from drivers.card.files import FileReader
from drivers.card.passive_auth import Judgement
from drivers.card.session import Session
from drivers.errors import CardProtocolError
from drivers.ports import CardProof, CardReading, Verdict

if TYPE_CHECKING:
    from drivers.card.apdu import CardLine
    from drivers.card.pace import RandomBytes
    from drivers.card.passive_auth import SecurityObject
    from drivers.card.trust import Trust
    from drivers.ports import AccessKey, IdCard, Known, Portrait, Progress

MRZ, FACE, PERSON, DOCUMENT, VIETNAM, SECURITY, SIGNING = 1, 2, 11, 12, 13, 14, 15
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
        keep_files: Hands the exact files on, for a remote verifier; they hold what the driver else drops.
    """

    trust: Trust = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)
    clock: Clock = time.monotonic
    keep_files: bool = False


def read_card(
    line: CardLine,
    access: AccessKey,
    *,
    timeout_s: float,
    progress: Progress,
    surroundings: Surroundings,
    known: Known = lambda _reading: None,
) -> CardReading:
    """Read a whole card; errors as `drivers.ports.CardReader` tells.

    Args:
        line: Leads to a card just connected or reset.
        access: CAN or MRZ.
        timeout_s: Bounds the whole read, seconds, checked before each APDU.
        progress: Called with the share done after each step and each piece of the portrait.
        surroundings: Authorities, randomness, clock.
        known: Called once with the person and the proof so far, before the portrait is fetched.
    """
    reading = _Reading(line, access, timeout_s=timeout_s, surroundings=surroundings)
    progress(SHARE_OPEN)
    reading.read_person()
    progress(SHARE_NAME)
    reading.read_proof()
    progress(SHARE_PROOF)
    reading.judge()
    known(reading.result())
    reading.read_portrait(lambda share: progress(SHARE_PROOF + (SHARE_PORTRAIT - SHARE_PROOF) * share))
    result = reading.result()
    progress(1.0)
    return result


def chip_id(proof: CardProof, sod: bytes | None) -> str:
    """Return what only this chip can show, or nothing where it did not prove itself.

    The security object is signed by the state, holds the digests of this card's data and of its public key,
    and no two cards have the same. It is public to whoever may read the card, so by itself it proves nothing:
    it counts only from a chip that has just shown the private key the object vouches for.

    Source: ICAO Doc 9303-11 (8th ed.), 6.1 and 6.2.
    """
    proofs = {proof.chip_auth, proof.active_auth}
    if sod is None or proof.passive_auth is not Verdict.VALID:
        return ""
    if Verdict.VALID not in proofs or Verdict.INVALID in proofs:
        return ""
    return hashlib.sha256(sod).hexdigest()


class _Reading:
    """One read in progress; dropped as a whole, with its keys, when it ends."""

    def __init__(
        self, line: CardLine, access: AccessKey, *, timeout_s: float, surroundings: Surroundings
    ) -> None:
        self._surroundings = surroundings
        self._start = surroundings.clock()
        self._chip = ChipProof(trust=surroundings.trust)
        self._session = Session(
            line,
            access,
            random_bytes=surroundings.random_bytes,
            expired=lambda: surroundings.clock() - self._start > timeout_s,
            before_application=self._read_card_security,
        )
        self._files = FileReader(self._session)
        self._com: bytes | None = None
        self._listed: tuple[int, ...] = ()
        self._groups: dict[int, bytes] = {}
        self._raw_sod: bytes | None = None
        self._sod: SecurityObject | None = None
        self._warnings: list[str] = []
        self._judgement = Judgement(verdict=Verdict.ABSENT, reason="no_sod")
        self._active, self._active_by = Verdict.ABSENT, ""
        self._portrait: Portrait | None = None
        self._person: tuple[IdCard, list[str]] | None = None

    def read_person(self) -> None:
        """Read EF.COM, DG14 with chip authentication, DG1, and DG13 or its stand-ins."""
        self._com = self._files.read(datagroups.EF_COM)
        self._listed = datagroups.parse_com(self._com) if self._com else ()
        if SECURITY in self._listed:
            self._prove_chip()
        self._take(MRZ)
        if MRZ not in self._groups:
            raise CardProtocolError("The card holds no DG1.")
        wanted = (VIETNAM,) if VIETNAM in self._listed else (PERSON, DOCUMENT)
        for number in wanted:
            if number in self._listed:
                self._take(number)

    def read_proof(self) -> None:
        """Read EF.SOD, whatever the unsigned EF.COM hid, and let the chip sign a challenge."""
        self._raw_sod = self._files.read(datagroups.EF_SOD)
        if self._raw_sod is not None:
            try:
                self._sod = passive_auth.parse_sod(self._raw_sod)
            except CardProtocolError:
                # A broken EF.SOD condemns the proof, not the whole read.
                self._judgement = Judgement(verdict=Verdict.INVALID, reason=SOD_MALFORMED)
                self._warnings.append(SOD_MALFORMED)
        if self._sod is None:
            return
        if set(self._listed) != set(self._sod.hashes):
            self._warnings.append("com_sod_differ")
        if VIETNAM in self._sod.hashes and VIETNAM not in self._groups:
            self._take(VIETNAM)
        if SECURITY in self._sod.hashes and SECURITY not in self._groups:
            self._prove_chip()
        if SIGNING in self._sod.hashes:
            self._challenge_chip(self._sod)

    def judge(self) -> None:
        """Check what was read against the signature, the portrait not among it yet."""
        if self._sod is not None:
            self._judgement = passive_auth.judge(self._sod, self._groups, self._surroundings.trust)
            self._warnings += self._chip.judge(self._sod, self._groups.get(SECURITY), self._session)

    def read_portrait(self, progress: Progress) -> None:
        """Read DG2; its picture is decoded only when the security object covers it."""
        data = self._files.read(datagroups.data_group(FACE), progress)
        if data is None:
            self._warnings.append("no_portrait")
            return
        self._groups[FACE] = data
        difference = passive_auth.first_difference(self._sod, {FACE: data}) if self._sod else "no_sod"
        if difference:
            self._warnings.append("portrait_not_signed")
            if self._sod and self._judgement.verdict is not Verdict.INVALID:
                self._judgement = Judgement(verdict=Verdict.INVALID, reason=difference)
            return
        try:
            self._portrait = datagroups.decode_portrait(datagroups.face_image(data))
        except CardProtocolError:
            # A picture that cannot be drawn takes nothing from the proof or the person.
            self._warnings.append("portrait_unreadable")

    def result(self) -> CardReading:
        """Put the person and the proof together from what was read so far.

        Raises:
            CardProtocolError: A data group is malformed, or none gives an ID number and a name.
        """
        # The portrait comes last and changes neither the person nor the doubts about them.
        self._person = self._person or self._parse_person()
        person, doubts = self._person
        proof = self._proof(doubts)
        return CardReading(
            holder=self._with_portrait(person),
            proof=proof,
            files=self._exact_files(),
            chip_id=chip_id(proof, self._raw_sod),
        )

    def _parse_person(self) -> tuple[IdCard, list[str]]:
        today = self._surroundings.trust.moment.date()
        zone = datagroups.parse_dg1(self._groups[MRZ])
        vietnamese = dg13.parse(self._groups[VIETNAM]) if VIETNAM in self._groups else None
        details = datagroups.parse_details(self._groups.get(PERSON), self._groups.get(DOCUMENT))
        person = holder.build(zone, vietnamese, details, today)
        return person, holder.doubts(zone, vietnamese, person, today)

    def _with_portrait(self, person: IdCard) -> IdCard:
        if self._portrait is None:
            return person
        return replace(person, portrait=self._portrait, sources={**person.sources, "portrait": "dg2"})

    def _proof(self, doubts: list[str]) -> CardProof:
        plain = self._session.plain
        return CardProof(
            access=self._session.access,
            cipher=self._session.cipher,
            passive_auth=self._judgement.verdict,
            passive_auth_reason=self._judgement.reason,
            passive_auth_by=self._judgement.scheme,
            chip_auth=self._chip.verdict,
            chip_auth_by=self._chip.by,
            active_auth=self._active,
            active_auth_by=self._active_by,
            data_groups=tuple(sorted(self._groups)),
            apdus=plain.apdus,
            bytes_read=plain.bytes_received,
            elapsed_ms=round((self._surroundings.clock() - self._start) * 1000, 1),
            extended=self._files.extended,
            reopenings=self._session.reopenings,
            warnings=(*self._warnings, *doubts),
        )

    def _exact_files(self) -> dict[str, bytes]:
        if not self._surroundings.keep_files:
            return {}
        kept = {"com": self._com, "sod": self._raw_sod, "card_access": self._session.card_access}
        groups = {f"dg{number}": data for number, data in sorted(self._groups.items())}
        return {name: data for name, data in kept.items() if data is not None} | groups

    def _take(self, number: int) -> None:
        data = self._files.read(datagroups.data_group(number))
        if data is not None:
            self._groups[number] = data

    def _read_card_security(self, session: Session) -> None:
        """Read the signed key behind PACE-CAM; it is out of reach once the application is selected."""
        evidence = session.evidence
        if evidence is None:
            return
        try:
            raw = FileReader(session).read(datagroups.EF_CARD_SECURITY)
        except CardProtocolError:
            # Without the file PACE-CAM proves nothing; chip authentication still may.
            return
        self._chip.take_evidence(evidence, raw)

    def _prove_chip(self) -> None:
        """Read DG14 and run chip authentication where PACE-CAM has not proved the chip already."""
        self._take(SECURITY)
        data = self._groups.get(SECURITY)
        if data is not None and not self._chip.settled:
            self._chip.run(self._session, data)

    def _challenge_chip(self, sod: SecurityObject) -> None:
        """Run active authentication, which counts only for a key the security object covers."""
        self._take(SIGNING)
        data, security = self._groups.get(SIGNING), self._groups.get(SECURITY)
        if data is None or not sod.covers(SIGNING, data):
            return
        covered = security is not None and sod.covers(SECURITY, security)
        try:
            key = active_auth.parse_dg15(
                data, chip_auth.parse_infos(security) if security and covered else ()
            )
            if key is None:
                return
            self._active_by = key.name
            proved = active_auth.run(
                self._session.channel,
                key,
                random_bytes=self._surroundings.random_bytes,
                extended=self._files.extended,
            )
            self._active = Verdict.VALID if proved else Verdict.INVALID
        except CardProtocolError:
            # A chip that breaks off instead of signing proves nothing; the portrait is still read.
            self._active = Verdict.INVALID
            self._session.reopen()
