"""Enrolling anew at a real backend: after a revocation, with a bad code, where something else answers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from kiosk_app.config import Backend, Config
from kiosk_app.flow.sentences import sentence
from kiosk_app.wiring import queue as wiring
from offline_queue.enrol import load_enrolment
from offline_queue.errors import (
    BackendRefusedError,
    BackendUnreachableError,
    EnrolAddressError,
    EnrolCodeError,
    NotEnrolledError,
)
from tests.offline_queue.conftest import new_code
from tests.offline_queue.faulty_line import courier_of

if TYPE_CHECKING:
    from pathlib import Path


def kept(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "keys").iterdir()}


def test_a_revoked_kiosk_comes_back_with_a_code_and_a_new_key_and_its_dossiers_arrive(
    kiosk: Any, queue: Any, make_hand_in: Any
) -> None:
    before = load_enrolment(kiosk.config.data_dir)
    receipt = queue.put(make_hand_in())
    with closing(sqlite3.connect(kiosk.backend.database, timeout=10)) as db, db:
        db.execute("UPDATE kiosks SET revoked_at = '2026-01-01T00:00:00.000000+00:00'")
    with courier_of(kiosk.config, queue, url=kiosk.backend.url) as courier:
        assert courier.sync_once().paused
    old = kept(kiosk.config.data_dir)["kiosk.key"]
    name = wiring.enrol(kiosk.config, code=new_code(kiosk.backend), backend_url=kiosk.backend.url)
    assert name != before.kiosk_id
    assert kept(kiosk.config.data_dir)["kiosk.key"] != old
    with courier_of(kiosk.config, queue, url=kiosk.backend.url) as courier:
        assert courier.heartbeat().well
        assert courier.sync_once().delivered == 1
    stored = [row for row in kiosk.stored() if row["dossier_id"] == str(receipt.dossier_id)]
    assert [row["state"] for row in stored] == ["stored"]


def test_a_bad_code_says_so_and_changes_nothing(kiosk: Any) -> None:
    before = kept(kiosk.config.data_dir)
    with pytest.raises(EnrolCodeError, match="ask for a new one"):
        wiring.enrol(kiosk.config, code="USEDUSED22", backend_url=kiosk.backend.url)
    assert kept(kiosk.config.data_dir) == before


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"<html>pay for the line</html>", BackendUnreachableError),
        (201, b"{}", BackendUnreachableError),
        (403, b'{"code":"enrol.closed","message":"not today"}', BackendRefusedError),
        (403, b'{"code":"enrol.revoked"}', BackendRefusedError),
    ],
)
def test_what_is_no_agreement_keeps_the_key(
    kiosk: Any, server: Any, status: int, body: bytes, error: type[Exception]
) -> None:
    before = kept(kiosk.config.data_dir)
    server.script.answers = [(status, {}, body)] * 2
    with pytest.raises(error):
        wiring.enrol(kiosk.config, code="ABCDEFGHJK", backend_url=server.url)
    assert kept(kiosk.config.data_dir) == before


@pytest.mark.parametrize(
    "url", ["", "http://gateway.example", "gateway.example", "https://gateway..example", "https://x:y"]
)
def test_without_an_https_address_nothing_is_asked(tmp_path: Path, url: str) -> None:
    config = Config(data_dir=tmp_path, backend=Backend(url=""))
    with pytest.raises(EnrolAddressError, match="give the https address"):
        wiring.enrol(config, code="ABCDEFGHJK", backend_url=url)
    with pytest.raises(NotEnrolledError):
        load_enrolment(tmp_path)


def test_whoever_enrols_reads_what_was_wrong() -> None:
    for error in (EnrolCodeError, EnrolAddressError):
        assert "ghi danh" in sentence(error.code)
