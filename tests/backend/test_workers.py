"""`kiosk-backend serve --workers`: several processes, one promise. On a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from backend import __main__ as command
from backend.app import open_services
from backend.settings import make_settings
from backend.store.fleet import make_enrol_code
from backend.store.lookup import dossier_list
from backend.store.opener import open_pending
from tests.backend import wire
from tests.backend.servers import make_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend.services import Services

ROOT = Path(__file__).parents[2]
SENDERS = 6
EACH = 4


@pytest.fixture
def words(postgres: str, tmp_path: Path) -> list[str]:
    url = make_database(postgres, f"t{uuid.uuid4().hex}")
    return ["--database", url, "--blobs", str(tmp_path / "blobs"), "--unit", "H20.17"]


@pytest.fixture
def served(words: list[str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A backend of two workers; gives its address and its first process."""
    serve = [sys.executable, "-m", "backend", "serve", "--workers", "2", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(
        [*serve, "--until-eof", *words], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = process.stdout.readline().decode().strip()
        assert said.startswith("listening on http://127.0.0.1:")
        yield said.removeprefix("listening on "), process
        process.stdin.close()
        assert process.wait(30) == 0


def _code(words: list[str]) -> str:
    services = open_services(_settings(words))
    try:
        return make_enrol_code(services)
    finally:
        services.close()


def _settings(words: list[str]) -> Any:
    return make_settings(database=words[1], blobs=words[3], unit=words[5])


def _workers(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(pid) for pid in children]


def test_codes_have_no_gap_and_nothing_is_replayed_whichever_process_answers(
    served: tuple[str, subprocess.Popen[bytes]], words: list[str]
) -> None:
    url, _ = served
    clock = wire.Clock(dt.datetime.now(dt.UTC))
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        kiosk = wire.WireKiosk(client=client, clock=clock)
        assert kiosk.enrol(_code(words)).status_code == 201

        def deliver(_: int) -> list[str]:
            found = []
            for _ in range(EACH):
                # A fresh line each time: the kernel deals it to one of the processes.
                with httpx.Client(base_url=url, timeout=30, trust_env=False) as line:
                    sender = wire.WireKiosk(client=line, clock=clock, key=kiosk.key, kiosk_id=kiosk.kiosk_id)
                    found.append(sender.deliver(wire.WireDossier()).json()["official_code"])
            return found

        with ThreadPoolExecutor(SENDERS) as pool:
            codes = sorted(code for found in pool.map(deliver, range(SENDERS)) for code in found)
    assert [int(code[-4:]) for code in codes] == list(range(1, SENDERS * EACH + 1))

    body = b'{"nonce":"0123456789abcdef"}'
    token = kiosk.token(kiosk.claims("POST", "/v1/heartbeat", body))
    answers = [
        httpx.post(
            f"{url}/v1/heartbeat",
            content=body,
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
        ).status_code
        for _ in range(12)
    ]
    assert sorted(answers) == [200] + [409] * 11, "one process has seen what the other let in"


def test_a_worker_that_dies_is_replaced_and_nothing_acknowledged_is_lost(
    served: tuple[str, subprocess.Popen[bytes]], words: list[str]
) -> None:
    url, process = served
    clock = wire.Clock(dt.datetime.now(dt.UTC))
    pause = threading.Event()
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        kiosk = wire.WireKiosk(client=client, clock=clock)
        assert kiosk.enrol(_code(words)).status_code == 201
        first = kiosk.deliver(wire.WireDossier()).json()["official_code"]
    before = _workers(process.pid)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    for _ in range(200):
        if len(alive := set(_workers(process.pid))) == 2 and before[0] not in alive:
            break
        pause.wait(0.1)
    assert before[0] not in alive
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as client:
        again = wire.WireKiosk(client=client, clock=clock, key=kiosk.key, kiosk_id=kiosk.kiosk_id)
        second = again.deliver(wire.WireDossier()).json()["official_code"]
    assert (first[-4:], second[-4:]) == ("0001", "0002")


def _when_none_waits(services: Services) -> list[object]:
    """Return what became of each dossier; the backend's own opener may hold some while ours look."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        open_pending(services)
        states: list[object] = [row["opened"] for row in dossier_list(services)]
        if "pending" not in states:
            return states
    raise AssertionError("a dossier waits and nobody opens it")


def test_two_openers_at_once_open_each_dossier_once(bench: Any, deliver_sealed: Any) -> None:
    kiosk, _, _ = deliver_sealed(bench)
    for _ in range(6):
        kiosk.deliver(wire.WireDossier())
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(lambda _: open_pending(bench.services), range(3)))
    opened = _when_none_waits(bench.services)
    assert sorted(map(str, opened)) == ["opened"] + ["quarantined"] * 6, counts


def test_several_processes_need_a_database_for_several(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["--database", f"sqlite:///{tmp_path / 'b.db'}", "--blobs", str(tmp_path / "blobs")]
    assert command.main(["serve", "--workers", "2", *words]) == 2
    assert "postgresql://" in capsys.readouterr().err
