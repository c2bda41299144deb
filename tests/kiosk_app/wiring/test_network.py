"""The network on the technician's screen: what is, what is wrong, and a trial that takes itself back."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app.config import Backend, Config, with_settings
from kiosk_app.flow.technician_tools import Change, NetworkRefusedError
from kiosk_app.flow.technician_view import NetworkState
from kiosk_app.wiring.network import TRIAL_S, Network, Places
from kiosk_app.wiring.network_manager import split
from kiosk_app.wiring.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

LAN, RADIO = "592712ca-0bc8-3a11-bc7c-0f4dc99299fa", "7a6d1f1c-7b53-4a9e-8a51-0d1d5a7e0b11"
PSK = "802-11-wireless-security.psk"
WIRED: dict[str, Any] = {
    "running": True,
    "devices": [
        ["docker0", "bridge", "connected (externally)", ""],
        ["wlan9", "wifi", "disconnected", ""],
        ["eth9", "ethernet", "connected", LAN],
        ["lo", "loopback", "connected (externally)", "4a9dab05"],
    ],
    "profiles": {
        LAN: {"ipv4.method": "auto", "ipv4.addresses": "", "ipv4.gateway": "", "ipv4.dns": ""},
    },
    "air": [],
    "dead": False,
    "numbered": 0,
    "calls": [],
}
WIRELESS: dict[str, Any] = {
    **WIRED,
    "devices": [["wlan9", "wifi", "connected", RADIO]],
    "profiles": {RADIO: {"ipv4.method": "auto", "802-11-wireless.ssid": "UBND: Sa Đéc"}},
    "air": [" :71", "*:58", " :20"],
}
FIXED = {
    "method": "manual",
    "address": "192.0.2.7/24",
    "gateway": "192.0.2.1",
    "dns": "192.0.2.1, 8.8.8.8",
}


class Machine:
    """A machine with a scripted NetworkManager, a clock that only moves when told, and a backend."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "state.json"
        self.seconds = 0.0
        self.answers: list[bool] = []
        self.asked: list[Config] = []
        self.told: list[int] = []
        self.keeps_at: float | None = None
        self.config = Config(data_dir=folder, backend=Backend(url="https://gateway.example"))
        self.settings = Settings(self.config)
        net = folder / "net" / "eth9"
        net.mkdir(parents=True)
        (net / "carrier").write_text("1\n", encoding="ascii")
        (net / "speed").write_text("1000\n", encoding="ascii")
        (folder / "resolv.conf").write_text("# x\nnameserver 192.0.2.53\noptions\n", encoding="utf-8")
        (folder / "timesync").mkdir()
        self.network = Network(
            self.settings,
            reached=self.reach,
            known=lambda: "https://known.example",
            places=Places(
                net=folder / "net",
                resolv=folder / "resolv.conf",
                synced=folder / "timesync" / "synchronized",
            ),
            clock=lambda: self.seconds,
        )

    @property
    def state(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return told

    def be(self, state: dict[str, Any], **changed: object) -> None:
        self.file.write_text(json.dumps({**state, **changed}), encoding="utf-8")

    def reach(self, config: Config) -> bool:
        self.asked.append(config)
        return self.answers.pop(0) if self.answers else False

    def kept(self, seconds: float) -> bool:
        self.seconds += seconds
        return self.keeps_at is not None and self.seconds >= self.keeps_at

    def change(self, changed: Mapping[str, str] | None = None, *, sure: bool = False, **more: str) -> Change:
        values = {**self.network.state().settings(), **(changed or {}), **more}
        assert self.network.problems(values) == {}
        return self.network.change(values, sure=sure, kept=self.kept, told=self.told.append)

    def saved(self) -> Backend:
        return with_settings(self.config).backend


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    program = Path(__file__).with_name("scripted_nmcli.py").read_text(encoding="utf-8")
    for name in ("nmcli", "busctl"):
        path = tmp_path / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!{sys.executable} -IS\n{program}", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    made = Machine(tmp_path)
    monkeypatch.setenv("NM_STATE", str(made.file))
    made.be(WIRED)
    return made


# --- what is ------------------------------------------------------------------------------------------


def test_the_wired_interface_in_use_comes_first(machine: Machine) -> None:
    seen = machine.network.state()
    assert (seen.interface, seen.wifi, seen.editable) == ("eth9", False, True)
    assert (seen.link, seen.speed_mbit_s) == (True, 1000)
    assert seen.dns == ("192.0.2.53",)
    assert seen.clock_synced is False
    assert (seen.backend_url, seen.backend_known) == ("https://gateway.example", "https://known.example")


def test_a_radio_tells_its_network_and_its_signal_but_no_password(machine: Machine) -> None:
    machine.be(WIRELESS)
    seen = machine.network.state()
    assert (seen.wifi, seen.ssid, seen.signal_percent) == (True, "UBND: Sa Đéc", 58)
    assert seen.settings()["password"] == ""


@pytest.mark.parametrize("missing", ["nmcli", "busctl", "running"])
def test_without_networkmanager_everything_is_seen_and_nothing_changed(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    if missing == "running":
        machine.be(WIRED, running=False)
    else:
        (tmp_path / "bin" / missing).unlink()
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    seen = machine.network.state()
    assert not seen.editable
    assert seen.dns == ("192.0.2.53",)
    machine.answers = [True]
    assert machine.change(url="https://new.example") is Change.SAVED


def test_a_machine_with_no_network_at_all_is_shown_as_such(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    bare = Network(
        machine.settings,
        reached=machine.reach,
        places=Places(net=tmp_path / "none", resolv=tmp_path / "none", synced=tmp_path / "none" / "x"),
    )
    seen = bare.state()
    assert (seen.interface, seen.link, seen.addresses, seen.dns, seen.clock_synced) == (
        "",
        None,
        (),
        (),
        None,
    )


# --- what is wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"address": "192.0.2.7"}, {"address"}),
        ({"address": "192.0.2.0/24"}, {"address"}),
        ({"address": "192.0.2.255/24"}, {"address"}),
        ({"address": "300.0.2.7/24"}, {"address"}),
        ({"address": "127.0.0.1/8"}, {"address"}),
        ({"address": "192.0.2.7/31"}, {"address"}),
        ({"gateway": "192.0.3.1"}, {"gateway"}),
        ({"gateway": "192.0.2.7"}, {"gateway"}),
        ({"gateway": "192.0.2.255"}, {"gateway"}),
        ({"gateway": ""}, {"gateway"}),
        ({"dns": ""}, {"dns"}),
        ({"dns": "192.0.2.1 dns.example"}, {"dns"}),
        ({"gateway": "x", "dns": "y"}, {"gateway", "dns"}),
        ({"url": "http://gateway.example"}, {"url"}),
        ({"proxy": "10.0.0.1"}, {"proxy"}),
        ({"ssid": "x" * 33}, {"ssid"}),
        ({"ssid": "UBND", "password": "short"}, {"password"}),
        ({"ssid": "UBND", "password": "mật khẩu dài"}, {"password"}),
        ({"password": "without-name"}, {"ssid"}),
        ({}, set()),
    ],
)
def test_a_wrong_setting_is_named(machine: Machine, wrong: dict[str, str], named: set[str]) -> None:
    values = {**NetworkState().settings(), **FIXED, **wrong}
    assert machine.network.problems(values) == {name: f"setting.{name}" for name in named}


def test_an_address_that_is_not_used_is_not_judged(machine: Machine) -> None:
    assert machine.network.problems({**NetworkState().settings(), "address": "junk"}) == {}


# --- a change -----------------------------------------------------------------------------------------


def test_a_change_over_which_the_backend_answers_is_kept_and_written(machine: Machine) -> None:
    machine.answers = [False, False, True]
    assert machine.change(FIXED) is Change.KEPT
    after = machine.state
    assert after["disk"][LAN]["ipv4.addresses"] == "192.0.2.7/24"
    assert after["disk"][LAN]["ipv4.dns"] == "192.0.2.1,8.8.8.8"
    assert after["checkpoint"] is None
    assert after["up"] == LAN
    assert machine.network.state().fixed_dns == ("192.0.2.1", "8.8.8.8")
    assert machine.told == [60, 60, 58, 56]
    assert not (machine.config.data_dir / "settings.toml").exists()


def test_a_change_nobody_answers_over_is_taken_back_after_a_minute(machine: Machine) -> None:
    assert machine.change(FIXED, url="https://new.example") is Change.TAKEN_BACK
    assert machine.seconds == TRIAL_S
    assert machine.told[0] == 60
    assert machine.told[-1] <= 2
    after = machine.state
    assert after["profiles"] == WIRED["profiles"]
    assert "disk" not in after
    assert machine.saved().url == "https://gateway.example"


def test_networkmanager_holds_the_way_back_from_before_the_change(machine: Machine) -> None:
    machine.answers = [True]
    machine.change(FIXED)
    calls = [call for call in machine.state["calls"] if "modify" in call or call[0].startswith("Check")]
    assert calls[0] == ["CheckpointCreate", "0", "105", "2"]
    assert calls[1][:3] == ["connection", "modify", "--temporary"]
    assert calls[2][:2] == ["connection", "modify"]
    assert "--temporary" not in calls[2]
    assert calls[3][0] == "CheckpointDestroy"


def test_the_technician_keeps_a_change_where_there_is_no_backend(machine: Machine) -> None:
    machine.keeps_at = 20.0
    assert machine.change(FIXED) is Change.KEPT
    assert 20 <= machine.seconds < TRIAL_S
    assert machine.state["disk"][LAN]["ipv4.method"] == "manual"


def test_an_interface_that_does_not_come_up_has_its_old_settings_back(machine: Machine) -> None:
    machine.be(WIRED, dead=True)
    with pytest.raises(NetworkRefusedError):
        machine.change(FIXED)
    after = machine.state
    assert after["profiles"] == WIRED["profiles"]
    assert after["checkpoint"] is None
    assert "disk" not in after


def test_a_way_back_that_networkmanager_took_itself_is_the_same(machine: Machine) -> None:
    def expire(_left_s: int) -> None:
        machine.be({**machine.state, "expired": True})

    values = {**machine.network.state().settings(), **FIXED}
    came = machine.network.change(values, sure=False, kept=machine.kept, told=expire)
    assert came is Change.TAKEN_BACK


def test_another_radio_network_is_a_profile_of_its_own_that_goes_with_the_way_back(machine: Machine) -> None:
    machine.be(WIRELESS)
    machine.answers = [True]
    assert machine.change(ssid="Phường: Sa Đéc 2", password="mat-khau-8") is Change.KEPT
    (added,) = [call for call in machine.state["calls"] if call[:2] == ["connection", "add"]]
    assert added[2:6] == ["save", "no", "type", "wifi"]
    assert machine.state["up"] != RADIO
    made = machine.state["disk"][machine.state["up"]]
    assert (made["802-11-wireless.ssid"], made[PSK]) == ("Phường: Sa Đéc 2", "mat-khau-8")
    assert made["wifi-sec.key-mgmt"] == "wpa-psk"


def test_a_new_password_alone_changes_the_network_in_use(machine: Machine) -> None:
    machine.be(WIRELESS)
    machine.answers = [True]
    assert machine.change(password="mat-khau-moi") is Change.KEPT
    assert machine.state["disk"][RADIO][PSK] == "mat-khau-moi"


def test_a_password_stands_in_no_command_line_and_in_no_history(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    machine.be(WIRELESS)
    machine.answers = [True, True]
    assert machine.change(password="mat-khau-moi") is Change.KEPT
    assert machine.change(ssid="UBND 2", password="mat-khau-moi") is Change.KEPT
    assert [call for call in machine.state["calls"] if call[:2] == ["connection", "edit"]]
    assert "mat-khau-moi" not in json.dumps(machine.state["calls"])
    assert not (tmp_path / ".nmcli-history").exists()


def test_a_password_that_the_editor_did_not_take_as_it_is_changes_nothing(machine: Machine) -> None:
    machine.be(WIRELESS)
    with pytest.raises(NetworkRefusedError):
        machine.change(password="mat-khau ")
    assert machine.state["profiles"] == WIRELESS["profiles"]


def test_a_new_backend_that_answers_is_saved_without_touching_the_network(machine: Machine) -> None:
    machine.answers = [True]
    assert machine.change(url="https://new.example", proxy="http://10.0.0.1:3128") is Change.SAVED
    assert machine.saved() == Backend(url="https://new.example", proxy="http://10.0.0.1:3128")
    assert (machine.asked[0].backend.url, machine.asked[0].backend.proxy) == (
        "https://new.example",
        "http://10.0.0.1:3128",
    )
    assert not any("modify" in call for call in machine.state["calls"])


def test_a_new_backend_that_is_silent_is_saved_only_when_one_is_sure(machine: Machine) -> None:
    assert machine.change(url="https://new.example") is Change.DOUBTFUL
    assert machine.saved().url == "https://gateway.example"
    assert machine.change(url="https://new.example", sure=True) is Change.SAVED
    assert machine.saved().url == "https://new.example"


def test_both_at_once_is_tried_over_the_new_network_at_the_new_address(machine: Machine) -> None:
    machine.answers = [True]
    assert machine.change(FIXED, url="https://new.example") is Change.SAVED
    assert machine.asked[0].backend.url == "https://new.example"
    assert machine.saved().url == "https://new.example"
    assert machine.state["disk"][LAN]["ipv4.method"] == "manual"


def test_nothing_changed_is_nothing_done(machine: Machine) -> None:
    assert machine.change() is Change.SAME
    assert not any("Checkpoint" in str(call) or "modify" in call for call in machine.state["calls"])
    assert not (machine.config.data_dir / "settings.toml").exists()


@given(st.lists(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"])), min_size=1))
def test_a_row_of_nmcli_is_taken_apart_as_it_was_put_together(values: list[str]) -> None:
    row = ":".join(value.replace("\\", "\\\\").replace(":", "\\:") for value in values)
    assert split(row) == tuple(values)


@given(st.text())
def test_a_row_of_somebody_else_never_breaks_it(row: str) -> None:
    assert all(isinstance(value, str) for value in split(row))


def test_a_password_is_in_no_repr() -> None:
    from kiosk_app.wiring.network_manager import Profile

    assert "geheim" not in repr(Profile(password="geheim12"))
    assert msgspec.structs.asdict(Config().backend)["proxy"] == ""
