"""`kiosk card`: list readers, read the chip of an ID card, probe an unknown one, serve a virtual card."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from drivers.errors import CardMismatchError, DriverError
from drivers.ports import HOLDER_FIELDS
from kiosk_app.cli.card_report import line, probe_lines
from kiosk_app.wiring import card as wiring

if TYPE_CHECKING:
    import argparse

    from drivers.ports import CardReading, IdCard, Progress
    from kiosk_app.config import Config

MASK = "*****"
WRONG_USAGE = 2
BAR_WIDTH = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands and their options."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="the readers, and whether a card is in them")
    listing.add_argument("--json", action="store_true", help="one JSON document")
    read = commands.add_parser("read", help="read the chip of the ID card in the slot")
    _add_reading(read, key_required=True)
    read.add_argument("--json", action="store_true", help="one JSON document")
    read.add_argument("--show-personal", action="store_true", help="do not mask personal values")
    probe = commands.add_parser(
        "probe",
        help="report what an unknown card is and can, without a personal byte",
        description="Writes the answer to reset, protocols, file lengths, algorithms and timings as JSON. "
        "Without a key only the outside of the card is looked at.",
    )
    _add_reading(probe, key_required=False)
    probe.add_argument("--out", type=Path, metavar="FILE", help="write the report there")
    simulate = commands.add_parser(
        "simulate",
        help="serve a virtual card to the virtual reader (vpcd) of a running pcscd until Ctrl-C",
        description="Demonstrations and tests only. Faults: wrong_hash, bad_mac, no_do99, unknown_csca, "
        "expired_dsc, forged_curve, cloned_chip, cut_portrait, pace_fails, no_pace, no_sfi, largest_read=N, "
        "removed_at_apdu=N, silent_at_apdu=N, drops_long_reads=N, answers_in_pieces=N, exact_le, "
        "huge_length, deep_tlv, wrong_challenge, latency_ms=N, bit_rate=N.",
    )
    simulate.add_argument("--persona", default="huong", help="huong, binh, uyen or bao")
    simulate.add_argument("--make", default="vietnam", help=", ".join(wiring.make_names()))
    simulate.add_argument("--fault", action="append", default=[], metavar="FAULT", help="may be repeated")
    simulate.add_argument("--host", default="127.0.0.1")
    simulate.add_argument("--port", type=int, default=35963, help="of the slot; the first is 35963")
    simulate.add_argument("--csca-out", type=Path, metavar="DIR", help="write the test authorities there")


def _add_reading(parser: argparse.ArgumentParser, *, key_required: bool) -> None:
    key = parser.add_mutually_exclusive_group(required=key_required)
    key.add_argument("--can", metavar="DIGITS", help="the last six digits of the ID number")
    key.add_argument("--mrz", metavar="'L1 L2 L3'", help="the lines on the back of the card")
    key.add_argument("--qr", metavar="TEXT", help="the text of the QR code on the same card")
    parser.add_argument("--reader", metavar="TEXT", help="part of the reader's name")
    parser.add_argument(
        "--csca", type=Path, metavar="DIR", help="folder of CSCA certificates and master lists"
    )
    parser.add_argument("--timeout", type=float, default=30.0, metavar="S", help="bounds the whole read")


def run(args: argparse.Namespace, config: Config) -> int:
    """Run one command and return the exit code."""
    try:
        return COMMANDS[args.command](args, config)
    except wiring.KeyTextError as error:
        print(f"kiosk card: {error}", file=sys.stderr)
        return WRONG_USAGE
    except DriverError as error:
        _print_error(error, as_json=getattr(args, "json", False))
        return 1


def _list(args: argparse.Namespace, config: Config) -> int:
    reader = wiring.open_pcsc_reader(config)
    try:
        found = reader.readers()
    finally:
        reader.close()
    if args.json:
        print(json.dumps([{"reader": name, "card_present": present} for name, present in found]))
        return 0
    for name, present in found:
        print(f"{name}  {'card' if present else 'empty'}")
    if not found:
        print("kiosk card: no reader; check its cable and that pcscd runs", file=sys.stderr)
    return 0


def _read(args: argparse.Namespace, config: Config) -> int:
    key = wiring.key_from_text(can=args.can, mrz=args.mrz, qr=args.qr)
    reader = wiring.open_pcsc_reader(config, reader=args.reader, csca_dir=args.csca)
    try:
        reader.readers()
        reading = reader.read(key.access, timeout_s=args.timeout, progress=_bar())
    finally:
        reader.close()
    if key.id_number is not None and reading.holder.id_number != key.id_number:
        raise CardMismatchError("The card in the slot is not the card whose QR code was given.")
    if key.printed is not None:
        reading = wiring.cross_checked(reading, key.printed)
    document = _document(reading, show_personal=args.show_personal)
    if args.json:
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _print_text(document)
    return 0


def _bar() -> Progress:
    """Return what draws a progress bar on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty():
        return lambda _share: None

    drawn = -1

    def draw(share: float) -> None:
        nonlocal drawn
        filled = round(share * BAR_WIDTH)
        if filled == drawn and share < 1.0:
            return
        drawn = filled
        end = "\n" if share >= 1.0 else ""
        print(f"\r[{'#' * filled:<{BAR_WIDTH}}] {share:4.0%}", end=end, file=sys.stderr, flush=True)

    return draw


