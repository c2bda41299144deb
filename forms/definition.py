"""What a definition file may say: a documented subset of SurveyJS JSON with `x-` keys (docs/forms.md).

Foreign text enters here and nowhere else: every unknown key, missing key or wrong type is a
`DefinitionError` that names the file, the path in it, what was found and what was expected.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import Meta, Struct, field

from forms.errors import DefinitionError
from forms.fees import FeeRule
from forms.ports import Text
from forms.sharing import SharedDocument, open_shared

if TYPE_CHECKING:
    from pathlib import Path

Certainty = Literal["sourced", "general", "uncertain"]
"""`general` and `uncertain` are provisional: a province confirms them before the form is used for real."""

Name = Annotated[str, Meta(pattern=r"^[a-zA-Z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$", max_length=60)]
IsoDate = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Localized(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in Vietnamese (`default`) and English."""

    default: Annotated[str, Meta(min_length=1)]
    en: Annotated[str, Meta(min_length=1)]

    @property
    def text(self) -> Text:
        """The sentence as the kiosk knows it."""
        return Text(vi=self.default, en=self.en)


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
    keys: dict[str, str] = field(default_factory=dict, name="x-map")
    certainty: Certainty = field(default="sourced", name="x-certainty")
    legal: str = field(default="", name="x-legal")


class Matches(Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """The fields that an ID number should agree with."""

    birth_date: Name
    sex: Name


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


AnyElement = TextElement | CommentElement | RadiogroupElement | DropdownElement | BooleanElement


class Page(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """Questions that belong together."""

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]*$")]
    title: Localized
    visible_if: str = ""
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


# --- reading, and saying what is wrong ---------------------------------------------------------------

_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]+)`)?$", re.DOTALL)
_UNKNOWN_KEY = re.compile(r"unknown field `(?P<key>[^`]*)`")
_MISSING_KEY = re.compile(r"missing required field `(?P<key>[^`]*)`")
_EXPECTED_GOT = re.compile(r"Expected `(?P<expected>.*)`, got `(?P<found>.*)`")
_EXPECTED = "Expected "
_README = "what docs/forms.md describes"
_STEP = re.compile(r"\.([\w-]+)|\[(\d+)\]")


def read_definition(path: Path) -> Definition:
    """Read one definition file.

    Raises:
        DefinitionError: The file is no JSON, or says what the subset does not know.
    """
    return read_shared(path)[0]


def read_shared(path: Path) -> tuple[Definition, SharedDocument]:
    """Read one definition file with the blocks it uses, and what tells where each part was written.

    Raises:
        DefinitionError: As `read_definition`.
    """
    try:
        content = path.read_bytes()
    except OSError as e:
        raise DefinitionError(
            file=path.name, path="$", found=e.strerror or "no file", expected="a file that can be read"
        ) from e
    shared = open_shared(_parsed(content, path.name), file=path.name, folder=path.parent)
    try:
        return _definition(shared.content, path.name), shared
    except DefinitionError as e:
        raise shared.where_written(e) from e


def decode_definition(content: bytes, *, file: str) -> Definition:
    """Decode a definition that uses no blocks; all its text becomes NFC.

    Raises:
        DefinitionError: As `read_definition`.
    """
    return _definition(_parsed(content, file), file)


def _parsed(content: bytes, file: str) -> Any:
    try:
        return msgspec.json.decode(unicodedata.normalize("NFC", content.decode()))
    except (msgspec.DecodeError, UnicodeDecodeError) as e:
        raise DefinitionError(file=file, path="$", found=str(e), expected="JSON in UTF-8") from e


def _definition(document: Any, file: str) -> Definition:
    try:
        return msgspec.convert(document, Definition)
    except msgspec.ValidationError as e:
        _explain(str(e), document, file, e)


def _explain(message: str, document: Any, file: str, cause: Exception) -> NoReturn:
    match = _AT.match(message)
    what, path = (match["what"], match["path"] or "$") if match else (message, "$")
    found, expected = what, _README
    if unknown := _UNKNOWN_KEY.search(what):
        known = _known_keys(document, path)
        found, expected = (
            f"unknown key {unknown['key']!r}",
            f"one of {', '.join(known)}" if known else _README,
        )
    elif missing := _MISSING_KEY.search(what):
        found, expected = "no such key", f"the key {missing['key']!r}"
    elif types := _EXPECTED_GOT.search(what):
        found, expected = types["found"], types["expected"]
    elif what.startswith(_EXPECTED):
        found, expected = repr(_walk(document, path)[1]), what.removeprefix(_EXPECTED)
    elif path.endswith(".type"):
        found, expected = repr(_walk(document, path)[1]), "one of the types that docs/forms.md names"
    raise DefinitionError(file=file, path=path, found=found, expected=expected) from cause


_STRUCT_AT: dict[str, type[Struct]] = {
    "$": Definition,
    "title": Localized,
    "description": Localized,
    "text": Localized,
    "sector": Localized,
    "time": Localized,
    "feeNote": Localized,
    "note": Localized,
    "pages": Page,
    "calculatedValues": CalculatedValue,
    "choices": ChoiceItem,
    "papers": PaperItem,
    "fee": FeeRule,
    "x-matches": Matches,
    "x-cards": CardRole,
    "x-procedure": ProcedureHead,
    "x-effective": Effective,
}
_TAGGED: dict[str, dict[str, type[Struct]]] = {
    "elements": {
        "text": TextElement,
        "comment": CommentElement,
        "radiogroup": RadiogroupElement,
        "dropdown": DropdownElement,
        "boolean": BooleanElement,
    },
    "validators": {"regex": RegexValidator, "numeric": NumericValidator, "expression": ExpressionValidator},
}


def _known_keys(document: Any, path: str) -> list[str]:
    """Return the keys that the object at a path may have."""
    key, found = _walk(document, path)
    if key in _TAGGED:
        struct: type[Struct] | None = _TAGGED[key].get(found.get("type"))
        extra = ["type"]
    else:
        struct, extra = _STRUCT_AT.get(key), []
    return [] if struct is None else extra + [f.encode_name for f in msgspec.structs.fields(struct)]


def _walk(document: Any, path: str) -> tuple[str, Any]:
    """Return the last name on a path (`$` for none) and what stands there."""
    key = "$"
    for name, index in _STEP.findall(path):
        document = document[int(index)] if index else document[name]
        key = name or key
    return key, document
