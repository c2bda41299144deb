"""A kiosk that is killed: forks a child for each life, so that a life costs no imports.

Commands on stdin, one JSON a line: `{"do": "hand_in" | "sync", "data_dir": …}`. The child prints
`{"up": pid}` first, then one JSON line for each receipt it would print on paper. `{"do": "wait"}` reaps it.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sys
from pathlib import Path

from kiosk_app.config import Config
from kiosk_app.wiring import queue as wiring
from offline_queue import courier, outbox, reconcile, seal, store, transport
from offline_queue.ports import Consent, Document, HandIn, PrintState

LIFE_DOSSIERS = 5
HEAVY = (courier, outbox, reconcile, seal, store, transport)  # imported before the fork


def say(**what: object) -> None:
    """Write one line to the test, past any buffer."""
    os.write(1, (json.dumps(what) + "\n").encode())


def dossier(number: int) -> HandIn:
    """Return a dossier of two parts."""
    return HandIn(
        procedure="2.000635",
        form_version="1",
        answers={"n": {"value": number, "source": "typed"}},
        documents=(Document(name="form.pdf", media_type="application/pdf", data=os.urandom(100_000)),),
        consent=Consent(version="1", purpose="dossier", language="vi", given_at=dt.datetime.now(dt.UTC)),
    )


def live(do: str, data_dir: str) -> None:
    """Hand in, or hand in and send, until somebody kills this process."""
    config = Config(data_dir=Path(data_dir))
    queue = wiring.open_queue(config)
    out = wiring.open_outbox(queue)
    out.recover()
    say(up=os.getpid())
    for number in range(LIFE_DOSSIERS):
        receipt = queue.put(dossier(number))
        queue.note_print(receipt.receipt_code, PrintState.PENDING)
        say(receipt=receipt.receipt_code, id=str(receipt.dossier_id))  # the paper is out: this is promised
        queue.note_print(receipt.receipt_code, PrintState.ISSUED)
        if do == "sync":
            courier, let_go = wiring.open_courier(config, out)
            done = courier.sync_once()
            let_go()
            say(delivered=done.delivered)
    signal.pause()


def main() -> None:
    """Fork a life for each command."""
    child = 0
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["do"] == "wait":
            os.waitpid(child, 0)
            say(reaped=child)
            continue
        child = os.fork()
        if child == 0:
            try:
                live(asked["do"], asked["data_dir"])
            finally:
                os._exit(1)


if __name__ == "__main__":
    main()
