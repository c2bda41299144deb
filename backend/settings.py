"""What the backend is told at start."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

DATA_DIR = Path("kiosk-backend-data")
DEFAULT_DATABASE = f"sqlite:///{DATA_DIR / 'backend.db'}"
SHIPPED_VOICE = Path(__file__).parent / "web" / "voice"
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
    """Folder of sealed dossiers; unused where `blobs_url` names an object store."""
    keys_dir: Path
    public_url: str = ""
    """What citizens' phones reach; empty = the host the kiosk asked."""
    unit_code: str = "H20.17"
    """For kiosks enrolled without a unit of their own."""
    unit_name: str = "Trung tâm Phục vụ hành chính công"
    blobs_url: str = ""
    """`s3://BUCKET?endpoint=…`, or empty."""
    voice_dir: Path | None = None
    """Clips of a voice that calls numbers; None = tones alone."""
    metrics_token: str = field(default="", repr=False)
    """Opens /metrics from elsewhere; empty = this machine only."""
    kiosk_per_s: float = 100.0
    """Requests a kiosk may make each second, after a burst of ten times as many."""
    door_per_s: float = 0.2
    """Tries an address without a key may make each second (enrolment, sign-in), after a burst of a hundred
    times as many."""

    def share(self, workers: int) -> Settings:
        """Return the settings of one of so many processes: together they allow what one would."""
        return replace(self, kiosk_per_s=self.kiosk_per_s / workers, door_per_s=self.door_per_s / workers)


def make_settings(
    *,
    database: str,
    blobs: str,
    keys: str | None = None,
    public_url: str = "",
    unit: str = "",
    name: str = "",
    voice: str = "",
) -> Settings:
    """Return settings from the words of a command line.

    Args:
        database: `sqlite:///FILE` or `postgresql://…`.
        blobs: A folder, `file:///FOLDER`, or `s3://BUCKET?endpoint=https://HOST:PORT`.
        keys: Folder of private keys; beside the blobs, but not inside, where nothing is said.
        public_url: What citizens' phones reach.
        unit: Unit identification code.
        name: Name of the unit.
        voice: Folder of clips that call numbers; empty takes the shipped ones, `off` none.

    Raises:
        SettingsError: The database or the store is of a kind this release does not have.
    """
    scheme, _, rest = blobs.partition("://")
    if rest and scheme not in {"file", "s3"}:
        raise SettingsError(f"--blobs {scheme}:// is not known; give a folder or s3://BUCKET?endpoint=URL")
    folder = Path(DEFAULT_BLOBS) if scheme == "s3" else Path(rest or blobs)
    fallback = Settings(database_url="", blobs_dir=folder, keys_dir=folder)
    return Settings(
        database_url=_driver_url(database),
        blobs_dir=folder,
        keys_dir=Path(keys) if keys else folder.with_name(f"{folder.name}.keys"),
        public_url=public_url.rstrip("/"),
        unit_code=unit or fallback.unit_code,
        unit_name=name or fallback.unit_name,
        blobs_url=blobs if scheme == "s3" else "",
        voice_dir=None if voice == "off" else Path(voice or SHIPPED_VOICE),
        metrics_token=os.environ.get("KIOSK_METRICS_TOKEN", ""),
    )


def _driver_url(database: str) -> str:
    scheme, _, rest = database.partition("://")
    if scheme in {"postgresql", "postgres"}:
        return f"postgresql+psycopg://{rest}"
    if scheme in {"sqlite", "postgresql+psycopg"} and rest:
        return database
    raise SettingsError(f"--database {scheme}: give sqlite:///FILE or postgresql://USER@HOST/NAME")
