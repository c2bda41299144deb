"""Each procedure can be filled in a visit: page by page, rows and several answers too, up to the papers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from forms.catalogue import DEFINITIONS
from forms.form import DefinedForm
from forms.ports import FieldKind
from kiosk_app.flow import events, form_events
from kiosk_app.flow.fill_view import FieldView, FillView
from kiosk_app.flow.steps import Step
from tests.forms.personas import answer_of
from tests.kiosk_app.flow.citizen import at, to_fill

if TYPE_CHECKING:
    from kiosk_app.flow.session import Session

CODES = sorted(path.stem for path in DEFINITIONS.glob("*.json"))
MOST_PAGES = 40


@pytest.mark.parametrize("code", CODES)
def test_a_persona_fills_every_field_up_to_the_papers(
    walker: Any, session: Session, hall: Any, code: str
) -> None:
    walk = walker(session)
    to_fill(walk, hall, code)
    form = session.visit.filling.form
    assert isinstance(form, DefinedForm)
    seen: set[str] = set()
    for _page in range(MOST_PAGES):
        if at(session) is not Step.FILL:
            break
        view = session.view()
        assert isinstance(view, FillView)
        seen.add(view.page)
        if not _row_was_added(walk, view):
            _answer_all(walk, session, form)
            walk.act(events.NextPressed())
    assert at(session) is Step.SCAN, session.view()
    assert seen == {page.name for page in form.pages(session.visit.filling.answers)}
    assert not [problem for problem in form.check(session.visit.filling.answers) if problem.blocking]
    walk.act(events.BackPressed())
    assert at(session) is Step.FILL, "one can go back to the form"


def _row_was_added(walk: Any, view: FillView) -> bool:
    """List two people wherever people may be listed."""
    for field in view.fields:
        rows = field.spec.rows
        if rows and len(rows.rows) < min(2, rows.high):
            walk.act(form_events.RowAdded(name=field.spec.name))
            return True
    return False


def _answer_all(walk: Any, session: Session, form: DefinedForm) -> None:
    while (field := _open_field(session)) is not None:
        value = answer_of(form, field.spec, 0).value
        walk.act(events.FieldAnswered(name=field.spec.name, value=value))
        assert field.spec.name in session.visit.filling.answers


def _open_field(session: Session) -> FieldView | None:
    view = session.view()
    assert isinstance(view, FillView)
    empty = (
        one for one in view.fields if one.value in (None, "", []) and one.spec.kind is not FieldKind.ROWS
    )
    return next(empty, None)
