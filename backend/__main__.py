"""The `kiosk-backend` command."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from backend.settings import DEFAULT_BLOBS, DEFAULT_DATABASE, Settings, SettingsError, make_settings

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 well, 1 asked and failed, 2 wrong usage."""
    os.umask(0o077)  # database, keys and dossiers are nobody else's
    parser = _parser()
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("alembic", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        settings = make_settings(
            database=args.database,
            blobs=args.blobs,
            keys=args.keys,
            public_url=args.public_url,
            unit=args.unit,
            name=args.unit_name,
            voice=getattr(args, "voice", ""),
        )
    except SettingsError as error:
        parser.error(str(error))
    code: int = args.run(args, settings)
    return code


def _shared_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--database", default=DEFAULT_DATABASE, metavar="URL", help="sqlite:/// or postgresql://"
    )
    shared.add_argument(
        "--blobs", default=DEFAULT_BLOBS, metavar="URL", help="folder, or s3://BUCKET?endpoint=URL"
    )
    shared.add_argument("--keys", metavar="DIR", help="folder of private keys (default: BLOBS.keys)")
    shared.add_argument("--public-url", default="", metavar="URL", help="what citizens' phones reach")
    shared.add_argument("--unit", default="", metavar="CODE", help="unit code of kiosks enrolled from now on")
    shared.add_argument("--unit-name", default="", metavar="TEXT", help="its name, as citizens read it")
    return shared


def _parser() -> argparse.ArgumentParser:
    shared = _shared_options()
    parser = argparse.ArgumentParser(prog="kiosk-backend", description="What kiosks sync to.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", parents=[shared], help="answer kiosks and phones")
    _serving(serve)
    serve.set_defaults(run=_serve)
    commands.add_parser("migrate", parents=[shared], help="bring the schema up to date").set_defaults(
        run=_migrate
    )
    code = commands.add_parser(
        "enrol-code", parents=[shared], help="print a one-time code, good for 15 minutes"
    )
    code.add_argument("--kiosk", default="", metavar="NAME", help="how the kiosk is listed")
    code.set_defaults(run=_enrol_code)
    commands.add_parser("keys", parents=[shared], help="print the public keys").set_defaults(run=_keys)
    commands.add_parser("openapi", parents=[shared], help="print the OpenAPI document").set_defaults(
        run=_openapi
    )
    listing = commands.add_parser("dossiers", parents=[shared], help="list dossiers")
    listing.add_argument("--json", action="store_true", help="one JSON document")
    listing.set_defaults(run=_dossiers)
    taken = commands.add_parser("import", parents=[shared], help="take in what `kiosk queue export` wrote")
    taken.add_argument("folder", type=Path, metavar="DIR")
    taken.set_defaults(run=_import)
    _staff_and_fleet(commands, shared)
    _moving(commands.add_parser("set-state", parents=[shared], help="move a dossier to another state"))
    return parser


def _serving(serve: argparse.ArgumentParser) -> None:
    serve.add_argument(
        "--listen", default="127.0.0.1:8470", metavar="HOST:PORT", help="port 0 takes a free one"
    )
    serve.add_argument(
        "--print-enrol-code", action="store_true", help="make a one-time code first and print it"
    )
    serve.add_argument(
        "--until-eof", action="store_true", help="stop when standard input ends: whoever started it is gone"
    )
    serve.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that answer (PostgreSQL only)"
    )
    serve.add_argument(
        "--voice",
        default="",
        metavar="DIR",
        help="clips that call numbers in place of the shipped ones; `off`: tones alone",
    )
    serve.add_argument("--one-of", type=int, default=0, help=argparse.SUPPRESS)  # a worker of so many


def _moving(move: argparse.ArgumentParser) -> None:
    move.add_argument("code", help="official code")
    move.add_argument("state", type=int, choices=range(1, 11), help="1 to 10 (DOMAIN.md 2.3)")
    move.add_argument("--due", type=date.fromisoformat, metavar="DATE", help="expected day, YYYY-MM-DD")
    move.set_defaults(run=_set_state)


def _staff_and_fleet(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], shared: argparse.ArgumentParser
) -> None:
    person = commands.add_parser(
        "staff-add", parents=[shared], help="add a member of staff, or a new password"
    )
    person.add_argument("name")
    person.add_argument("--role", default="clerk", help="clerk, technician or admin")
    person.add_argument("--totp", action="store_true", help="ask for a code of an authenticator app as well")
    person.set_defaults(run=_staff_add)
    gone = commands.add_parser("staff-disable", parents=[shared], help="shut a member of staff out")
    gone.add_argument("name")
    gone.set_defaults(run=_staff_disable)
    lost = commands.add_parser("revoke", parents=[shared], help="shut a kiosk out")
    lost.add_argument("kiosk", help="its id, from `kiosks`")
    lost.set_defaults(run=_revoke)
    fleet = commands.add_parser("kiosks", parents=[shared], help="list kiosks")
    fleet.set_defaults(run=_kiosks)
    sweep = commands.add_parser("sweep", parents=[shared], help="drop parts nobody waits for")
    sweep.set_defaults(run=_sweep)


