"""All procedures and forms on this kiosk (`forms.ports.FormCatalogue`)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from forms.blueprint import Blueprint, draw_blueprint
from forms.code_lists import TABLES, places
from forms.errors import DefinitionError, UnknownProcedureError
from forms.form import DefinedForm
from forms.old_places import suggest_places
from forms.places import PlaceIndex
from forms.ports import PaperSpec, Place, Procedure, Text
from forms.reading import read_shared
from forms.search import ProcedureIndex

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

    from forms.definition import ProcedureHead
    from forms.province import Province

DEFINITIONS = Path(__file__).parent / "definitions"

_ASK = Text(vi="Xin hỏi cán bộ", en="Please ask an officer")
_UNITS = {
    "working_day": Text(vi="{n} ngày làm việc", en="{n} working days"),
    "day": Text(vi="{n} ngày", en="{n} days"),
    "hour": Text(vi="{n} giờ", en="{n} hours"),
    "unspecified": Text(vi="{n} ngày", en="{n} days"),  # the crawl lost the unit
}
_NO_FEE_KNOWN = ("", "Không có thông tin")
_LEAD = "Thủ tục "


class _ProcedureTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    licence: str
    date: str
    rows: tuple[tuple[str, ...], ...]
    """Code, sector, name; then, where known, decision, time and unit, fee, note on the fee."""


class _PopularTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    licence: str
    date: str
    popular: tuple[str, ...]
    aliases: dict[str, tuple[str, ...]]


class Catalogue:
    """The forms of a folder and the procedures of the commune."""

    def __init__(
        self,
        blueprints: Sequence[Blueprint],
        *,
        today: Callable[[], dt.date],
        commune: str = "",
        province: Province | None = None,
    ) -> None:
        """Make a catalogue.

        Args:
            blueprints: Checked definitions; several of one code hold on different days.
            today: Tells the day, for the version of the law that holds.
            commune: Code of the commune of this centre; its province comes first in searches.
            province: Its fees and days off; None is as shipped.

        Raises:
            DefinitionError: Two definitions of one procedure hold on the same day.
        """
        _refuse_overlaps(blueprints)
        self._today = today
        self._forms = [DefinedForm(blueprint, today=today, province=province) for blueprint in blueprints]
        self._commune = commune
        self._places: PlaceIndex | None = None
        self._index: tuple[tuple[Procedure, ...], ProcedureIndex] | None = None

    def procedures(self) -> tuple[Procedure, ...]:
        """Every procedure with a form that holds today, in the order of the first page."""
        holding = sorted(self._holding(), key=lambda form: (_head(form).order, form.code))
        return tuple(form.procedure for form in holding)

    def all_procedures(self) -> tuple[Procedure, ...]:
        """Every procedure of the commune, those with a form first."""
        with_form = self.procedures()
        codes = {procedure.code for procedure in with_form}
        return (*with_form, *(p for p in listed_procedures() if p.code not in codes))

    def form(self, code: str) -> DefinedForm:
        """Return the form of a procedure that holds today.

        Raises:
            UnknownProcedureError: There is no form with this code.
        """
        for form in self._holding():
            if form.code == code:
                return form
        raise UnknownProcedureError(
            f"no form for procedure {code!r}; `kiosk forms list` tells which there are"
        )

    def warm_up(self) -> None:
        """Make the indexes now, beside the screen, so that the first letter typed finds them ready."""
        self.search("khai sinh")
        self.search_places("sa")
        suggest_places("-, -")

    def search(self, text: str) -> tuple[Procedure, ...]:
        """Procedures that fit the words, best first; without diacritics and with typos too."""
        with_form = self.procedures()
        if self._index is None or self._index[0] != with_form:
            table = _popular_table()
            called = {p.code: (*table.aliases.get(p.code, ()), p.title.vi) for p in listed_procedures()}
            names = {**table.aliases, **called}
            index = ProcedureIndex(self.all_procedures(), popular=table.popular, aliases=names)
            self._index = (with_form, index)
        return self._index[1].search(text)

    def search_places(self, text: str, *, limit: int = 20) -> tuple[Place, ...]:
        """Communes that fit the letters, best first; the centre's own province among equals."""
        if self._places is None:
            home = places().get(self._commune)
            self._places = PlaceIndex(home_province=home.province_code if home else "")
        return self._places.search(text, limit=limit)

    def _holding(self) -> list[DefinedForm]:
        day = self._today().isoformat()
        return [form for form in self._forms if _since(form) <= day <= _until(form)]


