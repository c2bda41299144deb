"""Answers as a person reads them on the screen and on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.answers import CARD_NOTE, normalised
from forms.code_lists import places
from forms.dates import parse_date
from forms.ports import Answer, FieldKind, Place, Text

if TYPE_CHECKING:
    from forms.questions import Question

_YES = Text(vi="Có", en="Yes")
_NO = Text(vi="Không", en="No")
_DOT = "•"
_SUGGESTED = 3
_ID_DIGITS, _TEL_DIGITS = 12, 10


def shown(question: Question, answer: Answer, *, lang: str, mask: bool) -> str:
    """Return an answer in words.

    Args:
        question: The field.
        answer: Its answer; what cannot be understood is shown as it was typed.
        lang: `vi` or `en`; names of places and choices without English stay Vietnamese.
        mask: Hide the middle of ID and telephone numbers, and sensitive answers whole.
    """
    value = normalised(question, answer.value)
    if isinstance(value, bool):
        return (_YES if value else _NO).in_language(lang)
    if isinstance(value, list):
        return ", ".join(_choice(question, item, lang) for item in value)
    text = str(value)
    match question.kind:
        case FieldKind.DATE:
            date = parse_date(text)
            return date.shown if date else text
        case FieldKind.PLACE:
            return places()[text].full_name if text in places() else text
        case FieldKind.ID_NUMBER | FieldKind.TEL:
            return _number(text, mask=mask)
        case _:
            return _DOT * 3 if mask and question.sensitive else _choice(question, text, lang)


def card_note(value: str, now: tuple[Place, ...] = ()) -> Text:
    """Return the hint that quotes what the card says, for the citizen to compare with today's map.

    Args:
        value: What the card says.
        now: The communes of today that an old address may lie in; a few are named, none is chosen.
    """
    if not now or len(now) > _SUGGESTED:
        return Text(vi=f"trên thẻ ghi: {value}", en=f"the card says: {value}")
    names_vi, names_en = (f" {word} ".join(place.name for place in now) for word in ("hoặc", "or"))
    return Text(
        vi=f"trên thẻ ghi: {value}; nay có thể là {names_vi}",
        en=f"the card says: {value}; today it may be {names_en}",
    )


def is_card_note(name: str) -> bool:
    """Tell whether an answer is only a note from the card."""
    return name.startswith(CARD_NOTE)


def _choice(question: Question, value: str, lang: str) -> str:
    return next((c.text.in_language(lang) for c in question.choices if c.value == value), value)


def _number(text: str, *, mask: bool) -> str:
    if not text.isdigit():
        return text
    if len(text) == _ID_DIGITS:
        middle = f"{_DOT * 3} {_DOT * 3}" if mask else f"{text[3:6]} {text[6:9]}"
        return f"{text[:3]} {middle} {text[9:]}"
    if len(text) == _TEL_DIGITS:
        end = f"{_DOT * 2}{text[9]}" if mask else text[7:]
        return f"{text[:4]} {text[4:7]} {end}"
    return _DOT * max(0, len(text) - 2) + text[-2:] if mask else text
