"""The technician's further screens: what they show, what they send, what a person types is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.flow.events import BackPressed
from kiosk_app.flow.steps import Notice, Tone
from kiosk_app.flow.technician_events import (
    CardAdded,
    CardRemoved,
    ChangeKept,
    SettingsGiven,
    TechnicianAsked,
)
from kiosk_app.flow.technician_view import TechCentreView, TechHistoryView, TechNetworkView
from kiosk_app.i18n import set_language
from kiosk_app.ui.screens.technician_cards import TechnicianCardsScreen
from kiosk_app.ui.screens.technician_centre import TechnicianCentreScreen
from kiosk_app.ui.screens.technician_history import TechnicianHistoryScreen
from kiosk_app.ui.screens.technician_machine import TechnicianMachineScreen
from kiosk_app.ui.screens.technician_network import TechnicianNetworkScreen
from kiosk_app.ui.widgets.address_pad import AddressPad
from kiosk_app.ui.widgets.fields import ChoiceField, TextField
from tests.golden import technician_views as seen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from tests.kiosk_app.ui.screens.conftest import Stage

SCREENS: dict[str, tuple[Any, Any]] = {
    "history": (TechnicianHistoryScreen, seen.HISTORY),
    "centre": (TechnicianCentreScreen, seen.CENTRE_WRONG),
    "network": (TechnicianNetworkScreen, seen.NETWORK),
    "trial": (TechnicianNetworkScreen, seen.TRIAL),
    "seen": (TechnicianNetworkScreen, seen.ONLY_SEEN),
    "cards": (TechnicianCardsScreen, seen.CARDS),
    "waiting": (TechnicianCardsScreen, seen.CARDS_WAITING),
    "machine": (TechnicianMachineScreen, seen.MACHINE),
}


def field(screen: QWidget, name: str) -> TextField:
    found = screen.findChild(TextField, f"setting-{name}")
    assert isinstance(found, TextField)
    return found


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_leads_back(stage: Stage, name: str) -> None:
    screen = stage.build(*SCREENS[name])
    stage.press(screen, "back")
    assert stage.events == [BackPressed()]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("name", SCREENS)
def test_nothing_is_cut_at_200_per_cent(stage: Stage, name: str, lang: str, *, landscape: bool) -> None:
    set_language(lang)
    screen = stage.build(*SCREENS[name], scale=200, landscape=landscape)
    assert stage.cut(screen) == []


# --- history ------------------------------------------------------------------------------------------


def test_the_history_shows_raw_bytes_calls_and_warnings(stage: Stage) -> None:
    screen = stage.build(TechnicianHistoryScreen, seen.HISTORY)
    words = stage.words(screen)
    assert "12 12 12 1e" in words
    assert "Có người chạm" in words
    assert "health.changed · ticket_printer" in words


def test_an_empty_history_says_so(stage: Stage) -> None:
    screen = stage.build(TechnicianHistoryScreen, seen.HISTORY)
    screen.show_view(TechHistoryView(transitions=(), log=(), calls=()))
    stage.settle()
    words = stage.words(screen)
    assert "Chưa ai gọi" in words
    assert "12 12 12 1e" not in words


# --- settings -----------------------------------------------------------------------------------------


def test_the_centre_is_sent_whole_and_typing_survives_a_redraw(stage: Stage) -> None:
    screen = stage.build(TechnicianCentreScreen, seen.CENTRE)
    field(screen, "hotline").set_value("1900 1096")
    screen.show_view(seen.CENTRE)
    stage.press(screen, "primary")
    assert stage.events == [SettingsGiven(values={**seen.CENTRE.values, "hotline": "1900 1096"})]


def test_a_wrong_field_says_what_is_wrong_and_a_right_one_no_more(stage: Stage) -> None:
    screen = stage.build(TechnicianCentreScreen, seen.CENTRE_WRONG)
    assert "năm chữ số" in field(screen, "commune").error_text()
    screen.show_view(replace(seen.CENTRE_WRONG, problems={}))
    assert field(screen, "commune").error_text() == ""


def test_the_restart_is_offered_when_there_is_something_to_use(stage: Stage) -> None:
    screen = stage.build(TechnicianCentreScreen, seen.CENTRE)
    assert "Mở lại chương trình" not in stage.words(screen)
    screen.show_view(replace(seen.CENTRE, restart_due=True))
    stage.settle()
    stage.press(screen, "tech-restart")
    assert stage.events == [TechnicianAsked(what="restart")]


def test_nothing_is_saved_before_anything_is_known(stage: Stage) -> None:
    screen = stage.build(TechnicianCentreScreen, TechCentreView(values={}, problems={}))
    assert not stage.button(screen, "primary").isEnabled()
    network = stage.build(TechnicianNetworkScreen, TechNetworkView(state=None, problems={}))
    assert not stage.button(network, "primary").isEnabled()


def test_a_fixed_address_is_asked_for_only_where_one_is_wanted(stage: Stage) -> None:
    screen = stage.build(TechnicianNetworkScreen, seen.NETWORK)
    assert field(screen, "address").isVisible()
    assert not field(screen, "ssid").isVisible()
    assert isinstance(screen, TechnicianNetworkScreen)
    method = screen.fields["method"]
    assert isinstance(method, ChoiceField)
    method.buttons["auto"].click()
    stage.settle()
    assert not field(screen, "address").isVisible()
    stage.press(screen, "primary")
    (given,) = stage.events
    assert isinstance(given, SettingsGiven)
    assert given.values["method"] == "auto"
    assert seen.NETWORK.state is not None
    assert given.values.keys() == seen.NETWORK.state.settings().keys()


def test_a_radio_asks_for_its_network(stage: Stage) -> None:
    assert seen.ONLY_SEEN.state is not None
    view = replace(seen.ONLY_SEEN, state=replace(seen.ONLY_SEEN.state, editable=True))
    screen = stage.build(TechnicianNetworkScreen, view)
    assert field(screen, "ssid").value() == "UBND Sa Đéc"
    assert field(screen, "password").value() == ""


def test_where_nothing_can_be_changed_the_backend_still_can(stage: Stage) -> None:
    screen = stage.build(TechnicianNetworkScreen, seen.ONLY_SEEN)
    assert "NetworkManager" in stage.words(screen)
    assert "sóng 61 %" in stage.words(screen)
    assert isinstance(screen, TechnicianNetworkScreen)
    assert not screen.fields["method"].isVisible()
    assert field(screen, "url").isVisible()


def test_a_trial_counts_and_offers_to_keep_it(stage: Stage) -> None:
    screen = stage.build(TechnicianNetworkScreen, seen.NETWORK)
    assert "Giữ thiết lập này" not in stage.words(screen)
    screen.show_view(seen.TRIAL)
    stage.settle()
    assert "42 giây" in stage.words(screen)
    assert not stage.button(screen, "primary").isEnabled()
    stage.press(screen, "keep")
    assert stage.events == [ChangeKept()]


def test_an_address_is_typed_letter_by_letter(stage: Stage) -> None:
    screen = stage.build(TechnicianNetworkScreen, seen.NETWORK)
    field(screen, "url").set_value("")
    field(screen, "url").focus_input()
    stage.settle()
    pad = screen.frame.pad
    assert isinstance(pad, AddressPad)
    for key in ("h", "t", "t", "p", "s", ":", "/", "/", "w", "a", "a", "w", "-", "1", ".", "shift", "v", "n"):
        pad.press(key)
    assert field(screen, "url").value() == "https://waaw-1.VN"
    pad.press("shift")
    pad.press("backspace")
    pad.press("_")
    assert field(screen, "url").value() == "https://waaw-1.V_"


# --- cards and machine --------------------------------------------------------------------------------


def test_cards_are_added_and_taken_off_by_name(stage: Stage) -> None:
    screen = stage.build(TechnicianCardsScreen, seen.CARDS)
    assert "04/09/2026" in stage.words(screen)
    stage.press(screen, "remove-thẻ 3")
    stage.press(screen, "primary")
    assert stage.events == [CardRemoved(label="thẻ 3"), CardAdded()]


def test_while_a_card_is_awaited_the_action_stops_it(stage: Stage) -> None:
    screen = stage.build(TechnicianCardsScreen, seen.CARDS_WAITING)
    assert "Đưa mã QR" in stage.words(screen)
    assert "Chưa có thẻ nào" in stage.words(screen)
    assert stage.button(screen, "primary").text() == "Thôi"
    screen.show_view(seen.CARDS)
    stage.settle()
    assert stage.button(screen, "primary").text() == "Thêm thẻ"
    assert "Chưa có thẻ nào" not in stage.words(screen)


def test_the_machine_prints_restarts_and_enrols(stage: Stage) -> None:
    screen = stage.build(TechnicianMachineScreen, seen.MACHINE)
    for what in ("print_status", "restart", "reboot"):
        stage.press(screen, f"tech-{what}")
    stage.press(screen, "tech-enrol")
    field(screen, "enrol").set_value("AB12-CD34")
    stage.press(screen, "tech-enrol")
    stage.press(screen, "tech-enrol")
    wanted = [TechnicianAsked(what=what) for what in ("print_status", "restart", "reboot")]
    assert stage.events == [*wanted, TechnicianAsked(what="enrol", text="AB12-CD34")]


def test_while_something_works_no_button_answers(stage: Stage) -> None:
    screen = stage.build(TechnicianMachineScreen, replace(seen.MACHINE, busy=True))
    assert not stage.button(screen, "tech-reboot").isEnabled()
    assert not stage.button(screen, "tech-enrol").isEnabled()


def test_what_was_said_comes_into_view_once(stage: Stage) -> None:
    screen = stage.build(TechnicianMachineScreen, replace(seen.MACHINE, said=None))
    screen.show_view(replace(seen.MACHINE, said=Notice(tone=Tone.OK, text="Phiếu tình trạng đã in.")))
    stage.settle()
    assert "Phiếu tình trạng đã in." in stage.words(screen)
