"""How much of a form the cards fill: measured on made-up cards, one visit of a woman and one of a man."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from forms.answers import from_card, settled
from forms.expressions import holds
from forms.ports import Answer, FieldKind, Source
from forms.rows import repeat_of_row
from forms.specimen import specimen_card

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forms.blueprint import Blueprint
    from forms.ports import CardRole

_DAY = dt.date(2026, 11, 23)
_PROMISE = "camDoan"  # a person's word, nothing that a card could know


def autofill_share(form: Blueprint, *, all_cards: bool) -> float:
    """Return the share of required fields that cards fill, 0.0 to 1.0, rounded to three places.

    Counted are the fields that a visit sees and must answer and that have no fixed default; what the session
    fills counts for nobody.

    Args:
        form: The form.
        all_cards: Whether every role's card is put in, and one more person's into each repeating panel; else
            only that of the person at the kiosk.
    """
    roles = [role for role in form.roles if all_cards and repeat_of_row(form, role.role)[1] < 1]
    shares = [_share_of_visit(form, sex, roles) for sex in ("female", "male")]
    return round(sum(shares) / len(shares), 3)


def _share_of_visit(form: Blueprint, sex: str, roles: Sequence[CardRole]) -> float:
    given: dict[str, Answer] = {}
    for role in roles:
        repeat, index = repeat_of_row(form, role.role)
        if repeat:
            given[repeat.count_field] = Answer(value=index + 1, source=Source.TYPED)
        given |= from_card(
            form, specimen_card(role.only_sex or sex), source=Source.CHIP, session={}, role=role.role
        )
    given |= from_card(form, specimen_card(sex), source=Source.CHIP, session={})
    seen, scope = settled(form, given, _DAY)
    asked = [
        question.name
        for question in form.questions.values()
        if question.page
        and question.kind is not FieldKind.ROWS
        and question.default_value is None
        and question.name != _PROMISE
        and (question.required or holds(question.required_if, scope, default=False))
        and all(holds(node, scope, default=True) for node in question.visible_if)
    ]
    return sum(name in seen for name in asked) / len(asked) if asked else 0.0
