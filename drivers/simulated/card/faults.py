"""What a virtual card can do wrong, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """A script of misbehaviour; the default behaves.

    Args:
        removed_at_apdu: The card leaves the slot when this APDU (1 = first) arrives.
        silent_at_apdu: The card takes this APDU and never answers.
        wrong_hash: One accent of DG13 (DG1 where there is none) differs from what was signed.
        bad_mac: Protected answers carry a wrong MAC.
        no_do99: Protected answers lack their status object.
        unknown_csca: The document signer belongs to an authority nobody knows.
        expired_dsc: The document signer's certificate ran out long ago.
        forged_curve: The certificate's explicit curve has another generator.
        cloned_chip: The data are copied, the chip's private key is not.
        cut_portrait: The signed portrait ends in the middle of its picture.
        pace_fails: The chip breaks PACE off on purpose, to lure the reader into BAC.
        no_pace: An old chip without EF.CardAccess that opens with BAC.
        largest_read: Reads of more bytes than this are refused with 6700, under secure messaging.
        no_sfi: The chip does not read by short file identifier.
        latency_ms: Milliseconds added to each APDU.
    """

    removed_at_apdu: int | None = None
    silent_at_apdu: int | None = None
    wrong_hash: bool = False
    bad_mac: bool = False
    no_do99: bool = False
    unknown_csca: bool = False
    expired_dsc: bool = False
    forged_curve: bool = False
    cloned_chip: bool = False
    cut_portrait: bool = False
    pace_fails: bool = False
    no_pace: bool = False
    largest_read: int | None = None
    no_sfi: bool = False
    latency_ms: float = 0.0


NO_FAULTS = Faults()


def parse(words: list[str]) -> Faults:
    """Read faults from command-line words such as `wrong_hash` or `removed_at_apdu=40`.

    Raises:
        ValueError: A word names no fault or its value is not a number; the message lists the faults.
    """
    values: dict[str, Any] = {}
    numbers = {"removed_at_apdu": int, "silent_at_apdu": int, "largest_read": int, "latency_ms": float}
    known = Faults.__dataclass_fields__
    for word in words:
        name, _, value = word.partition("=")
        if name not in known or (name in numbers) != bool(value):
            raise ValueError(f"unknown fault {word!r}; give one of: {', '.join(known)} (numbers as name=n)")
        values[name] = numbers[name](value) if name in numbers else True
    return Faults(**values)
