"""How much of a form the cards fill: measured on made-up cards, one visit of a woman and one of a man."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from forms.answers import from_card, settled
from forms.expressions import holds
from forms.ports import Answer, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forms.blueprint import Blueprint

_DAY = dt.date(2026, 11, 23)
_PROMISE = "camDoan"  # a person's word, nothing that a card could know
_CARD: Mapping[str, str] = {
    "full_name": "NGUYỄN VĂN MẪU",
    "birth_date": "1990-01-01",
    "nationality": "Việt Nam",
    "ethnicity": "Kinh",
    "issue_date": "2025-01-01",
    "place_of_origin": "-",
    "residence": "-",
    "father_name": "NGUYỄN VĂN MẪU",
    "mother_name": "NGUYỄN THỊ MẪU",
    "spouse_name": "NGUYỄN THỊ MẪU",
}


def autofill_share(form: Blueprint, *, cards: int) -> float:
    """Return the share of required fields that cards fill, 0.0 to 1.0, rounded to three places.

    Counted are the fields that a visit sees and must answer and that have no fixed default; what the session
    fills counts for nobody.

    Args:
        form: The form.
        cards: How many are put in: 1 is the person at the kiosk, more are the roles of `x-cards` in order.
    """
    shares = [_share_of_visit(form, sex, cards) for sex in ("female", "male")]
    return round(sum(shares) / len(shares), 3)


def _share_of_visit(form: Blueprint, sex: str, cards: int) -> float:
    given: dict[str, Answer] = {}
    for role in (card for card in form.definition.cards[: cards - 1]):
        given |= from_card(form, _card(role.sex or sex), source=Source.CHIP, session={}, role=role.role)
    given |= from_card(form, _card(sex), source=Source.CHIP, session={})
    seen, scope = settled(form, given, _DAY)
    asked = [
        question.name
        for question in form.questions.values()
        if question.page
        and question.default_value is None
        and question.name != _PROMISE
        and (question.required or holds(question.required_if, scope, default=False))
        and all(holds(node, scope, default=True) for node in question.visible_if)
    ]
    return sum(name in seen for name in asked) / len(asked) if asked else 0.0


def _card(sex: str) -> Mapping[str, str]:
    return {**_CARD, "sex": sex, "id_number": "001090000001" if sex == "male" else "001190000001"}
