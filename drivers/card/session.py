"""An open conversation with one chip: PACE or BAC, the application, and a way back when the chip ends it.

Source: ICAO Doc 9303-11 (8th ed.), 4.2; traps of the Vietnamese card DEVICES.md 1.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.card import bac, chip_auth, datagroups, pace
from drivers.card.apdu import (
    INS_READ_BINARY,
    INS_SELECT,
    SHORT_LE_MAX,
    SW_END_OF_FILE,
    SW_FILE_NOT_FOUND,
    SW_OK,
    Command,
    PlainChannel,
)
from drivers.card.secure_messaging import SecureChannel
from drivers.errors import AccessDeniedError, CardProtocolError, NotAnIdCardError
from drivers.ports import CanKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.card.apdu import CardLine, Sender
    from drivers.card.chip_auth import ChipKey
    from drivers.card.pace import ChipEvidence, RandomBytes
    from drivers.card.secure_messaging import SessionKeys
    from drivers.ports import AccessKey

AID = bytes.fromhex("A0000002471001")
"""The eMRTD application. Source: ICAO Doc 9303-10, 3.6.1."""
SELECT_BY_FID = (0x02, 0x0C)
SELECT_BY_AID = (0x04, 0x0C)
MAX_REOPENINGS = 5
"""A card that drops the session more often than this is not read."""


class Session:
    """One chip, opened with one key.

    Args:
        line: Leads to a card just connected or reset.
        access: CAN or MRZ.
        random_bytes: A cryptographic source.
        expired: Tells whether the time for the whole read is over.
        before_application: Called under PACE before the application is selected, the first time only.
    """

    def __init__(
        self,
        line: CardLine,
        access: AccessKey,
        *,
        random_bytes: RandomBytes,
        expired: Callable[[], bool],
        before_application: Callable[[Session], None] = lambda _session: None,
    ) -> None:
        self._line = line
        self._access = access
        self._random = random_bytes
        self._before_application = before_application
        self._proof: ChipKey | None = None
        self.plain = PlainChannel(line, expired=expired)
        self.card_access: bytes | None = None
        self.evidence: ChipEvidence | None = None
        self.access = ""
        self.cipher = ""
        self.reopenings = 0
        self.channel = self._open()

    @property
    def extended(self) -> bool:
        """True where long commands pass."""
        return self._line.extended

    def reopen(self) -> None:
        """Reset the chip and open it again, with the proof of the chip if it had given one.

        Raises:
            CardProtocolError: The chip keeps dropping the session.
        """
        self.reopenings += 1
        if self.reopenings > MAX_REOPENINGS:
            raise CardProtocolError("The card keeps dropping the secure channel.")
        self._line.reset()
        self.channel = self._open()
        if self._proof is not None:
            self.prove(self._proof)

    def prove(self, key: ChipKey) -> None:
        """Let the chip prove that it holds a key, and go on over the channel that comes of it.

        Raises:
            CardProtocolError: It does not hold the key.
        """
        self._proof = None
        channel = chip_auth.run(self.channel, self.plain, key, random_bytes=self._random)
        # Any protected answer is the proof: only the holder of the key can make one.
        channel.send(select_file(datagroups.data_group(1).fid))
        self.channel, self._proof = channel, key

    def _open(self) -> SecureChannel:
        """Open the chip by PACE; by BAC only where EF.CardAccess is missing or offers no PACE at all."""
        raw = read_card_access(self.plain)
        offer = pace.parse_card_access(raw) if raw is not None else None
        first, self.card_access = self.access == "", raw
        if offer is None or not offer.offers_pace:
            if self.access == "PACE":
                raise CardProtocolError("The card no longer offers the PACE it was opened with.")
            return self._keep("BAC", self._run_bac())
        if offer.info is None:
            raise CardProtocolError("The card offers only kinds of PACE this kiosk does not speak.")
        opened = pace.run(self.plain, offer.info, self._access, random_bytes=self._random)
        self.evidence = opened.evidence
        channel = self._keep("PACE", opened.keys)
        if first:
            self.channel = channel
            self._before_application(self)
            if self.channel is not channel:
                # The card dropped the session meanwhile; the new one has the application selected already.
                return self.channel
        select_application(channel)
        return channel

    def _run_bac(self) -> SessionKeys:
        select_application(self.plain)
        if isinstance(self._access, CanKey):
            raise AccessDeniedError("This card opens only with the three lines on its back (MRZ).")
        return bac.run(self.plain, *bac.access_keys(self._access.lines), random_bytes=self._random)

    def _keep(self, access: str, keys: SessionKeys) -> SecureChannel:
        self.access, self.cipher = access, keys.suite.name
        return SecureChannel(self.plain, keys)


def read_card_access(plain: Sender) -> bytes | None:
    """Return EF.CardAccess, None where the card has none.

    SELECT MF is never sent: the Vietnamese card answers 6D00 (DEVICES.md 1.3).

    Raises:
        CardProtocolError: The card hides the file.
        NotAnIdCardError: It is no ID card at all.
    """
    selected = plain.send(select_file(datagroups.EF_CARD_ACCESS.fid))
    if selected.sw == SW_OK:
        read = plain.send(Command(ins=INS_READ_BINARY, le=SHORT_LE_MAX))
        if read.sw not in {SW_OK, SW_END_OF_FILE}:
            raise CardProtocolError(f"EF.CardAccess cannot be read (status {read.sw:04X}).")
        return read.data
    if selected.sw != SW_FILE_NOT_FOUND:
        # A bank card ends here as "not an ID card"; an ID card that hides its PACE does not get BAC.
        select_application(plain)
        raise CardProtocolError(f"EF.CardAccess cannot be selected (status {selected.sw:04X}).")
    return None


def select_application(channel: Sender) -> None:
    """Select the eMRTD application.

    Raises:
        NotAnIdCardError: The card has none.
    """
    p1, p2 = SELECT_BY_AID
    if not channel.send(Command(ins=INS_SELECT, p1=p1, p2=p2, data=AID)).ok:
        raise NotAnIdCardError("The card has no ID application.")


def select_file(fid: int) -> Command:
    """Return the command that selects a file by its long identifier."""
    p1, p2 = SELECT_BY_FID
    return Command(ins=INS_SELECT, p1=p1, p2=p2, data=fid.to_bytes(2, "big"))
