"""Codes, and whatever reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from drivers.ports.device import Device

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.ports.card import IdCard


class CodeScanner(Device, Protocol):
    """Whatever reads QR codes: a serial scanner, a camera, a folder of pictures, a script."""

    def read(self, *, timeout_s: float) -> str | None:
        """Wait for the next code and return its text, or None when the time is over.

        Raises:
            DeviceMissingError: The scanner is gone.
            ScannerMisconfiguredError: The text is not UTF-8.
        """
        ...

    def flush(self) -> None:
        """Forget every code seen before now, so an old one never opens a new screen."""
        ...


class CodeKind(StrEnum):
    """What a code turned out to be."""

    ID_CARD = "id_card"
    RECEIPT = "receipt"
    VIETQR = "vietqr"
    DECLARATION = "declaration"
    """Made elsewhere: a procedure and answers to begin its form with."""
    VNEID = "vneid"
    """A sign-in of the national e-ID app: holds nobody's data."""
    URL = "url"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePayload:
    """A code, classified. `card` is set for ID_CARD; `receipt_code` and `token` for RECEIPT."""

    kind: CodeKind
    text: str = field(repr=False)
    card: IdCard | None = field(default=None, repr=False)
    receipt_code: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    reason: str = ""
    """Why a text that looked like a card or a receipt was not taken as one, for staff."""
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)
