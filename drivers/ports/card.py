"""The chip card and its reader."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Protocol

from drivers.ports.device import Device, Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class CanKey:
    """Card Access Number: six digits, on a Vietnamese card the last six of the ID number."""

    can: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MrzKey:
    """The machine readable lines: three of 30 on a card (TD1), two of 36 or 44 elsewhere (TD2, TD3)."""

    lines: tuple[str, ...] = field(repr=False)


AccessKey = CanKey | MrzKey


class Verdict(StrEnum):
    """What a proof of the card came to."""

    VALID = "valid"
    UNTRUSTED = "untrusted"
    INVALID = "invalid"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """The face picture of the chip, decoded: `rgb` is `height * width * 3` bytes, row by row."""

    width: int
    height: int
    rgb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdCard:
    """The person as the card tells it. Religion and personal marks are dropped in the driver.

    Every text is NFC, as printed on the card; None where the card does not say. Sex is `male` or `female`.
    """

    id_number: str = field(repr=False)
    old_id_number: str | None = field(default=None, repr=False)
    full_name: str = field(repr=False)
    birth_date: str | None = field(default=None, repr=False)
    sex: str | None = field(default=None, repr=False)
    nationality: str | None = field(default=None, repr=False)
    ethnicity: str | None = field(default=None, repr=False)
    place_of_origin: str | None = field(default=None, repr=False)
    residence: str | None = field(default=None, repr=False)
    issue_date: str | None = field(default=None, repr=False)
    expiry_date: str | None = field(default=None, repr=False)
    father_name: str | None = field(default=None, repr=False)
    mother_name: str | None = field(default=None, repr=False)
    spouse_name: str | None = field(default=None, repr=False)
    portrait: Portrait | None = field(default=None, repr=False)
    sources: Mapping[str, str] = field(default_factory=dict)
    """Field name to where it came from: `dg1`, `dg2`, `dg11`, `dg12`, `dg13`, `qr`, `typed`."""


HOLDER_FIELDS = tuple(one.name for one in fields(IdCard) if one.name not in {"portrait", "sources"})
"""The texts of a person, in the order of `kiosk card read`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardProof:
    """How the card was opened (`PACE` or `BAC`; `AES-128` … `3DES`) and what was proved; no personal data.

    Fields in `_by` say what proved, or failed to: `ECDSA-SHA256`, `CA-ECDH-AES-128`, `PACE-CAM`, `AA-RSA`.
    Warnings are codes such as `dg1_dg13_name_differs`; none of them refuses the card.
    """

    access: str
    cipher: str
    passive_auth: Verdict
    passive_auth_reason: str = ""
    passive_auth_by: str = ""
    chip_auth: Verdict = Verdict.ABSENT
    chip_auth_by: str = ""
    active_auth: Verdict = Verdict.ABSENT
    active_auth_by: str = ""
    data_groups: tuple[int, ...] = ()
    apdus: int = 0
    bytes_read: int = 0
    elapsed_ms: float = 0.0
    extended: bool = False
    reopenings: int = 0
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReading:
    """One card read: the person, the proof, and the exact files where a `CardVerifier` wants them."""

    holder: IdCard = field(repr=False)
    proof: CardProof
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    chip_id: str = field(default="", repr=False)
    """The same at every read of this very chip and of no other; empty where the chip proved nothing.

    It names a card, so it is personal: it goes into no log, no file and no dossier as it is.
    """


Known = Callable[[CardReading], None]
"""Called once when the person is known and the portrait is not, on the thread that reads."""


class CardReader(Device, Protocol):
    """A slot for one chip card."""

    def card_present(self) -> bool:
        """Tell whether a card is in the slot now; False when the reader is gone."""
        ...

    def wait_for_card(self, *, present: bool, timeout_s: float) -> bool:
        """Block until a card is in the slot (or, `present=False`, until it is out) or the time is over."""
        ...

    def read(
        self, access: AccessKey, *, timeout_s: float, progress: Progress, known: Known = ...
    ) -> CardReading:
        """Read the card now in the slot.

        Args:
            access: What opens the chip: CAN (6 digits) for PACE, or the MRZ.
            timeout_s: Bounds the whole read, seconds.
            progress: Called with the share done, 0.0 to 1.0, on the calling thread.
            known: Called once with the person and the proof so far, before the portrait is fetched.

        Raises:
            DeviceMissingError, NoCardError: No reader answers; the slot is empty.
            MediaRemovedError, DeviceTimeoutError: The card left the slot while being read, or fell silent.
            AccessDeniedError: The chip refused the key.
            NotAnIdCardError: The card has no eMRTD application.
            CardProtocolError: The chip answered what no honest chip answers.
        """
        ...
