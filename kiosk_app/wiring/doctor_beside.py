"""The doctor beside a running kiosk: a device that one holds cannot be looked at, and is not ill for it.

What the running kiosk says of such a device counts instead; it stands in the metrics, renewed at each look.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from drivers.errors import DeviceBusyError, DeviceForbiddenError, DeviceMissingError, DeviceTimeoutError
from drivers.ports import DeviceState
from kiosk_app.wiring import paths
from kiosk_app.wiring.findings import Finding, finding
from kiosk_app.wiring.watch import METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Told = Mapping[str, tuple[DeviceState, str]]

FRESH_S: Final = 300.0
"""Metrics not older than that tell how a device is; a serving kiosk renews them at least each minute."""
_HELD: Final = frozenset({"card_reader", "qr_scanner", "document_scanner", "ticket_printer"})
_NOT_HAD: Final = frozenset(
    {
        DeviceBusyError.code,
        DeviceForbiddenError.code,
        DeviceMissingError.code,
        DeviceTimeoutError.code,
        "printer.silent",
        "printer.unreachable",
    }
)
"""How a device that another program holds may look from outside, to whoever calls the doctor."""
_SURELY_HELD: Final = frozenset({DeviceBusyError.code, "printer.silent"})
"""A network printer takes the second connection and answers on the first."""
_WELL: Final = frozenset({DeviceState.READY, DeviceState.DEGRADED})
_STATE: Final = re.compile(r'^kiosk_device_state\{device="(\w+)",state="(\w+)"\} 1$', re.MULTILINE)
_CAUSE: Final = re.compile(r'^kiosk_device_cause\{device="(\w+)",cause="([\w.]+)"\} 1$', re.MULTILINE)
_LOOKED_AT: Final = re.compile(r"^kiosk_looked_at_seconds (\d+)$", re.MULTILINE)


def told_by_running(data: Path, at_s: float) -> Told | None:
    """Return what a kiosk that runs over this data folder said last of its devices; None where none runs.

    Args:
        data: The data folder.
        at_s: The time now, seconds since 1970.
    """
    if not paths.served_by_another(data):
        return None
    try:
        text = (data / "metrics" / METRICS).read_text(encoding="utf-8")
    except OSError:
        return {}  # it has not looked yet
    looked_at = _LOOKED_AT.search(text)
    if looked_at is None or abs(at_s - float(looked_at[1])) > FRESH_S:
        return {}
    causes = dict(_CAUSE.findall(text))
    return {name: (DeviceState(state), causes.get(name, "ok")) for name, state in _STATE.findall(text)}


def excused(found: Finding, told: Told) -> Finding:
    """Put the running kiosk's word in the place of a finding that only says the device could not be had."""
    if found.well or found.part not in _HELD or found.cause not in _NOT_HAD:
        return found
    if found.part in told:
        state, cause = told[found.part]
        held = DeviceBusyError.code if state in _WELL else cause
        return finding(found.part, state, held, {"held_by": "kiosk"})
    if found.cause in _SURELY_HELD:
        return finding(found.part, DeviceState.DISABLED, DeviceBusyError.code, {"held_by": "kiosk"})
    return found
