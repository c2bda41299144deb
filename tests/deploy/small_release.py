"""A kiosk of three files, packed and signed by the real tools, and a service that behaves on script."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.machine import IN_USE, State
from deploy.place import Place
from deploy.release import pack
from deploy.update import Updater

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
SERVES = ("opening", "serving")
MAIN = """import sys
import tiny
def main():
    if {ill!r} in sys.argv:
        sys.exit("a visit got stuck")
    return 0
if __name__ == "__main__":
    sys.exit(main())
"""


def keys(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a pair of keys with openssl; return the private and the public one."""
    private, public = folder / f"{name}.key", folder / f"{name}.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(private)], check=True)
    subprocess.run(["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True)
    return private, public


def make(folder: Path, version: str, key: Path, *, ill: str = "-", main: str = "") -> Path:
    """Return the file of a release whose kiosk is `main`, or fails when called with the word `ill`."""
    tree = folder / f"tree-{version}"
    for package in ("kiosk_app", "backend"):
        (tree / package).mkdir(parents=True)
        (tree / package / "__main__.py").write_text(main or MAIN.format(ill=ill), encoding="utf-8")
    (tree / "deploy").mkdir()
    for file in (ROOT / "deploy").glob("*.*" if main else "link_checkout.sh"):
        shutil.copy2(file, tree / "deploy")
    (tree / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', encoding="utf-8")
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "-qm", "t"],
    ):
        subprocess.run(["git", "-C", str(tree), *words], check=True)
    return pack(tree, key=key, out=folder, wheels=_wheels(folder))


def _wheels(folder: Path) -> Path:
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    about = "tiny-1.0.dist-info"
    with zipfile.ZipFile(wheels / "tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(
            f"{about}/RECORD", f"tiny.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n"
        )
    return wheels


class PowerCutError(Exception):
    """The machine went dark here."""


@dataclass
class ScriptedService:
    """A service whose release says one line of its script each time it is asked; the last one stays.

    A line is what the kiosk says of itself; "fell" counts a restart, "dead" is a unit that failed.
    """

    place: Place
    scripts: dict[str, tuple[str, ...]]
    on_start: Callable[[str], None] = lambda _version: None
    running: bool = True
    left: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def start(self) -> None:
        version = self.place.current()
        self.told.append(f"start {version}")
        self.running = True
        self.left = list(self.scripts.get(version, SERVES))
        self.on_start(version)

    def stop(self) -> None:
        self.told.append(f"stop {self.place.current()}")
        self.running = False

    def state(self) -> State:
        line = (self.left.pop(0) if len(self.left) > 1 else self.left[0]) if self.left else "serving"
        return State(
            active=self.running and line != "dead",
            doing=line.removesuffix(IN_USE) if line != "fell" else "opening",
            restarts=line == "fell",
            in_use=line.endswith(IN_USE),
        )


@dataclass
class Province:
    """Signed releases of a small kiosk, and a kiosk that takes them."""

    folder: Path
    key: Path
    place: Place

    def release(self, version: str, *, ill: str = "-") -> Path:
        """Return the file of a release."""
        return make(self.folder, version, self.key, ill=ill)

    def inbox(self, *versions: str) -> Path:
        """Return the folder the timer looks into, with releases in it."""
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        for version in versions:
            self.release(version).rename(inbox / f"kiosk-{version}.release")
        return inbox

    def service(self, **scripts: tuple[str, ...]) -> ScriptedService:
        """Return a service with a script for each version, written `v1_0_0`."""
        return ScriptedService(
            self.place, {name[1:].replace("_", "."): lines for name, lines in scripts.items()}
        )

    def log(self) -> str:
        """Return what the updater noted."""
        return (self.place.root / "updates.log").read_text(encoding="utf-8")


def place_of(folder: Path, public_key: Path) -> Place:
    """Return a kiosk below a folder, with a data folder and a queue in it."""
    data = folder / "data"
    data.mkdir()
    (data / "queue.db").write_bytes(b"schema 1")
    config = folder / "kiosk.toml"
    config.write_text(f'data_dir = "{data}"\n', encoding="utf-8")
    return Place(root=folder / "opt", public_key=public_key, config=config, user="root")


def quick_environment(folder: Path) -> None:
    """Make the program only: an environment of its own for each of a hundred releases takes minutes."""
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / "tiny.py").touch()
    program = folder / ".venv/bin/kiosk"
    program.write_text(
        f'#!/bin/sh\ncd {folder} && exec /usr/bin/python3 -m kiosk_app "$@"\n', encoding="utf-8"
    )
    program.chmod(0o755)


def updater(
    place: Place, service: ScriptedService, environment: Callable[[Path], None] = quick_environment
) -> Updater:
    """Return an updater that waits for nothing."""
    return Updater(place, service, environment=environment, pause=lambda _seconds: None, open_s=5, gate_s=3)
