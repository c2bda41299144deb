"""What a definition file may say: a documented subset of SurveyJS JSON with `x-` keys (docs/forms.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from forms.fees import FeeRule
from forms.ports import Text

Certainty = Literal["sourced", "general", "uncertain"]
"""`general` and `uncertain` are provisional: a province confirms them before the form is used for real."""

MOST_ROWS = 20
"""No form of the law has more rows on its paper; a tour group is no household."""
Name = Annotated[str, Meta(pattern=r"^[a-zA-Z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$", max_length=60)]
IsoDate = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
FieldName = Annotated[
    str, Meta(pattern=r"^(panel\.)?[a-zA-Z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$", max_length=66)
]
"""A field of the form, or `panel.NAME` within a repeating panel: the one of the same row."""
PrintName = Annotated[str, Meta(pattern=r"^([a-zA-Z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*)?$", max_length=60)]
"""What a template calls an answer; empty keeps it off the paper."""
Prompt = Annotated[str, Meta(pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$", max_length=60)]
"""Name of a recorded prompt: `assets/audio/<language>/<prompt>.ogg`; empty is none."""


class Localized(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in Vietnamese (`default`), English, and any of the languages of the communes.

    Source: DOMAIN.md 6.1 (ISO 639-3 codes, `km` for Khmer).
    """

    default: Annotated[str, Meta(min_length=1)]
    en: Annotated[str, Meta(min_length=1)]
    blt: str = ""
    bdq: str = ""
    bru: str = ""
    cjm: str = ""
    cua: str = ""
    hmn: str = ""
    hre: str = ""
    ium: str = ""
    jra: str = ""
    km: str = ""
    mtq: str = ""
    nut: str = ""
    pac: str = ""
    rad: str = ""
    sed: str = ""
    twh: str = ""
    tyz: str = ""

    @property
    def text(self) -> Text:
        """The sentence as the kiosk knows it."""
        told = ((name, getattr(self, name)) for name in self.__struct_fields__[2:])
        return Text(vi=self.default, en=self.en, others=tuple((name, words) for name, words in told if words))


