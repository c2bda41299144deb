"""One eForm as the kiosk uses it (`forms.ports.Form`)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from forms.answers import check_names, cleaned, derived, from_card, settled, visible_names
from forms.calendar import WorkCalendar, public_holidays
from forms.display import card_note, is_card_note, shown
from forms.document import render_pdf
from forms.errors import UnknownFieldError
from forms.expressions import field_names, holds
from forms.fees import fee_due
from forms.ports import FieldSpec, PageSpec, PaperSpec, Procedure, Text
from forms.rules import problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from forms.blueprint import Blueprint, Question
    from forms.expressions import Scope
    from forms.ports import Answer, Answers, Problem, Source


class DefinedForm:
    """A form drawn from a definition file."""

    code: str
    version: str
    procedure: Procedure

    def __init__(self, blueprint: Blueprint, *, today: Callable[[], dt.date]) -> None:
        """Make a form.

        Args:
            blueprint: The checked definition.
            today: Tells the day of the visit.
        """
        self.blueprint = blueprint
        self.code = blueprint.definition.procedure.code
        self.version = blueprint.definition.version
        self.procedure = _procedure(blueprint)
        self._today = today

    @property
    def field_names(self) -> tuple[str, ...]:
        """The fields that can be answered, in the order of the form."""
        return tuple(name for name, question in self.blueprint.questions.items() if question.page)

    @property
    def portal_keys(self) -> Mapping[str, Mapping[str, str]]:
        """Field name to its key in the national (`national`) and the older (`btp`) forms."""
        definition = self.blueprint.definition
        elements = [element for page in definition.pages for element in page.elements]
        return {item.name: item.keys for item in (*elements, *definition.calculated_values) if item.keys}

    def autofill(
        self, card: Mapping[str, str | None], *, source: Source, session: Mapping[str, str]
    ) -> Answers:
        """Answers that the card and the session give (`forms.ports.Form.autofill`)."""
        return from_card(self.blueprint, card, source=source, session=session)

    def pages(self, answers: Answers) -> tuple[PageSpec, ...]:
        """Return the pages and fields that apply to these answers, in order."""
        _seen, scope = settled(self.blueprint, answers, self._today())
        visible = visible_names(self.blueprint, answers, self._today())
        pages = []
        for page in self.blueprint.definition.pages:
            questions = [q for q in self.blueprint.on_page(page.name) if q.name in visible]
            if questions:
                fields = _specs(questions, answers, scope)
                pages.append(PageSpec(name=page.name, title=page.title.text, fields=fields))
        return tuple(pages)

    def derive(self, answers: Answers) -> Answers:
        """Return the answers with defaults and derived values added (never over a given one).

        Raises:
            UnknownFieldError: An answer names a field the form does not have.
        """
        check_names(self.blueprint, answers)
        return derived(self.blueprint, answers, self._today())

    def check(self, answers: Answers, *, page: str | None = None) -> tuple[Problem, ...]:
        """Tell what is wrong, for one page or the whole form; hidden fields are not asked.

        Raises:
            UnknownFieldError: An answer names a field the form does not have.
        """
        check_names(self.blueprint, answers)
        return problems(self.blueprint, answers, self._today(), page=page)

    def clean(self, answers: Answers) -> Answers:
        """Return only the answers of visible fields, normalised: what is handed in.

        Raises:
            UnknownFieldError: An answer names a field the form does not have.
        """
        check_names(self.blueprint, answers)
        return cleaned(self.blueprint, answers, self._today())

    def show(self, name: str, answer: Answer, *, lang: str, mask: bool) -> str:
        """Return the answer as a person reads it: `14/02/1994`, `Nữ`, `087 ••• ••• 412`.

        Raises:
            UnknownFieldError: The form has no such field.
        """
        if is_card_note(name):
            return str(answer.value)
        if name not in self.blueprint.questions:
            raise UnknownFieldError(f"form {self.code} has no field {name!r}")
        return shown(self.blueprint.questions[name], answer, lang=lang, mask=mask)

    def fee(self, answers: Answers) -> Decimal | None:
        """Return the fee in đồng, 0 for free, None where the province decides."""
        counts = {
            name: answer.value
            for name, answer in cleaned(self.blueprint, answers, self._today()).items()
            if type(answer.value) is int
        }
        return fee_due(self.blueprint.definition.procedure.fee, counts, self._today())

    def due(self, received: dt.datetime, *, holidays: frozenset[dt.date] | None = None) -> dt.date:
        """Return the indicative day of the result.

        Args:
            received: When the dossier is handed in, local time.
            holidays: The province's days off; None is the shipped table.
        """
        head = self.blueprint.definition.procedure
        until = dt.time.fromisoformat(head.same_day_until) if head.same_day_until else None
        calendar = WorkCalendar(holidays=public_holidays() if holidays is None else holidays)
        return calendar.due(received, working_days=head.working_days, same_day_until=until)

    def render_pdf(self, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
        """Draw the official A4 form (Vietnamese), filled, ready to sign, as PDF.

        Raises:
            DocumentError: The template or the fonts are broken.
        """
        return render_pdf(self.blueprint, self.clean(answers), receipt_code=receipt_code, today=today)


def _specs(questions: list[Question], answers: Answers, scope: Scope) -> tuple[FieldSpec, ...]:
    specs = []
    for i, question in enumerate(questions):
        next_beside = i + 1 < len(questions) and not questions[i + 1].new_line
        specs.append(
            FieldSpec(
                name=question.name,
                kind=question.kind,
                title=question.title,
                hint=_hint(question, answers),
                required=question.required or holds(question.required_if, scope, default=False),
                enabled=holds(question.enable_if, scope, default=True),
                choices=question.choices,
                max_length=question.max_length,
                partial_date=question.partial_date,
                lock_from_card=question.lock,
                sensitive=question.sensitive,
                half_width=next_beside or (not question.new_line and i > 0),
            )
        )
    return tuple(specs)


def _hint(question: Question, answers: Answers) -> Text | None:
    note = answers.get(question.hint_from) if question.hint_from else None
    return question.hint if note is None else card_note(str(note.value))


def _procedure(blueprint: Blueprint) -> Procedure:
    head = blueprint.definition.procedure
    return Procedure(
        code=head.code,
        title=head.title.text,
        field=head.sector.text,
        decision=head.decision,
        time=head.time.text,
        fee=head.fee_note.text,
        papers=tuple(
            PaperSpec(
                name=paper.name,
                title=paper.title.text,
                required=paper.is_required,
                note=paper.note.text if paper.note else None,
            )
            for paper in head.papers
        ),
        has_form=True,
        autofill_share=autofill_share(blueprint),
        icon=head.icon,
    )


def autofill_share(blueprint: Blueprint) -> float:
    """Return the share of required fields that the card of the person at the kiosk fills, 0.0 to 1.0.

    Counted are the fields every visit asks (`isRequired`, no condition of their own or of their page) that
    have no fixed default. A field is filled by the card directly or through an expression over such fields.
    """
    filled: set[str] = set()
    known = {name for name, question in blueprint.questions.items() if question.default_value is not None}
    for name in blueprint.order:
        question = blueprint.questions[name]
        looks_at = field_names(question.default_node) if question.default_node else frozenset()
        follows = bool(looks_at & filled) and looks_at <= filled | known
        if follows or any(spot.startswith("card.") for spot in question.autofill):
            filled.add(name)
    asked = [
        q.name
        for q in blueprint.questions.values()
        if q.page and q.required and not q.visible_if and q.default_value is None
    ]
    return round(sum(name in filled for name in asked) / len(asked), 3) if asked else 0.0
