"""What runs out is seen in time: authorities, the backend's TLS, the kiosk's own key."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drivers.ports import DeviceState
from kiosk_app.config import Backend, Certificates, Config
from kiosk_app.health import describe
from kiosk_app.wiring import certificates as running_out
from kiosk_app.wiring.authorities import Authorities, FolderLook, judge
from kiosk_app.wiring.card import write_test_csca
from kiosk_app.wiring.looked import LookedAt, Seen
from kiosk_app.wiring.watch import Watch
from offline_queue.enrol import Enrolment
from offline_queue.rotation import NEXT_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def now() -> dt.datetime:
    return NOW


# --- authorities ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "changed_days", "cause", "state"),
    [
        ((3, 0, 0, 4000), 10, "ok", DeviceState.READY),
        ((0, 0, 0, None), 10, "authorities.none", DeviceState.DEGRADED),
        ((0, 2, 0, None), 10, "authorities.expired", DeviceState.FAULT),
        ((1, 2, 0, 89), 10, "authorities.ending", DeviceState.DEGRADED),
        ((1, 0, 0, 91), 10, "ok", DeviceState.READY),
        ((3, 0, 1, 4000), 10, "authorities.damaged", DeviceState.DEGRADED),
        ((3, 0, 0, 4000), 800, "authorities.old", DeviceState.DEGRADED),
    ],
)
def test_a_folder_of_authorities_is_judged(
    found: tuple[int, int, int, int | None], changed_days: int, cause: str, state: DeviceState
) -> None:
    valid, expired, unusable, last = found
    end = NOW + last * DAY if last is not None else None
    held = Authorities(valid=valid, expired=expired, unusable=unusable, next_end=end, last_end=end)
    changed = (NOW - changed_days * DAY).timestamp()
    seen = judge(held, NOW, changed, warn=90 * DAY, old=730 * DAY)
    assert (seen.cause, seen.state) == (cause, state)
    assert judge(held, NOW, 0, warn=90 * DAY, old=0 * DAY).cause != "authorities.old"


def test_the_folder_is_counted_in_a_process_of_its_own_and_again_when_it_changed(tmp_path: Path) -> None:
    folder = write_test_csca(tmp_path / "csca")
    look = FolderLook(folder, warn_days=90, old_days=0, now=lambda: dt.datetime.now(dt.UTC))
    seen = look()
    assert (seen.state, seen.cause) == (DeviceState.READY, "ok")
    assert seen.detail.startswith("3 CSCA, ")
    assert (seen.days or 0) > 1000
    assert look() is seen, "nothing changed, so nobody was asked"
    (folder / "broken.cer").write_bytes(b"no certificate")
    assert look().cause == "authorities.damaged"
    for file in folder.iterdir():
        file.unlink()
    assert look().cause == "authorities.none"
    folder.rmdir()
    assert look().cause == "authorities.none"


# --- the backend's TLS ----------------------------------------------------------------------------------


class Server:
    """Shakes hands in TLS on 127.0.0.1 with a certificate of a test authority, and hangs up."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._root = self._certificate("root", NOW - DAY, NOW + 4000 * DAY, issuer=None)

    def trusted(self) -> ssl.SSLContext:
        context = ssl.create_default_context(
            cadata=self._root.public_bytes(serialization.Encoding.PEM).decode()
        )
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def _certificate(
        self, name: str, begins: dt.datetime, ends: dt.datetime, *, issuer: str | None
    ) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or name)]))
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        )
        return made.sign(self._key, hashes.SHA256())

    @contextlib.contextmanager
    def serving(self, name: str, begins: dt.datetime, ends: dt.datetime) -> Iterator[int]:
        chain, key = self._folder / "chain.pem", self._folder / "key.pem"
        held = self._certificate(name, begins, ends, issuer="root")
        chain.write_bytes(held.public_bytes(serialization.Encoding.PEM))
        key.write_bytes(
            self._key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=self._answer, args=(listening, context))
            thread.start()
            yield listening.getsockname()[1]
            thread.join(10)

    @staticmethod
    def _answer(listening: socket.socket, context: ssl.SSLContext) -> None:
        line, _peer = listening.accept()
        # A client that refuses the certificate hangs up in the middle: that is the test.
        with line, contextlib.suppress(OSError), context.wrap_socket(line, server_side=True) as shaken:
            shaken.recv(1)


REAL = dt.datetime.now(dt.UTC)


