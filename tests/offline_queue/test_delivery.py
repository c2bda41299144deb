"""A real backend that goes and comes back, revokes, is another, or does not know the kiosk yet."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.config import Config
from kiosk_app.wiring import queue as wiring
from kiosk_app.wiring.embedded_backend import enrol_embedded
from offline_queue.enrol import load_enrolment
from offline_queue.errors import (
    BackendRefusedError,
    BackendUnreachableError,
    NotEnrolledError,
    UnknownDossierError,
)
from tests.offline_queue.faulty_line import courier_of

if TYPE_CHECKING:
    from pathlib import Path


def _codes(kiosk: Any, ids: set[str]) -> list[str]:
    rows = [row for row in kiosk.stored() if row["dossier_id"] in ids]
    assert all(row["state"] == "stored" for row in rows)
    return [row["official_code"] for row in rows]


def test_handed_in_offline_it_goes_out_when_the_backend_is_back(kiosk: Any, make_hand_in: Any) -> None:
    kiosk.backend.stop()
    room = wiring.open_queue_room(kiosk.config)
    try:
        receipt = room.queue.put(make_hand_in(size=300_000))
        assert room.sync.wait_turn(timeout_s=20)
        assert room.queue.status().ready == 1
        assert not room.desk.reachable()
        offline = room.desk.look_up(receipt.receipt_code, token=receipt.token)
        assert (offline.state, offline.code, offline.next_step) == (0, receipt.receipt_code, "wait")
        with pytest.raises(BackendUnreachableError):
            room.desk.look_up("K01-200101-0001", token="x")
        assert room.queue.issue_ticket(series="A", service="x").number == "A001"

        kiosk.backend.start()
        room.outbox.make_due()
        for _ in range(30):
            room.sync.wait_turn(timeout_s=10)
            if room.queue.status().stored:
                break
        assert _codes(kiosk, {str(receipt.dossier_id)})[0].startswith("H20.17-")
        online = room.desk.look_up(receipt.receipt_code, token=receipt.token)
        assert (online.state, online.unit) == (1, "Trung tâm Sa Đéc")
        assert room.desk.look_up(online.code, token=receipt.token).receipt_code == receipt.receipt_code
        with pytest.raises(UnknownDossierError):
            room.desk.look_up(online.code, token="wrong")
    finally:
        room.close()


def test_a_revoked_kiosk_pauses_and_goes_on_after_it_is_let_in_again(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    import sqlite3
    from contextlib import closing

    known = load_enrolment(kiosk.config.data_dir)

    def set_revoked(value: str | None) -> None:
        with closing(sqlite3.connect(kiosk.backend.database, timeout=10)) as db, db:
            db.execute("UPDATE kiosks SET revoked_at = ? WHERE id = ?", [value, known.kiosk_id])

    receipt = queue.put(make_hand_in())
    with courier_of(kiosk.config, queue, url=kiosk.backend.url) as courier:
        set_revoked("2026-01-01T00:00:00.000000+00:00")
        assert courier.sync_once().paused
        assert courier.sync_once().paused
        assert queue.status().paused == "auth"
        assert _codes(kiosk, {str(receipt.dossier_id)}) == []
        set_revoked(None)
        assert courier.sync_once().delivered == 1


@pytest.mark.parametrize("off", [dt.timedelta(days=1), dt.timedelta(days=-1), dt.timedelta(days=-20_000)])
def test_a_wrong_clock_pauses_says_so_and_goes_on_when_it_is_set(
    kiosk: Any, queue: Any, make_hand_in: Any, off: dt.timedelta
) -> None:
    receipt = queue.put(make_hand_in())
    with courier_of(kiosk.config, queue, url=kiosk.backend.url) as courier:
        line: Any = courier._line
        signer = line._signer
        line._signer = replace(signer, now=lambda: wiring.now() + off)
        assert courier.heartbeat().cause == "clock"
        assert courier.sync_once().paused
        assert courier.sync_once().paused
        assert queue.status().paused == "clock"
        line._signer = signer
        assert courier.sync_once().delivered == 1
    assert queue.status().paused is None
    assert queue.find(receipt.receipt_code, token=receipt.token).state == "stored"


def test_the_backend_finds_a_dossier_by_the_last_digits_of_the_id(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    receipt = queue.put(make_hand_in(id_number="087194001234"))
    room = wiring.open_queue_room(kiosk.config)
    try:
        assert room.sync.wait_turn(timeout_s=20)
        assert _opened(kiosk, str(receipt.dossier_id))
        found = room.desk.look_up(receipt.receipt_code, id_tail="1234")
        assert found.receipt_code == receipt.receipt_code
        with pytest.raises(UnknownDossierError):
            room.desk.look_up(receipt.receipt_code, id_tail="9999")
        with pytest.raises(UnknownDossierError, match="QR code"):
            room.desk.look_up(receipt.receipt_code)
    finally:
        room.close()


def _opened(kiosk: Any, dossier_id: str) -> bool:
    pause = threading.Event()
    for _ in range(100):
        if any(row["dossier_id"] == dossier_id and row["opened"] == "opened" for row in kiosk.stored()):
            return True
        pause.wait(0.1)
    return False


def test_a_captive_portal_is_not_a_backend(kiosk: Any, queue: Any, make_hand_in: Any, server: Any) -> None:
    page = b"<html>Please log in</html>"
    server.script.answers = [(200, {"Content-Type": "text/html"}, page)]
    queue.put(make_hand_in())
    with courier_of(kiosk.config, queue, url=server.url) as courier:
        assert courier.heartbeat().cause == "portal"
        assert courier.sync_once().delivered == 0
    assert queue.status().ready == 1
    with pytest.raises(BackendUnreachableError, match="no backend"):
        wiring.enrol(kiosk.config, code="ABCDEFGHJK", backend_url=server.url)
    assert load_enrolment(kiosk.config.data_dir).backend_url == kiosk.backend.url


def test_a_code_that_is_wrong_leaves_the_old_enrolment(kiosk: Any) -> None:
    before = load_enrolment(kiosk.config.data_dir)
    with pytest.raises(BackendRefusedError):
        wiring.enrol(kiosk.config, code="WRONGWRONG", backend_url=kiosk.backend.url)
    with pytest.raises(BackendUnreachableError):
        wiring.enrol(kiosk.config, code="WRONGWRONG", backend_url="http://127.0.0.1:9")
    assert load_enrolment(kiosk.config.data_dir) == before


def test_a_kiosk_that_is_enrolled_nowhere_refuses_to_store(tmp_path: Path, make_hand_in: Any) -> None:
    opened = wiring.open_queue(Config(data_dir=tmp_path / "new"))
    try:
        with pytest.raises(NotEnrolledError, match="kiosk enrol"):
            opened.put(make_hand_in())
        assert opened.issue_ticket(series="A", service="x").number == "A001"
    finally:
        opened.close()


def test_a_simulation_never_takes_a_real_enrolment_away(kiosk: Any) -> None:
    path = kiosk.config.data_dir / "keys" / "backend.json"
    path.write_text(path.read_text().replace(kiosk.backend.url, "https://gateway.example"))
    with pytest.raises(BackendRefusedError, match="another data_dir"):
        enrol_embedded(kiosk.config, kiosk.backend)
