"""One eForm as the kiosk uses it (`forms.ports.Form`)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from forms.answers import check_names, cleaned, derived, from_card
from forms.autofill import autofill_share
from forms.calendar import WorkCalendar
from forms.cards import cards_asked, of_others, refusal, role_of, with_card
from forms.display import is_card_note, shown
from forms.document import render_pdf
from forms.errors import UnknownFieldError
from forms.fees import fee_due
from forms.ports import PaperSpec, Procedure
from forms.province import Province
from forms.rows import with_row, without_row
from forms.rules import problems
from forms.screen import page_specs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

    from forms.blueprint import Blueprint
    from forms.ports import Answer, Answers, CardAsk, CardRole, PageSpec, Problem, Source, Text


class DefinedForm:
    """A form drawn from a definition file."""

    code: str
    version: str
    procedure: Procedure

    def __init__(
        self, blueprint: Blueprint, *, today: Callable[[], dt.date], province: Province | None = None
    ) -> None:
        """Make a form.

        Args:
            blueprint: The checked definition.
            today: Tells the day of the visit.
            province: Its fees and days off; None is as shipped.
        """
        self.blueprint = blueprint
        self.code = blueprint.definition.procedure.code
        self.version = blueprint.definition.version
        self._today = today
        self._province = province or Province()
        self.procedure = _procedure(blueprint, self._province)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The fields that can be answered, in the order of the form."""
        return tuple(name for name, question in self.blueprint.questions.items() if question.page)

    @property
    def portal_keys(self) -> Mapping[str, Mapping[str, str]]:
        """Field name to its key in the national (`national`) and the older (`btp`) forms."""
        return {name: question.keys for name, question in self.blueprint.questions.items() if question.keys}

    def autofill(
        self,
        card: Mapping[str, str | None],
        *,
        source: Source,
        session: Mapping[str, str],
        role: str = "",
    ) -> Answers:
        """Answers that the card and the session give (`forms.ports.Form.autofill`).

        Args:
            card: Field names of the card to values.
            source: CHIP or QR.
            session: `centre`, `commune`, `today`.
            role: Whose card it is, one of `card_roles`; empty is the person at the kiosk.

        Raises:
            UnknownFieldError: The form knows no such role.
        """
        self._check_role(role)
        return from_card(self.blueprint, card, source=source, session=session, role=role)

    @property
    def share_of_all_cards(self) -> float:
        """Share of the required fields that are filled when every role's card was put in too."""
        return autofill_share(self.blueprint, all_cards=True)

    @property
    def card_roles(self) -> tuple[CardRole, ...]:
        """The other people whose cards may be put in: by name, then each row of a repeating panel."""
        return self.blueprint.roles

    def cards_asked(self, answers: Answers, *, page: str) -> tuple[CardAsk, ...]:
        """Return the other people whose cards would fill something on a page."""
        return cards_asked(self.blueprint, answers, self._today(), page=page)

    def refuse_card(self, card: Mapping[str, str | None], answers: Answers, *, role: str) -> Text | None:
        """Tell why a card cannot be the one of a role: the wrong sex, or somebody already in the form.

        Args:
            card: The card just read.
            answers: What is answered so far.
            role: The role it was asked for.
        """
        return refusal(self.blueprint, card, answers, role=role)

    def with_card(
        self, answers: Answers, card: Mapping[str, str | None], *, source: Source, role: str
    ) -> Answers:
        """Return the answers with another person's card put in (`forms.ports.Form.with_card`).

        Raises:
            UnknownFieldError: The form knows no such role.
        """
        self._check_role(role)
        return with_card(self.blueprint, answers, card, self._today(), source=source, role=role)

    def cards_of_others(self, answers: Answers) -> Answers:
        """Return the answers that other people's cards gave."""
        return of_others(self.blueprint, answers)

    def with_row(self, answers: Answers, name: str) -> Answers:
        """Return the answers with one more row in the repeating panel that a ROWS field counts.

        Raises:
            UnknownFieldError: The field counts no rows.
        """
        return self.derive(with_row(self.blueprint, answers, name))

    def without_row(self, answers: Answers, name: str, index: int) -> Answers:
        """Return the answers without one row, counted from 0; the later ones move up.

        Raises:
            UnknownFieldError: The field counts no rows.
        """
        return self.derive(without_row(self.blueprint, answers, name, index))

    def pages(self, answers: Answers) -> tuple[PageSpec, ...]:
        """Return the pages and fields that apply to these answers, in order."""
        return page_specs(self.blueprint, answers, self._today())

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
        rules = self._province.fees.get(self.code, self.blueprint.definition.procedure.fee)
        return fee_due(rules, counts, self._today())

    def due(self, received: dt.datetime, *, holidays: frozenset[dt.date] | None = None) -> dt.date | None:
        """Return the indicative day of the result, None where the term is not told in working days.

        Args:
            received: When the dossier is handed in, local time.
            holidays: The days off; None are those of the province.
        """
        head = self.blueprint.definition.procedure
        if head.working_days is None:
            return None
        until = dt.time.fromisoformat(head.same_day_until) if head.same_day_until else None
        calendar = WorkCalendar(
            holidays=self._province.holidays if holidays is None else holidays, saturday=head.saturday
        )
        return calendar.due(received, working_days=head.working_days, same_day_until=until)

    def render_pdf(self, answers: Answers, *, receipt_code: str, today: dt.date) -> bytes:
        """Draw the official A4 form (Vietnamese), filled, ready to sign, as PDF.

        Raises:
            DocumentError: The template or the fonts are broken.
        """
        return render_pdf(
            self.blueprint,
            self.clean(answers),
            receipt_code=receipt_code,
            today=today,
            fee=self.fee(answers),
        )

    def _check_role(self, role: str) -> None:
        if role and role_of(self.blueprint, role) is None:
            raise UnknownFieldError(f"form {self.code} has no card of the role {role!r}")


def _procedure(blueprint: Blueprint, province: Province) -> Procedure:
    head = blueprint.definition.procedure
    return Procedure(
        code=head.code,
        title=head.title.text,
        field=head.sector.text,
        decision=head.decision,
        time=head.time.text,
        fee=province.fee_notes.get(head.code, head.fee_note).text,
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
        autofill_share=autofill_share(blueprint, all_cards=False),
        icon=head.icon,
    )
