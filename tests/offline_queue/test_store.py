"""Handing in: durable, sealed, countable, and never a receipt for what was not stored."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib
import io
import json
import os
import random
import tempfile
import threading
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from offline_queue import keyfiles
from offline_queue.errors import NotEnrolledError, QueueError, QueueLockedError, StorageFullError
from offline_queue.pace import UNKNOWN_PART
from offline_queue.ports import PrintState
from offline_queue.retention import forget
from offline_queue.schema import Vault
from offline_queue.seal import seal

if TYPE_CHECKING:
    from collections.abc import Iterator

WRONG_KEY = bytes(32)


def _open(sealed: bytes, *identities: str) -> zipfile.ZipFile:
    pyrage = importlib.import_module("pyrage")
    keys = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
    return zipfile.ZipFile(io.BytesIO(pyrage.decrypt(sealed, keys)))


def test_a_dossier_is_stored_sealed_and_counted(queue_bench: Any, make_hand_in: Any) -> None:
    receipt = queue_bench.queue.put(make_hand_in(size=600_000))

    assert receipt.receipt_code == "K01-261122-0001"
    assert receipt.tracking_url == f"https://kiosk.example/d/K01-261122-0001?t={receipt.token}"
    status = queue_bench.queue.status()
    assert (status.ready, status.sending, status.stored, status.quarantined) == (1, 0, 0, 0)
    sealed = queue_bench.outbox.sealed(str(receipt.dossier_id))
    assert status.bytes == len(sealed) > 600_000
    claimed = queue_bench.outbox.claim()
    assert len(claimed.parts) == -(-len(sealed) // UNKNOWN_PART)
    manifest = json.loads(claimed.manifest)
    assert manifest["sealed_sha256"] == hashlib.sha256(sealed).hexdigest()
    assert hashlib.sha256(claimed.manifest).hexdigest() == claimed.manifest_sha256


def test_the_backend_finds_everything_in_the_container(
    queue_bench: Any, make_hand_in: Any, canary: Any
) -> None:
    dossier = make_hand_in()
    receipt = queue_bench.queue.put(dossier)

    archive = _open(queue_bench.outbox.sealed(str(receipt.dossier_id)), queue_bench.identity)

    manifest = json.loads(archive.read("manifest.json"))
    answers = archive.read("answers.json")
    assert (manifest["format"], manifest["version"]) == ("kiosk-dossier", 1)
    assert manifest["dossier_id"] == str(receipt.dossier_id)
    assert manifest["id_number"] == canary["id_number"]
    assert manifest["answers_sha256"] == hashlib.sha256(answers).hexdigest()
    assert json.loads(answers) == dossier.answers
    assert archive.read("documents/form.pdf") == dossier.documents[0].data
    assert manifest["documents"][0]["sha256"] == hashlib.sha256(dossier.documents[0].data).hexdigest()


def test_nothing_of_the_person_is_readable_on_the_disk(
    queue_bench: Any, make_hand_in: Any, canary: Any
) -> None:
    queue_bench.queue.put(make_hand_in())
    files = [path for path in queue_bench.path.parent.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    for path in files:
        content = path.read_bytes()
        for value in (*canary.values(), "K01-261122"):
            assert value.encode() not in content, path.name


def test_with_the_key_there_is_metadata_only(queue_bench: Any, make_hand_in: Any, canary: Any) -> None:
    queue_bench.queue.put(make_hand_in())
    dumped = b""
    for table in ("meta", "counters", "dossiers", "parts", "tickets", "ratings", "events"):
        for row in queue_bench.queue.vault.rows(f"SELECT * FROM {table}"):  # noqa: S608 - names from the line above
            dumped += b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row.values())
    assert b"K01-261122-0001" in dumped
    assert not any(value.encode() in dumped for value in canary.values())


def test_repr_hides_the_person(make_hand_in: Any, canary: Any) -> None:
    shown = repr(make_hand_in()) + str(make_hand_in())
    assert not any(value in shown for value in canary.values())


def test_a_full_disk_gives_no_receipt_and_leaves_nothing(
    queue_bench: Any, make_hand_in: Any, make_room: Any
) -> None:
    queue_bench.room[0] = make_room(free_bytes=60 * 1024 * 1024)
    with pytest.raises(StorageFullError):
        queue_bench.queue.put(make_hand_in())
    assert queue_bench.queue.status().ready == 0
    assert queue_bench.queue.issue_ticket(series="A", service="x").number == "A001"
    queue_bench.room[0] = make_room(free_bytes=1000)
    with pytest.raises(StorageFullError):
        queue_bench.queue.issue_ticket(series="A", service="x")


def test_a_disk_that_fills_in_the_middle_of_the_transaction_rolls_it_back(
    make_bench: Any, make_hand_in: Any
) -> None:
    bench = make_bench(max_pages=150)
    bench.queue.put(make_hand_in(size=100_000))
    with pytest.raises(StorageFullError, match="free disk space"):
        bench.queue.put(make_hand_in(size=900_000))
    status = bench.queue.status()
    assert status.ready == 1
    assert len(bench.queue.vault.rows("SELECT 1 FROM parts")) == 2
    second = bench.queue.put(make_hand_in(size=1000))
    assert second.receipt_code == "K01-261122-0002"


def test_without_a_backend_key_nothing_is_stored() -> None:
    with pytest.raises(NotEnrolledError, match="kiosk enrol"):
        seal(b"x", ())
    with pytest.raises(NotEnrolledError, match="damaged"):
        seal(b"x", ("age1nonsense",))


def test_only_the_token_opens_a_dossier(queue_bench: Any, make_hand_in: Any) -> None:
    receipt = queue_bench.queue.put(make_hand_in())
    queue = queue_bench.queue

    found = queue.find(f" {receipt.receipt_code.lower()} ", token=receipt.token)

    assert (found.receipt_code, found.state, found.official_code) == (receipt.receipt_code, "ready", None)
    assert queue.find(receipt.receipt_code, token="wrong") is None
    assert queue.find(receipt.receipt_code, token=None) is None
    assert queue.find("K01-261122-0099", token=receipt.token) is None


def test_numbers_begin_anew_each_day_and_count_who_waits(queue_bench: Any) -> None:
    take = queue_bench.queue.issue_ticket
    assert [take(series="A", service="x").number for _ in range(2)] == ["A001", "A002"]
    assert take(series="B", service="y").number == "B001"
    third = take(series="A", service="x")
    assert (third.number, third.waiting) == ("A003", 2)
    queue_bench.clock.move(hours=2)
    assert take(series="A", service="x").waiting == 0
    queue_bench.clock.move(days=1)
    assert take(series="A", service="x").number == "A001"


def test_a_clock_that_falls_back_never_gives_a_code_or_number_twice(
    queue_bench: Any, make_hand_in: Any
) -> None:
    codes, numbers = [], []
    for days in (0, 1, -1, -20_000, 20_000, 1):
        queue_bench.clock.move(days=days)
        codes.append(queue_bench.queue.put(make_hand_in()).receipt_code)
        number = queue_bench.queue.issue_ticket(series="A", service="x").number
        numbers.append((codes[-1][4:10], number))
    assert len(set(codes)) == len(codes)
    assert len(set(numbers)) == len(numbers)


def test_many_threads_hand_in_at_once(queue_bench: Any, make_hand_in: Any) -> None:
    gate = threading.Barrier(4)

    def work(_: int) -> list[str]:
        gate.wait()
        return [queue_bench.queue.put(make_hand_in()).receipt_code for _ in range(5)]

    with ThreadPoolExecutor(4) as pool:
        codes = [code for made in pool.map(work, range(4)) for code in made]
    assert sorted(codes) == [f"K01-261122-{number:04d}" for number in range(1, 21)]


def test_two_processes_hand_in_at_once_and_no_number_is_given_twice(
    make_bench: Any, make_hand_in: Any
) -> None:
    benches = [make_bench(), make_bench(owner="the command line")]
    benches[1].queue.randomness = random.Random(4).randbytes  # another process has another chance
    gate = threading.Barrier(2)

    def work(bench: Any) -> list[str]:
        gate.wait()
        return [bench.queue.put(make_hand_in(size=200_000)).receipt_code for _ in range(8)]

    with ThreadPoolExecutor(2) as pool:
        codes = [code for made in pool.map(work, benches) for code in made]
    assert sorted(codes) == [f"K01-261122-{number:04d}" for number in range(1, 17)]
    for row in benches[0].queue.vault.rows("SELECT id, receipt_code FROM dossiers"):
        keys = [bench.identity for bench in benches]
        sealed = benches[0].outbox.sealed(row["id"])
        manifest = json.loads(_open(sealed, *keys).read("manifest.json"))
        assert manifest["receipt_code"] == row["receipt_code"], "the number inside the seal is the one given"


class _SlowAnswers(Mapping[str, object]):
    """Answers that are not ready to be sealed before the test says so."""

    def __init__(self) -> None:
        self.asked, self.ready = threading.Event(), threading.Event()

    def __getitem__(self, name: str) -> object:
        return {"value": name, "source": "typed"}

    def __iter__(self) -> Iterator[str]:
        self.asked.set()
        assert self.ready.wait(20)
        return iter(("a",))

    def __len__(self) -> int:
        return 1


def test_nobody_waits_while_a_dossier_is_being_sealed(queue_bench: Any, make_hand_in: Any) -> None:
    queue = queue_bench.queue
    known = queue.put(make_hand_in())
    slow = _SlowAnswers()
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(queue.put, dataclasses.replace(make_hand_in(), answers=slow))
        try:
            assert slow.asked.wait(20)
            assert queue.find(known.receipt_code, token=known.token).state == "ready"
            assert queue.issue_ticket(series="A", service="x").number == "A001"
            assert queue_bench.outbox.claim() is not None
            assert not under_way.done()
        finally:
            slow.ready.set()
        assert under_way.result(20).receipt_code == "K01-261122-0002"


def test_a_look_up_is_answered_while_a_hand_in_is_being_written(queue_bench: Any, make_hand_in: Any) -> None:
    queue = queue_bench.queue
    known = queue.put(make_hand_in())
    with queue.vault.transaction() as db, ThreadPoolExecutor(1) as pool:
        db.execute("DELETE FROM parts")
        db.execute("UPDATE dossiers SET state = 'stored', official_code = 'H20.17-261122-0001'")
        found = pool.submit(queue.find, known.receipt_code, token=known.token).result(10)
        assert (found.state, found.official_code) == ("ready", None), "what is not committed is not told"
        assert pool.submit(queue.status).result(10).ready == 1
    assert queue.find(known.receipt_code, token=known.token).state == "stored"


def test_nothing_is_written_by_the_way_that_reads(queue_bench: Any) -> None:
    with pytest.raises(QueueError):
        queue_bench.queue.vault.rows("DELETE FROM meta RETURNING key")


def test_the_fate_of_the_paper_is_kept(queue_bench: Any, make_hand_in: Any) -> None:
    receipt = queue_bench.queue.put(make_hand_in())
    ticket = queue_bench.queue.issue_ticket(series="A", service="x")
    queue_bench.queue.note_print(receipt.receipt_code, PrintState.ISSUED)
    queue_bench.queue.note_print(ticket.number, PrintState.UNCERTAIN)
    rows = queue_bench.queue.vault.rows
    assert rows("SELECT print_state FROM dossiers") == [{"print_state": "issued"}]
    assert rows("SELECT print_state FROM tickets") == [{"print_state": "uncertain"}]


def test_a_wrong_key_opens_nothing(queue_bench: Any, make_hand_in: Any) -> None:
    queue_bench.queue.put(make_hand_in())
    with pytest.raises(QueueLockedError, match="restore the backup"):
        Vault(queue_bench.path, WRONG_KEY)


def test_a_place_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(QueueError, match="rights of data_dir"):
        Vault(tmp_path / "nowhere" / "queue.db", bytes(32))


def test_a_damaged_page_is_noticed(make_bench: Any, make_hand_in: Any) -> None:
    bench = make_bench()
    bench.queue.put(make_hand_in(size=300_000))
    bench.queue.vault.checkpoint()
    bench.queue.close()
    content = bytearray(bench.path.read_bytes())
    content[len(content) // 2] ^= 1
    bench.path.write_bytes(content)
    again = make_bench()
    with pytest.raises(QueueLockedError, match="damaged"):
        again.outbox.sealed(str(again.queue.vault.rows("SELECT id FROM dossiers")[0]["id"]))


def test_a_database_of_a_newer_release_is_left_alone(make_bench: Any) -> None:
    bench = make_bench()
    with bench.queue.vault.transaction() as db:
        db.execute("PRAGMA user_version = 99")
    bench.queue.close()
    with pytest.raises(QueueLockedError, match="newer"):
        make_bench()


def test_only_tombstones_and_old_tickets_are_forgotten(make_bench: Any, make_hand_in: Any) -> None:
    bench = make_bench()
    for _ in range(2):
        bench.queue.put(make_hand_in())
    bench.queue.issue_ticket(series="A", service="x")
    with bench.queue.vault.transaction() as db:
        db.execute("DELETE FROM parts WHERE dossier_id = (SELECT min(id) FROM dossiers)")
        db.execute(
            "UPDATE dossiers SET state = 'stored', stored_at = '2026-11-22T02:30:00.000000+00:00' "
            "WHERE id = (SELECT min(id) FROM dossiers)"
        )
    assert forget(bench.queue.vault, bench.clock()) == 0
    bench.clock.move(days=4000)
    assert forget(bench.queue.vault, bench.clock()) == 5, "a tombstone, a ticket and three events"
    status = bench.queue.status()
    assert (status.ready, status.stored) == (1, 0)


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    key = keyfiles.queue_key(tmp_path / "data", database_exists=False, randomness=lambda n: b"\x01" * n)
    file = tmp_path / "data" / "keys" / "queue.key"
    again = keyfiles.queue_key(tmp_path / "data", database_exists=True, randomness=lambda n: b"\x02" * n)
    assert key == again == b"\x01" * 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["queue.key"]


def test_a_lost_key_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    with pytest.raises(QueueLockedError, match="restore it"):
        keyfiles.queue_key(tmp_path, database_exists=True, randomness=bytes)
    (tmp_path / "keys" / "queue.key").write_text("zz")
    with pytest.raises(QueueLockedError, match="damaged"):
        keyfiles.queue_key(tmp_path, database_exists=True, randomness=bytes)


def test_a_systemd_credential_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "queue.key").write_text("ab" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    key = keyfiles.queue_key(tmp_path / "data", database_exists=True, randomness=bytes)
    assert key == bytes.fromhex("ab" * 32)
    assert not (tmp_path / "data" / "keys" / "queue.key").exists()


def test_a_key_out_of_reach_is_never_replaced_by_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen where systemd runs in a container whose mounts do not spread: the folder is root's alone."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o777)
        (folder / "closed").mkdir(mode=0)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder / "closed"))
        with nobody(), pytest.raises(QueueLockedError, match="closed to us"):
            keyfiles.queue_key(folder / "data", database_exists=False, randomness=lambda n: b"\x01" * n)
        assert not (folder / "data").exists()


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """Root may look into every folder: the rights of somebody else, for a moment."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(mine)
