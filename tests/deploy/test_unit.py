from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNIT = ROOT / "kiosk.service"
STICK = ROOT / "deploy" / "system" / "kiosk-stick.service"
INSTALL = ROOT / "deploy" / "install.sh"
DEVICE_GROUPS: Final[dict[str, str]] = {
    "mem": "",
    "tty": "",
    "ttyS": "",
    "input": "",
    "drm": "drm",
    "usb": "usbcore",
    "usb_device": "usbcore",
    "lp": "lp",
    "ttyACM": "cdc_acm",
    "ttyUSB": "usbserial",
    "video4linux": "videodev",
    "alsa": "snd",
}
"""What /proc/devices calls a group of devices, and the module that brings the name; none = always built in.

Source, in Linux 6.1: drivers/char/mem.c (`register_chrdev(MEM_MAJOR, "mem"`), drivers/tty/vt/vt.c
(`console_driver->name = "tty"`), drivers/tty/serial/8250/8250_core.c (`.dev_name = "ttyS"`),
drivers/input/input.c (`register_chrdev_region(…, "input")`), drivers/gpu/drm/drm_drv.c
(`register_chrdev(DRM_MAJOR, "drm"`), drivers/usb/core/file.c (`register_chrdev(USB_MAJOR, "usb"`: usblp
is one of it; "usbmisc" is the class in /sys only), drivers/usb/core/devio.c
(`register_chrdev_region(USB_DEVICE_DEV, USB_DEVICE_MAX, "usb_device")`), drivers/char/lp.c
(`register_chrdev(LP_MAJOR, "lp"`), drivers/usb/class/cdc-acm.c (`acm_tty_driver->name = "ttyACM"`),
drivers/usb/serial/usb-serial.c (`usb_serial_tty_driver->name = "ttyUSB"`, for every chip),
drivers/media/v4l2-core/v4l2-dev.c (`VIDEO_NAME "video4linux"`), sound/core/sound.c
(`register_chrdev(major, "alsa"`).
"""
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here"
)


@needs_systemd
@pytest.mark.parametrize("unit", [UNIT, STICK], ids=["kiosk", "stick"])
def test_the_unit_is_confined(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(unit)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-400:]


def test_the_unit_restarts_for_ever_and_dumps_no_memory() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert "Restart=always" in lines
    assert "StartLimitIntervalSec=0" in lines
    assert "LimitCORE=0" in lines
    assert "NoNewPrivileges=yes" in lines


def test_the_unit_for_the_stick_is_started_by_nothing_but_a_question() -> None:
    lines = STICK.read_text(encoding="utf-8").splitlines()
    assert "[Install]" not in lines, "a unit that is enabled would mount at start"
    rules = (STICK.parent / "70-kiosk.rules").read_text(encoding="utf-8")
    assert "SYSTEMD_WANTS" not in rules, "a stick that is plugged in starts nothing"
    assert "RUN+=" not in rules


def settings(name: str, unit: Path = UNIT) -> list[str]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def allowed() -> list[str]:
    words = [line.split()[0] for line in settings("DeviceAllow")]
    assert all(word.startswith("char-") for word in words)
    return [word.removeprefix("char-") for word in words]


def test_every_group_of_devices_has_the_name_the_kernel_gives_it() -> None:
    assert set(allowed()) <= DEVICE_GROUPS.keys()
    assert {"usb", "usb_device", "ttyACM", "ttyUSB", "video4linux", "alsa"} <= set(allowed())


def test_each_driver_is_there_before_the_unit_asks_for_its_devices() -> None:
    """systemd looks into /proc/devices once, when the unit starts: systemd.resource-control(5)."""
    modules = {DEVICE_GROUPS[name] for name in allowed()} - {""}
    for key in ("Wants", "After"):
        named = {word for line in settings(key) for word in line.split() if word.startswith("modprobe@")}
        assert named == {f"modprobe@{module}.service" for module in modules}
    assert settings("Requires") == [], "a machine without a module starts all the same"


def test_nothing_before_the_kiosk_keeps_it_from_starting() -> None:
    assert all(line.startswith("-") for line in settings("ExecStartPre"))


def test_one_process_without_memory_does_not_end_the_others() -> None:
    assert settings("OOMPolicy") == ["continue"]


def test_a_flatbed_on_usb_is_open_to_the_unit_and_its_group_is_there(tmp_path: Path) -> None:
    """systemd starts no unit with a group that does not exist; libsane1 gives flatbeds to `scanner`."""
    groups = settings("SupplementaryGroups")[0].split()
    assert "scanner" in groups
    known = tmp_path / "known"
    known.write_text("".join(f"{name}\n" for name in groups if name != "scanner"), encoding="ascii")
    for name, does in (("getent", f'grep -qx "$2" {known}'), ("groupadd", f'echo "$2" >> {known}')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n", encoding="ascii")
        (tmp_path / name).chmod(0o755)
    script = INSTALL.read_text(encoding="utf-8")
    loop = script[script.index("for group in") :]
    loop = loop[: loop.index("done\n") + 5]
    subprocess.run(
        ["sh", "-euc", f"PATH={tmp_path}:$PATH here={INSTALL.parent}\n{loop}"], check=True, timeout=30
    )
    assert sorted(known.read_text(encoding="ascii").split()) == sorted(groups)


def test_the_timer_looks_in_the_night_and_what_runs_at_the_start_takes_no_release() -> None:
    script = INSTALL.read_text(encoding="utf-8")
    assert "for unit in kiosk.service kiosk-settle.service kiosk-update.timer; do" in script
    assert "systemctl disable kiosk-update.service" in script
    for name in ("kiosk-settle.service", "kiosk-update.service", "kiosk-update.timer"):
        assert f'lay "$here/system/{name}" /etc/systemd/system/{name}\n' in script
