"""A technician's tools that do what a script says, and count."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from drivers.ports import PrintOutcome
from kiosk_app.flow import events
from kiosk_app.flow.steps import Step
from kiosk_app.flow.technician import Tried
from kiosk_app.flow.technician_tools import Change
from kiosk_app.flow.technician_view import EnrolledCard, MachineFacts, NetworkState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk_app.flow.touch_grid import TouchTrial

TODAY = dt.date(2026, 11, 23)
DOOR = (events.Went(to=Step.HELP), events.Went(to=Step.STAFF_PIN), events.PinTyped(pin="246810"))
"""What a technician touches and types to come in."""
CENTRE = {
    "unit_code": "H20.17",
    "name": "Trung tâm Phục vụ hành chính công phường Sa Đéc",
    "commune": "29905",
    "kiosk_number": "1",
    "hotline": "1022",
}


class ScriptedDesks:
    """Settings, network and cards in one."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.fails: Exception | None = None
        self.set = dict(CENTRE)
        self.wrong: dict[str, str] = {}
        self.net = NetworkState(interface="eth0", editable=True, backend_url="https://gateway.example")
        self.came = Change.KEPT
        self.ticks: tuple[int, ...] = (60, 58)
        self.during: Callable[[], object] = lambda: None
        self.sures: list[bool] = []
        self.was_kept = False
        self.list: tuple[EnrolledCard, ...] = ()
        self.list_fails: Exception | None = None
        self.cans: list[str] = []
        self.at_card: Callable[[str], object] = lambda _can: None

    def do(self, what: str) -> None:
        self.did.append(what)
        if self.fails is not None:
            raise self.fails

    # settings

    def centre(self) -> dict[str, str]:
        return dict(self.set)

    def save_centre(self, values: Mapping[str, str]) -> dict[str, str]:
        self.do("save_centre")
        if not self.wrong:
            self.set = dict(values)
        return self.wrong

    # network

    def state(self) -> NetworkState:
        return self.net

    def problems(self, values: Mapping[str, str]) -> dict[str, str]:
        assert values.keys() == self.net.settings().keys()
        return self.wrong

    def change(
        self,
        values: Mapping[str, str],
        *,
        sure: bool,
        kept: Callable[[float], bool],
        told: Callable[[int], None],
    ) -> Change:
        self.sures.append(sure)
        self.do("change")
        for left_s in self.ticks:
            told(left_s)
            self.during()
        self.was_kept = kept(0.0)
        if self.came in {Change.SAVED, Change.KEPT}:
            self.net = replace(self.net, backend_url=values["url"])
        return self.came

    # cards

    def cards(self) -> tuple[EnrolledCard, ...]:
        if self.list_fails is not None:
            raise self.list_fails
        return self.list

    def enrol(self, can: str) -> EnrolledCard:
        self.cans.append(can)
        self.do("enrol_card")
        card = EnrolledCard(label=f"thẻ {len(self.list) + 1}", enrolled_on=TODAY)
        self.list = (*self.list, card)
        return card

    def remove(self, label: str) -> None:
        self.do(f"remove {label}")
        self.list = tuple(card for card in self.list if card.label != label)

    def admit(self, can: str) -> None:
        self.cans.append(can)
        self.at_card(can)
        self.do("admit")


class ScriptedTools:
    """Does what a script says."""

    def __init__(self) -> None:
        self.desks = ScriptedDesks()
        self.settings = self.network = self.cards = self.desks
        self.did: list[str] = []
        self.well = True
        self.asks: tuple[str, ...] = ()
        self.fails: Exception | None = None
        self.outcome = PrintOutcome.ISSUED

    def _do(self, what: str) -> None:
        self.did.append(what)
        if self.fails is not None:
            raise self.fails

    def facts(self) -> MachineFacts:
        return MachineFacts(
            version="0.1.0", unit_code="H20.17", kiosk_number=1, backend="https://gateway.example"
        )

    def judge_touch(self, trial: TouchTrial) -> Tried:
        return Tried(device="touch", well=False, text=f"{len(trial.felt)} spots")

    def try_out(self, device: str, ask: Callable[[str], None]) -> Tried:
        for what in self.asks:
            ask(what)
        self._do(device)
        return Tried(device=device, well=self.well, text="Đang làm việc.")

    def learn_mat(self) -> None:
        self._do("learn_mat")

    def print_status(self) -> PrintOutcome:
        self._do("print_status")
        return self.outcome

    def log_tail(self) -> tuple[tuple[str, str], ...]:
        self._do("log")
        return (("09:41:00", "health.changed · ticket_printer · printer.paper_out"),)

    def export(self) -> str:
        self._do("export")
        return "/media/stick/kiosk-01.zip"

    def enrol(self, code: str) -> str:
        self._do(f"enrol {code}")
        return "kiosk-7"

    def restart(self) -> None:
        self._do("restart")

    def reboot(self) -> None:
        self._do("reboot")
