"""The list of cards that open the technician's screens: names, dates and keyed hashes; no person.

What is hashed is `CardReading.chip_id`: only a chip that has just proved to hold the private key its state
vouches for has one, so neither a copied code nor copied data groups match (docs/security.md).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import os
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.ports import CanKey, Verdict
from kiosk_app.flow.technician_tools import (
    CardEnrolledError,
    CardListDamagedError,
    CardUnknownError,
    CardUnprovenError,
    CardUntrustedError,
)
from kiosk_app.flow.technician_view import EnrolledCard
from kiosk_app.i18n import _
from offline_queue.errors import QueueLockedError
from offline_queue.keyfiles import KEY_BYTES, kept_seed, keys_dir, write_durably, write_once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drivers.ports import CardReader

log = logging.getLogger(__name__)

LIST: Final = "technician_cards.json"
KEY: Final = "technician.key"
READ_S: Final = 30.0


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One line of the list."""

    number: int
    """From 1, never given twice: the name of a card that was lost does not come back."""
    enrolled_on: dt.date
    hash: str
    """HMAC-SHA-256 of the chip's id under this kiosk's own key."""


class CardList(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file."""

    next: int = 1
    cards: tuple[Entry, ...] = ()


class TechnicianCards:
    """Implements `kiosk_app.flow.technician_tools.CardDesk`.

    Args:
        folder: The data folder.
        slot: Where cards are read; called for when it is needed.
        today: The kiosk's date.
        randomness: Returns that many random bytes.
    """

    def __init__(
        self,
        folder: Path,
        slot: Callable[[], CardReader],
        *,
        today: Callable[[], dt.date],
        randomness: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._folder, self._slot = folder, slot
        self._today, self._randomness = today, randomness

    def cards(self) -> tuple[EnrolledCard, ...]:
        """Return the enrolled cards, oldest first.

        Raises:
            CardListDamagedError: The list cannot be read.
        """
        return tuple(_shown(entry) for entry in self._read().cards)

    def enrol(self, can: str) -> EnrolledCard:
        """Read the card in the slot and put it on the list; see `CardDesk.enrol`."""
        known = self._read()
        proof = self._prove(can)
        if _matches(known, proof):
            raise CardEnrolledError
        entry = Entry(number=known.next, enrolled_on=self._today(), hash=proof)
        self._write(CardList(next=known.next + 1, cards=(*known.cards, entry)))
        log.info("technician.card_enrolled", extra={"count": len(known.cards) + 1})
        return _shown(entry)

    def remove(self, label: str) -> None:
        """Take a card off the list; nothing happens where none is called so.

        Raises:
            CardListDamagedError: The list cannot be read.
        """
        known = self._read()
        left = tuple(entry for entry in known.cards if _shown(entry).label != label)
        if len(left) < len(known.cards):
            self._write(CardList(next=known.next, cards=left))
            log.warning("technician.card_removed", extra={"count": len(left)})

    def admit(self, can: str) -> None:
        """Read the card in the slot and return when it opens the screens; see `CardDesk.admit`."""
        known = self._read()
        if not _matches(known, self._prove(can)):
            raise CardUnknownError

    def _prove(self, can: str) -> str:
        """Return the keyed hash of the chip in the slot; the person is read and dropped here."""
        reading = self._slot().read(CanKey(can=can), timeout_s=READ_S, progress=lambda _share: None)
        if not reading.chip_id and reading.proof.passive_auth is Verdict.UNTRUSTED:
            raise CardUntrustedError
        if not reading.chip_id:
            raise CardUnprovenError
        return hmac.new(self._key(), reading.chip_id.encode("ascii"), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        path = keys_dir(self._folder) / KEY
        try:
            if not path.exists():
                write_once(path, self._randomness(KEY_BYTES).hex())
            seed = kept_seed(path)
        except (OSError, QueueLockedError) as error:
            raise CardListDamagedError(detail=KEY) from error
        if seed is None:
            raise CardListDamagedError(detail=KEY)
        return seed

    def _read(self) -> CardList:
        try:
            return msgspec.json.decode((self._folder / LIST).read_bytes(), type=CardList)
        except FileNotFoundError:
            return CardList()
        except (OSError, msgspec.MsgspecError) as error:
            raise CardListDamagedError(detail=LIST) from error

    def _write(self, known: CardList) -> None:
        try:
            write_durably(self._folder / LIST, msgspec.json.encode(known))
        except OSError as error:
            raise CardListDamagedError(detail=LIST) from error


def _matches(known: CardList, proof: str) -> bool:
    # Every entry is compared: how long it takes tells nothing of the list.
    return any([hmac.compare_digest(entry.hash, proof) for entry in known.cards])  # noqa: C419 - all of them


def _shown(entry: Entry) -> EnrolledCard:
    return EnrolledCard(label=_("thẻ {n}").format(n=entry.number), enrolled_on=entry.enrolled_on)
