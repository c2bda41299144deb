"""Takes a signed release: beside the old one, rehearsed, switched in one step, watched, and back if it falls.

`update.py take FILE` takes one release, `watch FOLDER` the newest good one of a folder when nobody is before
the kiosk (kiosk-update.timer), `back` returns to the release before, `list` shows what is there, `mend` is
what the unit calls before it starts. A power cut at any moment leaves a kiosk that runs: until the link is
switched the old one, afterwards the new one, whose watching `settle` takes up again (kiosk-settle.service).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from deploy.machine import SERVING, NoService, Service, State, SystemdService
from deploy.place import COMPLETE, Pending, Place
from deploy.rehearsal import make_environment, rehearse
from deploy.signed_release import Release, ReleaseError, order, read_list, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OPEN_S: Final = 180
"""Seconds a new release may take until it serves."""
GATE_S: Final = 60
"""Seconds it must then serve without falling once."""
QUIET_ASKS: Final = 3
"""How often in a row, a minute apart, nobody must be before the kiosk when `watch` stops it."""
PATIENCE_ASKS: Final = 8 * 60
"""How often `watch` asks before it leaves the release to the next night."""
SPACE: Final = 3
"""Bytes wanted free for each byte of a release: the files, their environment, and some air."""


class InUseError(ReleaseError):
    """Somebody is before the kiosk."""


class Updater:
    """Takes releases and goes back.

    Args:
        place: Where things are.
        service: The kiosk's service.
        environment: Makes the `.venv` of an unpacked release.
        pause: Called with seconds to wait.
        open_s: Seconds a new release may take until it serves.
        gate_s: Seconds it must then serve without falling.
    """

    def __init__(
        self,
        place: Place,
        service: Service,
        *,
        environment: Callable[[Path], None] = make_environment,
        pause: Callable[[float], None] = time.sleep,
        open_s: int = OPEN_S,
        gate_s: int = GATE_S,
    ) -> None:
        self._place, self._service, self._pause = place, service, pause
        self._environment, self._open_s, self._gate_s = environment, open_s, gate_s

    def take(self, file: Path, *, allow_older: bool = False) -> str:
        """Take a release and return its version.

        Raises:
            ReleaseError: It was not taken; the kiosk runs what it ran before.
        """
        with self._place.locked():
            self._settle()
            version = self._prepare(file, allow_older=allow_older)
            self._place.chosen(version)
            self._switch(version)
        return version

    def watch(self, folder: Path) -> str:
        """Settle what a power cut left, then take the newest good release of a folder, if it is newer.

        It is made ready at once and switched to when nobody has been before the kiosk for some minutes;
        nothing is locked until then, so a technician need not wait. Returns the version, or nothing.

        Raises:
            ReleaseError: Something was wrong with a file or a release; an older good one may have been taken.
        """
        self.settle()
        wrong: list[str] = []
        taken = ""
        for version, file in self._offered(folder, wrong):
            try:
                taken = self._take_when_quiet(version, file)
            except ReleaseError as error:
                wrong.append(str(error))
                if isinstance(error, InUseError):
                    break
            if taken:
                break
        if wrong:
            raise ReleaseError("; ".join([*wrong, *([f"{taken} runs"] if taken else ())]))
        return taken

    def settle(self) -> None:
        """Finish the switch that a power cut interrupted.

        Raises:
            ReleaseError: It ended otherwise than it was meant to; the message says how.
        """
        with self._place.locked():
            self._settle()

    def back(self) -> str:
        """Return to the newest complete release older than the current one; return its version.

        Raises:
            ReleaseError: There is none, or it does not come up.
        """
        with self._place.locked():
            self._settle()
            running = order(self._place.current() or "0.0.0")
            older = [version for version in self._place.versions() if order(version) < running]
            if not older:
                raise ReleaseError("there is no older release here; take one with --allow-older")
            self._place.chosen(older[-1])
            self._switch(older[-1])
            return older[-1]

    def mend(self) -> None:
        """Before the kiosk starts: finish what a power cut left half done of a way back."""
        # Locked out by an update that runs, which knows what it does: nothing is to be mended. A disk that
        # takes no write keeps no kiosk from starting.
        with contextlib.suppress(ReleaseError, OSError), self._place.locked():
            pending = self._place.pending()
            if pending is not None and pending.back:
                self._lay_back(pending)

    # --- before the switch ------------------------------------------------------------------------------

    def _offered(self, folder: Path, wrong: list[str]) -> list[tuple[str, Path]]:
        """Return the versions of a folder and their files, newest first; note and tell what is no release."""
        offered = []
        for file in sorted(folder.glob("*.release")):
            try:
                with _opened(file) as archive:
                    offered.append((read_list(archive, self._place.public_key).version, file))
            except ReleaseError as error:
                self._place.note("bad_file", file.name, str(error))
                wrong.append(f"{file.name}: {error}")
        return sorted(offered, key=lambda each: order(each[0]), reverse=True)

    def _take_when_quiet(self, version: str, file: Path) -> str:
        """Take a release if it is wanted, and return it; or return nothing."""
        if not self._place.wanted(version):
            return ""
        with self._place.locked():
            self._settle()
            self._prepare(file, allow_older=False)
        quiet = self._becomes_quiet()
        with self._place.locked():
            self._settle()
            if not self._place.wanted(version) or version not in self._place.versions():
                return ""  # a technician was here meanwhile
            if not quiet:
                self._place.note("kiosk_in_use", version)
                raise InUseError(f"somebody is before the kiosk all the time; {version} waits for the night")
            self._switch(version)
        return version

    def _becomes_quiet(self) -> bool:
        """Wait until nobody has been before the kiosk for some minutes; tell whether it came to that."""
        quiet = 0
        for _minute in range(PATIENCE_ASKS):
            quiet = 0 if self._service.state().in_use else quiet + 1
            if quiet >= QUIET_ASKS:
                return True
            self._pause(60)
        return False

    def _prepare(self, file: Path, *, allow_older: bool) -> str:
        """Lay a release ready beside what runs, rehearsed, and return its version."""
        with _opened(file) as archive:
            release = read_list(archive, self._place.public_key)
            self._refuse(release, allow_older=allow_older)
            folder = self._place.releases / release.version
            shutil.rmtree(folder, ignore_errors=True)  # left by a power cut, or refused before
            try:
                unpack(archive, release, folder)
                self._environment(folder)
                rehearse(folder, self._place)
            except (ReleaseError, OSError) as error:
                shutil.rmtree(folder, ignore_errors=True)
                self._place.note("not_taken", release.version, str(error))
                raise ReleaseError(f"{release.version} is not taken: {error}") from error
        (folder / COMPLETE).touch()
        os.sync()
        return release.version

    def _refuse(self, release: Release, *, allow_older: bool) -> None:
        running = self._place.current()
        if release.version == running:
            raise ReleaseError(f"{running} runs already; there is nothing to do")
        if running and order(release.version) < order(running) and not allow_older:
            raise ReleaseError(f"{release.version} is older than {running}, which runs; see --allow-older")
        self._place.releases.mkdir(parents=True, exist_ok=True)
        _refuse_full(self._place.releases, SPACE * release.size)
        _refuse_full(self._place.data(), self._place.queue_size())

    # --- the switch -------------------------------------------------------------------------------------

    def _switch(self, version: str) -> None:
        _refuse_full(self._place.data(), self._place.queue_size())
        old = self._place.current()
        try:
            pending = Pending(old=old, new=version, doing=self._service.state().doing)
            self._service.stop()
            self._place.copy_queue()
            self._place.write_pending(pending)
            self._place.point(version)
        except (OSError, subprocess.SubprocessError) as error:
            # The link still names the old one: it runs again, whatever else cannot be tidied up.
            with contextlib.suppress(OSError):
                self._place.settled()
            self._service.start()
            self._place.note("not_switched", version, str(error))
            raise ReleaseError(f"{version} is not taken, {old or 'nothing'} runs on: {error}") from error
        self._service.start()
        self._settle()

    def _settle(self) -> None:
        pending = self._place.pending()
        if pending is None:
            return
        if pending.back:
            self._fall_back(pending)
        if self._place.current() != pending.new:  # the power went before the link was switched
            self._place.settled()
            self._service.start()
        elif self._comes_up(pending):
            self._place.settled()
            self._place.prune({pending.old, pending.new})
            self._place.note("taken", pending.new)
        else:
            self._fall_back(self._place.pending() or pending)

    def _comes_up(self, pending: Pending) -> bool:
        """Wait until the release serves, then whether it goes on serving without a fall."""
        served_s = 0
        for _second in range(self._open_s + self._gate_s):
            state = self._service.state()
            serves = _serves(state, pending)
            if state.restarts or (served_s and not serves):
                return False
            served_s = served_s + 1 if serves else 0
            if served_s == 1 and not pending.served:
                self._place.write_pending(replace(pending, served=True))
            if served_s > self._gate_s:
                return True
            self._pause(1)
        return False

    def _fall_back(self, pending: Pending) -> None:
        """Let the old release run again; never returns: the caller is told what became of it."""
        self._place.refuse_for_ever(pending.new)
        if not pending.old:
            self._place.settled()
            self._place.note("first_release_ill", pending.new)
            raise ReleaseError(
                f"{pending.new} does not serve and there is none before it; see `kiosk doctor`"
            )
        self._service.stop()
        self._place.write_pending(replace(pending, back=True))
        self._lay_back(pending)
        self._service.start()
        if self._comes_up(replace(pending, served=True)):
            self._place.settled()
            self._place.note("went_back", pending.new)
            raise ReleaseError(
                f"{pending.new} did not go on serving; {pending.old} runs again, nothing is lost"
            )
        # What was handed in since lies in a database that only the new release reads: it stays as it is.
        self._service.stop()
        self._place.point(pending.new)
        self._place.settled()
        self._service.start()
        self._place.note("neither_serves", pending.new)
        raise ReleaseError(
            f"neither {pending.new} nor {pending.old} serves; call the technician and delete nothing"
        )

    def _lay_back(self, pending: Pending) -> None:
        if not pending.served:
            # Nobody was served since: the copy holds everything, in the form the old release knows.
            self._place.put_queue_back()
            # From now on the old one may serve: a second way back must not overwrite what it takes in.
            self._place.write_pending(replace(pending, back=True, served=True))
        self._place.point(pending.old)


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    with contextlib.ExitStack() as stack:
        try:
            archive = stack.enter_context(tarfile.open(file, "r:"))
        except (OSError, tarfile.TarError) as error:
            raise ReleaseError(f"the file cannot be read ({error}); copy it again") from error
        yield archive


def _refuse_full(folder: Path, wanted: int) -> None:
    free = shutil.disk_usage(folder).free if wanted else 0
    if free < wanted:
        raise ReleaseError(f"{free >> 20} MiB are free in {folder}, {(wanted >> 20) + 1} MiB are needed")


def _serves(state: State, pending: Pending) -> bool:
    """Tell whether the kiosk serves as much as before; one that served without its queue may go on so."""
    as_before = pending.doing if pending.doing.startswith(SERVING) else SERVING
    return state.active and state.doing in {SERVING, as_before}


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Take a signed release of the kiosk, or go back.")
    parser.add_argument("--root", type=Path, default=Place().root)
    parser.add_argument("--key", type=Path, default=Place().public_key, help="the province's public key")
    parser.add_argument("--no-service", action="store_true", help="systemd does not run: only lay it ready")
    parts = parser.add_subparsers(dest="what", required=True)
    take = parts.add_parser("take", help="take a release")
    take.add_argument("file", type=Path)
    take.add_argument("--allow-older", action="store_true")
    parts.add_parser("watch", help="take the newest of a folder").add_argument("folder", type=Path)
    parts.add_parser("settle", help="finish an update that a power cut interrupted; at the start")
    parts.add_parser("back", help="return to the release before")
    parts.add_parser("list", help="show the releases that are here; * runs")
    parts.add_parser("mend", help="finish a way back that a power cut interrupted; for the unit")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Do what was asked; return 0, or 1 with a sentence."""
    os.umask(0o022)  # a root shell may be closed to all others; the kiosk's user must read what is laid here
    args = _arguments(argv)
    place = Place(root=args.root, public_key=args.key)
    updater = Updater(place, NoService() if args.no_service else SystemdService())
    said = ""
    try:
        match args.what:
            case "take":
                said = f"{updater.take(args.file, allow_older=args.allow_older)} runs\n"
            case "watch":
                taken = updater.watch(args.folder)
                said = f"{taken} runs\n" if taken else ""
            case "back":
                said = f"{updater.back()} runs\n"
            case "settle":
                updater.settle()
            case "mend":
                updater.mend()
            case _:
                runs = place.current()
                said = "".join(f"{'*' if name == runs else ' '} {name}\n" for name in place.versions())
    except (ReleaseError, OSError) as error:
        sys.stderr.write(f"update: {error}\n")
        return 1
    sys.stdout.write(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
