"""The form: pages from the definition, answers with their source, mistakes beside the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forms.ports import Answer, FieldKind, Source
from kiosk_app.flow import events
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.prefill import first_answers
from kiosk_app.flow.steps import FieldView, FillView, Step
from kiosk_app.i18n import _, language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forms.ports import Answers, FieldSpec, Form, PageSpec, Problem
    from kiosk_app.flow.jobs import Handlers, Job
    from kiosk_app.flow.session import Session

_FROM_CARD: Final = frozenset({Source.CHIP, Source.QR})


def begin_form(session: Session) -> None:
    """Fill the form from what is known of the person; answers typed before are kept."""
    visit, filling = session.visit, session.visit.filling
    if filling.form is None:
        return
    reading = visit.identity.reading
    first = first_answers(
        filling.form,
        chip=reading.holder if reading else None,
        qr=visit.identity.qr_card,
        centre=session.services.centre,
        today=session.services.now().date(),
    )
    typed = {name: answer for name, answer in filling.answers.items() if answer.source is Source.TYPED}
    held = {name for name, answer in first.items() if answer.source in _FROM_CARD}
    kept = {name: answer for name, answer in typed.items() if name not in held}
    filling.answers = {**first, **kept}
    filling.page = filling.form.pages(filling.answers)[0].name
    filling.asked = False


def _form(session: Session) -> Form:
    form = session.visit.filling.form
    if form is None:
        raise LookupError("a form is asked for before one was chosen")
    return form


def _pages(session: Session) -> tuple[PageSpec, ...]:
    return _form(session).pages(session.visit.filling.answers)


def _position(session: Session) -> int:
    names = [page.name for page in _pages(session)]
    page = session.visit.filling.page
    return names.index(page) if page in names else 0


def answered(session: Session, event: events.FieldAnswered) -> tuple[Job, ...]:
    """Keep one typed answer; an empty one takes the answer away."""
    filling = session.visit.filling
    form = _form(session)
    typed: dict[str, Answer] = dict(filling.answers)
    if event.value in ("", None) or event.value == []:
        typed.pop(event.name, None)
    else:
        typed[event.name] = Answer(value=event.value, source=Source.TYPED)
    filling.answers = form.derive(typed)
    filling.places = ()
    return ()


def place_searched(session: Session, event: events.PlaceSearched) -> tuple[Job, ...]:
    """Find communes for the typed letters."""
    filling = session.visit.filling
    filling.places = session.services.forms.search_places(event.text, limit=6) if event.text.strip() else ()
    return ()


def next_pressed(session: Session) -> tuple[Job, ...]:
    """Go to the next page when this one is well; otherwise name what is wrong beside each field."""
    filling = session.visit.filling
    pages, position = _pages(session), _position(session)
    problems = _form(session).check(filling.answers, page=pages[position].name)
    if any(problem.blocking for problem in problems):
        filling.asked = True
        return session.say("form.page_wrong")
    filling.asked = False
    session.visit.notice = None
    if filling.editing:
        filling.editing = False
        return session.enter(Step.REVIEW)
    if position + 1 < len(pages):
        filling.page = pages[position + 1].name
        return ()
    return session.go(Trigger.PAGES_DONE)


def back(session: Session) -> tuple[Job, ...]:
    """Go one page back; from the first page, to the card."""
    filling = session.visit.filling
    position = _position(session)
    filling.asked = False
    session.visit.notice = None
    if filling.editing:
        filling.editing = False
        return session.enter(Step.REVIEW)
    if position == 0:
        return session.go(Trigger.BACK)
    filling.page = _pages(session)[position - 1].name
    return ()


def view(session: Session) -> FillView:
    """Return the page being filled."""
    filling = session.visit.filling
    form = _form(session)
    pages, position = _pages(session), _position(session)
    page, lang = pages[position], language()
    problems = form.check(filling.answers, page=page.name)
    shown = (
        problems if filling.asked else tuple(problem for problem in problems if problem.code != "required")
    )
    fields = tuple(_field_view(form, spec, filling.answers, shown) for spec in page.fields)
    wrong = next((spec.name for spec in page.fields if _sentence(shown, spec.name, blocking=True)), "")
    missing = {problem.field for problem in problems if problem.code == "required"}
    return FillView(
        page=page.name,
        page_number=position + 1,
        page_count=len(pages),
        title=page.title.in_language(lang),
        procedure=form.procedure.title.in_language(lang),
        fields=fields,
        left=len(missing),
        focus=wrong if filling.asked else "",
        places=filling.places,
    )


def _field_view(form: Form, spec: FieldSpec, answers: Answers, problems: tuple[Problem, ...]) -> FieldView:
    lang = language()
    answer = answers.get(spec.name)
    from_card = answer is not None and answer.source in _FROM_CARD
    return FieldView(
        spec=spec,
        title=spec.title.in_language(lang),
        hint=spec.hint.in_language(lang) if spec.hint else "",
        value=answer.value if answer else None,
        shown=form.show(spec.name, answer, lang=lang, mask=spec.sensitive) if answer else "",
        chip=_chip(answer) if from_card else "",
        locked=from_card and spec.lock_from_card,
        problem=_sentence(problems, spec.name, blocking=True),
        warning=_sentence(problems, spec.name, blocking=False),
        choices=_choices(spec, lang),
    )


def _chip(answer: Answer | None) -> str:
    return _("Từ mã QR") if answer is not None and answer.source is Source.QR else _("Từ thẻ")


def _choices(spec: FieldSpec, lang: str) -> tuple[tuple[str, str], ...]:
    if spec.kind not in {FieldKind.CHOICE, FieldKind.LIST}:
        return ()
    return tuple((choice.value, choice.text.in_language(lang)) for choice in spec.choices)


def _sentence(problems: tuple[Problem, ...], name: str, *, blocking: bool) -> str:
    found = (problem for problem in problems if problem.field == name and problem.blocking is blocking)
    first = next(found, None)
    return first.message.in_language(language()) if first else ""


def plain_answers(answers: Answers) -> Mapping[str, object]:
    """Return the answers as they are handed in: value and source, JSON values only."""
    return {name: {"value": answer.value, "source": answer.source.value} for name, answer in answers.items()}


EVENTS: Final[Handlers] = {events.FieldAnswered: answered, events.PlaceSearched: place_searched}
