"""A new signing key for this kiosk under its enrolment: announced with the present one, then put in place.

The backend takes both keys from the announcement until the new one has signed, so power that goes at any
moment leaves a kiosk that is let in. The new key lies beside the present one until then, and an announcement
that was cut off is made again with the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from offline_queue.errors import BackendRefusedError, BackendUnreachableError
from offline_queue.keyfiles import kept_seed, keys_dir, kiosk_key, new_seed, sync_folder
from offline_queue.messages import KeyKept, canonical_json, decode
from offline_queue.signing import public_text, sign, signature_holds
from offline_queue.states import Fate, fate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from offline_queue.enrol import Enrolment
    from offline_queue.transport import Line

NEXT_NAME = "kiosk.key.next"


def rotate(line: Line, *, enrolment: Enrolment, data_dir: Path, randomness: Callable[[int], bytes]) -> None:
    """Change the key; the same again after a cut goes on where it was.

    Args:
        line: Signed with the present key.
        enrolment: The backend that must agree.
        data_dir: The kiosk's data folder.
        randomness: Returns that many random bytes.

    Raises:
        BackendRefusedError: The backend knows this kiosk no more.
        BackendUnreachableError: Nothing answered as the backend; the present key stays in use.
    """
    following = keys_dir(data_dir) / NEXT_NAME
    seed = kept_seed(following)
    if seed is None or seed == kiosk_key(data_dir, randomness=randomness):
        seed = new_seed(following, randomness=randomness)
    _announce(line, enrolment, seed)
    following.replace(following.with_name("kiosk.key"))
    sync_folder(following.parent)


def _announce(line: Line, enrolment: Enrolment, seed: bytes) -> None:
    said = {"kiosk_id": enrolment.kiosk_id, "public_key": public_text(seed)}
    proof = sign(seed, canonical_json(said))
    body = msgspec.json.encode({"public_key": said["public_key"], "proof": proof})
    answer = line.ask("POST", "/v1/keys", body)
    kept = decode(answer.body, KeyKept)
    ours = kept is not None and signature_holds(enrolment.verify_key, kept.signature, canonical_json(said))
    outcome = fate(answer.status, ours=ours)
    if outcome is Fate.RETRY:
        raise BackendUnreachableError(
            "nothing answered as the backend; the present key stays, try again later"
        )
    if outcome is not Fate.GO_ON:
        raise BackendRefusedError(
            f"the backend did not take the new key (status {answer.status}); the present one stays. A kiosk "
            "that was revoked is enrolled again with a code"
        )
