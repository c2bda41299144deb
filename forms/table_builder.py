"""Builds the compact committed tables of `forms/tables/` from the reference data of the project.

Run by a maintainer when the map or the catalogue changes, never on a kiosk:
`python -m forms.table_builder DATA_FOLDER forms/tables`. See `forms/tables/README.md`.
"""

from __future__ import annotations

import json
import sys
import textwrap
import unicodedata
from pathlib import Path
from typing import Any

_PORTAL = "dichvucong.gov.vn procedure pages, crawl of June and July 2026"
_ONLINE = "điện tử tương tác"
_PAPER_LETTERS = 160
_PUBLIC = "public administrative facts, no licence file upstream; verify with the portal before a release"


def _read(path: Path) -> Any:
    return json.loads(unicodedata.normalize("NFC", path.read_text(encoding="utf-8")))


def _write(path: Path, table: dict[str, Any]) -> None:
    """Write one table: the head readable, one row a line, so that a change is a readable diff."""
    head = {k: v for k, v in table.items() if k != "rows"}
    rows = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in table["rows"])
    body = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    path.write_text(f'{body},\n "rows": [\n{rows}\n]}}\n', encoding="utf-8")


def _places(data: Path, out: Path) -> None:
    units = _read(data / "vn_units.json")
    meta = units["meta"]
    provinces = {p["code"]: p["name"] for p in units["provinces"]}
    rows = [[c["code"], c["name"], p["code"]] for p in units["provinces"] for c in p["communes"]]
    head = {
        "source": f"{meta['source']} commit {meta['commit']}",
        "licence": "MIT (c) 2021 Thang Le Quoc, text in README.md",
        "date": "2026-07-25",
        "legal": meta["legal_basis"],
        "provinces": provinces,
    }
    _write(out / "places.json", {**head, "rows": rows})


def _old_places(data: Path, out: Path) -> None:
    """Every old commune with the codes of today's communes it went into."""
    rows = [
        [province["name"], commune["name"], " ".join(sorted({new["new_id"] for new in commune["splits"]}))]
        for province in _read(data / "unit_merges.json")["data"]
        for commune in province["level3s"]
    ]
    head = {
        "source": "https://github.com/dvhcvn/20250701, old communes to those of 2025-07-01, partly inferred",
        "licence": "MIT (c) 2025 dvhcvn, text in README.md",
        "date": "2026-11-21",
    }
    _write(out / "old_places.json", {**head, "rows": rows})


def _code_lists(data: Path, out: Path) -> None:
    lists = _read(data / "code_lists.json")
    names = {
        "sex": "gioi_tinh",
        "ethnic_groups": "dan_toc",
        "residence_kinds": "loai_cu_tru",
        "identity_papers": "loai_giay_to",
    }
    rows = [[ours, item["code"], item["name"]] for ours, key in names.items() for item in lists[key]["items"]]
    rows += [["id_prefixes", item["prefix"], item["name"]] for item in lists["id_prefix"]["items"]]
    head = {
        "source": "national portal form choices, crawl 2026-10-05; id_prefixes: TT 07/2016/TT-BCA annex I",
        "licence": _PUBLIC,
        "date": lists["meta"]["built"],
    }
    _write(out / "code_lists.json", {**head, "rows": rows})


def _procedures(data: Path, out: Path) -> None:
    known = {p["code"]: p for p in _read(data / "procedures.json")["procedures"]}
    rows = []
    for _ministry, sector, code, name in _read(data / "commune_procedures.json"):
        row = [code, sector, name.strip()]
        if code in known:
            row += [*_counter_terms(known[code]), "\n".join(_papers(known[code]))]
        rows.append(row)
    head = {"source": _PORTAL, "licence": _PUBLIC, "date": "2026-11-21"}
    _write(out / "procedures.json", {**head, "rows": rows})


def _counter_terms(procedure: dict[str, Any]) -> list[str]:
    """Decision, time, fee and fee note as stated for filing at the counter."""
    counter: dict[str, Any] = next((c for c in procedure["channels"] if c["channel"] == "in_person"), {})
    value, unit = counter.get("time_value"), counter.get("time_unit") or ""
    return [
        procedure["decision"] or "",
        "" if value is None else f"{value} {unit}",
        counter.get("fee_text") or "",
        (counter.get("note") or "").strip(),
    ]


def _papers(procedure: dict[str, Any]) -> list[str]:
    """Return the papers brought to the counter, each once and short; notes and electronic forms are none."""
    items = [item for group in procedure["papers"] for item in group["items"]]
    brought = [item["text"] for item in items if not item["is_note"] and item["originals"] + item["copies"]]
    texts = (" ".join(text.split()).rstrip(" ;.:") for text in brought if _ONLINE not in text.lower())
    short = (textwrap.shorten(text, _PAPER_LETTERS, placeholder=" …") for text in texts if text)
    return list(dict.fromkeys(short))


def build_tables(data: Path, out: Path) -> None:
    """Write every table.

    Args:
        data: Folder with `vn_units.json`, `code_lists.json`, `procedures.json`, `commune_procedures.json`,
            `unit_merges.json`.
        out: Folder for the tables.
    """
    _places(data, out)
    _old_places(data, out)
    _code_lists(data, out)
    _procedures(data, out)


if __name__ == "__main__":
    build_tables(Path(sys.argv[1]), Path(sys.argv[2]))
