"""The report of `kiosk card probe` in a few lines, for the technician who stands at the kiosk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LABEL = 11
"""Letters before the text of a line."""


def line(label: str, text: str) -> str:
    """Return one line of the report."""
    return f"{label:<{LABEL}}{text}"


def probe_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines: the slot, the outside of the card, and what the key opened, if one was given."""
    yield line("reader", f"{report['reader']}, {report['protocol']}, ATR {report['atr']}")
    yield line("long reads", "yes" if report["reader_and_card_extended"] else _why_short(report))
    yield line("outside", _outside(report["outside"]))
    if "inside" not in report:
        yield line("inside", "not looked at: no key was given")
    elif "error" in report["inside"]:
        yield line("inside", report["inside"]["message"])
    else:
        yield from _inside(report["inside"])


def _why_short(report: Mapping[str, Any]) -> str:
    return "the reader is too small for them" if report["announces_extended"] else "the card has none"


def _outside(outside: Mapping[str, Any]) -> str:
    if "error" in outside:
        return str(outside["message"])
    if outside["card_access"] is None or not outside["pace_offered"]:
        return "ID application, no PACE: opens with BAC"
    return f"ID application, PACE of a kind {'' if outside['pace_spoken'] else 'not '}spoken here"


def _inside(inside: Mapping[str, Any]) -> Iterator[str]:
    yield line("opened", f"{inside['access']} with {inside['cipher']} in {inside['open_ms']} ms")
    yield line(
        "files", ", ".join(f"DG{one['dg']} {one['length']} B {one['ms']} ms" for one in inside["files"])
    )
    yield line("signature", _signature(inside["sod"]))
    chip = inside.get("dg14", {}).get("chip_auth") or "no chip authentication"
    signing = inside.get("dg15", {}).get("key")
    yield line("chip", f"{chip}, {f'signs with {signing}' if signing else 'no active authentication'}")
    if "fields" in inside.get("dg13", {}):
        numbers = sorted(one["field"] for one in inside["dg13"]["fields"])
        yield line("DG13", "fields " + " ".join(map(str, numbers)))
    cost = f"{inside['apdus']} commands, {inside['bytes']} bytes"
    yield line("cost", cost + (f", opened again {inside['reopenings']} x" if inside["reopenings"] else ""))


def _signature(sod: Mapping[str, Any]) -> str:
    if "error" in sod or sod["length"] is None:
        return str(sod.get("message", "no EF.SOD"))
    reason = f" ({sod['reason']})" if sod["reason"] else ""
    return f"{sod['verdict']}{reason}, {sod['scheme'] or 'not checked'}, signer's key {sod['signer_key']}"
