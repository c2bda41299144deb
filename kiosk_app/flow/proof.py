"""What was proved about a card, for the officer: verdicts and methods, no person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drivers.ports import CardReading


def proof_of(reading: CardReading | None) -> dict[str, object]:
    """Return what was proved about the card, without a person in it."""
    if reading is None:
        return {"access": "none"}
    proof = reading.proof
    return {
        "access": proof.access,
        "cipher": proof.cipher,
        "passive_auth": proof.passive_auth.value,
        "passive_auth_reason": proof.passive_auth_reason,
        "passive_auth_by": proof.passive_auth_by,
        "chip_auth": proof.chip_auth.value,
        "chip_auth_by": proof.chip_auth_by,
        "active_auth": proof.active_auth.value,
        "active_auth_by": proof.active_auth_by,
        "data_groups": list(proof.data_groups),
        "warnings": list(proof.warnings),
    }
