"""Every way a form definition can be wrong, with the spot its error names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = {"default": "Ô", "en": "Box"}


def element(document: dict[str, Any], page: int = 0, index: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = document["pages"][page]["elements"][index]
    return found


ROW = {
    "type": "paneldynamic",
    "name": "con",
    "title": TEXT,
    "templateTitle": TEXT,
    "addPanelText": TEXT,
    "removePanelText": TEXT,
    "maxPanelCount": 3,
    "templateElements": [{"type": "text", "name": "ten", "title": TEXT}],
}


def with_rows(document: dict[str, Any], inner: dict[str, Any] | None = None, **changed: Any) -> None:
    """Add a repeating panel with one field to the second page."""
    field = {"type": "text", "name": "ten", "title": TEXT, **(inner or {})}
    document["pages"][1]["elements"].append({**ROW, "templateElements": [field], **changed})


LAST = "$.pages[1].elements[8]"
MUTATIONS: list[tuple[str, Callable[[dict[str, Any]], Any], str, str, str]] = [
    ("a key the file does not know", lambda d: d.update(foo=1), "$", "'foo'", "x-procedure"),
    ("a key a page does not know", lambda d: d["pages"][1].update(foo=1), "$.pages[1]", "'foo'", "visibleIf"),
    (
        "a key an element does not know",
        lambda d: element(d).update(choices=[]),
        "$.pages[0].elements[0]",
        "'choices'",
        "x-kind",
    ),
    (
        "a key a choice does not know",
        lambda d: element(d, 0, 4)["choices"][0].update(foo=1),
        "$.pages[0].elements[4].choices[0]",
        "'foo'",
        "value, text",
    ),
    (
        "a key a validator does not know",
        lambda d: element(d, 2, 2)["elements"][2]["validators"][0].update(foo=1),
        "$.pages[2].elements[2].elements[2].validators[0]",
        "'foo'",
        "x-blocking",
    ),
    (
        "a language nobody asked for",
        lambda d: d["title"].update(fr="x"),
        "$.title",
        "'fr'",
        "default, en",
    ),
    ("no title", lambda d: element(d).pop("title"), "$.pages[0].elements[0]", "no such key", "'title'"),
    ("no English", lambda d: d["title"].pop("en"), "$.title", "no such key", "'en'"),
    ("an empty sentence", lambda d: d["title"].update(en=""), "$.title.en", "''", "length >= 1"),
    ("a wrong type", lambda d: element(d).update(isRequired="yes"), ".isRequired", "str", "bool"),
    (
        "an unknown element type",
        lambda d: element(d).update(type="matrix"),
        ".type",
        "'matrix'",
        "docs/forms.md",
    ),
    (
        "an unknown input type",
        lambda d: element(d).update(inputType="color"),
        ".inputType",
        "'color'",
        "docs/forms.md",
    ),
    ("a bad name", lambda d: element(d).update(name="nyc hoTen"), ".name", "'nyc hoTen'", "matching regex"),
    ("no pages", lambda d: d.update(pages=[]), "$.pages", "[]", "length >= 1"),
    ("no elements", lambda d: d["pages"][0].update(elements=[]), "$.pages[0].elements", "[]", "length >= 1"),
    (
        "a bad code",
        lambda d: d["x-procedure"].update(code="1193"),
        "$.x-procedure.code",
        "'1193'",
        "matching regex",
    ),
    (
        "a fee below nothing",
        lambda d: d["x-procedure"]["fee"][0].update(amount=-1),
        "$.x-procedure.fee[0].amount",
        "-1",
        ">= 0",
    ),
    (
        "a fee by an unknown field",
        lambda d: d["x-procedure"]["fee"][0].update(kind="perCopy", countField="nope"),
        "$.x-procedure.fee[0].countField",
        "'nope'",
        "a field of this form",
    ),
    (
        "a template elsewhere",
        lambda d: d.update({"x-template": "../x.typ"}),
        "$.x-template",
        "'../x.typ'",
        "matching regex",
    ),
    (
        "an expression that is none",
        lambda d: element(d).update(visibleIf="{a} ="),
        "$.pages[0].elements[0].visibleIf",
        "the end",
        "a value",
    ),
    (
        "a page condition that is none",
        lambda d: d["pages"][0].update(visibleIf="and"),
        "$.pages[0].visibleIf",
        "'and'",
        "a value",
    ),
    (
        "an unknown field in visibleIf",
        lambda d: element(d).update(visibleIf="{nope} = 1"),
        "$.pages[0].elements[0].visibleIf",
        "'nope'",
        "a field",
    ),
    (
        "an unknown field in a default",
        lambda d: element(d).update(defaultValueExpression="{nope}"),
        "$.pages[0].elements[0].defaultValueExpression",
        "'nope'",
        "a field",
    ),
    (
        "an unknown field in enableIf",
        lambda d: element(d).update(enableIf="{nope} empty"),
        "$.pages[0].elements[0].enableIf",
        "'nope'",
        "a field",
    ),
    (
        "an unknown field in a validator",
        lambda d: element(d, 2, 2)["elements"][2]["validators"][0].update(expression="{nope} = 1"),
        "$.pages[2].elements[2].elements[2].validators",
        "'nope'",
        "a field",
    ),
    (
        "an unknown field to agree with",
        lambda d: element(d, 0, 3)["x-matches"].update(sex="nope"),
        "$.pages[0].elements[3].x-matches",
        "'nope'",
        "a field",
    ),
    (
        "a field that hides itself",
        lambda d: element(d, 0, 5).update(visibleIf="{nyc.quanHeKhac} = 1"),
        "$.pages[0].elements[5]",
        "a cycle: nyc.quanHeKhac → nyc.quanHeKhac",
        "never come back",
    ),
    (
        "two fields that hide each other",
        lambda d: element(d, 0, 4).update(visibleIf="{nyc.quanHeKhac} empty"),
        "$.pages[0].elements[",
        "a cycle: ",
        "never come back",
    ),
    (
        "two fields of one name",
        lambda d: element(d, 0, 1).update(name="nyc.hoTen"),
        "$.pages[0].elements[1].name",
        "a second field 'nyc.hoTen'",
        "one field",
    ),
    (
        "two pages of one name",
        lambda d: d["pages"][1].update(name="nguoi-di-khai"),
        "$.pages[1].name",
        "a second page",
        "one of each",
    ),
    (
        "an unknown code list",
        lambda d: element(d, 0, 2).update({"x-codelist": "planets"}),
        "$.pages[0].elements[2].x-codelist",
        "'planets'",
        "ethnic_groups",
    ),
    (
        "an unknown code list of a calculated value",
        lambda d: d["calculatedValues"][1].update({"x-codelist": "planets"}),
        "$.calculatedValues[1].x-codelist",
        "'planets'",
        "communes",
    ),
    (
        "choices and a code list",
        lambda d: element(d, 0, 4).update({"x-codelist": "sex"}),
        "$.pages[0].elements[4].choices",
        "both",
        "exactly one",
    ),
    (
        "neither choices nor a code list",
        lambda d: element(d, 0, 2).pop("x-codelist"),
        "$.pages[0].elements[2].choices",
        "neither",
        "exactly one",
    ),
    (
        "a card field no card has",
        lambda d: element(d).update({"x-autofill": ["card.religion"]}),
        "$.pages[0].elements[0].x-autofill",
        "'card.religion'",
        "card.full_name",
    ),
    (
        "a hint no card gives",
        lambda d: element(d, 1, 7).update({"x-hint": "card.religion"}),
        "$.pages[1].elements[7].x-hint",
        "'card.religion'",
        "card.residence",
    ),
    (
        "a pattern that is none",
        lambda d: element(d).update(validators=[{"type": "regex", "regex": "(", "text": TEXT}]),
        "$.pages[0].elements[0].validators[0].regex",
        "'('",
        "a pattern",
    ),
    (
        "a rule that is none",
        lambda d: element(d, 2, 2)["elements"][2]["validators"][0].update(expression="("),
        "$.pages[2].elements[2].elements[2].validators[0].expression",
        "the end",
        "a value",
    ),
    ("a key a row panel does not know", lambda d: with_rows(d, foo=1), LAST, "'foo'", "keyName"),
    (
        "a key a field of a row does not know",
        lambda d: with_rows(d, {"foo": 1}),
        f"{LAST}.templateElements[0]",
        "'foo'",
        "x-kind",
    ),
    ("rows without a limit", lambda d: with_rows(d, maxPanelCount=500), f"{LAST}.maxPanelCount", "500", "20"),
    (
        "more rows than there may be",
        lambda d: with_rows(d, panelCount=4),
        f"{LAST}.panelCount",
        "4",
        "0 to 3",
    ),
    (
        "a key field that is none",
        lambda d: with_rows(d, keyName="so"),
        f"{LAST}.keyName",
        "'so'",
        "templateElements",
    ),
    (
        "rows within rows",
        lambda d: with_rows(d, {"type": "paneldynamic"}),
        f"{LAST}.templateElements[0]",
        "'paneldynamic'",
        "docs/forms.md",
    ),
    (
        "a field that its row does not have",
        lambda d: with_rows(d, {"visibleIf": "{panel.tuoi} > 3"}),
        f"{LAST}.templateElements[0].visibleIf",
        "'con[0].tuoi'",
        "a field",
    ),
    (
        "a row's card where rows take none",
        lambda d: with_rows(d, {"x-autofill": ["card.panel.full_name"]}),
        f"{LAST}.templateElements[0].x-autofill",
        "'card.panel.full_name'",
        "card.full_name",
    ),
    (
        "a field and rows of one name",
        lambda d: d["pages"][1]["elements"].extend([ROW, ROW]),
        "$.pages[1].elements[9].name",
        "a second field 'con'",
        "one field",
    ),
    (
        "a panel in a panel",
        lambda d: element(d, 2, 0)["elements"].append({"type": "panel", "name": "x"}),
        "$.pages[2].elements[0].elements[3]",
        "'panel'",
        "docs/forms.md",
    ),
    (
        "an empty panel",
        lambda d: element(d, 2, 0).update(elements=[]),
        "$.pages[2].elements[0].elements",
        "[]",
        "length >= 1",
    ),
    (
        "a panel that nobody can see",
        lambda d: element(d, 2, 2).update(visibleIf="{nyc.quanHe} = 'ong'"),
        "$.pages[2].elements[2].elements[0].visibleIf",
        "{nyc.quanHe} is never ong",
        "somebody can see",
    ),
    (
        "a page that nobody can reach",
        lambda d: d["pages"][3].update(visibleIf="false"),
        "$.pages[3].elements[0].visibleIf",
        "always false",
        "somebody can see",
    ),
    (
        "a choice twice",
        lambda d: element(d, 0, 4)["choices"].append(element(d, 0, 4)["choices"][0]),
        "$.pages[0].elements[4].choices",
        "'me' twice",
        "one choice of each value",
    ),
    (
        "a range the wrong way round",
        lambda d: element(d).update(validators=[{"type": "numeric", "minValue": 5, "maxValue": 1}]),
        "$.pages[0].elements[0].validators[0].maxValue",
        "1",
        "at least 5",
    ),
    (
        "a rule that says nothing",
        lambda d: element(d, 2, 2)["elements"][2]["validators"][0].update(expression=""),
        "$.pages[2].elements[2].elements[2].validators[0].expression",
        "an empty text",
        "an expression",
    ),
    (
        "a card that fills nothing",
        lambda d: d["x-cards"].append({"role": "ong", "title": TEXT}),
        "$.x-cards[2].role",
        "'ong'",
        "x-autofill",
    ),
    (
        "a role twice",
        lambda d: d["x-cards"].append(d["x-cards"][0]),
        "$.x-cards[2].role",
        "a second role 'me'",
        "one of each",
    ),
    (
        "a person who may also be nobody",
        lambda d: d["x-cards"][0].update(mayAlsoBe=["ong"]),
        "$.x-cards[0].mayAlsoBe",
        "'ong'",
        "a role",
    ),
    (
        "a prompt that is a path",
        lambda d: element(d).update({"x-audio": "../x.ogg"}),
        "$.pages[0].elements[0].x-audio",
        "'../x.ogg'",
        "matching regex",
    ),
]
