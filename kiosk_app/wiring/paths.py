"""Where this kiosk keeps its data."""

from __future__ import annotations

import fcntl
import logging
import os
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from kiosk_app.config import Config, with_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)
_SERVING: Final = ".serving"
_held_here: Final[set[Path]] = set()
"""Data folders that this process serves from: it is no other kiosk to itself."""


class DataFolderError(Exception):
    """The data folder cannot be used; the message says what to do."""

    code = "data_dir.unusable"


def with_demo_folder(config: Config, folder: Path | None = None) -> Config:
    """Return the configuration with a data folder a demonstration may write to.

    A folder named in the configuration stays; the built-in `/var/lib/kiosk` is for installed kiosks only.

    Raises:
        ConfigError: What was set on the technician's screen there cannot be read.
    """
    if config.data_dir != Config().data_dir:
        return config
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return with_settings(msgspec.structs.replace(config, data_dir=folder or Path(state) / "kiosk-demo"))


def run_folder(data: Path) -> Path:
    """Return where to note what lasts until the machine is switched off: systemd's folder, or one in `data`.

    Raises:
        DataFolderError: It cannot be made.
    """
    folder = Path(os.environ.get("RUNTIME_DIRECTORY") or data / "run")
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
    except OSError as error:
        raise DataFolderError(f"{folder} cannot be made ({error.strerror}); see RuntimeDirectory") from error
    return folder


def prepare(config: Config) -> Path:
    """Make the data folder, readable by this user only, and return it.

    Raises:
        DataFolderError: It cannot be made or written.
    """
    folder = config.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise DataFolderError(
            f"{folder} cannot be used ({error.strerror}); set data_dir in the configuration to a folder "
            "this user may write, or run as the kiosk's user"
        ) from error
    return folder


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Let others see that a kiosk serves from this data folder; the kernel forgets it with the process.

    Where the mark cannot be made (a full disk) the kiosk serves all the same.
    """
    with ExitStack() as stack:
        try:
            mark = stack.enter_context((folder / _SERVING).open("ab"))
            fcntl.flock(mark, fcntl.LOCK_SH)
        except OSError as error:
            log.warning("kiosk.not_marked", extra={"cause": type(error).__name__})
        _held_here.add(folder)
        stack.callback(_held_here.discard, folder)
        yield


def served_by_another(folder: Path) -> bool:
    """Tell whether the kiosk runs over this data folder in another process."""
    if folder in _held_here:
        return False
    try:
        with (folder / _SERVING).open("rb") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # no kiosk ever served here, or not as a user whose devices are at hand
    return False
