import socket
from pathlib import Path

import pytest

from kiosk_app.service_manager import ServiceManager


@pytest.mark.parametrize(
    ("environment", "beat_ms"),
    [
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "30000000"}, 10_000),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/run/x"}, None),
        ({"WATCHDOG_USEC": "30000000"}, None),
    ],
)
def test_it_lives_three_times_a_limit(environment: dict[str, str], beat_ms: int | None) -> None:
    assert ServiceManager.from_environment(environment).beat_ms == beat_ms


def test_words_arrive_at_an_abstract_socket() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(b"\0kiosk-test-notify")
        ear.settimeout(5)
        ServiceManager("@kiosk-test-notify").doing("đang mở")
        assert ear.recv(100).decode() == "STATUS=đang mở"


def test_without_a_manager_nothing_is_told_and_nothing_fails() -> None:
    ServiceManager().ready()


def test_a_manager_that_is_gone_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    manager = ServiceManager(str(tmp_path / "gone"))
    manager.alive()
    manager.alive()
    assert [record.message for record in caplog.records] == ["service.not_told"]
