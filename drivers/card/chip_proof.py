"""Whether the chip is the one the state signed for: chip authentication or PACE-CAM, judged at the end.

The proof is made early, over unsigned keys, because it makes the channel stronger; whether it counts is said
once EF.SOD is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.card import card_security, chip_auth, pace, passive_auth, security_infos, tlv
from drivers.errors import CardProtocolError
from drivers.ports import Verdict

if TYPE_CHECKING:
    from drivers.card.pace import ChipEvidence
    from drivers.card.passive_auth import SecurityObject
    from drivers.card.security_infos import SecurityInfo
    from drivers.card.session import Session
    from drivers.card.signed_content import SignedContent
    from drivers.card.trust import Trust

SECURITY = 14
PACE_CAM = "PACE-CAM"
TAG_SET = 0x31
OFFERS_DIFFER = "card_access_dg14_differ"


class ChipProof:
    """The proof of one chip, as it comes together.

    Args:
        trust: Authorities and the moment that counts.
    """

    def __init__(self, *, trust: Trust) -> None:
        self._trust = trust
        self._outcome = Verdict.ABSENT
        self._mapping: tuple[ChipEvidence, SignedContent] | None = None
        self.verdict = Verdict.ABSENT
        """What counts; ABSENT until `judge`."""
        self.by = ""

    @property
    def settled(self) -> bool:
        """True when PACE-CAM has proved or disproved the chip already."""
        return self._mapping is not None

    def take_evidence(self, evidence: ChipEvidence, raw: bytes | None) -> None:
        """Check what PACE-CAM left against EF.CardSecurity."""
        if raw is None:
            return
        try:
            signed, infos = card_security.parse(raw)
            proved = card_security.proves(evidence, card_security.curve_keys(infos))
        except CardProtocolError:
            # A broken file proves nothing either way; chip authentication still may.
            return
        self._mapping, self.by = (evidence, signed), PACE_CAM
        self._outcome = Verdict.VALID if proved else Verdict.INVALID

    def run(self, session: Session, dg14: bytes) -> None:
        """Run chip authentication; a chip that fails is opened again and read on."""
        try:
            key = chip_auth.parse_dg14(dg14)
            if key is None:
                return
            self.by = key.name
            session.prove(key)
        except CardProtocolError:
            # A clone does not know the key: it drops the channel or answers under another one.
            self._outcome = Verdict.INVALID
            session.reopen()
            return
        self._outcome = Verdict.VALID

    def judge(self, sod: SecurityObject, dg14: bytes | None, session: Session) -> list[str]:
        """Decide what the proof counts for and return warnings."""
        infos = _signed_infos(sod, dg14)
        warnings = [] if infos is None or _offers_agree(session.card_access, infos) else [OFFERS_DIFFER]
        if self._mapping is None:
            counts = dg14 is not None and sod.covers(SECURITY, dg14)
        else:
            counts = self._mapping_counts(*self._mapping, infos or ())
            warnings += [] if counts else ["card_security_untrusted"]
        self.verdict = self._outcome if counts else Verdict.ABSENT
        return warnings

    def _mapping_counts(
        self, evidence: ChipEvidence, signed: SignedContent, infos: tuple[SecurityInfo, ...]
    ) -> bool:
        """Tell whether the key behind PACE-CAM is the state's: signed in its own file, or again in DG14."""
        if passive_auth.judge_signature(signed, self._trust).verdict is Verdict.VALID:
            return True
        try:
            return card_security.proves(evidence, card_security.curve_keys(infos))
        except CardProtocolError:
            # A malformed key in DG14 vouches for nothing.
            return False


def _signed_infos(sod: SecurityObject, dg14: bytes | None) -> tuple[SecurityInfo, ...] | None:
    """Return the security infos of DG14 where the signature covers them and they can be read."""
    if dg14 is None or not sod.covers(SECURITY, dg14):
        return None
    try:
        return chip_auth.parse_infos(dg14)
    except CardProtocolError:
        # The signed file is of a form we do not know; then there is nothing to compare.
        return None


def _offers_agree(card_access: bytes | None, infos: tuple[SecurityInfo, ...]) -> bool:
    """Tell whether every PACE the unsigned EF.CardAccess offers stands in the signed DG14 too."""
    if card_access is None:
        return True
    offered = security_infos.parse(tlv.parse_one(card_access, TAG_SET).value)
    return all(info in infos for info in offered if info.oid.startswith(pace.OID_PACE))
