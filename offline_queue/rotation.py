"""A new signing key for this kiosk under its enrolment: announced with the present one, then put in place.

The backend takes both keys from the announcement until the new one has signed, so power that goes at any
moment leaves a kiosk that is let in. The new key lies beside the present one until then, and an announcement
that was cut off is made again with the same key. Where the backend has gone over to the new key already (it
was in place and signed, then the disk lost its new name), the new key announces itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from offline_queue.errors import BackendRefusedError, BackendUnreachableError
from offline_queue.keyfiles import kept_seed, keys_dir, kiosk_key, new_seed, sync_folder
from offline_queue.messages import KeyKept, canonical_json, decode
from offline_queue.signing import public_text, sign, signature_holds
from offline_queue.states import NOT_ALLOWED, Fate, fate

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from offline_queue.enrol import Enrolment
    from offline_queue.transport import Line

NEXT_NAME = "kiosk.key.next"
_AGREED = 200
_USED_BEFORE = 422


def rotate(
    connect: Callable[[bytes], AbstractContextManager[Line]],
    *,
    enrolment: Enrolment,
    data_dir: Path,
    randomness: Callable[[int], bytes],
) -> None:
    """Change the key; the same again after a cut goes on where it was.

    Args:
        connect: Gives a line whose requests are signed with a seed.
        enrolment: The backend that must agree.
        data_dir: The kiosk's data folder.
        randomness: Returns that many random bytes.

    Raises:
        BackendRefusedError: The backend knows this kiosk no more, or wants another new key.
        BackendUnreachableError: Nothing answered as the backend; the present key stays in use.
    """
    following = keys_dir(data_dir) / NEXT_NAME
    present = kiosk_key(data_dir, randomness=randomness)
    waiting = kept_seed(following)
    if waiting == present:
        waiting = None
    seed = waiting or new_seed(following, randomness=randomness)
    status = _announce(connect, enrolment, signer=present, seed=seed)
    if status in NOT_ALLOWED and waiting is not None:
        status = _announce(connect, enrolment, signer=seed, seed=seed)
    if status == _USED_BEFORE:
        # Announced under an earlier enrolment, say: the next run makes another.
        following.unlink()
    if status != _AGREED:
        raise BackendRefusedError(
            f"the backend did not take the new key (status {status}); the present one stays. Run it again; a "
            "kiosk that was revoked is enrolled again with a code"
        )
    following.replace(following.with_name("kiosk.key"))
    sync_folder(following.parent)


def _announce(
    connect: Callable[[bytes], AbstractContextManager[Line]],
    enrolment: Enrolment,
    *,
    signer: bytes,
    seed: bytes,
) -> int:
    """Return the status of an answer that is the backend's: 200 with its signature, or a refusal."""
    said = {"kiosk_id": enrolment.kiosk_id, "public_key": public_text(seed)}
    proof = sign(seed, canonical_json(said))
    body = msgspec.json.encode({"public_key": said["public_key"], "proof": proof})
    with connect(signer) as line:
        answer = line.ask("POST", "/v1/keys", body)
    kept = decode(answer.body, KeyKept)
    ours = kept is not None and signature_holds(enrolment.verify_key, kept.signature, canonical_json(said))
    if fate(answer.status, ours=ours) is Fate.RETRY:
        raise BackendUnreachableError(
            "nothing answered as the backend; the present key stays, try again later"
        )
    return answer.status
