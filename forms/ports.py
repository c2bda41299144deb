"""What the forms library promises to the kiosk: forms as plain values, answers in, problems out.

Texts meant for people are `Text`: Vietnamese first, English beside it. Answer values are plain JSON values
(`str`, `int`, `bool`, `list`); dates are ISO 8601 and may be partial where the field allows it; a choice is
answered by its code; a place is answered as `"<commune code>"`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One sentence in the languages of the product."""

    vi: str
    en: str
    others: tuple[tuple[str, str], ...] = ()
    """Language (ISO 639-3, `km`) and sentence."""

    def in_language(self, lang: str) -> str:
        """Return the sentence in `lang`, Vietnamese where there is no other."""
        if lang == "en":
            return self.en or self.vi
        return dict(self.others).get(lang, self.vi)

    def filled(self, mark: str, words: str) -> Text:
        """Return the sentence with the same words in place of a mark, in every language."""
        others = tuple((lang, told.replace(mark, words)) for lang, told in self.others)
        return Text(vi=self.vi.replace(mark, words), en=self.en.replace(mark, words), others=others)


class Source(StrEnum):
    """Where an answer came from."""

    CHIP = "chip"
    QR = "qr"
    TYPED = "typed"
    DERIVED = "derived"
    DEFAULT = "default"
    SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer and its source."""

    value: str | int | bool | list[str] = field(repr=False)
    source: Source


Answers = Mapping[str, Answer]
"""Field name to answer. Treated as immutable: every change makes a new mapping."""


class FieldKind(StrEnum):
    """How a field is asked on the screen."""

    TEXT = "text"
    NAME = "name"
    """A person's name: upper case, letters only."""
    DATE = "date"
    NUMBER = "number"
    TEL = "tel"
    EMAIL = "email"
    ID_NUMBER = "id_number"
    COMMENT = "comment"
    CHOICE = "choice"
    """One of few: shown as large buttons."""
    CHOICES = "choices"
    """Several of few: answered by the list of their codes."""
    LIST = "list"
    """One of many: shown as a searchable list."""
    PLACE = "place"
    """A commune: searched by two letters."""
    YES_NO = "yes_no"
    ROWS = "rows"
    """How many rows a repeating panel has: rows are listed, added and taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing to pick; `value` is the code that is stored."""

    value: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSpec:
    """One row of a repeating panel: the person it is about."""

    title: Text
    """`Người thứ 2`."""
    shown: str = field(repr=False)
    """Who it is, as far as was answered."""
    complete: bool
    """Nothing that is required is missing or wrong in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsSpec:
    """The rows of a repeating panel."""

    rows: tuple[RowSpec, ...]
    low: int
    high: int
    add: Text
    remove: Text
    next_card: str = ""
    """The role whose card adds a row; empty where rows take no cards, or none can be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRole:
    """Another person whose card may be put in."""

    role: str
    """`me`, or a row: `thanhVien[0]`."""
    title: Text
    """`Xin đặt thẻ của mẹ.`"""
    only_sex: str = ""
    """The only sex this person can have, `male` or `female`; empty where it does not matter."""
    may_also_be: frozenset[str] = frozenset()
    """Roles and repeating panels that the same person may stand in too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAsk:
    """A page's invitation to put in a card."""

    role: str
    title: Text
    read: bool
    """This person's card was put in already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One question as the screen needs it."""

    name: str
    kind: FieldKind
    title: Text
    hint: Text | None = None
    """A few words after the title: what it is for, an example."""
    required: bool = False
    enabled: bool = True
    choices: tuple[Choice, ...] = ()
    max_length: int = 200
    partial_date: bool = False
    """A year or month and year is enough."""
    lock_from_card: bool = False
    """An answer from the card cannot be changed on the screen."""
    sensitive: bool = False
    """Masked in the middle when shown (ID numbers)."""
    half_width: bool = False
    """May share its row with the next half-width field."""
    panel: Text | None = None
    """Title over this field and those that follow: a panel begins here."""
    rows: RowsSpec | None = None
    """For ROWS: what is listed."""
    audio: str = ""
    """Name of the recorded prompt that asks this, if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """One page of the form: few fields that belong together."""

    name: str
    title: Text
    fields: tuple[FieldSpec, ...]
    audio: str = ""
    """Name of the recorded prompt of the page, if there is one."""
    parent: str = ""
    """For one row of a repeating panel: the page on which the rows are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one answer, in words a citizen can act on."""

    field: str
    code: str
    """`required`, `date_unknown`, `date_future`, `id_number`, `tel`, `too_long`, `not_in_list`, …"""
    message: Text = dataclasses.field(repr=False)  # may quote what was typed
    blocking: bool = True
    """False for a warning, such as an ID number that does not fit the birth year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSpec:
    """A paper the procedure asks for."""

    name: str
    title: Text
    required: bool
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """An administrative procedure (thủ tục hành chính) as the catalogue knows it."""

    code: str
    title: Text
    field: Text
    """The sector: `Hộ tịch`."""
    decision: str
    time: Text
    fee: Text
    """The fee rule in words, with the legal note verbatim."""
    papers: tuple[PaperSpec, ...]
    has_form: bool
    autofill_share: float
    """Share of required fields that the card can fill, 0.0 to 1.0."""
    icon: str = "file-text"
    """Name of an icon in assets/icons."""
    papers_known: bool = True
    """False where no source tells the papers: then nobody may say that there are none."""


