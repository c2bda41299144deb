"""Measures the forms: loading, a keystroke in the longest one, a search, the official PDF; prints one table.

Run: .venv/bin/python benchmarks/forms.py
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from forms.catalogue import load_catalogue  # noqa: E402 - run as a script, the checkout is put on the path first
from tests.forms.made_queries import made_queries  # noqa: E402 - the same
from tests.forms.personas import PERSONAS, fill  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from forms.catalogue import Catalogue
    from forms.form import DefinedForm

TODAY = dt.date(2026, 11, 23)
ROUNDS = 40
MEMBERS = 8
"""Rows of a household: as many as a form may list."""
WORDS = ("khai sinh", "ks", "dang ky ket hon", "tamtru", "chung thuc ban sao", "ho kinh doan", "trich luc")

SHEETS = ("1.001193", "2.000635", "1.004222", "1.001776")
"""A form of each length: birth, an extract, residence, and the longest there is."""
MADE = 720
THREE = 3


def median_ms(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Return the median of several runs, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def keystroke(form: DefinedForm, persona: str) -> Callable[[], object]:
    """What a visit does after a letter: derive, pages, problems of one page, whose cards would help."""
    answers = fill(form, persona, members=MEMBERS)
    page = form.pages(answers)[0].name

    def work() -> None:
        derived = form.derive(answers)
        form.pages(derived)
        form.check(derived, page=page)
        form.cards_asked(derived, page=page)

    return work


def asked_in(form: DefinedForm, persona: str) -> int:
    """Return how many fields a visit of that form answers."""
    return sum(len(page.fields) for page in form.pages(fill(form, persona, members=MEMBERS)))


def cpu_ms(work: Callable[[], object]) -> float:
    """Return the median of the processor's time, in milliseconds: the same on a busy machine."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1000


def search_ms(catalogue: Catalogue) -> float:
    """Return the median of a search at each letter of several queries, in milliseconds."""
    typed = [word[: i + 1] for word in WORDS for i in range(len(word))]
    return statistics.median(median_ms(partial(catalogue.search, text), rounds=3) for text in typed)


def found(catalogue: Catalogue, queries: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """Return the shares found first and within three, and the median milliseconds of one search."""
    places, times = [], []
    for code, text in queries:
        start = time.perf_counter()
        hits = [procedure.code for procedure in catalogue.search(text)]
        times.append(time.perf_counter() - start)
        places.append(hits.index(code) if code in hits else MADE)
    count = len(places)
    first, third = sum(at == 0 for at in places) / count, sum(at < THREE for at in places) / count
    return first, third, statistics.median(times) * 1000


def print_search(catalogue: Catalogue) -> None:
    """Print how often the procedure that was meant comes first: queries written by hand, and made ones."""
    print("\n| queries | how many | first hit | in three | median ms |\n|---|---|---|---|---|")
    tables: dict[str, list[tuple[str, str]]] = {}
    for name in ("queries.tsv", "queries_blind.tsv"):
        lines = (ROOT / "tests" / "forms" / name).read_text(encoding="utf-8").splitlines()
        tables[f"written by hand, `{name}`"] = [(code, text) for code, text in (x.split("\t") for x in lines)]
    for code, text, way in made_queries(catalogue.all_procedures(), count=MADE):
        tables.setdefault(f"made: {way}", []).append((code, text))
    tables["made, all"] = [query for name in list(tables)[2:] for query in tables[name]]
    for name, queries in tables.items():
        first, third, took = found(catalogue, queries)
        print(f"| {name} | {len(queries)} | {first:.1%} | {third:.1%} | {took:.2f} |")


def pdf_rows(forms: Sequence[DefinedForm], persona: str) -> list[tuple[str, float, str]]:
    """Measure the official sheet of a few forms: by the clock, and the processor alone."""
    rows = []
    for form in forms:
        answers = fill(form, persona, members=2)
        draw = partial(form.render_pdf, answers, receipt_code="K01-261123-0007", today=TODAY)
        draw()
        rows.append((f"official PDF of {form.code}, warm", median_ms(draw, rounds=15), "50"))
        rows.append((f"official PDF of {form.code}, warm, processor", cpu_ms(draw), ""))
    return rows


def main() -> None:
    """Measure and print."""
    persona = next(iter(PERSONAS))
    load = median_ms(lambda: load_catalogue(lambda: TODAY), rounds=5)
    catalogue = load_catalogue(lambda: TODAY, commune="29905")
    catalogue.warm_up()
    shown = [catalogue.form(procedure.code) for procedure in catalogue.procedures()]
    longest = max(shown, key=lambda form: asked_in(form, persona))
    sheet = partial(longest.render_pdf, fill(longest, persona), receipt_code="", today=TODAY)
    rows = [
        (f"load {len(shown)} definitions", load, ""),
        (
            f"a keystroke in {longest.code} ({asked_in(longest, persona)} fields), processor",
            cpu_ms(keystroke(longest, persona)),
            "2",
        ),
        ("a keystroke of a search", search_ms(catalogue), "5"),
        (f"official PDF of {longest.code}, first", median_ms(sheet, rounds=1), ""),
        *pdf_rows([catalogue.form(code) for code in SHEETS], persona),
    ]
    print("| what | median ms | at most |\n|---|---|---|")
    for what, took, limit in rows:
        print(f"| {what} | {took:.2f} | {limit or '–'} |")
    print_search(catalogue)


if __name__ == "__main__":
    main()
