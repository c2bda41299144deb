"""A code made elsewhere opens its procedure with its answers, and does nothing else."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from drivers.qr.declaration import make_declaration
from drivers.qr.payload import classify
from forms.ports import Source
from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import ProcedureView, Step
from tests.kiosk_app.scripted_devices import HUONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.ports import CardReading

EXTRACT = "2.000635"
MADE = make_declaration(
    EXTRACT,
    {"nyc.hoTen": "KẺ MẠO DANH", "ts.soBan": 2, "nyc.sdt": "0912345678", "not.asked": "x", "ts.loai": 7},
)


@pytest.fixture
def walk(hall: Any, walker: Any) -> Any:
    return walker(Session(dataclasses.replace(hall.services(), classify=classify)))


@pytest.mark.parametrize("screen", [Step.CHOOSE, Step.LOOK_UP])
def test_it_opens_the_procedure_and_says_so(walk: Any, hall: Any, screen: Step) -> None:
    walk.act(events.Went(to=screen))
    hall.codes.shown.append(MADE)
    walk.walk()
    view = walk.session.view()
    assert isinstance(view, ProcedureView)
    assert view.code == EXTRACT
    assert view.notice is not None
    assert view.notice.code == "declared.opened"
    assert "not.asked" not in walk.session.visit.filling.answers
    assert hall.queue.taken == []


def test_what_the_card_says_stands_over_it(walk: Any, hall: Any, reading: Callable[..., CardReading]) -> None:
    walk.act(events.Went(to=Step.CHOOSE))
    hall.codes.shown.append(MADE)
    walk.walk()
    walk.act(events.NextPressed(), events.CanTyped(digits="000412"))
    hall.card.outcome, hall.card.present = reading(), True
    walk.walk()
    walk.act(events.NextPressed())
    assert walk.session.step is Step.FILL
    answers = walk.session.visit.filling.answers
    assert answers["nyc.hoTen"].value == HUONG.full_name
    assert answers["nyc.hoTen"].source is Source.CHIP


def test_a_procedure_without_a_form_or_unknown_is_said(walk: Any, hall: Any) -> None:
    walk.act(events.Went(to=Step.CHOOSE))
    hall.codes.shown.append(make_declaration("9.999999", {}))
    walk.walk()
    assert walk.session.step is Step.CHOOSE
    assert walk.session.view().notice.code == "declared.unknown"
    hall.codes.shown.append("WIFI:S:hall;;")
    walk.walk()
    assert walk.session.view().notice.code == "qr.not_declaration"


def test_at_the_card_it_is_said_where_it_belongs(walk: Any, hall: Any) -> None:
    walk.act(events.Went(to=Step.CHOOSE), events.ProcedurePicked(code=EXTRACT), events.NextPressed())
    for text, code in ((MADE, "qr.declaration_here"), ("https://vneid.gov.vn/x", "qr.vneid")):
        hall.codes.shown.append(text)
        walk.walk()
        assert walk.session.visit.notice.code == code
