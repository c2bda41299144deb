"""Centre and network on the technician's screens: what is wrong is named, what cuts off is taken back."""

from __future__ import annotations

import dataclasses
from typing import Any

from kiosk_app.flow import events
from kiosk_app.flow.session import Session
from kiosk_app.flow.steps import Notice, Step, Tone
from kiosk_app.flow.technician_events import ChangeKept, SettingsGiven
from kiosk_app.flow.technician_tools import Change, NetworkRefusedError, SettingsNotKeptError
from kiosk_app.flow.technician_view import TechCentreView, TechNetworkView
from tests.kiosk_app.flow.scripted_tools import CENTRE, ScriptedTools


def centre(walk: Any) -> TechCentreView:
    view = walk.session.view()
    assert isinstance(view, TechCentreView)
    return view


def network(walk: Any) -> TechNetworkView:
    view = walk.session.view()
    assert isinstance(view, TechNetworkView)
    return view


def told(view: TechCentreView | TechNetworkView) -> Notice:
    assert view.said is not None
    return view.said


def wanted(tools: ScriptedTools, **changed: str) -> SettingsGiven:
    return SettingsGiven(values={**tools.desks.net.settings(), **changed})


def test_the_centre_is_shown_changed_and_used_from_the_next_start(walk: Any, tools: ScriptedTools) -> None:
    walk.act(events.Went(to=Step.TECH_CENTRE))
    assert centre(walk).values == CENTRE
    walk.act(SettingsGiven(values={**CENTRE, "hotline": "02773 861 022"}))
    assert tools.desks.set["hotline"] == "02773 861 022"
    assert centre(walk).values["hotline"] == "02773 861 022"
    assert centre(walk).restart_due
    assert "Mở lại chương trình" in told(centre(walk)).text


def test_a_wrong_field_is_named_and_nothing_is_kept(walk: Any, tools: ScriptedTools) -> None:
    tools.desks.wrong = {"commune": "setting.commune"}
    walk.act(events.Went(to=Step.TECH_CENTRE), SettingsGiven(values={**CENTRE, "commune": "1"}))
    assert "năm chữ số" in centre(walk).problems["commune"]
    assert tools.desks.set == CENTRE
    assert not centre(walk).restart_due
    tools.desks.wrong = {}
    walk.act(SettingsGiven(values=CENTRE))
    assert centre(walk).problems == {}


def test_what_cannot_be_written_is_said(walk: Any, tools: ScriptedTools) -> None:
    tools.desks.fails = SettingsNotKeptError()
    walk.act(events.Went(to=Step.TECH_CENTRE), SettingsGiven(values=CENTRE))
    assert told(centre(walk)).code == "settings.not_kept"
    assert not centre(walk).busy


def test_a_network_on_trial_counts_down_and_nobody_is_sent_away(
    walk: Any, hall: Any, tools: ScriptedTools
) -> None:
    walk.act(events.Went(to=Step.TECH_NETWORK))
    session = walk.session
    (job,) = session.handle(wanted(tools, method="manual"))
    left = []

    def report(event: events.Event) -> None:
        hall.seconds += 200
        session.handle(event)
        session.handle(events.Tick(at=hall.seconds))
        left.append(network(walk).trial_left_s)

    assert session.handle(wanted(tools)) == ()
    session.handle(job.work(report))
    assert left == [60, 58]
    assert session.step is Step.TECH_NETWORK
    assert network(walk).trial_left_s == 0
    assert told(network(walk)).tone is Tone.OK


def test_the_technician_may_keep_what_is_on_trial(walk: Any, tools: ScriptedTools) -> None:
    walk.act(events.Went(to=Step.TECH_NETWORK))
    tools.desks.during = lambda: walk.session.handle(ChangeKept())
    walk.act(wanted(tools, method="manual"))
    assert tools.desks.was_kept
    tools.desks.during = lambda: None
    walk.act(wanted(tools, method="auto"))
    assert not tools.desks.was_kept  # the last trial's word does not count for the next


def test_a_network_that_was_taken_back_says_so(walk: Any, tools: ScriptedTools) -> None:
    tools.desks.came = Change.TAKEN_BACK
    walk.act(events.Went(to=Step.TECH_NETWORK), wanted(tools, method="manual"))
    assert told(network(walk)).tone is Tone.WARN
    assert "mạng cũ" in told(network(walk)).text
    assert not network(walk).restart_due


def test_a_silent_backend_is_saved_at_the_second_touch_only(walk: Any, tools: ScriptedTools) -> None:
    tools.desks.came, tools.desks.ticks = Change.DOUBTFUL, ()
    given = wanted(tools, url="https://new.example")
    walk.act(events.Went(to=Step.TECH_NETWORK), given)
    assert "chưa trả lời" in told(network(walk)).text
    assert tools.desks.sures == [False]
    tools.desks.came = Change.SAVED
    walk.act(given)
    assert tools.desks.sures == [False, True]
    assert network(walk).restart_due


def test_what_networkmanager_refuses_is_said(walk: Any, tools: ScriptedTools) -> None:
    tools.desks.fails = NetworkRefusedError()
    walk.act(events.Went(to=Step.TECH_NETWORK), wanted(tools, method="manual"))
    assert told(network(walk)).code == "network.refused"
    assert network(walk).trial_left_s == 0


def test_settings_go_nowhere_from_before_the_door(hall: Any, walker: Any, tools: ScriptedTools) -> None:
    outside = walker(Session(dataclasses.replace(hall.services(), technician=tools)))
    outside.act(SettingsGiven(values=CENTRE), wanted(tools, method="manual"))
    assert tools.desks.did == []


def test_a_password_is_not_shown_by_the_event_that_carries_it() -> None:
    assert "geheim" not in repr(SettingsGiven(values={"password": "geheim123"}))
