"""A code made elsewhere opens its procedure with its answers; whoever stands here sees and owns all of it.

Nothing in such a code is proved: it fills what could have been typed, the card stands over it, and only the
citizen's own consent sends anything.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from drivers.ports import CodeKind, CodePayload
from forms.ports import Answer, FieldKind, Source
from kiosk_app.flow.choosing import find_procedure
from kiosk_app.flow.code_turns import classified, code_turn
from kiosk_app.flow.machine import Trigger
from kiosk_app.flow.sentences import notice
from kiosk_app.flow.steps import Tone

if TYPE_CHECKING:
    from forms.ports import FieldSpec, Form
    from kiosk_app.flow import events
    from kiosk_app.flow.jobs import Job
    from kiosk_app.flow.session import Session

OPENED: Final = "declared.opened"
_TYPES: Final[dict[FieldKind, type]] = {
    FieldKind.YES_NO: bool,
    FieldKind.CHOICES: list,
    FieldKind.ROWS: int,
}


def code_seen(session: Session, event: events.CodeSeen) -> tuple[Job, ...]:
    """Open what a code shown at the list of procedures stands for; say what any other code is."""
    payload = classified(session, event)
    if payload is None:
        return code_turn(session)
    if payload.kind is CodeKind.DECLARATION:
        return opened(session, payload)
    session.visit.notice = notice("qr.not_declaration", tone=Tone.WARN)
    return code_turn(session)


def opened(session: Session, payload: CodePayload) -> tuple[Job, ...]:
    """Stand before the procedure of a declaration, its answers ready; unknown ones are left out."""
    found = find_procedure(session, payload.fields["procedure"])
    if found is None or not found.has_form:
        session.visit.notice = notice("declared.unknown", tone=Tone.WARN)
        return code_turn(session)
    filling = session.visit.filling
    filling.procedure = found
    form = session.services.forms.form(found.code)
    filling.answers = _believed(form, json.loads(payload.fields["answers"]))
    jobs = session.go(Trigger.DECLARED)
    session.visit.notice = notice(OPENED, tone=Tone.INFO)
    return jobs


def _believed(form: Form, said: dict[str, Any]) -> dict[str, Answer]:
    """Return the answers to questions this form asks; one answer may bring the next question."""
    answers: dict[str, Answer] = {}
    while True:
        known = {spec.name: spec for page in form.pages(answers) for spec in page.fields}
        more = {
            name: Answer(value=value, source=Source.TYPED)
            for name, value in said.items()
            if name in known and name not in answers and _fits(known[name], value)
        }
        if not more:
            return answers
        answers |= more


def _fits(spec: FieldSpec, value: object) -> bool:
    """Tell whether a value is of the kind a person's typing would have made; the form judges the rest."""
    wanted = _TYPES.get(spec.kind)
    if wanted is not None:
        return type(value) is wanted
    if spec.kind is FieldKind.NUMBER:
        return isinstance(value, int | str) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    return not spec.choices or any(choice.value == value for choice in spec.choices)
