"""What people type and the procedure they mean: nine of ten times the first hit, nearly always in three."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from forms.catalogue import Catalogue, load_catalogue
from tests.forms.made_queries import WAYS, made_queries

HERE = Path(__file__).parent
TABLES = ("queries.tsv", "queries_blind.tsv")
MADE = 360


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(lambda: dt.date(2026, 11, 23), commune="29905")


def place(catalogue: Catalogue, code: str, text: str) -> int:
    """The place of a procedure among the hits, 0 the first, 99 not there."""
    found = [procedure.code for procedure in catalogue.search(text)]
    return found.index(code) if code in found else 99


def shares(places: dict[str, int]) -> tuple[float, float]:
    count = len(places)
    return sum(at == 0 for at in places.values()) / count, sum(at < 3 for at in places.values()) / count


@pytest.mark.parametrize("table", TABLES)
def test_people_find_what_they_mean(catalogue: Catalogue, table: str) -> None:
    lines = (HERE / table).read_text(encoding="utf-8").splitlines()
    places = {text: place(catalogue, code, text) for code, text in (line.split("\t") for line in lines)}
    first, third = shares(places)
    assert len(places) >= 120
    assert first >= 0.9, {text: at for text, at in places.items() if at}
    assert third >= 0.98, {text: at for text, at in places.items() if at > 2}


def test_queries_that_nobody_chose_find_their_procedure(catalogue: Catalogue) -> None:
    made = made_queries(catalogue.all_procedures(), count=MADE)
    assert {way for _code, _text, way in made} == set(WAYS)
    places = {f"{way}: {text}": place(catalogue, code, text) for code, text, way in made}
    first, third = shares(places)
    assert first >= 0.9
    assert third >= 0.98, {text: at for text, at in places.items() if at > 2}


def test_every_procedure_is_found_by_code_name_and_sector(catalogue: Catalogue) -> None:
    everything = catalogue.all_procedures()
    assert len(everything) >= 588
    assert all(catalogue.search(p.code)[0].code == p.code for p in everything)
    assert all(p.title.vi in {hit.title.vi for hit in catalogue.search(p.title.vi)[:3]} for p in everything)
    hits = catalogue.search("Kho bạc Nhà nước")
    assert "Kho bạc Nhà nước" in {hit.field.vi for hit in hits}
    assert [hit.code for hit in catalogue.search("001193")] == ["1.001193"]
