"""How the queue fails, sorted by what the caller can do."""

from __future__ import annotations

from typing import ClassVar


class QueueError(Exception):
    """The queue could not do what was asked."""

    code: ClassVar[str] = "queue.failed"
    next_step: ClassVar[str] = "Call a technician; nothing already handed in is lost."


class StorageFullError(QueueError):
    """There is no room to store a dossier safely; nothing was stored and no receipt may be given."""

    code = "queue.full"
    next_step = "Hand the papers to staff; a technician must free disk space."


class QueueLockedError(QueueError):
    """The database key is missing or wrong, or the database is damaged."""

    code = "queue.locked"
    next_step = "A technician must restore the kiosk's key or its backup."


class NotEnrolledError(QueueError):
    """No backend key is known, so a dossier cannot be sealed."""

    code = "queue.not_enrolled"
    next_step = "A technician must enrol this kiosk (kiosk enrol CODE --backend URL)."


class BackendUnreachableError(QueueError):
    """The backend did not answer as itself: line down, time-out, server error, captive portal."""

    code = "backend.unreachable"
    next_step = "Try again when the line is back; tickets and hand-in go on working."


class BackendRefusedError(QueueError):
    """The backend answered and said no (kiosk revoked, clock wrong)."""

    code = "backend.refused"
    next_step = "A technician must check the kiosk's enrolment and clock."


class EnrolCodeError(BackendRefusedError):
    """The one-time code is wrong, used or too old; this kiosk is as it was."""

    code = "enrol.code"
    next_step = "Make a new code at the backend (kiosk-backend enrol-code) and enter it within 15 minutes."


class EnrolAddressError(QueueError):
    """There is no address to enrol at, or it is not https; nothing was asked."""

    code = "enrol.address"
    next_step = "Give the backend's https address, then enrol again."


class UnknownDossierError(QueueError):
    """Nobody knows this dossier code, or its token does not fit."""

    code = "dossier.unknown"
    next_step = "Check the code on the receipt, or ask staff."
