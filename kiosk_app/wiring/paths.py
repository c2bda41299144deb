"""Where this kiosk keeps its data."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from kiosk_app.config import Config, with_settings


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