class ChoiceItem(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing to pick."""

    value: str
    text: Localized


class RegexValidator(Struct, frozen=True, forbid_unknown_fields=True, tag="regex", rename="camel"):
    """The whole answer matches a pattern."""

    regex: str
    text: Localized


class NumericValidator(Struct, frozen=True, forbid_unknown_fields=True, tag="numeric", rename="camel"):
    """The answer is a whole number in a range."""

    min_value: int
    max_value: int


class ExpressionValidator(Struct, frozen=True, forbid_unknown_fields=True, tag="expression"):
    """An expression over all answers holds; `x-blocking: false` makes it a warning."""

    expression: str
    text: Localized
    blocking: bool = field(default=True, name="x-blocking")


Validator = RegexValidator | NumericValidator | ExpressionValidator


class Element(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """What every question may say."""

    name: Name
    title: Localized
    description: Localized | None = None
    is_required: bool = False
    visible_if: str = ""
    enable_if: str = ""
    required_if: str = ""
    start_with_new_line: bool = True
    default_value: str | int | bool | None = None
    default_value_expression: str = ""
    validators: tuple[Validator, ...] = ()
    autofill: tuple[str, ...] = field(default=(), name="x-autofill")
    hint_from: str = field(default="", name="x-hint")
    lock: bool = field(default=False, name="x-lock")
    sensitive: bool = field(default=False, name="x-sensitive")
    audio: Prompt = field(default="", name="x-audio")
    print_as: PrintName | None = field(default=None, name="x-print")
    keys: dict[str, str] = field(default_factory=dict, name="x-map")
    certainty: Certainty = field(default="sourced", name="x-certainty")
    legal: str = field(default="", name="x-legal")


class Matches(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The fields that an ID number should agree with."""

    birth_date: FieldName
    sex: FieldName


class TextElement(Element, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="text", rename="camel"):
    """One line: words, a name, a number, a date, a telephone number."""

    input_type: Literal["text", "date", "number", "tel", "email"] = "text"
    max_length: int = 200
    max_value_expression: Literal["", "today()"] = ""
    asked_as: Literal["", "name", "id_number"] = field(default="", name="x-kind")
    partial_date: bool = field(default=False, name="x-partial-date")
    matches: Matches | None = field(default=None, name="x-matches")


class CommentElement(
    Element, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="comment", rename="camel"
):
    """Several lines."""

    max_length: int = 500


class RadiogroupElement(
    Element, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="radiogroup", rename="camel"
):
    """One of few, as large buttons."""

    choices: tuple[ChoiceItem, ...] = ()
    codelist: str = field(default="", name="x-codelist")


class DropdownElement(
    Element, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="dropdown", rename="camel"
):
    """One of many, as a searchable list; `x-codelist: communes` asks for a place."""

    choices: tuple[ChoiceItem, ...] = ()
    codelist: str = field(default="", name="x-codelist")


class BooleanElement(
    Element, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="boolean", rename="camel"
):
    """Yes or no."""


class CheckboxElement(
    Element, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="checkbox", rename="camel"
):
    """Several of few, as large buttons that stay pressed."""

    choices: tuple[ChoiceItem, ...] = ()
    codelist: str = field(default="", name="x-codelist")


AskedElement = (
    TextElement | CommentElement | RadiogroupElement | DropdownElement | BooleanElement | CheckboxElement
)


class PanelElement(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="panel", rename="camel"
):
    """Questions under a title of their own, seen and open together."""

    name: Name
    title: Localized
    visible_if: str = ""
    enable_if: str = ""
    elements: Annotated[tuple[AskedElement, ...], Meta(min_length=1)]


class PanelDynamicElement(
    Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="paneldynamic", rename="camel"
):
    """The same questions for each of several people or things, row by row."""

    name: Name
    title: Localized
    description: Localized | None = None
    visible_if: str = ""
    template_elements: Annotated[tuple[AskedElement, ...], Meta(min_length=1)]
    template_title: Localized
    """Title of one row; `{panelIndex}` is its number, counted from 1."""
    panel_count: Annotated[int, Meta(ge=0, le=MOST_ROWS)] = 0
    """Rows at the start."""
    min_panel_count: Annotated[int, Meta(ge=0, le=MOST_ROWS)] = 0
    max_panel_count: Annotated[int, Meta(ge=1, le=MOST_ROWS)]
    key_name: str = ""
    """A field that no two rows may answer alike, such as the ID number."""
    add_panel_text: Localized
    remove_panel_text: Localized
    card: Localized | None = field(default=None, name="x-card")
    """Invitation to put in the card of a row's person; `x-autofill` then names it `card.panel.FIELD`."""
    audio: Prompt = field(default="", name="x-audio")
    certainty: Certainty = field(default="sourced", name="x-certainty")
    legal: str = field(default="", name="x-legal")


AnyElement = AskedElement | PanelElement | PanelDynamicElement


class Page(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Questions that belong together."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Localized
    visible_if: str = ""
    audio: Prompt = field(default="", name="x-audio")
    elements: Annotated[tuple[AnyElement, ...], Meta(min_length=1)]


class CalculatedValue(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """A value nobody is asked for: from the card, the session or an expression."""

    name: Name
    title: Localized
    expression: str = ""
    include_into_result: bool = True
    codelist: str = field(default="", name="x-codelist")
    date: bool = field(default=False, name="x-date")
    autofill: tuple[str, ...] = field(default=(), name="x-autofill")
    keys: dict[str, str] = field(default_factory=dict, name="x-map")
    certainty: Certainty = field(default="sourced", name="x-certainty")
    legal: str = field(default="", name="x-legal")


class PaperItem(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """A paper to scan."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Localized
    is_required: bool = False
    note: Localized | None = None
    legal: str = field(default="", name="x-legal")
    certainty: Certainty = field(default="sourced", name="x-certainty")


class ProcedureHead(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """The procedure that the form serves."""

    code: Annotated[str, Meta(pattern=r"^\d\.\d{6}$")]
    title: Localized
    sector: Localized
    decision: str
    time: Localized
    working_days: int | None = None
    """None where the law's term is not told in working days: no day is promised then."""
    same_day_until: str = ""
    """`15:00`: what comes later is given back the next working day."""
    saturday: bool = False
    """The office takes dossiers on Saturday morning too."""
    office: Literal["committee", "police"] = "committee"
    """Whom the form is addressed to: the commune's People's Committee or its police."""
    fee_note: Localized
    fee: tuple[FeeRule, ...]
    papers: tuple[PaperItem, ...]
    icon: str = "file-text"
    order: int = 100
    """Place on the first page."""
    certainty: Certainty = field(default="sourced", name="x-certainty")


class CardRole(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """A second person whose card may be put in: `x-autofill` names it as `card.ROLE.field`."""

    role: Annotated[str, Meta(pattern=r"^[a-z][a-zA-Z0-9]*$")]
    title: Localized
    """`Xin đặt thẻ của mẹ.`"""
    sex: Literal["", "male", "female"] = ""
    """The only sex that this role can have."""
    may_also_be: tuple[str, ...] = ()
    """Roles or repeating panels that the same person may stand in too: the head among those who move."""


class Effective(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename=None):
    """The days on which a definition is law; `until` is the last one."""

    since: IsoDate = field(name="from")
    until: IsoDate = "9999-12-31"


class Definition(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """One definition file."""

    title: Localized
    pages: Annotated[tuple[Page, ...], Meta(min_length=1)]
    calculated_values: tuple[CalculatedValue, ...] = ()
    version: str = field(name="x-version")
    procedure: ProcedureHead = field(name="x-procedure")
    effective: Effective = field(name="x-effective")
    template: Annotated[str, Meta(pattern=r"^[a-z0-9.-]+\.typ$")] = field(name="x-template")
    cards: tuple[CardRole, ...] = field(default=(), name="x-cards")
    legal: tuple[str, ...] = field(default=(), name="x-legal")
    source: str = field(default="", name="x-source")
