"""Where the state of a dossier is asked for: the backend, or this kiosk for what it has not sent yet."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from offline_queue.errors import (
    BackendRefusedError,
    BackendUnreachableError,
    NotEnrolledError,
    UnknownDossierError,
)
from offline_queue.identifiers import normal_code
from offline_queue.messages import Progress, decode
from offline_queue.ports import DossierProgress
from offline_queue.states import DossierState

if TYPE_CHECKING:
    from collections.abc import Callable

    from offline_queue.ports import DossierQueue, LocalDossier
    from offline_queue.sync import Link
    from offline_queue.transport import Answer, Line

_OK = 200
_NOT_ALLOWED = frozenset({401, 403})
_UNKNOWN = frozenset({404, 422, 429})


class BackendDesk:
    """Asks the backend, and answers for this kiosk's own dossiers when it is not there.

    Args:
        queue: This kiosk's own dossiers.
        connect: Opens a line and a function that lets it go; raises NotEnrolledError.
        link: The state of the line.
        unit: Name of this centre, shown for dossiers not sent yet.
    """

    def __init__(
        self,
        *,
        queue: DossierQueue,
        connect: Callable[[], tuple[Line, Callable[[], None]]],
        link: Link,
        unit: str,
    ) -> None:
        self._queue = queue
        self._connect = connect
        self._link = link
        self._unit = unit

    def look_up(self, code: str, *, token: str | None = None, id_tail: str | None = None) -> DossierProgress:
        """Return the progress of a dossier; see `ProgressDesk.look_up`."""
        wanted = normal_code(code)
        own = self._queue.find(wanted, token=token)
        if own is not None and own.state != DossierState.STORED:
            return self._own(own)
        try:
            return self._ask(wanted, token=token, id_tail=id_tail)
        except (BackendUnreachableError, BackendRefusedError):
            if own is None:
                raise
            return self._own(own)

    def reachable(self) -> bool:
        """Tell whether the last authenticated heartbeat came through; never blocks."""
        return self._link.online()

    def people_waiting(self) -> int | None:
        """Return how many wait to be called; see `ProgressDesk.people_waiting`."""
        return self._link.waiting()

    def trouble(self) -> str:
        """Return why the backend is not reached; see `ProgressDesk.trouble`."""
        return "" if self._link.online() else self._link.cause

    def lost_heartbeats(self) -> int:
        """Return how many heartbeats in a row came to nothing; see `ProgressDesk.lost_heartbeats`."""
        return self._link.lost()

    def _own(self, dossier: LocalDossier) -> DossierProgress:
        return DossierProgress(
            code=dossier.official_code or dossier.receipt_code,
            receipt_code=dossier.receipt_code,
            state=1 if dossier.state == DossierState.STORED else 0,
            since=dossier.created_at,
            unit=self._unit,
            due=None,
            next_step="ask_staff" if dossier.state == DossierState.QUARANTINED else "wait",
            procedure=dossier.procedure,
        )

    def _ask(self, code: str, *, token: str | None, id_tail: str | None) -> DossierProgress:
        if token is None and id_tail is None:
            raise UnknownDossierError(
                "show the QR code of the receipt, or type the last four digits of the ID"
            )
        query = {"code": code, **({"t": token} if token is not None else {"tail": id_tail or ""})}
        try:
            line, let_go = self._connect()
        except NotEnrolledError as error:
            raise BackendUnreachableError(NotEnrolledError.next_step) from error
        try:
            return _read(line.ask("GET", "/v1/progress", query=query))
        finally:
            let_go()


def _read(answer: Answer) -> DossierProgress:
    if answer.status in _UNKNOWN:
        raise UnknownDossierError(UnknownDossierError.next_step)
    if answer.status in _NOT_ALLOWED:
        raise BackendRefusedError(BackendRefusedError.next_step)
    told = decode(answer.body, Progress) if answer.status == _OK else None
    if told is None:
        raise BackendUnreachableError(BackendUnreachableError.next_step)
    since = told.since if told.since.tzinfo is not None else told.since.replace(tzinfo=dt.UTC)
    return DossierProgress(
        code=told.code,
        receipt_code=told.receipt_code,
        state=told.state,
        since=since,
        unit=told.unit,
        due=told.due,
        next_step=told.next_step,
        procedure=told.procedure,
    )
