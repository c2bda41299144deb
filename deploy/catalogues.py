"""Collects the sentences of the screens, merges them into the catalogues, checks and compiles them.

`python deploy/catalogues.py` rewrites `assets/locale/*/LC_MESSAGES/kiosk.po|mo`; with `--check` it changes
nothing and fails when a sentence is missing, left untranslated, no longer used, or names other `{fields}`.
Translations come from the .po files; `--add FILE` merges a table of `Vietnamese<TAB>English` lines first.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import string
import sys
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = ROOT / "kiosk_app"
KEYWORDS: Final = {"_": None, "mark": None}
LANGUAGES: Final = ("vi", "en")
_NO_TIME: Final = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def sentences() -> dict[str, list[tuple[str, int]]]:
    """Return every source sentence with the files that use it, in a stable order."""
    found: dict[str, list[tuple[str, int]]] = {}
    for file, line, message, *_rest in extract_from_dir(str(SOURCE), keywords=KEYWORDS):
        if isinstance(message, str) and message:
            found.setdefault(message, []).append((f"kiosk_app/{file}", line))
    return dict(sorted(found.items()))


def fields(sentence: str) -> frozenset[str]:
    """Return the names between braces."""
    return frozenset(name for _text, name, _spec, _conv in string.Formatter().parse(sentence) if name)


def po_file(lang: str) -> Path:
    """Return where a language's catalogue lies."""
    return ROOT / "assets" / "locale" / lang / "LC_MESSAGES" / "kiosk.po"


def known(lang: str) -> dict[str, str]:
    """Return the translations there are; Vietnamese sentences stand for themselves unless reworded."""
    path = po_file(lang)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file)
    return {str(message.id): str(message.string) for message in catalog if message.id and message.string}


def build(lang: str, used: dict[str, list[tuple[str, int]]], added: dict[str, str]) -> Catalog:
    """Return the catalogue of a language with exactly the sentences in use."""
    have = known(lang) | (added if lang != "vi" else {})
    catalog = Catalog(locale=lang, project="kiosk", charset="utf-8", fuzzy=False, creation_date=None)
    for sentence, places in used.items():
        text = have.get(sentence, sentence if lang == "vi" else "")
        # Files without line numbers: a moved line is no change of a catalogue.
        catalog.add(
            sentence, text, locations=[(file, 1) for file in sorted({file for file, _line in places})]
        )
    return catalog


def faults(lang: str, used: dict[str, list[tuple[str, int]]], have: dict[str, str]) -> list[str]:
    """Return what is wrong with a catalogue, a sentence each."""
    wrong = [f"{lang}: not in the catalogue or untranslated: {text}" for text in used if not have.get(text)]
    wrong += [f"{lang}: no longer used: {text}" for text in have if text not in used]
    wrong += [
        f"{lang}: other fields than the source: {text}"
        for text in used
        if have.get(text) and fields(have[text]) != fields(text)
    ]
    return wrong


def write(lang: str, catalog: Catalog) -> None:
    """Write the .po (to edit) and the .mo (to run with)."""
    path = po_file(lang)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_po_bytes(catalog))
    path.with_suffix(".mo").write_bytes(_mo_bytes(catalog))


def _po_bytes(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, omit_header=True, include_lineno=False)
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    return header.encode() + buffer.getvalue()


def _mo_bytes(catalog: Catalog) -> bytes:
    # The header would otherwise hold the time of writing, and no two runs would agree.
    plain = Catalog(
        locale=catalog.locale, charset="utf-8", fuzzy=False, creation_date=_NO_TIME, revision_date=_NO_TIME
    )
    plain.mime_headers = [("Content-Type", "text/plain; charset=utf-8")]
    for message in catalog:
        if message.id:
            plain.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, plain)
    return buffer.getvalue()


def main(argv: list[str] | None = None) -> int:
    """Collect, merge, check; return the exit code."""
    parser = argparse.ArgumentParser(description="Catalogues of the screens' sentences.")
    parser.add_argument("--check", action="store_true", help="change nothing, fail when something is stale")
    parser.add_argument("--add", type=Path, action="append", default=[], metavar="FILE", help="TSV to merge")
    args = parser.parse_args(argv)
    used = sentences()
    added: dict[str, str] = {}
    for table in args.add:
        rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if "\t" in line)
        added.update({row[0].strip(): row[1].strip() for row in rows})
    wrong: list[str] = []
    for lang in LANGUAGES:
        if not args.check:
            write(lang, build(lang, used, added))
        wrong += faults(lang, used, known(lang))
        if not po_file(lang).with_suffix(".mo").exists():
            wrong.append(f"{lang}: not compiled")
        elif po_file(lang).with_suffix(".mo").read_bytes() != _mo_bytes(build(lang, used, added)):
            wrong.append(f"{lang}: the compiled catalogue is older than its source")
    for line in wrong:
        sys.stderr.write(f"catalogues: {line}\n")
    if wrong:
        sys.stderr.write("catalogues: run `make catalogues` and translate what is empty\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
