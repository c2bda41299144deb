"""What the doctor found of one part: a state, the likely cause as a code, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from drivers.ports import DeviceState

if TYPE_CHECKING:
    from drivers.ports import DeviceStatus

Measures = dict[str, float | str]
"""Name with its unit (`fsync_ms`) to value."""
_WELL: Final = frozenset({DeviceState.READY, DeviceState.DEGRADED, DeviceState.DISABLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part and how it is; no personal data."""

    part: str
    state: str
    """A `DeviceState`."""
    cause: str
    measured: Measures = field(default_factory=dict)

    @property
    def well(self) -> bool:
        """True when nobody need come for this part today."""
        return self.state in _WELL


def finding(part: str, state: DeviceState, cause: str = "ok", measured: Measures | None = None) -> Finding:
    """Return a finding."""
    return Finding(part=part, state=state.value, cause=cause, measured=measured or {})


def of_status(part: str, status: DeviceStatus, measured: Measures | None = None) -> Finding:
    """Return what a device says of itself as a finding."""
    told: Measures = {"told": status.detail} if status.detail else {}
    return Finding(
        part=part, state=status.state.value, cause=status.cause, measured={**told, **(measured or {})}
    )