def _serve(args: argparse.Namespace, settings: Settings) -> int:
    from backend.serving import Place, ServeError, serve_alone, serve_many

    host, _, port = args.listen.rpartition(":")
    if not port.isdigit():
        print("kiosk-backend: --listen HOST:PORT, for example 127.0.0.1:8470", file=sys.stderr)
        return 2
    if args.workers > 1 and settings.database_url.startswith("sqlite"):
        print("kiosk-backend: --workers needs --database postgresql://…", file=sys.stderr)
        return 2
    if args.print_enrol_code:
        _enrol_code(args, settings)
    place = Place(host=host, port=int(port), shared=args.workers > 1 or args.one_of > 0)
    try:
        if args.workers > 1:
            words = _given(args, settings)
            serve_many(settings, place, words, workers=args.workers, until_eof=args.until_eof)
        else:
            mine = settings.share(args.one_of) if args.one_of else settings
            serve_alone(mine, place, until_eof=args.until_eof, opens=not args.one_of)
    except OSError as error:
        print(f"kiosk-backend: {args.listen}: {error.strerror}; give another --listen", file=sys.stderr)
        return 1
    except ServeError as error:
        print(f"kiosk-backend: {error}", file=sys.stderr)
        return 1
    return 0


def _given(args: argparse.Namespace, settings: Settings) -> list[str]:
    """Return the options a worker needs as well."""
    keys = ["--keys", str(settings.keys_dir), "--public-url", args.public_url]
    unit = ["--unit", args.unit, "--unit-name", args.unit_name, "--voice", args.voice]
    return ["--database", args.database, "--blobs", args.blobs, *keys, *unit]


def _migrate(args: argparse.Namespace, settings: Settings) -> int:
    from backend.store.database import migrate, open_database

    del args
    engine = open_database(settings.database_url)
    migrate(engine)
    engine.dispose()
    print("the schema is up to date")
    return 0


def _enrol_code(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.store.fleet import make_enrol_code

    services = open_services(settings)
    code = make_enrol_code(services, kiosk_name=getattr(args, "kiosk", ""))
    services.close()
    print(code, flush=True)
    return 0


def _keys(args: argparse.Namespace, settings: Settings) -> int:
    from backend.keys import load_keys

    del args
    keys = load_keys(settings.keys_dir)
    print(json.dumps({"verify_key": keys.verify_key(), "recipients": list(keys.recipients())}, indent=1))
    if (settings.keys_dir / "escrow.key").exists():
        place = settings.keys_dir / "escrow.key"
        print(f"kiosk-backend: move {place} to a safe place away from this machine", file=sys.stderr)
    return 0


def _openapi(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import create_app

    del args
    print(json.dumps(create_app(settings).openapi(), ensure_ascii=False, indent=1))
    return 0


def _dossiers(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.store.lookup import dossier_list

    services = open_services(settings)
    found = dossier_list(services)
    services.close()
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    for row in found:
        print(
            row["official_code"] or row["receipt_code"],
            row["procedure"],
            row["state"],
            row["kiosk"],
            sep="\t",
        )
    return 0


def _import(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.store.importing import import_folder

    services = open_services(settings)
    found = import_folder(services, args.folder, unit=settings.unit_code, unit_name=settings.unit_name)
    services.close()
    for one in found:
        print(one.name, one.official_code or "-", "new" if one.new else one.problem or "known", sep="\t")
    wrong = sum(1 for one in found if one.problem)
    if wrong:
        print(f"kiosk-backend: {wrong} of {len(found)} could not be taken in", file=sys.stderr)
    return 1 if wrong else 0


def _set_state(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.services import Refusal
    from backend.store.lookup import set_progress

    services = open_services(settings)
    try:
        set_progress(services, args.code, args.state, due=args.due, by=f"command line, uid {os.getuid()}")
    except Refusal as refusal:
        print(f"kiosk-backend: {refusal.message}", file=sys.stderr)
        return 1
    finally:
        services.close()
    print(f"{args.code}: state {args.state}")
    return 0


def _staff_add(args: argparse.Namespace, settings: Settings) -> int:
    from getpass import getpass

    from backend.app import open_services
    from backend.store.staff import add_staff

    # Never an argument: those are seen by everybody on the machine.
    password = getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    services = open_services(settings)
    try:
        secret = add_staff(
            services,
            name=args.name,
            password=password,
            role=args.role,
            unit=settings.unit_code,
            totp=args.totp,
        )
    except ValueError as error:
        print(f"kiosk-backend: {error}", file=sys.stderr)
        return 1
    finally:
        services.close()
    print(f"otpauth://totp/kiosk:{args.name}?secret={secret}" if secret else f"{args.name} may sign in")
    return 0


def _staff_disable(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.store.staff import disable_staff

    services = open_services(settings)
    found = disable_staff(services, args.name)
    services.close()
    print(f"{args.name} is shut out" if found else f"nobody is called {args.name}")
    return 0 if found else 1


def _revoke(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.services import Refusal
    from backend.store.fleet import revoke

    services = open_services(settings)
    try:
        revoke(services, args.kiosk, by=f"command line, uid {os.getuid()}")
    except Refusal as refusal:
        print(f"kiosk-backend: {refusal.message}", file=sys.stderr)
        return 1
    finally:
        services.close()
    print(f"{args.kiosk} is shut out")
    return 0


def _kiosks(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.store.fleet import kiosks

    del args
    services = open_services(settings)
    for kiosk in kiosks(services):
        seen = "-" if kiosk.seen_at is None else kiosk.seen_at.isoformat()
        print(kiosk.id, kiosk.name, kiosk.unit_code, seen, "revoked" if kiosk.revoked_at else "", sep="\t")
    services.close()
    return 0


def _sweep(args: argparse.Namespace, settings: Settings) -> int:
    from backend.app import open_services
    from backend.store.sweeping import sweep_parts

    del args
    services = open_services(settings)
    print(f"{sweep_parts(services)} parts dropped")
    services.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
