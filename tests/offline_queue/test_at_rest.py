"""A stolen disk: the image of a used kiosk shows nobody without its key, and metadata only with it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from kiosk_app.wiring import queue as wiring
from offline_queue.errors import QueueLockedError
from offline_queue.retention import forget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ROOT = Path(__file__).parents[2]
PEER = Path(__file__).with_name("peer_used_kiosk.py")
PERSON = {
    "full_name": "NGUYỄN CANARY THỊ HOA",
    "id_number": "087194009412",
    "address": "Ấp Canary, xã Mỹ An Hưng",
    "phone": "0907731842",
    "born": "1994-02-14",
    "mother": "ĐOÀN THỊ CẨM CANARY",
}
KNOWN_COLUMNS = {
    "counters": "day last name",
    "dossiers": "announced_at created_at id lease_owner lease_until manifest manifest_sha256 next_try_at "
    "official_code print_state procedure reason receipt receipt_code size state stored_at token_sha256 tries",
    "events": "about at chain detail kind seq",
    "meta": "key value",
    "parts": "data dossier_id seq sha256",
    "ratings": "given_at id reasons score sent",
    "tickets": "day id issued_at number print_state sent series service",
}
"""What the key opens. A new column makes this test fail: say there why it names nobody."""


@dataclass(frozen=True)
class Image:
    """Everything on the disk of a kiosk that was killed while a citizen stood there."""

    folder: Path
    config: Any
    receipts: tuple[str, ...]
    tokens: tuple[str, ...]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def key(self) -> Path:
        return self.data / "keys" / "queue.key"

    def traces(self, secrets: Iterable[str]) -> list[str]:
        """Return the files that hold one of these, in any spelling."""
        needles = {spelling for secret in secrets for spelling in spellings(secret)}
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        assert len(files) >= 6, "an image without files proves nothing"
        return [
            path.name
            for path in files
            if any(needle in path.read_bytes() for needle in needles)
            or any(secret in path.name for secret in secrets)
        ]


def spellings(text: str) -> set[bytes]:
    """Return a text as files may hold it: composed, decomposed, as UTF-16, escaped, in hexadecimal."""
    forms = {text, unicodedata.normalize("NFD", text), json.dumps(text)[1:-1]}
    plain = {form.encode(coding) for form in forms for coding in ("utf-8", "utf-16-le")}
    return plain | {text.encode().hex().encode()}


@pytest.fixture(scope="module")
def killed(enrolled: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The disk of a kiosk that died; shared, so not to be touched."""
    folder = tmp_path_factory.mktemp("disk") / "image"
    kiosk = enrolled(folder / "data")
    places = {name: folder / name for name in ("temp", "home", "work")}
    for place in places.values():
        place.mkdir(parents=True)
    lines = _life_until_killed(folder, places)
    return Image(
        folder=folder,
        config=kiosk.config,
        receipts=tuple(line["receipt"] for line in lines if "receipt" in line),
        tokens=tuple(line["token"] for line in lines if "token" in line),
    )


@pytest.fixture
def image(killed: Image, tmp_path: Path) -> Image:
    """A copy of that disk, as a thief makes one."""
    shutil.copytree(killed.folder, tmp_path / "image")
    config = msgspec.structs.replace(killed.config, data_dir=tmp_path / "image" / "data")
    return replace(killed, folder=tmp_path / "image", config=config)


def _life_until_killed(folder: Path, places: dict[str, Path]) -> list[dict[str, Any]]:
    own = {"PYTHONPATH": str(ROOT), "TMPDIR": str(places["temp"]), "HOME": str(places["home"])}
    with (places["work"] / "journal").open("wb") as journal:
        process = subprocess.Popen(
            [sys.executable, str(PEER), folder / "data", folder / "stick"],
            cwd=places["work"],
            env={**os.environ, **own},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=journal,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    with process, process.stdin, process.stdout:
        process.stdin.write(json.dumps(PERSON).encode() + b"\n")
        process.stdin.flush()
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if "ready" in lines[-1]:
                break
        process.send_signal(signal.SIGABRT)  # a crash: this is when a core would be written
        process.wait(20)
    return lines


def test_without_its_key_the_disk_shows_no_byte_of_anybody(image: Image) -> None:
    assert len(image.receipts) == 4
    names = {path.name for path in image.folder.rglob("*")}
    assert {"queue.db", "queue.db-wal", "kiosk.log", "journal"} <= names
    assert not any(name.startswith("core") for name in names)
    assert image.traces(PERSON.values()) == []
    assert image.traces(image.tokens) == []
    image.key.unlink()
    with pytest.raises(QueueLockedError, match="restore it"):
        wiring.open_queue(image.config)
    without_stick = [name for name in image.traces(image.receipts) if not name.endswith(".json")]
    assert without_stick == [], "codes are in the database and, for whoever carries it, on the stick"


def test_with_its_key_the_disk_gives_metadata_only(image: Image) -> None:
    thief = wiring.open_queue(image.config)
    try:
        tables = [
            row["name"] for row in thief.vault.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        rows = {name: thief.vault.rows(f"SELECT * FROM {name}") for name in tables}  # noqa: S608 - names from the schema
        columns = {
            name: " ".join(sorted(row["name"] for row in thief.vault.rows(f"PRAGMA table_info({name})")))
            for name in tables
        }
    finally:
        thief.close()
    assert columns == KNOWN_COLUMNS
    opened = b"\n".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in rows.values()
        for row in table
        for value in row.values()
    )
    assert image.receipts[0].encode() in opened
    assert not any(needle in opened for text in PERSON.values() for needle in spellings(text))
    assert not any(token.encode() in opened for token in image.tokens)
    first_parts = [row["data"] for row in rows["parts"] if row["seq"] == 0]
    assert len(first_parts) == 1, "the delivered ones are gone, the waiting one is there"
    assert first_parts[0].startswith(b"age-encryption.org/v1\n")


def test_nothing_on_the_disk_opens_the_seal(image: Image) -> None:
    everything = b"".join(path.read_bytes() for path in image.folder.rglob("*") if path.is_file())
    assert b"AGE-SECRET-KEY" not in everything
    assert json.loads((image.data / "keys" / "backend.json").read_bytes()).keys() == {
        *("kiosk_id", "backend_url", "public_url", "unit_code", "verify_key", "recipients"),
    }


def test_after_delivery_and_purge_nobody_is_left(image: Image) -> None:
    queue = wiring.open_queue(image.config)
    outbox = wiring.open_outbox(queue)
    try:
        outbox.recover()
        courier, let_go = wiring.open_courier(image.config, outbox)
        assert courier.sync_once().delivered == 1
        let_go()
        forget(queue.vault, wiring.now())
        assert queue.vault.rows("SELECT 1 FROM parts") == []
        assert queue.vault.rows("PRAGMA secure_delete") == [{"secure_delete": 1}]
    finally:
        queue.close()
    assert image.traces(PERSON.values()) == []


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    """The tests above can fail."""
    for number, spelling in enumerate(sorted(spellings(PERSON["full_name"]))):
        (tmp_path / f"{number}.bin").write_bytes(b"\0" * 7 + spelling)
    (tmp_path / PERSON["id_number"]).write_bytes(b"")
    found = Image(folder=tmp_path, config=None, receipts=(), tokens=()).traces(PERSON.values())
    assert len(found) == len(list(tmp_path.iterdir()))
