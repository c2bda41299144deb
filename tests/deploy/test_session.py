"""The kiosk under its service manager: says when it is ready, lives by its Qt thread, ends when asked."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.deploy.conftest import ROOT, Manager, why_no_session

KIOSK = str(ROOT / ".venv/bin/kiosk")
needs_cage = pytest.mark.skipif(bool(why_no_session()), reason=why_no_session() or "-")


def test_it_is_ready_serves_and_lives_by_its_qt_thread(manager: Manager) -> None:
    kiosk = manager.start(KIOSK, "run", "--simulate")
    manager.wait_for("READY=1")
    manager.wait_for("STATUS=serving")
    manager.wait_for("WATCHDOG=1")

    kiosk.send_signal(signal.SIGSTOP)
    assert manager.silent_for(1.5)
    kiosk.send_signal(signal.SIGCONT)
    manager.wait_for("WATCHDOG=1")

    kiosk.send_signal(signal.SIGTERM)
    manager.wait_for("STOPPING=1")
    assert kiosk.wait(20) == 0
    assert not (manager.folder / "starts").exists()


def test_a_kiosk_that_falls_again_and_again_shows_the_calm_screen(manager: Manager) -> None:
    for _ in range(4):
        kiosk = manager.start(KIOSK, "run", "--simulate")
        manager.wait_for("READY=1")
        kiosk.kill()
        kiosk.wait(10)

    resting = manager.start(KIOSK, "run", "--simulate")
    manager.wait_for("STATUS=resting: started too often")
    manager.wait_for("WATCHDOG=1")
    resting.send_signal(signal.SIGTERM)
    assert resting.wait(20) == 0
    assert not (manager.folder / "starts").exists()


@needs_cage
def test_the_real_session_tells_its_manager_and_ends_with_the_kiosk(manager: Manager) -> None:
    session = Path(manager.folder / "session.sh")
    session.write_text(f"#!/bin/sh\nexec {KIOSK} run --simulate\n", encoding="utf-8")
    session.chmod(0o755)
    manager.environment.update(
        WLR_BACKENDS="headless",
        WLR_LIBINPUT_NO_DEVICES="1",
        WLR_RENDERER="pixman",
        QT_QPA_PLATFORM="xcb",
        WATCHDOG_USEC="3000000",
    )
    cage = manager.start("cage", "-d", "--", str(session))
    manager.wait_for("READY=1")
    manager.wait_for("STATUS=serving")
    manager.wait_for("WATCHDOG=1")

    assert manager.run(str(ROOT / "deploy/stop.sh")) == 0
    manager.wait_for("STOPPING=1")
    cage.wait(20)
    assert not (manager.folder / "starts").exists()  # an orderly end, not a lost screen


def test_stopping_what_does_not_run_is_no_error(manager: Manager) -> None:
    assert manager.run(str(ROOT / "deploy/stop.sh")) == 0
    (manager.folder / "pid").write_text(str(2**22 - 1), encoding="ascii")
    (manager.folder / "pid").chmod(0o644)
    assert manager.run(str(ROOT / "deploy/stop.sh")) == 0