@pytest.mark.parametrize(
    ("name", "days", "cause", "state"),
    [
        ("localhost", (-10, 90), "ok", DeviceState.READY),
        ("localhost", (-10, 13), "tls.ending", DeviceState.DEGRADED),
        ("localhost", (-10, -1), "tls.expired", DeviceState.FAULT),
        ("localhost", (2, 90), "tls.not_yet_valid", DeviceState.FAULT),
        ("elsewhere.example", (-10, 90), "tls.other_name", DeviceState.FAULT),
    ],
)
def test_the_backends_certificate_is_judged_before_it_stops_the_sending(
    tmp_path: Path, name: str, days: tuple[int, int], cause: str, state: DeviceState
) -> None:
    server, (begins, ends) = Server(tmp_path), days
    with server.serving(name, REAL + begins * DAY, REAL + ends * DAY + DAY / 2) as port:
        config = Config(data_dir=tmp_path, backend=Backend(url=f"https://localhost:{port}"))
        seen = running_out.backend_certificate(config, 14, now=lambda: REAL, context=server.trusted)
    assert (seen.cause, seen.state) == (cause, state)
    if cause in {"ok", "tls.ending"}:
        assert seen.days == ends


def test_a_certificate_of_an_unknown_issuer_is_not_believed(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with server.serving("localhost", REAL - DAY, REAL + 90 * DAY) as port:
        config = Config(data_dir=tmp_path, backend=Backend(url=f"https://localhost:{port}"))
        seen = running_out.backend_certificate(config, 14, now=lambda: REAL)
    assert (seen.cause, seen.state) == ("tls.untrusted", DeviceState.FAULT)


def test_a_dead_line_says_nothing_about_the_certificate(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    config = Config(data_dir=tmp_path, backend=Backend(url=f"https://127.0.0.1:{port}"))
    seen = running_out.backend_certificate(config, 14, now=now)
    assert (seen.cause, seen.state) == ("tls.not_seen", DeviceState.CONNECTING)


class Proxy:
    """Joins a line to a port of this machine whatever the name, as a CONNECT asks; or refuses."""

    def __init__(self, port: int, *, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> None:
        self._port, self._answer, self.asked = port, answer, b""

    @contextlib.contextmanager
    def serving(self) -> Iterator[int]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            thread = threading.Thread(target=self._join, args=(listening,))
            thread.start()
            yield listening.getsockname()[1]
            thread.join(10)

    def _join(self, listening: socket.socket) -> None:
        near, _peer = listening.accept()
        with near, contextlib.suppress(OSError):
            while b"\r\n\r\n" not in self.asked:
                self.asked += near.recv(4096)
            near.sendall(self._answer)
            if b" 200 " not in self._answer:
                return
            with socket.create_connection(("127.0.0.1", self._port)) as far:
                back = threading.Thread(target=_pour, args=(far, near))
                back.start()
                _pour(near, far)
                back.join(10)


def _pour(source: socket.socket, into: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while some := source.recv(65536):
            into.sendall(some)
        into.shutdown(socket.SHUT_WR)


def test_behind_a_proxy_the_certificate_is_seen_through_it(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with server.serving("gateway.invalid", REAL - DAY, REAL + 90 * DAY) as port:
        proxy = Proxy(port)
        with proxy.serving() as door:
            backend = Backend(url="https://gateway.invalid", proxy=f"http://user:a%40b@127.0.0.1:{door}")
            config = Config(data_dir=tmp_path, backend=backend)
            seen = running_out.backend_certificate(config, 14, now=lambda: REAL, context=server.trusted)
    assert (seen.cause, seen.state) == ("ok", DeviceState.READY)
    assert proxy.asked.startswith(b"CONNECT gateway.invalid:443 ")
    assert b"Proxy-Authorization: Basic dXNlcjphQGI=\r\n" in proxy.asked


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"SSH-2.0-x\r\n\r\n"])
def test_a_proxy_that_lets_nobody_through_says_nothing_about_the_certificate(
    tmp_path: Path, answer: bytes
) -> None:
    with Proxy(0, answer=answer).serving() as door:
        backend = Backend(url="https://gateway.invalid", proxy=f"http://127.0.0.1:{door}")
        seen = running_out.backend_certificate(Config(data_dir=tmp_path, backend=backend), 14, now=now)
    assert (seen.cause, seen.state) == ("tls.not_seen", DeviceState.CONNECTING)


@pytest.mark.parametrize("url", ["", "http://127.0.0.1:8470"])
def test_without_tls_there_is_nothing_to_run_out(tmp_path: Path, url: str) -> None:
    seen = running_out.backend_certificate(Config(data_dir=tmp_path, backend=Backend(url=url)), 14, now=now)
    assert (seen.cause, seen.state) == ("tls.none", DeviceState.DISABLED)


# --- the kiosk's key ------------------------------------------------------------------------------------


@pytest.fixture
def enrolled(tmp_path: Path) -> Path:
    keys = tmp_path / "keys"
    keys.mkdir()
    joined = Enrolment(
        kiosk_id="k-1",
        backend_url="https://gateway.example",
        public_url="",
        unit_code="H20.17",
        verify_key="x",
        recipients=(),
    )
    (keys / "backend.json").write_bytes(msgspec.json.encode(joined))
    key = keys / "kiosk.key"
    key.write_text("ab" * 32, encoding="ascii")
    key.chmod(0o600)
    os.utime(key, (NOW.timestamp() - 30 * 86400,) * 2)
    return tmp_path


def test_a_key_that_fits_its_enrolment_is_well(enrolled: Path) -> None:
    seen = running_out.kiosk_key(enrolled, 1095, now=now)
    assert (seen.state, seen.cause, seen.detail, seen.days) == (DeviceState.READY, "ok", "k-1", 1065)


@pytest.mark.parametrize(
    ("spoil", "cause", "state"),
    [
        (lambda key: key.unlink(), "key.missing", DeviceState.FAULT),
        (lambda key: key.write_text("half"), "key.damaged", DeviceState.FAULT),
        (lambda key: key.chmod(0o644), "key.open_to_others", DeviceState.DEGRADED),
        (
            lambda key: key.with_name(NEXT_NAME).write_text("x"),
            "key.rotation_unfinished",
            DeviceState.DEGRADED,
        ),
        (lambda key: os.utime(key, (0, 0)), "key.old", DeviceState.DEGRADED),
        (lambda key: key.with_name("backend.json").unlink(), "queue.not_enrolled", DeviceState.DISABLED),
    ],
)
def test_what_is_wrong_with_the_key_is_named(
    enrolled: Path, spoil: Callable[[Path], object], cause: str, state: DeviceState
) -> None:
    spoil(enrolled / "keys" / "kiosk.key")
    seen = running_out.kiosk_key(enrolled, 1095, now=now)
    assert (seen.cause, seen.state) == (cause, state)


# --- in the health model --------------------------------------------------------------------------------


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_slow_look_holds_up_no_question_and_is_made_once() -> None:
    clock, may_end, looks = Clock(), threading.Event(), []

    def look() -> Seen:
        looks.append(1)
        may_end.wait(30)
        return Seen(state=DeviceState.READY, days=7)

    part = LookedAt("kiosk_key", look, every_s=100, monotonic=clock)
    assert part.status().cause == "part.not_seen"
    assert part.status().state is DeviceState.CONNECTING
    may_end.set()
    assert part.settled(timeout_s=30).state is DeviceState.READY
    clock.now = 99
    assert part.status().state is DeviceState.READY
    assert (len(looks), part.days()) == (1, 7)
    clock.now = 100
    part.settled(timeout_s=30)
    part.close()
    assert len(looks) == 2
    clock.now = 500
    part.status()
    part.close()
    assert len(looks) == 2, "a closed part looks no more"


def test_a_look_that_saw_nothing_is_made_again_sooner() -> None:
    clock, looks = Clock(), []

    def look() -> Seen:
        looks.append(1)
        return Seen(state=DeviceState.CONNECTING, cause="tls.not_seen")

    part = LookedAt("backend_certificate", look, every_s=1000, again_s=10, monotonic=clock)
    part.settled(timeout_s=30)
    clock.now = 10
    part.settled(timeout_s=30)
    part.close()
    assert len(looks) == 2


def test_a_look_that_fails_is_ill_and_is_made_again_sooner(caplog: pytest.LogCaptureFixture) -> None:
    clock, looks = Clock(), []

    def look() -> Seen:
        looks.append(1)
        if len(looks) < 3:
            raise UnicodeError("label empty or too long")
        return Seen(state=DeviceState.READY)

    part = LookedAt("backend_certificate", look, every_s=1000, again_s=10, monotonic=clock)
    found = part.settled(timeout_s=30)
    assert (found.state, found.cause, found.detail) == (
        DeviceState.FAULT,
        "part.look_failed",
        "UnicodeError",
    )
    for clock.now in (10, 20):
        found = part.settled(timeout_s=30)
    part.close()
    assert found.state is DeviceState.READY
    assert [one.message for one in caplog.records] == ["health.look_failed"]


def test_heartbeat_metrics_and_words_know_all_three(enrolled: Path, tmp_path: Path) -> None:
    config = Config(
        data_dir=enrolled,
        backend=Backend(url="http://127.0.0.1:1"),
        certificates=Certificates(key_old_days=20),
    )
    parts = running_out.open_certificates(config, authorities=tmp_path / "none")
    for part in parts.values():
        part.settled(timeout_s=30)
    watch = Watch(parts, now=now, monotonic=lambda: 0.0, version="1", folder=tmp_path / "metrics")
    watch.also_tell(lambda: running_out.days_left(parts))
    seen = {status.device: status for status in watch.look()}
    told: dict[str, Any] = watch.heartbeat()
    for part in parts.values():
        part.close()
    assert told["card_authorities"] == "degraded authorities.none"
    assert told["kiosk_key"] == "degraded key.old"
    lines = (tmp_path / "metrics" / "kiosk.prom").read_text(encoding="utf-8")
    assert 'kiosk_device_state{device="kiosk_key",state="degraded"} 1' in lines
    assert "kiosk_kiosk_key_days -" in lines
    assert describe(seen["kiosk_key"]) == ("Cần chú ý", "Khóa của máy đã cũ. Chạy kiosk enrol --rotate.")