def load_catalogue(
    today: Callable[[], dt.date],
    *,
    commune: str = "",
    folder: Path = DEFINITIONS,
    province: Province | None = None,
) -> Catalogue:
    """Read every definition of a folder; names and places are read at the first search.

    Args:
        today: Tells the day; asked again on each use, so a kiosk that runs for weeks follows the law.
        commune: Code of the commune of this centre.
        folder: Where the definitions are.
        province: Its fees and days off; None is as shipped.

    Raises:
        DefinitionError: A definition is wrong, or two of one procedure overlap.
    """
    blueprints = [load_blueprint(path) for path in sorted(folder.glob("*.json"))]
    return Catalogue(blueprints, today=today, commune=commune, province=province)


def load_blueprint(path: Path) -> Blueprint:
    """Read and check one definition.

    Raises:
        DefinitionError: The definition is wrong.
    """
    definition, shared = read_shared(path)
    try:
        return draw_blueprint(definition, file=path.name)
    except DefinitionError as e:
        raise shared.where_written(e) from e


@cache
def listed_procedures() -> tuple[Procedure, ...]:
    """Return all procedures of the commune as the table names them, none with a form."""
    table = msgspec.json.decode((TABLES / "procedures.json").read_bytes(), type=_ProcedureTable)
    return tuple(_listed(row) for row in table.rows)


@cache
def _popular_table() -> _PopularTable:
    return msgspec.json.decode((TABLES / "popular.json").read_bytes(), type=_PopularTable)


def _listed(row: tuple[str, ...]) -> Procedure:
    code, sector, name, decision, time, fee, note, papers = (*row, "", "", "", "", "")[:8]
    title = name.removeprefix(_LEAD).lstrip(". ")
    title = title[0].upper() + title[1:]
    return Procedure(
        code=code,
        title=Text(vi=title, en=title),
        field=Text(vi=sector, en=sector),
        decision=decision,
        time=_time(time),
        fee=_fee(fee, note),
        papers=_listed_papers(papers),
        papers_known=len(row) > len((code, sector, name)),
        has_form=False,
        autofill_share=0.0,
    )


def _listed_papers(lines: str) -> tuple[PaperSpec, ...]:
    """Return the papers as the portal lists them; which of them a case needs, an officer says."""
    return tuple(
        PaperSpec(name=f"paper-{i}", title=Text(vi=line, en=line), required=False)
        for i, line in enumerate(lines.splitlines(), 1)
    )


def _time(time: str) -> Text:
    value, _, unit = time.partition(" ")
    if unit not in _UNITS:
        return _ASK
    text = _UNITS[unit]
    return Text(vi=text.vi.format(n=value), en=text.en.format(n=value))


def _fee(fee: str, note: str) -> Text:
    if fee in _NO_FEE_KNOWN:
        return _ASK
    # The note carries the exemptions and is quoted word for word: else exempt people think they must pay.
    words = f"{fee}. {note}" if note else fee
    return Text(vi=words, en=words)


def _head(form: DefinedForm) -> ProcedureHead:
    return form.blueprint.definition.procedure


def _since(form: DefinedForm) -> str:
    return form.blueprint.definition.effective.since


def _until(form: DefinedForm) -> str:
    return form.blueprint.definition.effective.until


def _refuse_overlaps(blueprints: Sequence[Blueprint]) -> None:
    spans: dict[str, list[tuple[str, str, str]]] = {}
    for blueprint in blueprints:
        effective = blueprint.definition.effective
        code = blueprint.definition.procedure.code
        for since, until, other in spans.setdefault(code, []):
            if effective.since <= until and since <= effective.until:
                raise DefinitionError(
                    file=blueprint.file,
                    path="$.x-effective",
                    found=f"days that {other} holds too",
                    expected=f"one definition of {code} on each day",
                )
        spans[code].append((effective.since, effective.until, blueprint.file))
