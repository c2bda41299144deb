"""A file onto a stick: one the session mounted, or the kiosk's own service, here a scripted one."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from kiosk_app.flow.technician_tools import (
    NoStickError,
    SeveralSticksError,
    StickFullError,
    StickUnwritableError,
)
from kiosk_app.wiring.stick import Places, Stick

if TYPE_CHECKING:
    from pathlib import Path

NAME = "kiosk-01-20261122-094107.zip"
SYSTEMCTL = f"""#!{sys.executable} -IS
import json, pathlib, sys
here = pathlib.Path(__file__).parent.parent
script = json.loads((here / "script").read_text())
laid = [path.name for path in (here / "run" / "stick").iterdir()]
(here / "asked").write_text(json.dumps([sys.argv[1:], laid]))
if script["outcome"]:
    (here / "outcome").write_text(script["outcome"])
sys.exit(script["code"])
"""


class Kiosk:
    """An installed kiosk's folders, with a stick plugged in and a service on script."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("bin", "run", "dev"):
            (folder / name).mkdir()
        (folder / "bin" / "systemctl").write_text(SYSTEMCTL, encoding="utf-8")
        (folder / "bin" / "systemctl").chmod(0o755)
        (folder / "dev" / "stick-vfat-sdb1").touch()
        self.stick = Stick(
            Places(
                media=(folder / "media",),
                mounts=folder / "mounts",
                named=folder / "dev",
                outcome=folder / "outcome",
            )
        )

    def answers(self, outcome: str, code: int = 0) -> None:
        self.script(json.dumps({"name": NAME, "outcome": outcome}), code)

    def script(self, outcome: str, code: int = 0) -> None:
        (self.folder / "script").write_text(json.dumps({"outcome": outcome, "code": code}), encoding="utf-8")

    def write(self) -> str:
        return self.stick.write(NAME, make)


def make(path: Path) -> None:
    path.write_bytes(b"bundle")


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    made = Kiosk(tmp_path)
    made.answers("written")
    return made


def test_the_service_is_handed_the_file_and_nothing_of_it_stays(kiosk: Kiosk) -> None:
    assert kiosk.write() == NAME
    asked = json.loads((kiosk.folder / "asked").read_text())
    assert asked == [["start", "--no-ask-password", "kiosk-stick.service"], [NAME]]
    assert list((kiosk.folder / "run").iterdir()) == []


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("none", NoStickError),
        ("several", SeveralSticksError),
        ("full", StickFullError),
        ("unwritable", StickUnwritableError),
        ("odd", StickUnwritableError),
    ],
)
def test_what_the_service_says_is_told(kiosk: Kiosk, outcome: str, error: type[Exception]) -> None:
    kiosk.answers(outcome)
    with pytest.raises(error):
        kiosk.write()
    assert list((kiosk.folder / "run").iterdir()) == []


@pytest.mark.parametrize("said", ["", "{", json.dumps({"name": "kiosk-01-x.zip", "outcome": "written"})])
def test_a_service_that_does_not_speak_of_this_file_wrote_nothing(kiosk: Kiosk, said: str) -> None:
    kiosk.script(said)
    with pytest.raises(StickUnwritableError):
        kiosk.write()


def test_a_service_that_may_not_be_started_or_fell_wrote_nothing(kiosk: Kiosk) -> None:
    kiosk.answers("written", code=4)
    with pytest.raises(StickUnwritableError) as told:
        kiosk.write()
    assert told.value.detail == "systemctl 4"


def test_what_a_copy_that_was_cut_off_left_is_not_in_the_way(kiosk: Kiosk) -> None:
    (kiosk.folder / "run" / "stick").mkdir()
    (kiosk.folder / "run" / "stick" / "kiosk-01-20261101-000000.zip").touch()
    assert kiosk.write() == NAME
    assert json.loads((kiosk.folder / "asked").read_text())[1] == [NAME]


def test_without_a_stick_nothing_is_asked_or_made(kiosk: Kiosk) -> None:
    (kiosk.folder / "dev" / "stick-vfat-sdb1").unlink()
    with pytest.raises(NoStickError):
        kiosk.stick.expect()
    with pytest.raises(NoStickError):
        kiosk.write()
    assert not (kiosk.folder / "asked").exists()


def test_outside_the_unit_a_stick_that_is_not_mounted_is_none(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    with pytest.raises(NoStickError):
        kiosk.stick.expect()


def test_a_stick_that_the_session_mounted_is_written_straight(kiosk: Kiosk) -> None:
    stick = kiosk.folder / "media" / "MY STICK"
    stick.mkdir(parents=True)
    point = str(stick).replace(" ", chr(92) + "040")
    (kiosk.folder / "mounts").write_text(f"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 {point} vfat rw 0 0\nodd\n")
    assert kiosk.stick.mounted() == [stick]
    assert kiosk.write() == str(stick / NAME)
    assert (stick / NAME).read_bytes() == b"bundle"
    assert not (kiosk.folder / "asked").exists()
