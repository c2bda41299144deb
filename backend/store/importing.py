"""Taking in what a kiosk exported to a stick, by the same door as the wire: exactly once, either way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.messages import Manifest, Receipt, sha256_hex
from backend.services import Refusal
from backend.store import ingest
from backend.store.admission import KnownKiosk, known_kiosk
from backend.store.models import Kiosk

if TYPE_CHECKING:
    from pathlib import Path

    from backend.services import Services


T = TypeVar("T")


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


def _import_one(services: Services, door: KnownKiosk, path: Path) -> Imported:
    try:
        dossier_id = str(UUID(path.stem))
        new, code = _take_in(services, door, dossier_id, path)
    except Refusal as refusal:
        return Imported(name=path.stem, official_code=None, problem=refusal.message)
    except ValidationError:
        return Imported(name=path.stem, official_code=None, problem="the manifest is not one of ours")
    except OSError as error:
        return Imported(name=path.stem, official_code=None, problem=f"{error.filename}: {error.strerror}")
    except ValueError:
        return Imported(name=path.stem, official_code=None, problem="the file's name is not a dossier id")
    return Imported(name=dossier_id, official_code=code, new=new)


def _take_in(services: Services, door: KnownKiosk, dossier_id: str, path: Path) -> tuple[bool, str]:
    body = path.read_bytes()
    manifest = Manifest.model_validate_json(body)
    content = json.loads(body)
    sealed = path.with_suffix(".age").read_bytes()
    announced = ingest.announced(door, dossier_id, manifest, content)
    kept = _or_raise(ingest.keep_manifests(services, [announced])[0])
    if kept.state == "receiving":
        services.blobs.expect(ingest.expected_of(dossier_id, content))
    start = 0
    for part in manifest.parts:
        data = sealed[start : start + part.size]
        start += part.size
        if sha256_hex(data) == part.sha256:
            services.blobs.put_part(part.sha256, data)
    found = ingest.assemble(services, door, dossier_id, base_url=services.settings.public_url)
    if isinstance(found, ingest.Assembled):
        expected = found.expected
        found = _or_raise(ingest.store(services, [found])[0])
        services.blobs.let_go(expected)
    return found.new, Receipt.model_validate_json(found.receipt).official_code


def _or_raise(answer: T | Refusal) -> T:
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _door(services: Services, unit: str, unit_name: str) -> KnownKiosk:
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
        return known_kiosk(kiosk, services.now())
