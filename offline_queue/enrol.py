"""Joining a backend: this kiosk's own key, and the backend's public keys, in `data_dir/keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from offline_queue.errors import (
    BackendRefusedError,
    BackendUnreachableError,
    EnrolCodeError,
    NotEnrolledError,
)
from offline_queue.keyfiles import KEY_BYTES, keys_dir, kiosk_key, write_durably
from offline_queue.messages import Enrolled, Refused, decode

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from offline_queue.transport import Answer, Line

FILE_NAME = "backend.json"
_CREATED = 201
_REVOKED = "enrol.revoked"


class Enrolment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What this kiosk knows of the backend it belongs to; public keys only."""

    kiosk_id: str
    backend_url: str
    public_url: str
    unit_code: str
    verify_key: str
    """Ed25519 public key that signs receipts, base64url."""
    recipients: tuple[str, ...]
    """age keys a dossier is sealed to: the backend's and the escrow's."""


def load_enrolment(data_dir: Path) -> Enrolment:
    """Return the backend this kiosk is enrolled with.

    Raises:
        NotEnrolledError: It is enrolled with none, or the file is damaged.
    """
    path = data_dir / "keys" / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Enrolment)
    except FileNotFoundError as error:
        raise NotEnrolledError(NotEnrolledError.next_step) from error
    except msgspec.MsgspecError as error:
        raise NotEnrolledError(f"{path}: {error}; enrol this kiosk again") from error


def enrol(
    line: Line, *, code: str, name: str, backend_url: str, data_dir: Path, randomness: Callable[[int], bytes]
) -> Enrolment:
    """Exchange a one-time code for an identity and keep it.

    A kiosk whose key was revoked joins with a new key, which takes the old one's place once the backend has
    agreed; what waits in the queue is sent under the new one.

    Args:
        line: A connection to `backend_url`; this one request needs no signature.
        code: From `kiosk-backend enrol-code`.
        name: How the backend lists this kiosk.
        backend_url: Where dossiers go from now on.
        data_dir: The kiosk's data folder.
        randomness: Returns that many random bytes.

    Raises:
        EnrolCodeError: The code is wrong, used or too old.
        BackendRefusedError: The backend refuses for another reason.
        BackendUnreachableError: Nothing answered as a backend.
    """
    seed, keys = kiosk_key(data_dir, randomness=randomness), keys_dir(data_dir)
    answer = _ask(line, code=code, name=name, seed=seed)
    if _refusal(answer) == _REVOKED:
        seed = randomness(KEY_BYTES)
        answer = _ask(line, code=code, name=name, seed=seed)
        enrolled = _accepted(answer)
        write_durably(keys / "kiosk.key", seed.hex().encode("ascii"))
    else:
        enrolled = _accepted(answer)
    enrolment = Enrolment(
        kiosk_id=enrolled.kiosk_id,
        backend_url=backend_url,
        public_url=enrolled.public_url or backend_url,
        unit_code=enrolled.unit_code,
        verify_key=enrolled.verify_key,
        recipients=tuple(enrolled.recipients),
    )
    write_durably(keys / FILE_NAME, msgspec.json.encode(enrolment))
    return enrolment


def _ask(line: Line, *, code: str, name: str, seed: bytes) -> Answer:
    from offline_queue.signing import public_text

    asked = {
        "code": code.strip(),
        "name": name,
        "kiosk_public_key": public_text(seed),
    }
    return line.ask("POST", "/v1/enrol", msgspec.json.encode(asked), signed=False)


def _refusal(answer: Answer) -> str:
    told = decode(answer.body, Refused)
    return told.code if told is not None else ""


def _accepted(answer: Answer) -> Enrolled:
    enrolled = decode(answer.body, Enrolled) if answer.status == _CREATED else None
    if enrolled is not None:
        return enrolled
    why = _refusal(answer)
    if why == EnrolCodeError.code:
        raise EnrolCodeError(
            "the backend did not accept the code; ask for a new one: codes live 15 minutes and work once"
        )
    if why:
        raise BackendRefusedError(f"the backend did not let this kiosk in ({why}); see the backend's log")
    raise BackendUnreachableError(
        f"what answered (status {answer.status}) is no backend of kiosks; check the address and the line"
    )
