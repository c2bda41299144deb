"""What the look-up desk says for each answer of the backend, and without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from offline_queue.errors import (
    BackendRefusedError,
    BackendUnreachableError,
    NotEnrolledError,
    QueueError,
    UnknownDossierError,
)
from offline_queue.progress import BackendDesk
from offline_queue.schema import Vault
from offline_queue.sync import ONLINE_S, Link
from tests.offline_queue.said_line import SaidLine

WELL = {
    "code": "H20.17-261122-0001",
    "receipt_code": "K01-261122-0001",
    "state": 9,
    "since": "2026-11-22T02:30:00",
    "unit": "Trung tâm",
    "next_step": "collect",
    "due": "2026-12-01",
    "procedure": "2.000635",
    "a_key_of_tomorrow": True,
}


def _desk(bench: Any, line: SaidLine) -> BackendDesk:
    return BackendDesk(queue=bench.queue, connect=lambda: (line, lambda: None), link=Link(), unit="Trung tâm")


def test_an_answer_is_read_and_unknown_keys_are_left(queue_bench: Any) -> None:
    line = SaidLine(200, json.dumps(WELL).encode())
    told = _desk(queue_bench, line).look_up(" h20.17-261122-0001 ", id_tail="9412")
    assert (told.state, told.next_step, str(told.due), told.unit) == (9, "collect", "2026-12-01", "Trung tâm")
    assert told.since.tzinfo is not None
    assert line.places == [("GET", "/v1/progress")]
    assert line.asked == [{"code": "H20.17-261122-0001", "tail": "9412"}]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, b"{}", UnknownDossierError),
        (422, b"{}", UnknownDossierError),
        (429, b"{}", UnknownDossierError),
        (401, b"{}", BackendRefusedError),
        (403, b"{}", BackendRefusedError),
        (200, b"<html>", BackendUnreachableError),
        (200, b"{}", BackendUnreachableError),
        (302, b"", BackendUnreachableError),
        (500, b"", BackendUnreachableError),
    ],
)
def test_each_other_answer_has_its_error(
    queue_bench: Any, status: int, body: bytes, error: type[QueueError]
) -> None:
    with pytest.raises(error):
        _desk(queue_bench, SaidLine(status, body)).look_up("K01-261122-0001", token="x")


def test_a_kiosk_enrolled_nowhere_has_no_line(queue_bench: Any) -> None:
    def connect() -> Any:
        raise NotEnrolledError

    desk = BackendDesk(queue=queue_bench.queue, connect=connect, link=Link(), unit="x")
    with pytest.raises(BackendUnreachableError, match="enrol"):
        desk.look_up("K01-261122-0001", token="x")


def test_a_stored_dossier_is_known_here_when_the_line_is_down(queue_bench: Any, make_hand_in: Any) -> None:
    receipt = queue_bench.queue.put(make_hand_in())
    with queue_bench.queue.vault.transaction() as db:
        db.execute("UPDATE dossiers SET state = 'stored', official_code = 'H20.17-261122-0001'")
    told = _desk(queue_bench, SaidLine(503, b"")).look_up("H20.17-261122-0001", token=receipt.token)
    assert (told.state, told.code, told.receipt_code) == (1, "H20.17-261122-0001", receipt.receipt_code)


def test_a_dossier_set_aside_sends_the_citizen_to_staff(queue_bench: Any, make_hand_in: Any) -> None:
    receipt = queue_bench.queue.put(make_hand_in())
    queue_bench.outbox.quarantine(queue_bench.outbox.claim(), "commit 422")
    told = _desk(queue_bench, SaidLine(503, b"")).look_up(receipt.receipt_code, token=receipt.token)
    assert (told.state, told.next_step) == (0, "ask_staff")


def test_online_means_heard_not_long_ago() -> None:
    time = [100.0]
    link = Link(lambda: time[0])
    assert not link.online()
    link.heard(well=True)
    assert link.online()
    time[0] += ONLINE_S
    assert not link.online()
    link.heard(well=True)
    link.heard(well=False)
    assert not link.online()


def test_how_many_wait_is_told_only_while_it_is_known(queue_bench: Any) -> None:
    seconds = [0.0]
    link = Link(lambda: seconds[0])
    line = SaidLine(503, b"")
    desk = BackendDesk(queue=queue_bench.queue, connect=lambda: (line, lambda: None), link=link, unit="x")
    link.told(7)
    assert desk.people_waiting() is None, "nothing was heard yet"
    link.heard(well=True)
    assert desk.people_waiting() == 7
    seconds[0] += ONLINE_S
    assert desk.people_waiting() is None


def test_why_there_is_no_line_is_known_and_never_stale(queue_bench: Any) -> None:
    seconds = [0.0]
    link = Link(lambda: seconds[0])
    line = SaidLine(503, b"")
    desk = BackendDesk(queue=queue_bench.queue, connect=lambda: (line, lambda: None), link=link, unit="x")
    assert desk.trouble() == "not_heard"
    link.heard(well=False, cause="portal")
    assert desk.trouble() == "portal"
    link.heard(well=True)
    assert (desk.trouble(), desk.reachable()) == ("", True)
    seconds[0] += 10_000
    assert (desk.trouble(), desk.reachable()) == ("line", False)


def test_a_database_held_by_another_program_is_said(
    queue_bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("offline_queue.schema.BUSY_TIMEOUT_S", 0.05)
    with queue_bench.queue.vault.transaction(), pytest.raises(QueueError, match="another program") as caught:
        Vault(queue_bench.path, bytes(range(32)))
    assert caught.value.code == "queue.failed"
