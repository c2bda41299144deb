"""An update never leaves a kiosk that does not serve: wrong files, ill releases, power cuts."""

from __future__ import annotations

import contextlib
import io
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from deploy.rehearsal import make_environment
from deploy.signed_release import ReleaseError
from tests.deploy.small_release import SERVES, PowerCutError, Province, keys, make, updater

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def migrates(queue: Path) -> Callable[[str], None]:
    """Let release 1.1.0 bring the queue into a form 1.0.0 does not know."""

    def started(version: str) -> None:
        if version == "1.1.0":
            queue.write_bytes(b"schema 2")

    return started


def test_a_release_is_taken_and_runs(old: Province) -> None:
    service = old.service()
    assert updater(old.place, service, make_environment).take(old.release("1.1.0")) == "1.1.0"
    assert service.told == ["stop 1.0.0", "start 1.1.0"]
    assert old.place.versions() == ["1.0.0", "1.1.0"]
    kiosk = old.place.root / "current/.venv/bin/kiosk"
    assert subprocess.run([str(kiosk), "config"], check=False).returncode == 0
    assert not (old.place.root / "current/wheels").exists()
    assert old.place.pending() is None


def test_two_releases_are_kept(old: Province) -> None:
    for version in ("1.1.0", "1.2.0"):
        updater(old.place, old.service()).take(old.release(version))
    assert old.place.versions() == ["1.1.0", "1.2.0"]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-3000], "cut off|missing"),
        (lambda data: data[: len(data) // 2], "cut off|missing"),
        (lambda data: data.replace(b"a visit got stuck", b"a visit was robbed"[:17]), "not what was signed"),
        (lambda data: data.replace(b'"version": "1.1.0"', b'"version": "9.1.0"'), "signature"),
        (lambda _data: b"", "cannot be read|no release"),
        (lambda _data: b"%PDF-1.7 not a release at all" * 999, "cannot be read"),
    ],
)
def test_a_damaged_file_is_refused_and_the_kiosk_goes_on(
    old: Province, damage: Callable[[bytes], bytes], says: str
) -> None:
    file = old.release("1.1.0")
    file.write_bytes(damage(file.read_bytes()))
    service = old.service()
    with pytest.raises(ReleaseError, match=says):
        updater(old.place, service).take(file)
    assert old.place.current() == "1.0.0"
    assert service.told == []
    assert old.place.versions() == ["1.0.0"]


def test_a_release_of_somebody_else_is_refused(old: Province, tmp_path: Path) -> None:
    stranger, _public = keys(tmp_path, "stranger")
    with pytest.raises(ReleaseError, match="signature"):
        updater(old.place, old.service()).take(make(tmp_path, "1.1.0", stranger))


