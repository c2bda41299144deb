"""Taking in what a kiosk exported to a stick, by the same door as the wire: exactly once, either way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.messages import Manifest, Receipt, sha256_hex
from backend.services import Refusal
from backend.store import ingest
from backend.store.models import Kiosk

if TYPE_CHECKING:
    from pathlib import Path

    from backend.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one exported dossier."""

    name: str
    official_code: str | None
    new: bool = False
    problem: str = ""


def import_folder(services: Services, folder: Path, *, unit: str, unit_name: str) -> list[Imported]:
    """Take in every `<id>.json` with its `<id>.age`; what is here already keeps its receipt.

    Args:
        services: The backend.
        folder: Written by `kiosk queue export`.
        unit: Unit code the official codes are minted for.
        unit_name: Its name.
    """
    door = _door(services, unit, unit_name)
    return [_import_one(services, door, path) for path in sorted(folder.glob("*.json"))]


def _import_one(services: Services, door: Kiosk, path: Path) -> Imported:
    try:
        dossier_id = str(UUID(path.stem))
        new, receipt = _take_in(services, door, dossier_id, path)
    except Refusal as refusal:
        return Imported(name=path.stem, official_code=None, problem=refusal.message)
    except ValidationError:
        return Imported(name=path.stem, official_code=None, problem="the manifest is not one of ours")
    except OSError as error:
        return Imported(name=path.stem, official_code=None, problem=f"{error.filename}: {error.strerror}")
    except ValueError:
        return Imported(name=path.stem, official_code=None, problem="the file's name is not a dossier id")
    return Imported(name=dossier_id, official_code=receipt.official_code, new=new)


def _take_in(services: Services, door: Kiosk, dossier_id: str, path: Path) -> tuple[bool, Receipt]:
    body = path.read_bytes()
    manifest = Manifest.model_validate_json(body)
    sealed = path.with_suffix(".age").read_bytes()
    ingest.keep_manifest(services, door, dossier_id, manifest, json.loads(body))
    start = 0
    for part in manifest.parts:
        data = sealed[start : start + part.size]
        start += part.size
        if sha256_hex(data) == part.sha256:
            services.blobs.put_part(part.sha256, data)
    return ingest.commit(services, door, dossier_id, base_url=services.settings.public_url)


def _door(services: Services, unit: str, unit_name: str) -> Kiosk:
    """Return the kiosk that stands for imports of a unit; it has no key, so nobody can sign as it."""
    name = f"import-{unit}"
    with Session(services.engine, expire_on_commit=False) as session, session.begin():
        kiosk = session.get(Kiosk, name)
        if kiosk is None:
            now = services.now()
            kiosk = Kiosk(
                id=name,
                name="import",
                public_key=name,
                unit_code=unit,
                unit_name=unit_name,
                enrolled_at=now,
                revoked_at=now,
            )
            session.add(kiosk)
        return kiosk
