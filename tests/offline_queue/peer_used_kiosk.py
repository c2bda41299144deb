"""A kiosk's queue on a working day, with everything around it that writes files: until somebody kills it.

Arguments: data folder, folder for an export. Prints one JSON line `{"receipt": …, "token": …}` for each
dossier handed in, then `{"ready": true}` while the last dossier is still in memory.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import resource
import signal
import sys
from pathlib import Path

from kiosk_app import logs
from kiosk_app.config import Config
from kiosk_app.wiring import queue as wiring
from kiosk_app.wiring.staff_queue import StaffQueue
from offline_queue.ports import Consent, Document, HandIn, HandInReceipt, PrintState


def say(**what: object) -> None:
    """Write one line to the test, past any buffer."""
    os.write(1, (json.dumps(what) + "\n").encode())


def dossier(person: dict[str, str]) -> HandIn:
    """Return a dossier in which the person stands everywhere a person can stand."""
    everything = json.dumps(person, ensure_ascii=False).encode()
    return HandIn(
        procedure="2.000635",
        form_version="1",
        answers={name: {"value": value, "source": "chip"} for name, value in person.items()},
        documents=(
            Document(name="form.pdf", media_type="application/pdf", data=everything * 50),
            Document(name="scan.pdf", media_type="application/pdf", data=everything + os.urandom(400_000)),
        ),
        consent=Consent(version="1", purpose="dossier", language="vi", given_at=dt.datetime.now(dt.UTC)),
        card_proof={"access": "PACE"},
        id_number=person["id_number"],
    )


def hand_in(room: wiring.QueueRoom, person: dict[str, str]) -> HandInReceipt:
    """Hand in and note the paper, as the flow does."""
    receipt = room.queue.put(dossier(person))
    room.queue.note_print(receipt.receipt_code, PrintState.ISSUED)
    say(receipt=receipt.receipt_code, token=receipt.token)
    return receipt


def main() -> None:
    """Live until killed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # LimitCORE=0 of kiosk.service
    data_dir, stick = map(Path, sys.argv[1:])
    person = json.loads(sys.stdin.readline())
    logs.configure(folder=data_dir / "logs", level=logging.DEBUG)
    config = Config(data_dir=data_dir)
    room = wiring.open_queue_room(config)
    for _ in range(3):
        delivered = hand_in(room, person)
        room.queue.issue_ticket(series="A", service="Hộ tịch")
        room.queue.rate(score=1, reasons=("slow",))
    room.sync.wait_turn(timeout_s=30)
    room.desk.look_up(delivered.receipt_code, token=delivered.token)
    room.sync.stop()
    kept = hand_in(room, person), dossier(person)
    staff = StaffQueue(config)
    staff.export(stick)
    staff.close()
    say(ready=True, held=len(kept))
    signal.pause()


if __name__ == "__main__":
    main()
