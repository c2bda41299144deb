"""The line through a proxy: every request goes there, and to nobody the environment names."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from offline_queue.errors import BackendUnreachableError
from offline_queue.transport import HttpLine

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


class Proxy:
    """Answers one request after the other by itself and remembers the first line of each."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="test-proxy")
        self._thread.start()

    def _serve(self) -> None:
        while True:
            visitor, _address = self._door.accept()
            with visitor:
                first = visitor.recv(65536).split(b"\r\n", 1)[0].decode("ascii")
                if not first:
                    return
                self.asked.append(first)
                refuse = first.startswith("CONNECT")
                visitor.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" if refuse else ANSWER)

    def close(self) -> None:
        socket.create_connection(self._door.getsockname()).close()
        self._thread.join()
        self._door.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


def test_a_request_goes_through_the_proxy(proxy: Proxy) -> None:
    line = HttpLine("http://gateway.invalid", None, proxy=proxy.url)
    assert line.ask("GET", "/v1/progress").status == 200
    line.close()
    assert proxy.asked == ["GET http://gateway.invalid/v1/progress HTTP/1.1"]


def test_https_asks_the_proxy_for_a_way_only_and_a_refusal_is_a_failed_line(proxy: Proxy) -> None:
    line = HttpLine("https://gateway.invalid", None, proxy=proxy.url)
    with pytest.raises(BackendUnreachableError):
        line.ask("GET", "/v1/progress")
    line.close()
    assert proxy.asked == ["CONNECT gateway.invalid:443 HTTP/1.1"]


def test_a_proxy_of_the_environment_is_not_asked(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    line = HttpLine("http://127.0.0.1:9", None)
    with pytest.raises(BackendUnreachableError):
        line.ask("GET", "/v1/progress")
    line.close()
    assert proxy.asked == []
