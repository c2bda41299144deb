"""The queue as the command line uses it: hand in, count, list, send once, retry, export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.wiring.queue import now, open_courier, open_outbox, open_queue
from offline_queue.keyfiles import write_durably
from offline_queue.reconcile import reconcile

if TYPE_CHECKING:
    from pathlib import Path

    from kiosk_app.config import Config
    from offline_queue.courier import Round
    from offline_queue.outbox import Outbox
    from offline_queue.ports import HandIn, HandInReceipt, QueueStatus
    from offline_queue.reconcile import Found


class StaffQueue:
    """One open queue; close it at the end.

    Args:
        config: The effective configuration.

    Raises:
        QueueLockedError: The key is missing or wrong, or the database is damaged.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._queue = open_queue(config)

    def put(self, hand_in: HandIn) -> HandInReceipt:
        """Seal and store a dossier; see `DossierQueue.put`."""
        return self._queue.put(hand_in)

    def status(self) -> QueueStatus:
        """Count what is here."""
        return self._queue.status()

    def held(self) -> dict[str, str]:
        """Return receipt code to reason of every dossier set aside."""
        return self._outbox().quarantined_reasons()

    def check(self) -> Found:
        """Look over rows, parts, pages and the chain of events, as at every start; loses nothing.

        Raises:
            QueueLockedError: The file cannot be read at all.
        """
        return reconcile(self._queue.vault, now(), every_page=True)

    def dossiers(self) -> list[dict[str, str | None]]:
        """Return what may be said about each dossier, oldest first."""
        reasons = self.held()
        return [
            {
                "receipt_code": dossier.receipt_code,
                "official_code": dossier.official_code,
                "state": dossier.state,
                "procedure": dossier.procedure,
                "created_at": dossier.created_at.isoformat(),
                "reason": reasons.get(dossier.receipt_code),
            }
            for dossier in self._queue.dossiers()
        ]

    def sync_once(self) -> Round:
        """Send everything that waits, now: a person asked, so no dossier waits for its turn.

        Raises:
            NotEnrolledError: This kiosk is enrolled nowhere.
        """
        outbox = self._outbox()
        outbox.make_due()
        courier, let_go = open_courier(self._config, outbox)
        try:
            return courier.sync_once()
        finally:
            let_go()

    def retry(self) -> int:
        """Give quarantined dossiers another chance and lift a pause; return how many came back."""
        return self._outbox().retry()

    def export(self, folder: Path) -> list[str]:
        """Copy every dossier the backend has not confirmed, sealed, into a folder; return their ids.

        `<id>.json` is the manifest and `<id>.age` the sealed dossier. A file that is whole is not written
        again, so a copy that was cut off can be repeated; nothing is deleted here.

        Raises:
            OSError: The folder cannot be written.
        """
        outbox = self._outbox()
        folder.mkdir(parents=True, exist_ok=True)
        names = []
        for dossier_id in outbox.unsent():
            manifest = outbox.manifest(dossier_id)
            if manifest is None:
                continue  # confirmed by the backend in the meantime
            for name, data in (
                (f"{dossier_id}.age", outbox.sealed(dossier_id)),
                (f"{dossier_id}.json", manifest),
            ):
                path = folder / name
                if not path.exists() or path.read_bytes() != data:
                    write_durably(path, data)
            names.append(dossier_id)
        return names

    def close(self) -> None:
        """Close the database; safe to call twice."""
        self._queue.close()

    def _outbox(self) -> Outbox:
        outbox = open_outbox(self._queue)
        outbox.recover()
        return outbox
