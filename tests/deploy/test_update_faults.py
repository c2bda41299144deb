"""Around an update: full disks, torn notes, bad files, a person's choice, a visit under way."""

from __future__ import annotations

import errno
import os
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from deploy import update
from deploy.place import Pending
from deploy.signed_release import ReleaseError
from tests.deploy.small_release import ROOT, PowerCutError, Province, quick_environment, updater

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUSY = "serving, in use"


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def full(*_args: object, **_words: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


# --- a disk, a service, a note that fails -------------------------------------------------------------------


def test_a_queue_that_cannot_be_copied_leaves_the_old_release_running(
    old: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, service = old.release("1.1.0"), old.service()
    monkeypatch.setattr("deploy.place.shutil.copy2", full)
    with pytest.raises(ReleaseError, match=r"1\.0\.0 runs on: .*No space left"):
        updater(old.place, service).take(file)
    assert service.told == ["stop 1.0.0", "start 1.0.0"]
    assert old.place.current() == "1.0.0"
    assert old.place.pending() is None
    assert not (old.place.data() / "before-update").exists()
    assert "not_switched" in old.log()


@pytest.mark.parametrize(
    "error",
    [subprocess.TimeoutExpired("systemctl", 120), subprocess.CalledProcessError(1, "systemctl")],
    ids=["too late", "refused"],
)
def test_a_kiosk_that_cannot_be_stopped_is_started_again(
    old: Province, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, service = old.release("1.1.0"), old.service()

    def stop() -> None:
        service.running = False
        raise error

    monkeypatch.setattr(service, "stop", stop)
    with pytest.raises(ReleaseError, match=r"1\.0\.0 runs on"):
        updater(old.place, service).take(file)
    assert service.told == ["start 1.0.0"]
    assert "not_switched" in old.log()


@pytest.mark.parametrize("way", ["take", "back"])
def test_room_for_the_copy_of_the_queue_is_looked_for_before_the_kiosk_is_stopped(
    old: Province, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    updater(old.place, old.service()).take(old.release("1.1.0"))
    service, file = old.service(), old.release("1.2.0")
    data = old.place.data()

    def usage(folder: Path) -> Usage:
        return Usage(1 << 40, 0, 0 if folder == data else 1 << 40)

    monkeypatch.setattr("deploy.update.shutil.disk_usage", usage)
    with pytest.raises(ReleaseError, match=r"0 MiB are free in .*data, 1 MiB are needed"):
        updater(old.place, service).take(file) if way == "take" else updater(old.place, service).back()
    assert service.told == []
    assert old.place.versions() == ["1.0.0", "1.1.0"]


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"old": "1.0.0", "new"', "\0\0\0"])
def test_a_torn_note_of_a_switch_keeps_no_kiosk_from_starting(old: Province, text: str) -> None:
    (old.place.root / "pending.json").write_text(text, encoding="utf-8")
    updater(old.place, old.service()).mend()
    assert old.place.pending() is None
    assert old.log().count("pending_unreadable") == 1
    assert updater(old.place, old.service()).take(old.release("1.1.0")) == "1.1.0"


def test_a_disk_that_takes_no_lock_keeps_no_kiosk_from_starting(old: Province) -> None:
    lock = old.place.root / ".update.lock"
    lock.unlink()
    lock.mkdir()  # a folder cannot be opened for writing, not even by root
    updater(old.place, old.service()).mend()


def test_the_note_of_a_switch_is_on_the_disk_before_it_has_its_name(
    old: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = old.place.root / "pending.json"
    seen: list[tuple[bool, int]] = []
    monkeypatch.setattr("os.fsync", lambda file: seen.append((named.exists(), os.fstat(file).st_size)))
    old.place.write_pending(Pending(old="1.0.0", new="1.1.0", doing="serving"))
    assert seen == [(False, named.stat().st_size)]


def test_a_queue_is_put_back_on_a_full_disk_too(old: Province, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = old.place.data() / "queue.db"
    service, file = old.service(v1_1_0=("opening",)), old.release("1.1.0")

    def started(version: str) -> None:
        if version == "1.1.0":
            queue.write_bytes(b"schema 2")
            monkeypatch.setattr("deploy.place.shutil.copy2", full)

    service.on_start = started
    with pytest.raises(ReleaseError, match=r"1\.0\.0 runs again"):
        updater(old.place, service).take(file)
    assert queue.read_bytes() == b"schema 1"
    assert queue.stat().st_nlink == 1


def test_what_the_old_release_took_in_on_the_way_back_outlives_a_power_cut(old: Province) -> None:
    queue = old.place.data() / "queue.db"
    service, file = old.service(v1_1_0=("opening",)), old.release("1.1.0")

    def started(version: str) -> None:
        if version == "1.0.0":
            queue.write_bytes(b"schema 1 with a dossier")
            raise PowerCutError

    service.on_start = started
    with pytest.raises(PowerCutError):
        updater(old.place, service).take(file)
    service.on_start = lambda _version: None
    updater(old.place, service).mend()
    assert queue.read_bytes() == b"schema 1 with a dossier"
    with pytest.raises(ReleaseError, match=r"1\.0\.0 runs again"):
        updater(old.place, service).settle()
    assert queue.read_bytes() == b"schema 1 with a dossier"


# --- bad files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [lambda data: data[:700], lambda data: data[: len(data) // 2], lambda _data: b"MZ junk" * 500],
    ids=["cut in its list", "cut in half", "another file"],
)
def test_a_bad_file_does_not_shut_out_a_good_one(old: Province, damage: Callable[[bytes], bytes]) -> None:
    inbox = old.inbox("1.1.0", "1.2.0", "1.3.0")
    bad = inbox / "kiosk-1.2.0.release"
    bad.write_bytes(damage(bad.read_bytes()))
    (inbox / "kiosk-1.3.0.release").write_bytes(b"")
    with pytest.raises(ReleaseError, match=r"1\.1\.0 runs$"):
        updater(old.place, old.service()).watch(inbox)
    assert old.place.current() == "1.1.0"
    assert "kiosk-1.3.0.release" in old.log()


def test_the_command_says_that_a_file_is_bad(old: Province, capsys: pytest.CaptureFixture[str]) -> None:
    inbox = old.inbox()
    (inbox / "x.release").write_bytes(b"")
    root = ["--root", str(old.place.root), "--key", str(old.place.public_key), "--no-service"]
    assert update.main([*root, "watch", str(inbox)]) == 1
    assert "x.release" in capsys.readouterr().err


# --- a person's choice --------------------------------------------------------------------------------------


def test_the_timer_does_not_undo_a_way_back(old: Province) -> None:
    inbox = old.inbox("1.1.0")
    assert updater(old.place, old.service()).watch(inbox) == "1.1.0"
    assert updater(old.place, old.service()).back() == "1.0.0"
    assert updater(old.place, old.service()).watch(inbox) == ""
    assert updater(old.place, old.service()).watch(old.inbox("1.2.0")) == "1.2.0"


def test_the_timer_takes_nothing_between_either(old: Province) -> None:
    for version in ("1.1.0", "1.2.0"):
        updater(old.place, old.service()).take(old.release(version))
    inbox = old.inbox("1.1.5")
    assert updater(old.place, old.service()).back() == "1.1.0"
    older = old.release("0.9.0")
    assert updater(old.place, old.service()).take(older, allow_older=True) == "0.9.0"
    assert updater(old.place, old.service()).watch(inbox) == ""


def test_taken_by_hand_a_version_is_believed_again(old: Province) -> None:
    inbox = old.inbox("1.1.0")
    file = inbox / "kiosk-1.1.0.release"
    with pytest.raises(ReleaseError):
        updater(old.place, old.service(v1_1_0=("dead",))).take(file)
    assert updater(old.place, old.service()).take(file) == "1.1.0"
    updater(old.place, old.service()).back()
    assert updater(old.place, old.service()).take(file) == "1.1.0"
    assert not [*old.place.root.glob("*.left"), *old.place.root.glob("*.refused")]


# --- somebody before the kiosk ------------------------------------------------------------------------------


def patient(old: Province, *doing: str) -> tuple[update.Updater, list[float], list[str]]:
    service, waits = old.service(), [0.0]
    service.left = list(doing)
    made = update.Updater(
        old.place, service, environment=quick_environment, pause=waits.append, open_s=5, gate_s=3
    )
    return made, waits, service.told


def test_the_timer_waits_until_nobody_is_before_the_kiosk(old: Province) -> None:
    made, waits, told = patient(old, BUSY, "serving", "serving", BUSY, BUSY, "serving")
    assert made.watch(old.inbox("1.1.0")) == "1.1.0"
    assert waits.count(60) == 5 + update.QUIET_ASKS - 1
    assert told == ["stop 1.0.0", "start 1.1.0"]


def test_a_kiosk_that_is_never_free_is_not_stopped(old: Province) -> None:
    made, waits, told = patient(old, BUSY)
    with pytest.raises(ReleaseError, match="waits for the night"):
        made.watch(old.inbox("1.1.0", "1.2.0"))
    assert waits.count(60) == update.PATIENCE_ASKS
    assert told == []
    assert "kiosk_in_use" in old.log()


def test_a_technician_need_not_wait_for_the_timer(old: Province) -> None:
    file, inbox = old.release("1.2.0"), old.inbox("1.1.0")
    service = old.service()
    taken: list[str] = []
    service.left = [BUSY, "serving"]

    def pause(seconds: float) -> None:
        if seconds == 60 and not taken:
            taken.append(updater(old.place, service).take(file))

    made = update.Updater(old.place, service, environment=quick_environment, pause=pause, open_s=5, gate_s=3)
    assert made.watch(inbox) == ""
    assert (taken, old.place.current()) == (["1.2.0"], "1.2.0")


def test_a_citizen_in_the_first_minute_is_no_fault_of_the_new_release(old: Province) -> None:
    service = old.service(v1_1_0=("opening", "serving", BUSY, "serving"))
    service.left = [BUSY]
    assert updater(old.place, service).take(old.release("1.1.0")) == "1.1.0"


def test_at_the_start_nothing_new_is_taken(old: Province) -> None:
    service = old.service()
    old.inbox("1.1.0")
    updater(old.place, service).settle()
    assert (service.told, old.place.current()) == ([], "1.0.0")
    system = ROOT / "deploy" / "system"
    settle = (system / "kiosk-settle.service").read_text(encoding="utf-8")
    assert "update.py settle\n" in settle
    assert "WantedBy=multi-user.target" in settle
    assert "[Install]" not in (system / "kiosk-update.service").read_text(encoding="utf-8")
