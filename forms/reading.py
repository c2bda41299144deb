"""Reading a definition file: foreign text enters here and nowhere else.

Every unknown key, missing key or wrong type is a `DefinitionError` that names the file, the path in it, what
was found and what was expected.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec
from msgspec import Struct

from forms.definition import (
    BooleanElement,
    CalculatedValue,
    CardRole,
    CheckboxElement,
    ChoiceItem,
    CommentElement,
    Definition,
    DropdownElement,
    Effective,
    ExpressionValidator,
    Localized,
    Matches,
    NumericValidator,
    Page,
    PanelDynamicElement,
    PanelElement,
    PaperItem,
    ProcedureHead,
    RadiogroupElement,
    RegexValidator,
    TextElement,
)
from forms.errors import DefinitionError
from forms.fees import FeeRule
from forms.sharing import SharedDocument, open_shared

if TYPE_CHECKING:
    from pathlib import Path

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
    "templateTitle": Localized,
    "addPanelText": Localized,
    "removePanelText": Localized,
    "x-card": Localized,
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
_ASKED: dict[str, type[Struct]] = {
    "text": TextElement,
    "comment": CommentElement,
    "radiogroup": RadiogroupElement,
    "dropdown": DropdownElement,
    "boolean": BooleanElement,
    "checkbox": CheckboxElement,
}
_TAGGED: dict[str, dict[str, type[Struct]]] = {
    "elements": {**_ASKED, "panel": PanelElement, "paneldynamic": PanelDynamicElement},
    "templateElements": _ASKED,
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
