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
from tests.forms.personas import PERSONAS, fill  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Callable

    from forms.catalogue import Catalogue
    from forms.form import DefinedForm

TODAY = dt.date(2026, 11, 23)
ROUNDS = 40
WORDS = ("khai sinh", "ks", "dang ky ket hon", "tamtru", "chung thuc ban sao", "ho kinh doan", "trich luc")


def median_ms(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Return the median of several runs, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def keystroke(form: DefinedForm, persona: str) -> Callable[[], object]:
    """What the screen does after a letter: derive, the pages, the problems of one page."""
    answers = fill(form, persona, members=4)
    page = form.pages(answers)[0].name

    def work() -> None:
        derived = form.derive(answers)
        form.pages(derived)
        form.check(derived, page=page)

    return work


def search_ms(catalogue: Catalogue) -> float:
    """Return the median of a search at each letter of several queries, in milliseconds."""
    typed = [word[: i + 1] for word in WORDS for i in range(len(word))]
    return statistics.median(median_ms(partial(catalogue.search, text), rounds=3) for text in typed)


def main() -> None:
    """Measure and print."""
    persona = next(iter(PERSONAS))
    load = median_ms(lambda: load_catalogue(lambda: TODAY), rounds=5)
    catalogue = load_catalogue(lambda: TODAY, commune="29905")
    catalogue.warm_up()
    shown = [catalogue.form(procedure.code) for procedure in catalogue.procedures()]
    longest = max(shown, key=lambda form: len(form.field_names))
    answers = fill(longest, persona, members=2)

    def pdf() -> object:
        return longest.render_pdf(answers, receipt_code="K01-261123-0007", today=TODAY)

    cold = median_ms(pdf, rounds=1)
    rows = [
        (f"load {len(shown)} definitions", load, ""),
        (
            f"a keystroke in {longest.code} ({len(longest.field_names)} fields)",
            median_ms(keystroke(longest, persona)),
            "2",
        ),
        ("a keystroke of a search", search_ms(catalogue), "5"),
        (f"official PDF of {longest.code}, first", cold, ""),
        (f"official PDF of {longest.code}, warm", median_ms(pdf), "50"),
    ]
    print("| what | median ms | at most |\n|---|---|---|")
    for what, took, limit in rows:
        print(f"| {what} | {took:.2f} | {limit or '–'} |")


if __name__ == "__main__":
    main()
