"""Parts nobody waits for any more: a kiosk that was lost, an upload that was given up."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.store.ingest import expected_of
from backend.store.models import Dossier

if TYPE_CHECKING:
    from backend.services import Services

PART_LIFE = dt.timedelta(days=7)
"""A part younger than this is never touched: its manifest may still be on the way."""
UPLOAD_LIFE = dt.timedelta(days=60)
"""A dossier whose bytes did not come for so long is not waited for; its kiosk sends all parts again."""


def sweep_parts(services: Services) -> int:
    """Drop parts that belong to no dossier under way; return how many.

    Losing a part loses nothing: the kiosk deletes its own copy only after the signed receipt.

    Args:
        services: The running backend.
    """
    now = services.now()
    with Session(services.engine) as session:
        rows = session.execute(
            select(Dossier.id, Dossier.manifest).where(
                Dossier.state == "receiving", Dossier.received_at > now - UPLOAD_LIFE
            )
        ).all()
    coming = [expected_of(row.id, json.loads(row.manifest)) for row in rows]
    return services.blobs.sweep(now - PART_LIFE, coming=coming)
