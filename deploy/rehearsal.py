"""Brings an unpacked release to life beside the one that runs, and lets it walk a whole visit there."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.machine import run_as
from deploy.signed_release import ReleaseError

if TYPE_CHECKING:
    from deploy.place import Place


def make_environment(folder: Path) -> None:
    """Make `.venv` of a release from the wheels it brings, then drop the wheels.

    Raises:
        ReleaseError: A step failed; the message holds the end of what it said.
    """
    python = folder / ".venv/bin/python"
    wheels = sorted(str(wheel) for wheel in (folder / "wheels").glob("*.whl"))
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    for command in (
        ["/usr/bin/python3", "-m", "venv", str(folder / ".venv")],
        *([[*install, *wheels]] if wheels else ()),
        [str(folder / "deploy/link_checkout.sh")],
        [str(python), "-m", "compileall", "-q", "-x", r"/\.venv/", str(folder)],
    ):
        failed = run_as("root", command, {"HOME": str(folder)}, folder)
        if failed:
            raise ReleaseError(f"its environment cannot be made: {failed}")
    shutil.rmtree(folder / "wheels", ignore_errors=True)


def rehearse(folder: Path, place: Place) -> None:
    """Let a new release read this kiosk's configuration and walk a whole visit elsewhere.

    Raises:
        ReleaseError: A step failed; the message holds the end of what it said.
    """
    kiosk = str(folder / ".venv/bin/kiosk")
    with tempfile.TemporaryDirectory(prefix="kiosk-rehearsal-") as name:
        stage = Path(name)
        (stage / "kiosk.toml").write_text(f'data_dir = "{stage}/data"\n', encoding="utf-8")
        if os.geteuid() == 0:
            shutil.chown(stage, place.user)
        environment = {"HOME": name, "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}
        config = ["--config", str(place.config)] if place.config.exists() else []
        for words in (
            [*config, "config"],
            ["--config", f"{stage}/kiosk.toml", "forms", "check"],
            ["--config", f"{stage}/kiosk.toml", "tour", "--out", f"{stage}/tour"],
        ):
            failed = run_as(place.user, [kiosk, *words], environment, stage)
            if failed:
                raise ReleaseError(f"`kiosk {' '.join(words)}` fails with it here: {failed}")