def test_an_added_file_or_link_is_refused(old: Province) -> None:
    file = old.release("1.1.0")
    link = tarfile.TarInfo("kiosk_app/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
    extra = tarfile.TarInfo("../../etc/cron.d/x")
    extra.size = 1
    for member in (link, extra):
        changed = file.with_name(f"{member.type.decode()}.release")
        changed.write_bytes(file.read_bytes())
        with tarfile.open(changed, "a") as archive:
            archive.addfile(member, io.BytesIO(b"x"))
        with pytest.raises(ReleaseError, match="not on the signed list"):
            updater(old.place, old.service()).take(changed)


def test_an_older_release_needs_a_word(old: Province) -> None:
    file = old.release("0.9.0")
    with pytest.raises(ReleaseError, match=r"older than 1\.0\.0"):
        updater(old.place, old.service()).take(file)
    assert updater(old.place, old.service()).take(file, allow_older=True) == "0.9.0"


@pytest.mark.parametrize("ill", ["tour", "config", "check"])
def test_a_release_that_cannot_walk_a_visit_is_never_switched_to(old: Province, ill: str) -> None:
    service = old.service()
    with pytest.raises(ReleaseError, match="a visit got stuck"):
        updater(old.place, service).take(old.release("1.1.0", ill=ill))
    assert service.told == []
    assert "not_taken" in old.log()


@pytest.mark.parametrize(
    "script",
    [
        ("dead",),
        ("opening",),
        ("opening", "serving", "fell"),
        ("opening", "serving", "serving without queue"),
    ],
    ids=["dies", "never opens", "falls", "loses its queue"],
)
def test_a_release_that_does_not_go_on_serving_is_taken_back(old: Province, script: tuple[str, ...]) -> None:
    service = old.service(v1_1_0=script)
    with pytest.raises(ReleaseError, match=r"1\.0\.0 runs again"):
        updater(old.place, service).take(old.release("1.1.0"))
    assert old.place.current() == "1.0.0"
    assert service.told == ["stop 1.0.0", "start 1.1.0", "stop 1.1.0", "start 1.0.0"]
    assert "went_back" in old.log()
    assert old.place.pending() is None


def test_a_queue_nobody_was_served_from_is_put_back_as_it_was(old: Province) -> None:
    queue = old.place.data() / "queue.db"
    service = old.service(v1_1_0=("opening",))
    service.on_start = migrates(queue)
    with pytest.raises(ReleaseError):
        updater(old.place, service).take(old.release("1.1.0"))
    assert queue.read_bytes() == b"schema 1"
    assert not (old.place.data() / "before-update").exists()


def test_what_was_handed_in_meanwhile_is_never_overwritten(old: Province) -> None:
    """The new one served, then fell; the old one cannot read its queue: a person is called."""
    queue = old.place.data() / "queue.db"
    service = old.service(v1_1_0=("serving", "fell"))

    def started(version: str) -> None:
        if version == "1.1.0":
            queue.write_bytes(b"schema 2 with a dossier")
            service.scripts["1.0.0"] = ("serving without queue",)

    service.on_start = started
    with pytest.raises(ReleaseError, match=r"neither 1\.1\.0 nor 1\.0\.0"):
        updater(old.place, service).take(old.release("1.1.0"))
    assert old.place.current() == "1.1.0"
    assert queue.read_bytes() == b"schema 2 with a dossier"


def test_a_kiosk_that_was_ill_before_is_not_held_to_more(old: Province) -> None:
    service = old.service(v1_1_0=("opening", "serving without queue"))
    service.left = ["serving without queue"]
    assert updater(old.place, service).take(old.release("1.1.0")) == "1.1.0"


def test_back_returns_to_the_release_before(old: Province) -> None:
    updater(old.place, old.service()).take(old.release("1.1.0"))
    assert updater(old.place, old.service()).back() == "1.0.0"
    with pytest.raises(ReleaseError, match="no older release"):
        updater(old.place, old.service()).back()


def test_the_timer_takes_the_newest_once_and_no_refused_one(old: Province) -> None:
    inbox = old.inbox("0.9.0", "1.1.0", "1.2.0")
    with pytest.raises(ReleaseError, match=r"1\.2\.0 did not go on serving.*; 1\.1\.0 runs"):
        updater(old.place, old.service(v1_2_0=("dead",))).watch(inbox)
    assert old.place.current() == "1.1.0"
    assert updater(old.place, old.service()).watch(inbox) == ""


def test_two_updates_do_not_run_at_once(old: Province) -> None:
    with old.place.locked(), pytest.raises(ReleaseError, match="another update"):
        updater(old.place, old.service()).take(old.release("1.1.0"))


def test_a_full_disk_is_said_before_anything_is_written(
    old: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.update.SPACE", 10**12)
    with pytest.raises(ReleaseError, match="MiB are needed"):
        updater(old.place, old.service()).take(old.release("1.1.0"))


@pytest.mark.parametrize("script", [SERVES, ("dead",)], ids=["well", "ill"])
@pytest.mark.parametrize("cut", range(14))
def test_a_power_cut_at_any_step_leaves_a_kiosk_that_serves(
    old: Province, cut: int, script: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine goes dark at the n-th step that reaches the disk; the unit mends, the timer settles."""
    left = [cut]

    def sync() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise PowerCutError

    file = old.release("1.1.0")
    queue = old.place.data() / "queue.db"
    service = old.service(v1_1_0=script)
    service.on_start = migrates(queue)
    with monkeypatch.context() as patch, contextlib.suppress(PowerCutError, ReleaseError):
        patch.setattr("os.sync", sync)
        updater(old.place, service).take(file)
    rescue = updater(old.place, service)
    rescue.mend()
    service.start()
    inbox = file.parent / "empty"
    inbox.mkdir()
    with contextlib.suppress(ReleaseError):  # going back is told as an error
        rescue.watch(inbox)
    assert old.place.current() in old.place.versions()
    assert service.scripts.get(old.place.current(), SERVES) == SERVES
    assert queue.read_bytes() == (b"schema 2" if old.place.current() == "1.1.0" else b"schema 1")
    assert old.place.pending() is None