class Form(Protocol):
    """One eForm, loaded and checked."""

    code: str
    version: str
    procedure: Procedure

    @property
    def card_roles(self) -> tuple[CardRole, ...]:
        """The other people whose cards may be put in: by name, then each row of a repeating panel."""
        ...

    def autofill(
        self, card: Mapping[str, str | None], *, source: Source, session: Mapping[str, str], role: str = ""
    ) -> Answers:
        """Answers that the card and the session (centre, date) give.

        Args:
            card: Field names of the card (`full_name`, `birth_date`, `sex`, `id_number`, …) to values.
            source: CHIP or QR: what the card values came from.
            session: `centre`, `commune`, `today` (ISO date).
            role: Whose card it is; empty is the person at the kiosk.
        """
        ...

    def cards_asked(self, answers: Answers, *, page: str) -> tuple[CardAsk, ...]:
        """Return the other people whose cards would fill something on a page."""
        ...

    def refuse_card(self, card: Mapping[str, str | None], answers: Answers, *, role: str) -> Text | None:
        """Tell why a card cannot be the one of a role: the wrong sex, or somebody already in the form."""
        ...

    def with_card(
        self, answers: Answers, card: Mapping[str, str | None], *, source: Source, role: str
    ) -> Answers:
        """Return the answers with another person's card put in; what a card of this role gave before goes.

        The role of the next row of a repeating panel adds that row.
        """
        ...

    def cards_of_others(self, answers: Answers) -> Answers:
        """Return the answers that other people's cards gave."""
        ...

    def with_row(self, answers: Answers, name: str) -> Answers:
        """Return the answers with one more row in the repeating panel that a ROWS field counts."""
        ...

    def without_row(self, answers: Answers, name: str, index: int) -> Answers:
        """Return the answers without one row, counted from 0; the later ones move up."""
        ...

    def pages(self, answers: Answers) -> tuple[PageSpec, ...]:
        """Return the pages and fields that apply to these answers, in order."""
        ...

    def derive(self, answers: Answers) -> Answers:
        """Return the answers with defaults and derived values added (never over a typed one)."""
        ...

    def check(self, answers: Answers, *, page: str | None = None) -> tuple[Problem, ...]:
        """Tell what is wrong, for one page or the whole form; hidden fields are not asked."""
        ...

    def clean(self, answers: Answers) -> Answers:
        """Return only the answers of visible fields, normalised: what is handed in."""
        ...

    def show(self, name: str, answer: Answer, *, lang: str, mask: bool) -> str:
        """Return the answer as a person reads it: `14/02/1994`, `Nữ`, `087 ••• ••• 412`."""
        ...

    def fee(self, answers: Answers) -> Decimal | None:
        """Return the fee in đồng, 0 for free, None where the province decides."""
        ...

    def due(self, received: dt.datetime) -> dt.date | None:
        """Return the indicative day of the result, None where the term is not known in days.

        Args:
            received: When the dossier was handed in, local time.

        Source: DOMAIN.md 2.5.
        """
        ...

    def render_pdf(self, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
        """Draw the official A4 form (Vietnamese), filled, ready to sign, as PDF."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A commune of today's map."""

    code: str
    name: str
    province_code: str
    province: str

    @property
    def full_name(self) -> str:
        """`Phường Sa Đéc, Tỉnh Đồng Tháp`."""
        return f"{self.name}, {self.province}"


class FormCatalogue(Protocol):
    """All procedures and forms on this kiosk."""

    def procedures(self) -> tuple[Procedure, ...]:
        """Every procedure with a form, in the order of the first page."""
        ...

    def form(self, code: str) -> Form:
        """Return the form of a procedure.

        Raises:
            UnknownProcedureError: There is no form with this code.
        """
        ...

    def search(self, text: str) -> tuple[Procedure, ...]:
        """Procedures that fit the words, best first; without diacritics and with typos too."""
        ...

    def search_places(self, text: str, *, limit: int = 20) -> tuple[Place, ...]:
        """Communes that fit the letters, best first."""
        ...
