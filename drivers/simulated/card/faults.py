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
        drops_long_reads: Reads of more bytes than this are answered 6700 in the clear; the session is over.
        answers_in_pieces: Answers longer than this are fetched with GET RESPONSE (61xx), as with T=0.
        exact_le: A read past the end of a file is refused with 6Cxx that names what is left.
        huge_length: DG1 announces 100 MB.
        deep_tlv: DG2 nests ten thousand data objects.
        wrong_challenge: Active authentication signs another challenge than the one asked.
        no_sfi: The chip does not read by short file identifier.
        latency_ms: Milliseconds added to each APDU.
        bit_rate: Bits a second that commands and answers take on the air; 0 for no time at all.
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
    drops_long_reads: int | None = None
    answers_in_pieces: int | None = None
    exact_le: bool = False
    huge_length: bool = False
    deep_tlv: bool = False
    wrong_challenge: bool = False
    no_sfi: bool = False
    latency_ms: float = 0.0
    bit_rate: float = 0.0

    def delay_s(self, exchanged: int) -> float:
        """Return the seconds one APDU takes whose command and answer have so many bytes."""
        return self.latency_ms / 1000 + (8 * exchanged / self.bit_rate if self.bit_rate else 0.0)


NO_FAULTS = Faults()
NUMBERS: dict[str, type[int | float]] = {
    "removed_at_apdu": int,
    "silent_at_apdu": int,
    "largest_read": int,
    "drops_long_reads": int,
    "answers_in_pieces": int,
    "latency_ms": float,
    "bit_rate": float,
}
"""The faults that take a number."""


def parse(words: list[str]) -> Faults:
    """Read faults from command-line words such as `wrong_hash` or `removed_at_apdu=40`.

    Raises:
        ValueError: A word names no fault or its value is not a number; the message lists the faults.
    """
    values: dict[str, Any] = {}
    known = Faults.__dataclass_fields__
    for word in words:
        name, _, value = word.partition("=")
        if name not in known or (name in NUMBERS) != bool(value):
            raise ValueError(f"unknown fault {word!r}; give one of: {', '.join(known)} (numbers as name=n)")
        values[name] = NUMBERS[name](value) if name in NUMBERS else True
    return Faults(**values)
