"""A whole house for whole visits: real forms, encrypted queue and backend process, simulated devices."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from forms.ports import FieldKind
from kiosk_app.config import Config
from kiosk_app.flow import events
from kiosk_app.flow.fill_view import FillView
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import CardPhase, PaperState, ScanPhase, Step
from kiosk_app.wiring import paths
from kiosk_app.wiring.house import House, open_house
from kiosk_app.wiring.kiosk import all_simulated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kiosk_app.hands import Hands

PICKS: dict[FieldKind, str] = {
    FieldKind.NAME: "TRẦN GIA HÂN",
    FieldKind.TEXT: "Ủy ban nhân dân phường Sa Đéc",
    FieldKind.DATE: "2026-10-08",
    FieldKind.NUMBER: "2",
    FieldKind.ID_NUMBER: "087220000177",
}


@dataclass
class Visitor:
    """A citizen at the kiosk: knows what to touch next."""

    house: House
    session: Session
    walk: Any

    @property
    def hands(self) -> Hands:
        assert self.house.hands is not None
        return self.house.hands

    def at(self) -> Step:
        return self.session.step

    def choose(self, procedure: str) -> None:
        self.walk.act(
            events.Went(to=Step.CHOOSE), events.ProcedurePicked(code=procedure), events.NextPressed()
        )
        assert self.at() is Step.IDENTIFY_QR

    def identify(self) -> None:
        self.hands.show_card_code()
        self.walk.until(lambda: self.at() is Step.IDENTIFY_CARD)
        self.hands.insert_card()
        self.walk.until(lambda: self.session.visit.identity.phase is CardPhase.READ)
        self.walk.act(events.NextPressed())

    def fill(self) -> None:
        for _page in range(8):
            if self.at() is not Step.FILL:
                return
            self.fill_page()
            self.walk.act(events.NextPressed())
        pytest.fail(f"the form does not end: {self.session.view()}")

    def fill_page(self) -> None:
        """Answer what the page must have answered."""
        answered: set[str] = set()
        while True:
            view = self.session.view()
            assert isinstance(view, FillView)
            left = (
                field
                for field in view.fields
                if field.spec.required and field.value in (None, "") and field.spec.name not in answered
            )
            field = next(left, None)
            if field is None:
                return
            answered.add(field.spec.name)
            self.walk.act(events.FieldAnswered(name=field.spec.name, value=self._value(field)))

    def _value(self, field: Any) -> Any:
        if field.spec.kind is FieldKind.PLACE:
            self.walk.act(events.PlaceSearched(text="sa dec"))
            return self.session.visit.filling.places[0].code
        if field.spec.kind is FieldKind.YES_NO:
            return True
        return field.choices[0][0] if field.choices else PICKS[field.spec.kind]

    def scan(self) -> None:
        papers = self.session.visit.papers
        while papers.phase is not ScanPhase.FINISHED:
            self.hands.lay_next_paper()
            self.walk.act(events.PictureAsked())
            assert papers.phase is ScanPhase.JUDGED, self.session.visit.notice
            self.walk.act(events.PageKept())
        self.walk.act(events.NextPressed())
        assert self.at() is Step.REVIEW

    def hand_in(self) -> None:
        self.walk.act(events.ConsentAnswered(agreed=True))
        self.walk.until(lambda: self.at() is Step.DONE)
        self.walk.until(lambda: self.session.visit.outcome.paper is not PaperState.PRINTING)

    def whole_visit(self, procedure: str = "2.000635") -> None:
        self.choose(procedure)
        self.identify()
        self.fill()
        self.scan()
        self.hand_in()

    def wait_for_code(self) -> str:
        """Tick until the official code is on the screen."""
        outcome = self.session.visit.outcome

        def known() -> bool:
            self.walk.act(events.Touched(), events.Tick(at=self.session.services.monotonic()))
            return outcome.official_code is not None

        self.walk.until(known)
        assert outcome.official_code is not None
        return outcome.official_code

    def dossiers(self) -> list[dict[str, Any]]:
        """What `kiosk-backend dossiers --json` says about this house's backend."""
        place = self.house.backend_place()
        where = ("--database", place["database"], "--blobs", place["blobs"])
        done = subprocess.run(
            [sys.executable, "-m", "backend", "dossiers", "--json", *where],
            capture_output=True,
            check=True,
            timeout=60,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found


@pytest.fixture
def config(tmp_path: Path) -> Config:
    made = msgspec.structs.replace(all_simulated(Config()), data_dir=tmp_path / "data")
    paths.prepare(made)
    return made


@pytest.fixture
def visitor_at(walker: Callable[[Session], Any]) -> Callable[[House, Session], Visitor]:
    def make(house: House, session: Session) -> Visitor:
        return Visitor(house=house, session=session, walk=walker(session))

    return make


@pytest.fixture
def visitor(config: Config, walker: Callable[[Session], Any]) -> Iterator[Visitor]:
    house = open_house(config, simulate=True)
    try:
        session = Session(house.services)
        yield Visitor(house=house, session=session, walk=walker(session))
    finally:
        house.close()
