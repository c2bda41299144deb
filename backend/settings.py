"""What the backend is told at start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DATA_DIR = Path("kiosk-backend-data")
DEFAULT_DATABASE = f"sqlite:///{DATA_DIR / 'backend.db'}"
DEFAULT_BLOBS = str(DATA_DIR / "blobs")
PART_LIMIT = 256 * 1024
"""Bytes of one part."""
JSON_LIMIT = 1024 * 1024
"""Bytes of a manifest: 4,096 parts need about 400 kB."""


class SettingsError(Exception):
    """The backend was told something it cannot do; the message says what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie and what the backend calls itself."""

    database_url: str
    blobs_dir: Path
    keys_dir: Path
    public_url: str = ""
    """What citizens' phones reach; empty = the host the kiosk asked."""
    unit_code: str = "H20.17"
    """For kiosks enrolled without a unit of their own."""
    unit_name: str = "Trung tâm Phục vụ hành chính công"


def make_settings(
    *,
    database: str,
    blobs: str,
    keys: str | None = None,
    public_url: str = "",
    unit: str = "",
    name: str = "",
) -> Settings:
    """Return settings from the words of a command line.

    Args:
        database: `sqlite:///FILE` or `postgresql://…`.
        blobs: A folder, or `file:///FOLDER`.
        keys: Folder of private keys; beside the blobs, but not inside, where nothing is said.
        public_url: What citizens' phones reach.
        unit: Unit identification code.
        name: Name of the unit.

    Raises:
        SettingsError: The database or the store is of a kind this release does not have.
    """
    scheme, _, rest = blobs.partition("://")
    if rest and scheme != "file":
        raise SettingsError(f"--blobs {scheme}:// is not in this release; give a folder")
    folder = Path(rest or blobs)
    fallback = Settings(database_url="", blobs_dir=folder, keys_dir=folder)
    return Settings(
        database_url=_driver_url(database),
        blobs_dir=folder,
        keys_dir=Path(keys) if keys else folder.with_name(f"{folder.name}.keys"),
        public_url=public_url.rstrip("/"),
        unit_code=unit or fallback.unit_code,
        unit_name=name or fallback.unit_name,
    )


def _driver_url(database: str) -> str:
    scheme, _, rest = database.partition("://")
    if scheme in {"postgresql", "postgres"}:
        return f"postgresql+psycopg://{rest}"
    if scheme in {"sqlite", "postgresql+psycopg"} and rest:
        return database
    raise SettingsError(f"--database {scheme}: give sqlite:///FILE or postgresql://USER@HOST/NAME")
