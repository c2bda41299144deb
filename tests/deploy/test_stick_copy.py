"""deploy/stick.py piece by piece: what it takes from the kiosk's user, what it mounts, what it leaves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deploy import stick

NAME = "kiosk-01-20261122-094107.zip"


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    folder = tmp_path / "run" / "stick"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "mounted"
    folder.mkdir()
    return folder


def test_the_one_bundle_is_taken(laid: Path, target: Path) -> None:
    (laid / NAME).write_bytes(b"bundle")
    (laid / "other.txt").touch()
    name, opened = stick.open_bundle(laid)
    stick.write(name, opened, target)
    stick.write(name.replace("094107", "094108"), opened, target)
    os.close(opened)
    assert [path.read_bytes() for path in target.iterdir()] == [b"bundle", b"bundle"]
    assert (target / NAME).exists()


def lay(kind: str, laid: Path, secret: Path) -> None:
    path = laid / NAME
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "hard link":
        path.hardlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "another name":
        (laid / "a.zip").touch()
    elif kind == "two":
        path.touch()
        (laid / NAME.replace("-01-", "-02-")).touch()
    elif kind == "too large":
        path.touch()
        os.truncate(path, stick.MOST_BYTES + 1)


@pytest.mark.parametrize(
    "kind", ["link", "hard link", "pipe", "folder", "another name", "two", "too large", "nothing"]
)
def test_what_is_no_plain_file_of_the_user_is_refused(laid: Path, tmp_path: Path, kind: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"of root")
    lay(kind, laid, secret)
    with pytest.raises((stick.BundleError, OSError)):
        stick.open_bundle(laid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files of others")
def test_a_file_of_somebody_else_is_refused(laid: Path) -> None:
    (laid / NAME).touch()
    os.chown(laid, 64001, 64001)
    with pytest.raises(stick.BundleError):
        stick.open_bundle(laid)


def test_a_folder_that_is_a_link_is_refused(laid: Path, tmp_path: Path) -> None:
    (laid / NAME).touch()
    (tmp_path / "link").symlink_to(laid)
    with pytest.raises(OSError, match="link"):
        stick.open_bundle(tmp_path / "link")


def test_a_file_on_the_stick_is_never_written_over(laid: Path, target: Path) -> None:
    (laid / NAME).write_bytes(b"bundle")
    (target / f"{NAME}.part").symlink_to(laid / "elsewhere")
    name, opened = stick.open_bundle(laid)
    with pytest.raises(FileExistsError):
        stick.write(name, opened, target)
    os.close(opened)
    assert not (laid / "elsewhere").exists()


def test_a_stick_is_mounted_without_programs_devices_and_links(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mount", "umount"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*" >> {tmp_path}/asked\n', encoding="ascii")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    part = stick.Part(kind="vfat", node=Path("/dev/sdz1"), disk=Path("/dev/sdz"))
    with pytest.raises(ZeroDivisionError), stick.mounted(part, target):
        raise ZeroDivisionError
    mounted, down = (tmp_path / "asked").read_text().splitlines()
    words = mounted.split()
    assert set(words[words.index("-o") + 1].split(",")) >= {"nosuid", "nodev", "noexec", "nosymfollow"}
    assert words[words.index("-t") + 1] == "vfat"
    assert down.split()[-1] == str(target)


def test_only_the_kinds_asked_for_are_sticks(tmp_path: Path) -> None:
    (tmp_path / "stick-ntfs-null").symlink_to("/dev/null")
    (tmp_path / "stick-vfat-null").symlink_to("/dev/null")
    assert stick.parts(["vfat"], named=tmp_path) == [], "a character device is no stick"
