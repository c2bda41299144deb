"""What people type and the procedure they mean: nine of ten times the first hit, nearly always in three."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from forms.catalogue import load_catalogue

QUERIES = Path(__file__).with_name("queries.tsv")


def test_people_find_what_they_mean() -> None:
    catalogue = load_catalogue(lambda: dt.date(2026, 11, 23), commune="29905")
    queries = [line.split("\t") for line in QUERIES.read_text(encoding="utf-8").splitlines()]
    places = {}
    for code, text in queries:
        found = [procedure.code for procedure in catalogue.search(text)]
        places[text] = found.index(code) if code in found else 99
    first = sum(place == 0 for place in places.values()) / len(queries)
    third = sum(place < 3 for place in places.values()) / len(queries)
    assert len(queries) >= 120
    assert first >= 0.9, {text: place for text, place in places.items() if place}
    assert third >= 0.98, {text: place for text, place in places.items() if place > 2}
