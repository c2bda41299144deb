"""`kiosk forms`: list and search procedures, check definitions, fill a form without the screen."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forms.errors import DefinitionError, FormError
from forms.ports import Answer, Source
from kiosk_app.wiring import forms as wiring

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from forms.form import DefinedForm
    from forms.ports import Answers, Form, Procedure
    from kiosk_app.config import Config


class InputError(Exception):
    """A file given on the command line cannot be used; the message says which and what to do."""

    code = "forms.input"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(
        dest="forms_command", required=True, metavar="list|search|check|schema|fill"
    )
    listing = commands.add_parser("list", help="the procedures that have a form")
    listing.add_argument("--all", action="store_true", help="every procedure of the commune")
    search = commands.add_parser("search", help="find a procedure by a few words")
    search.add_argument("text", help="with or without diacritics: khai sinh, khaisinh, ks")
    check = commands.add_parser("check", help="check definition files")
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help="none = the ones that ship")
    schema = commands.add_parser("schema", help="the JSON Schema of what a form hands in")
    schema.add_argument("code", metavar="CODE", help="the procedure, such as 2.000635")
    fill = commands.add_parser("fill", help="fill a form from a card and answers, draw the official PDF")
    fill.add_argument("code", metavar="CODE", help="the procedure, such as 2.000635")
    fill.add_argument(
        "--card", type=Path, metavar="FILE", help="JSON of `kiosk card read --json --show-personal`"
    )
    fill.add_argument(
        "--second-card",
        action="append",
        default=[],
        metavar="ROLE=FILE",
        help="another person's card, such as me=mother.json or thanhVien[0]=son.json; may be repeated",
    )
    fill.add_argument("--answers", type=Path, metavar="FILE", help="JSON that maps names of fields to values")
    fill.add_argument("--out", type=Path, metavar="FILE", help="the PDF to write")
    fill.add_argument(
        "--receipt", type=Path, metavar="FILE", help="the receipt for the officer to complete (a PDF too)"
    )
    fill.add_argument("--receipt-code", default="", metavar="TEXT", help="printed at the foot of the form")
    for command in (listing, search, check, schema, fill):
        command.add_argument("--json", action="store_true", help="one JSON document instead of lines")


def run(args: argparse.Namespace, config: Config) -> int:
    """Run the subcommand and return the exit code."""
    commands = {"list": _list, "search": _search, "check": _check, "schema": _schema, "fill": _fill}
    try:
        return commands[args.forms_command](args, config)
    except (FormError, InputError) as error:
        return _failed(error.code, str(error), as_json=args.json)


def _list(args: argparse.Namespace, config: Config) -> int:
    catalogue = wiring.open_catalogue(config)
    shown = catalogue.all_procedures() if args.all else catalogue.procedures()
    return _print_procedures(shown, catalogue, args)


def _search(args: argparse.Namespace, config: Config) -> int:
    catalogue = wiring.open_catalogue(config)
    return _print_procedures(catalogue.search(args.text), catalogue, args)


def _print_procedures(
    found: Sequence[Procedure], catalogue: wiring.Catalogue, args: argparse.Namespace
) -> int:
    if args.json:
        print(json.dumps([_procedure(p, _all_cards(p, catalogue)) for p in found], ensure_ascii=False))
    else:
        print("code       own  all  procedure [sector]; how much the own card fills, how much all cards")
        for p in found:
            share = f"{p.autofill_share:4.0%} {_all_cards(p, catalogue):4.0%}" if p.has_form else "   –    –"
            print(f"{p.code}  {share}  {p.title.vi}  [{p.field.vi}]")
    return 0


def _all_cards(procedure: Procedure, catalogue: wiring.Catalogue) -> float:
    return catalogue.form(procedure.code).share_of_all_cards if procedure.has_form else 0.0


def _procedure(procedure: Procedure, share_of_all_cards: float) -> dict[str, Any]:
    return {
        "code": procedure.code,
        "name": procedure.title.vi,
        "field": procedure.field.vi,
        "form": procedure.has_form,
        "autofill_share": procedure.autofill_share,
        "autofill_share_all_cards": share_of_all_cards,
        "decision": procedure.decision,
        "time": procedure.time.vi,
        "fee": procedure.fee.vi,
        "papers": [{"name": p.name, "title": p.title.vi, "required": p.required} for p in procedure.papers],
    }


def _schema(args: argparse.Namespace, config: Config) -> int:
    form = wiring.open_catalogue(config).form(args.code)
    print(json.dumps(wiring.json_schema(form.blueprint), ensure_ascii=False, indent=None if args.json else 1))
    return 0


def _check(args: argparse.Namespace, _config: Config) -> int:
    results: list[dict[str, str]] = []
    for path in args.files or wiring.shipped_definitions():
        try:
            procedure = wiring.check_definition(path)
        except DefinitionError as e:
            spot = {"path": e.path, "found": e.found, "expected": e.expected, "message": str(e)}
            results.append({"file": str(path), "error": e.code, **spot})
        else:
            results.append({"file": str(path), "code": procedure.code, "name": procedure.title.vi})
    wrong = [result for result in results if "error" in result]
    if args.json:
        print(json.dumps(results, ensure_ascii=False))
    else:
        for result in results:
            print(result.get("message") or f"{result['file']}: well, {result['code']} {result['name']}")
    if wrong:
        print(
            f"kiosk: {len(wrong)} of {len(results)} definitions are wrong; see the spots named",
            file=sys.stderr,
        )
    return 1 if wrong else 0


def _fill(args: argparse.Namespace, config: Config) -> int:
    form = wiring.open_catalogue(config).form(args.code)
    today = wiring.local_today()
    centre = {"centre": config.centre.name, "commune": config.centre.commune, "today": today.isoformat()}
    given = dict(_from_card(form, args.card, centre))
    answers = form.derive({**given, **_typed(args.answers)})
    for told in args.second_card:
        answers = _with_second_card(form, told, answers)
    problems = form.check(answers)
    cleaned = form.clean(answers)
    if args.out:
        _write(args.out, form.render_pdf(answers, receipt_code=args.receipt_code, today=today))
    if args.receipt:
        intake = wiring.intake(config, receipt_code=args.receipt_code)
        _write(args.receipt, wiring.render_receipt(form, answers, intake))
    filled = {
        "complete": not any(problem.blocking for problem in problems),
        "problems": [{"field": p.field, "code": p.code, "message": p.message.vi} for p in problems],
        "answers": {n: {"value": a.value, "source": a.source.value} for n, a in cleaned.items()},
    }
    print(json.dumps(filled, ensure_ascii=False) if args.json else _summary(filled))
    return 0


def _write(path: Path, pdf: bytes) -> None:
    try:
        path.write_bytes(pdf)
    except OSError as e:
        raise InputError(f"{path} cannot be written: {e.strerror}; give another file") from e


def _summary(told: dict[str, Any]) -> str:
    lines = [f"{name}: {answer['value']}  ({answer['source']})" for name, answer in told["answers"].items()]
    lines += [f"! {problem['field']}: {problem['message']}" for problem in told["problems"]]
    return "\n".join([*lines, "complete" if told["complete"] else "not complete"])


def _from_card(form: Form, path: Path | None, session: dict[str, str]) -> Answers:
    if path is None:
        return form.autofill({}, source=Source.CHIP, session=session)
    return form.autofill(_holder(path), source=Source.CHIP, session=session)


def _with_second_card(form: DefinedForm, told: str, answers: Answers) -> Answers:
    role, _, path = told.partition("=")
    card = _holder(Path(path))
    refused = form.refuse_card(card, answers, role=role)
    if refused:
        raise InputError(f"{path}: {refused.en}")
    return form.with_card(answers, card, source=Source.CHIP, role=role)


def _holder(path: Path) -> dict[str, str]:
    holder = _read_object(path).get("holder")
    if not isinstance(holder, dict):
        raise InputError(f"{path} has no `holder`; make it with `kiosk card read --json --show-personal`")
    return {name: value for name, value in holder.items() if isinstance(value, str)}


def _typed(path: Path | None) -> Answers:
    answers: dict[str, Answer] = {}
    for name, value in (_read_object(path) if path else {}).items():
        several = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if not several and not isinstance(value, str | int | bool):
            expected = "text, a whole number, true, false or a list of texts"
            raise InputError(f"{path}: the answer of {name!r} must be {expected}")
        answers[name] = Answer(value=value, source=Source.TYPED)
    return answers


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise InputError(f"{path} cannot be read as JSON; check the file") from e
    if not isinstance(found, dict):
        raise InputError(f"{path} must hold one JSON object")
    return found


def _failed(code: str, message: str, *, as_json: bool) -> int:
    print(f"kiosk: {message}", file=sys.stderr)
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False))
    return 1
