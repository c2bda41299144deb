"""Other people's cards in one form: mother's and father's, both spouses', each household member's.

Whose card fills what is written in the definition; a card never fills another person's fields, and nobody
stands in a form twice unless the law's form itself wants it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forms.answers import CARD_NOTE, derived, from_card, settled
from forms.ports import Answer, CardAsk, CardRole, Source, Text
from forms.rows import counted, repeat_of_row
from forms.sentences import sentence
from forms.specimen import specimen_card

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from forms.blueprint import Blueprint
    from forms.ports import Answers

_FROM_CARD = (Source.CHIP, Source.QR)
_NUMBER = "id_number"


def role_of(form: Blueprint, role: str) -> CardRole | None:
    """Return a role of the form, None where it has no such."""
    return next((one for one in form.roles if one.role == role), None)


def cards_asked(form: Blueprint, answers: Answers, today: dt.date, *, page: str) -> tuple[CardAsk, ...]:
    """Return the people whose cards would fill something on a page that is not known already.

    Asked on the first page that has a field of theirs; what follows from the person at the kiosk being this
    one is known.

    Args:
        form: The form.
        answers: All answers so far.
        today: The day of the visit.
        page: The page on the screen.
    """
    seen, _scope = settled(form, answers, today)
    found = []
    for role in form.roles:
        fields = form.from_card[role.role]
        asked = [question for question in fields if question.page]
        if not asked or asked[0].page != page:
            continue
        trial = from_card(form, specimen_card(role.only_sex), source=Source.CHIP, session={}, role=role.role)
        shown, _scope = settled(form, {**answers, **trial}, today)
        if any(q.name in shown and not _is_derived(seen.get(q.name)) for q in asked if q.name in trial):
            read = any(_is_from_card(answers.get(question.name)) for question in fields)
            found.append(CardAsk(role=role.role, title=role.title, read=read))
    return tuple(found)


def refusal(form: Blueprint, card: Mapping[str, str | None], answers: Answers, *, role: str) -> Text | None:
    """Tell why a card cannot be the one of a role, None where it can.

    Args:
        form: The form.
        card: The card just read.
        answers: All answers so far.
        role: The role it was asked for.

    Source: DOMAIN.md 7 rule 8.
    """
    wanted = role_of(form, role)
    if wanted and wanted.only_sex and card.get("sex") not in (None, wanted.only_sex):
        return sentence("card_sex", wanted.title)
    number = card.get("id_number")
    taken = {who for who, told in _numbers(form, answers) if told == number and who != role}
    if number and any(not _together(form, role, who) for who in taken):
        return sentence("card_twice", Text(vi="", en=""))
    return None


def with_card(
    form: Blueprint,
    answers: Answers,
    card: Mapping[str, str | None],
    today: dt.date,
    *,
    source: Source,
    role: str,
) -> Answers:
    """Return the answers with somebody's card put in; what a card of this role gave before goes.

    Args:
        form: The form.
        answers: All answers so far.
        card: The card.
        today: The day of the visit.
        source: CHIP or QR.
        role: Whose card it is; the role of the next row of a repeating panel adds the row.
    """
    own = {question.name for question in form.from_card[role]}
    notes = f"{CARD_NOTE}{role}."
    kept = {
        name: answer
        for name, answer in answers.items()
        if not (name in own and _is_from_card(answer)) and not name.startswith(notes)
    }
    given = from_card(form, card, source=source, session={}, role=role)
    repeat, index = repeat_of_row(form, role)
    if repeat and index >= counted(repeat, kept):
        kept[repeat.count_field] = Answer(value=index + 1, source=Source.TYPED)
    return derived(form, {**kept, **given}, today)


def of_others(form: Blueprint, answers: Answers) -> Answers:
    """Return the answers and notes that other people's cards gave, and the rows they stand in."""
    own = {question.name for role in form.roles for question in form.from_card[role.role]}
    notes = tuple(f"{CARD_NOTE}{role.role}." for role in form.roles)
    rows = {repeat.count_field for repeat in form.repeats.values()}
    return {
        name: answer
        for name, answer in answers.items()
        if (name in own and _is_from_card(answer)) or name.startswith(notes) or name in rows
    }


def _is_from_card(answer: Answer | None) -> bool:
    return answer is not None and answer.source in _FROM_CARD


def _is_derived(answer: Answer | None) -> bool:
    return answer is not None and answer.source is Source.DERIVED


def _numbers(form: Blueprint, answers: Answers) -> Iterator[tuple[str, object]]:
    """Return the ID numbers of the form with whose they are; the person at the kiosk is an empty name."""
    for name, answer in answers.items():
        question = form.questions.get(name)
        if question is None or answer.source is Source.DERIVED:
            continue
        for source in question.autofill:
            if source.endswith(f".{_NUMBER}"):
                yield source.removeprefix(CARD_NOTE).removesuffix(_NUMBER).removesuffix("."), answer.value


def _together(form: Blueprint, role: str, other: str) -> bool:
    """Tell whether one person may stand in both roles."""
    return any(_allows(form, one, two) for one, two in ((role, other), (other, role)))


def _allows(form: Blueprint, one: str, two: str) -> bool:
    found = role_of(form, one)
    repeat, _index = repeat_of_row(form, two)
    return found is not None and bool({two, repeat.name if repeat else two} & found.may_also_be)