def _probe(args: argparse.Namespace, config: Config) -> int:
    given = args.can is not None or args.mrz is not None or args.qr is not None
    key = wiring.key_from_text(can=args.can, mrz=args.mrz, qr=args.qr) if given else None
    reader = wiring.open_pcsc_reader(config, reader=args.reader, csca_dir=args.csca)
    try:
        reader.readers()
        report = reader.probe(key.access if key else None, timeout_s=args.timeout)
    finally:
        reader.close()
    text = json.dumps(report, ensure_ascii=False, indent=1)
    if args.out is None:
        print(text)
    else:
        args.out.write_text(text + "\n", encoding="utf-8")
        print("\n".join((*probe_lines(report), line("report", str(args.out)))))
    return 0


def _simulate(args: argparse.Namespace, _config: Config) -> int:
    card = wiring.open_vpcd_card(args.persona, args.fault, host=args.host, port=args.port, make=args.make)
    if args.csca_out:
        print(f"test authorities: {wiring.write_test_csca(args.csca_out)}")
    with card:
        print(f"card of {args.persona} is in the slot; CAN {card.card.persona.can}; Ctrl-C takes it out")
        sys.stdout.flush()
        try:
            card.wait_removed()
        except KeyboardInterrupt:
            return 0
    print("the card left the slot")
    return 0


COMMANDS: Final = {"list": _list, "read": _read, "probe": _probe, "simulate": _simulate}


def _document(reading: CardReading, *, show_personal: bool) -> dict[str, object]:
    proof = reading.proof
    return {
        "access": proof.access,
        "cipher": proof.cipher,
        "passive_auth": proof.passive_auth,
        "passive_auth_reason": proof.passive_auth_reason,
        "passive_auth_by": proof.passive_auth_by,
        "chip_auth": proof.chip_auth,
        "chip_auth_by": proof.chip_auth_by,
        "active_auth": proof.active_auth,
        "active_auth_by": proof.active_auth_by,
        "data_groups": list(proof.data_groups),
        "apdus": proof.apdus,
        "bytes": proof.bytes_read,
        "elapsed_ms": proof.elapsed_ms,
        "extended": proof.extended,
        "reopenings": proof.reopenings,
        "holder": _holder(reading.holder, show_personal=show_personal),
        "sources": dict(reading.holder.sources),
        "warnings": list(proof.warnings),
    }


def _holder(holder: IdCard, *, show_personal: bool) -> dict[str, object]:
    values: dict[str, object] = {}
    for name in HOLDER_FIELDS:
        value: str | None = getattr(holder, name)
        values[name] = value if show_personal or value is None else _masked(name, value)
    portrait = holder.portrait
    values["portrait"] = {"width": portrait.width, "height": portrait.height} if portrait else None
    return values


def _masked(name: str, value: str) -> str:
    return f"{value[:3]}{MASK}{value[-4:]}" if name == "id_number" else MASK


def _print_text(document: dict[str, object]) -> None:
    """Print a line for each value; those of the person with where they come from."""
    sources, holder = document.pop("sources"), document.pop("holder")
    if isinstance(holder, dict) and isinstance(sources, dict):
        for name, value in holder.items():
            if value is not None:
                shown = f"{value['width']} x {value['height']}" if isinstance(value, dict) else value
                print(f"{name}: {shown}  ({sources.get(name, '?')})")
    for name, value in document.items():
        print(f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def _print_error(error: DriverError, *, as_json: bool) -> None:
    entry = {"code": error.code, "message": str(error), "next_step": error.next_step}
    if as_json:
        print(json.dumps({"error": entry}, ensure_ascii=False, indent=1))
    else:
        print(f"kiosk card: {error} {error.next_step}", file=sys.stderr)
