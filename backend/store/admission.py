"""Who may ask: the keys of a kiosk, and each signed request once."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import ARRAY, BigInteger, String, any_, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from backend.services import Refusal
from backend.store import rotation
from backend.store.models import Kiosk, SeenRequest

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sqlalchemy import Engine, Row, Select

    from backend.services import Services

REPLAY_LIMIT = 20_000
FORGET_EVERY_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request whose signature holds."""

    kiosk_id: str
    public_key: str
    """The key that signed it."""
    name: str
    """Of the request, from `name_of`."""
    until: float
    """Unix seconds when its token ends."""


def name_of(kiosk_id: str, jti: str) -> str:
    """Return the name of a request: short, whatever the kiosk calls it."""
    return hashlib.sha256(f"{kiosk_id} {jti}".encode()).hexdigest()[:40]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKiosk:
    """A kiosk that was let in, as requests need it."""

    id: str
    unit_code: str
    unit_name: str
    keys: tuple[str, ...] = ()
    """Public keys it may sign with now, the usual one first; none when it was revoked."""
    next_key: str | None = None
    """The one of them that was announced and has not signed yet."""


class Gate(Protocol):
    """Knows kiosks, and remembers names of requests for as long as their tokens live."""

    def look(self, asks: Sequence[Ask], now: dt.datetime) -> tuple[dict[str, KnownKiosk], set[str]]:
        """Return the kiosks that ask, by id, and the names that were not noted before; they are now.

        Args:
            asks: With their names.
            now: The backend's clock.
        """
        ...


class GateOfOneProcess:
    """Names in the memory of the only process there is: on SQLite, each note would wait for the disk.

    Args:
        reader: For single statements.
    """

    def __init__(self, reader: Engine) -> None:
        self._reader = reader
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}

    def look(self, asks: Sequence[Ask], now: dt.datetime) -> tuple[dict[str, KnownKiosk], set[str]]:
        """Look; see `Gate.look`."""
        query = select(*_COLUMNS).where(Kiosk.id.in_({ask.kiosk_id for ask in asks}))
        with self._reader.connect() as connection:
            known = {row.id: known_kiosk(row, now) for row in connection.execute(query)}
        return known, self.first_time(asks, now.timestamp())

    def first_time(self, asks: Sequence[Ask], now: float) -> set[str]:
        """Note names; return those that were not noted before.

        Args:
            asks: With their names.
            now: Unix seconds.
        """
        fresh = set()
        with self._lock:
            if len(self._until) >= REPLAY_LIMIT:
                self._until = {name: end for name, end in self._until.items() if end > now}
            for ask in asks:
                if ask.name not in self._until:
                    self._until[ask.name] = ask.until
                    fresh.add(ask.name)
        return fresh


class SharedGate:
    """Names in a table of PostgreSQL, for many processes on many machines; one trip for all.

    Args:
        reader: For single statements.
    """

    def __init__(self, reader: Engine) -> None:
        self._reader = reader
        self._forget_at = 0.0

    def look(self, asks: Sequence[Ask], now: dt.datetime) -> tuple[dict[str, KnownKiosk], set[str]]:
        """Look; see `Gate.look`."""
        until = {ask.name: int(ask.until) + 1 for ask in asks}
        asked = {
            "kiosks": list({ask.kiosk_id for ask in asks}),
            "names": list(until),
            "untils": list(until.values()),
        }
        with self._reader.connect() as connection:
            rows = connection.execute(_LOOK, asked).all()
            if now.timestamp() >= self._forget_at:
                self._forget_at = now.timestamp() + FORGET_EVERY_S
                ended = delete(SeenRequest).where(SeenRequest.until < int(now.timestamp()))
                connection.execute(ended)
        fresh = set(rows[0].fresh or ()) if rows else set()
        return {row.id: known_kiosk(row, now) for row in rows}, fresh


_COLUMNS: Final = (
    Kiosk.id,
    Kiosk.unit_code,
    Kiosk.unit_name,
    Kiosk.public_key,
    Kiosk.next_key,
    Kiosk.old_key,
    Kiosk.old_key_until,
    Kiosk.revoked_at,
)


def _noting() -> Select[Any]:
    """Return the one statement that notes names and reads kiosks."""
    noted = (
        insert(SeenRequest)
        .from_select(
            ["name", "until"],
            select(
                func.unnest(bindparam("names", type_=ARRAY(String))),
                func.unnest(bindparam("untils", type_=ARRAY(BigInteger))),
            ),
        )
        .on_conflict_do_nothing()
        .returning(SeenRequest.name)
        .cte("noted")
    )
    fresh = select(func.array_agg(noted.c.name)).scalar_subquery().label("fresh")
    return select(*_COLUMNS, fresh).where(Kiosk.id == any_(bindparam("kiosks", type_=ARRAY(String))))


_LOOK: Final = _noting()


def known_kiosk(row: Row[*tuple[Any, ...]] | Kiosk, now: dt.datetime) -> KnownKiosk:
    """Return a kiosk with the keys it may sign with.

    Args:
        row: Of the table.
        now: The backend's clock.
    """
    old = row.old_key if row.old_key_until is not None and row.old_key_until > now else None
    keys = () if row.revoked_at is not None else (row.public_key, row.next_key, old)
    return KnownKiosk(
        id=row.id,
        unit_code=row.unit_code,
        unit_name=row.unit_name,
        keys=tuple(key for key in keys if key is not None),
        next_key=row.next_key,
    )


def find_kiosk(services: Services, kiosk_id: str) -> KnownKiosk | None:
    """Return a kiosk, revoked or not."""
    with services.reader.connect() as connection:
        row = connection.execute(select(*_COLUMNS).where(Kiosk.id == kiosk_id)).one_or_none()
    return None if row is None else known_kiosk(row, services.now())


def admit(services: Services, asks: Sequence[Ask]) -> list[KnownKiosk | Refusal]:
    """Return the kiosk behind each request, or why it is not let in; requests are noted as seen.

    Args:
        services: The running backend.
        asks: Requests with good signatures.
    """
    known, fresh = services.gate.look(asks, services.now())
    answers: list[KnownKiosk | Refusal] = []
    for ask in asks:
        kiosk = known.get(ask.kiosk_id)
        if kiosk is None or ask.public_key not in kiosk.keys:
            answers.append(stranger())
        elif ask.name not in fresh:
            answers.append(Refusal(409, "auth.replayed", "this request was here before; sign it anew"))
        else:
            fresh.discard(ask.name)  # the same name twice in one batch is a replay as well
            if ask.public_key == kiosk.next_key:
                rotation.promote(services, kiosk.id, ask.public_key)
            answers.append(kiosk)
    return answers


def stranger() -> Refusal:
    """Return the answer for whoever is not let in."""
    return Refusal(401, "auth.unknown_kiosk", "this kiosk is not enrolled, or was revoked")
