"""What polkit lets the kiosk's user do: the list the technician's screens need, and nothing else."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

RULES: Final = Path(__file__).parents[2] / "deploy" / "system" / "50-kiosk.rules"
WANTED: Final = (
    "org.debian.pcsc-lite.access_card",
    "org.debian.pcsc-lite.access_pcsc",
    "org.freedesktop.login1.reboot",
    "org.freedesktop.login1.reboot-multiple-sessions",
    "org.freedesktop.NetworkManager.network-control",
    "org.freedesktop.NetworkManager.settings.modify.system",
    "org.freedesktop.NetworkManager.checkpoint-rollback",
    "org.freedesktop.NetworkManager.wifi.scan",
)
NOT_WANTED: Final = (
    "org.freedesktop.login1.power-off",
    "org.freedesktop.login1.power-off-multiple-sessions",
    "org.freedesktop.systemd1.manage-units",
    "org.freedesktop.NetworkManager.settings.modify.hostname",
    "org.freedesktop.NetworkManager.enable-disable-network",
    "org.freedesktop.policykit.exec",
)
JUDGE: Final = """
const asks = JSON.parse(process.argv[1]), answers = [];
let rule;
const polkit = { Result: { YES: "yes", NOT_HANDLED: "no" }, addRule: (made) => { rule = made; } };
new Function("polkit", require("fs").readFileSync(process.argv[2], "utf8"))(polkit);
for (const [user, id, told] of asks) answers.push(rule({ id, lookup: (key) => told[key] }, { user }));
console.log(JSON.stringify(answers));
"""


def judge(asks: list[tuple[str, str]], told: dict[str, str] | None = None) -> list[str]:
    about = [(*ask, told or {}) for ask in asks]
    done = subprocess.run(
        ["node", "-e", JUDGE, json.dumps(about), str(RULES)], check=True, capture_output=True, timeout=30
    )
    answers: list[str] = json.loads(done.stdout)
    return answers


def test_the_kiosk_may_do_what_its_technician_does_and_no_more() -> None:
    asks = [("kiosk", action) for action in (*WANTED, *NOT_WANTED)]
    assert judge(asks) == ["yes"] * len(WANTED) + ["no"] * len(NOT_WANTED)


def test_nobody_else_gets_anything_from_this_rule() -> None:
    assert set(judge([("citizen", action) for action in WANTED])) == {"no"}


@pytest.mark.parametrize(
    ("user", "unit", "verb", "answer"),
    [
        ("kiosk", "kiosk-stick.service", "start", "yes"),
        ("kiosk", "kiosk-stick.service", "stop", "no"),
        ("kiosk", "kiosk.service", "start", "no"),
        ("kiosk", "evil-kiosk-stick.service", "start", "no"),
        ("citizen", "kiosk-stick.service", "start", "no"),
    ],
)
def test_of_all_units_the_one_for_the_stick_may_be_started(
    user: str, unit: str, verb: str, answer: str
) -> None:
    assert judge([(user, "org.freedesktop.systemd1.manage-units")], {"unit": unit, "verb": verb}) == [answer]
