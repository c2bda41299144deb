"""The form: pages from the definition, answers with their source, mistakes beside the field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from forms.ports import Answer, FieldKind, Source
from kiosk_app.flow import events, form_events
from kiosk_app.flow.fill_view import FieldView, FillView
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.prefill import first_answers
from kiosk_app.flow.steps import Step
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
    others = filling.form.cards_of_others(filling.answers)
    holder = (reading.holder if reading else None) or visit.identity.qr_card
    if holder and any(answer.value == holder.id_number for answer in others.values()):
        others, filling.proofs = {}, []  # somebody else stands here now: ask for the others' cards again
    filling.answers = filling.form.derive({**first, **kept, **others})
    filling.page = filling.form.pages(filling.answers)[0].name
    filling.asked = False


def _form(session: Session) -> Form:
    form = session.visit.filling.form
    if form is None:
        raise LookupError("a form is asked for before one was chosen")
    return form


def _pages(session: Session) -> tuple[PageSpec, ...]:
    return _form(session).pages(session.visit.filling.answers)


def _here(session: Session, pages: tuple[PageSpec, ...]) -> PageSpec:
    """Return the page being filled; the first one where it is gone."""
    return next((page for page in pages if page.name == session.visit.filling.page), pages[0])


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


def row_added(session: Session, event: form_events.RowAdded) -> tuple[Job, ...]:
    """List one more person and ask about them."""
    filling = session.visit.filling
    before = {page.name for page in _pages(session)}
    filling.answers = _form(session).with_row(filling.answers, event.name)
    added = next((page.name for page in _pages(session) if page.name not in before), "")
    if added:
        _turn_to(session, added)
    return ()


def row_opened(session: Session, event: form_events.RowOpened) -> tuple[Job, ...]:
    """Turn to one of the listed people."""
    rows = [page.name for page in _pages(session) if page.parent == session.visit.filling.page]
    if 0 <= event.index < len(rows):
        _turn_to(session, rows[event.index])
    return ()


def row_removed(session: Session, event: form_events.RowRemoved) -> tuple[Job, ...]:
    """Take one of the listed people away, with all that was told of them."""
    filling = session.visit.filling
    filling.answers = _form(session).without_row(filling.answers, event.name, event.index)
    return ()


def _turn_to(session: Session, page: str) -> None:
    session.visit.filling.page = page
    session.visit.filling.asked = False
    session.visit.notice = None


def next_pressed(session: Session) -> tuple[Job, ...]:
    """Go to the next page when this one is well; otherwise name what is wrong beside each field."""
    filling = session.visit.filling
    page = _here(session, _pages(session))
    if _is_wrong(session, page):
        filling.asked = True
        return session.say("form.page_wrong")
    _turn_to(session, page.name)
    if filling.editing:
        filling.editing = False
        return session.enter(Step.REVIEW)
    return _go_on(session, page)


def _go_on(session: Session, page: PageSpec) -> tuple[Job, ...]:
    """From a row back to its list, from a list to a row that is not complete, else to what follows."""
    pages = _pages(session)
    open_row = next((row for row in pages if row.parent == page.name and _is_wrong(session, row)), None)
    if open_row:
        _turn_to(session, open_row.name)
        session.visit.filling.asked = True
        return ()
    main = [one.name for one in pages if not one.parent]
    following = main.index(page.parent or page.name) + (not page.parent)
    if following == len(main):
        return session.go(Trigger.PAGES_DONE)
    _turn_to(session, main[following])
    return ()


def _is_wrong(session: Session, page: PageSpec) -> bool:
    problems = _form(session).check(session.visit.filling.answers, page=page.name)
    return any(problem.blocking for problem in problems)


def back(session: Session) -> tuple[Job, ...]:
    """Go one page back: from a row to its list, from the first page to the card."""
    filling = session.visit.filling
    page = _here(session, _pages(session))
    _turn_to(session, page.name)
    if filling.editing:
        filling.editing = False
        return session.enter(Step.REVIEW)
    main = [one.name for one in _pages(session) if not one.parent]
    before = main.index(page.parent or page.name) - (not page.parent)
    if before < 0:
        return session.go(Trigger.BACK)
    _turn_to(session, main[before])
    return ()


def view(session: Session) -> FillView:
    """Return the page being filled."""
    filling = session.visit.filling
    form = _form(session)
    pages, lang = _pages(session), language()
    page = _here(session, pages)
    problems = form.check(filling.answers, page=page.name)
    shown = (
        problems if filling.asked else tuple(problem for problem in problems if problem.code != "required")
    )
    fields = tuple(_field_view(form, spec, filling.answers, shown) for spec in page.fields)
    wrong = next((spec.name for spec in page.fields if _sentence(shown, spec.name, blocking=True)), "")
    missing = {problem.field for problem in problems if problem.code == "required"}
    open_rows = [row for spec in page.fields if spec.rows for row in spec.rows.rows if not row.complete]
    main = [one.name for one in pages if not one.parent]
    return FillView(
        page=page.name,
        page_number=main.index(page.parent or page.name) + 1,
        page_count=len(main),
        title=page.title.in_language(lang),
        procedure=form.procedure.title.in_language(lang),
        fields=fields,
        left=len(missing) + len(open_rows),
        focus=wrong if filling.asked else "",
        places=filling.places,
        cards=tuple(
            (ask.role, ask.title.in_language(lang), ask.read)
            for ask in form.cards_asked(filling.answers, page=page.name)
        ),
        audio=page.audio,
        row=bool(page.parent),
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
    if spec.kind not in {FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.LIST}:
        return ()
    return tuple((choice.value, choice.text.in_language(lang)) for choice in spec.choices)


def _sentence(problems: tuple[Problem, ...], name: str, *, blocking: bool) -> str:
    found = (problem for problem in problems if problem.field == name and problem.blocking is blocking)
    first = next(found, None)
    return first.message.in_language(language()) if first else ""


def plain_answers(form: Form, answers: Answers) -> Mapping[str, object]:
    """Return the answers as they are handed in: value and source, and for the officer both in words.

    Args:
        form: The eForm they belong to.
        answers: Cleaned.
    """
    labels = {spec.name: spec.title.vi for page in form.pages(answers) for spec in page.fields}
    plain: dict[str, dict[str, object]] = {}
    for name, answer in answers.items():
        plain[name] = {"value": answer.value, "source": answer.source.value}
        if name in labels:
            plain[name] |= {"label": labels[name], "shown": form.show(name, answer, lang="vi", mask=False)}
    return plain


EVENTS: Final[Handlers] = {
    events.FieldAnswered: answered,
    events.PlaceSearched: place_searched,
    form_events.RowAdded: row_added,
    form_events.RowOpened: row_opened,
    form_events.RowRemoved: row_removed,
}
