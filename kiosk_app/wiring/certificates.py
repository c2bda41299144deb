"""What runs out at a kiosk, in the same health model as the devices.

Three parts: the authorities whose cards are believed, the certificate of the backend's TLS, and this kiosk's
own key under its enrolment. The staff screen, heartbeats, metrics, status slip and doctor see them as
they see a printer.
"""

from __future__ import annotations

import base64
import datetime as dt
import http.client
import socket
import ssl
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from drivers.ports import DeviceState
from kiosk_app.wiring.authorities import FolderLook
from kiosk_app.wiring.looked import LookedAt, Seen
from kiosk_app.wiring.queue import now as local_now
from offline_queue.enrol import load_enrolment
from offline_queue.errors import NotEnrolledError, QueueLockedError
from offline_queue.keyfiles import kept_seed
from offline_queue.rotation import NEXT_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kiosk_app.config import Config
    from kiosk_app.wiring.queue import Health

TLS_S: Final = 3.0
"""Each of connecting and shaking hands may take so long, seconds."""
HOUR_S: Final = 3600.0
_HTTPS_PORT: Final = 443
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_VERIFY_CAUSES: Final = {9: "tls.not_yet_valid", 10: "tls.expired", 62: "tls.other_name"}
"""Source: OpenSSL x509_vfy.h, X509_V_ERR_CERT_NOT_YET_VALID, _CERT_HAS_EXPIRED, _HOSTNAME_MISMATCH."""
_DAY: Final = dt.timedelta(days=1)


def open_certificates(config: Config, *, authorities: Path | None = None) -> dict[str, LookedAt]:
    """Return the parts by their names in the health model; nothing is looked at before it is asked for.

    Args:
        config: The effective configuration.
        authorities: Folder of authorities, over the configuration's.
    """
    days = config.certificates
    folder = FolderLook(
        authorities or Path(config.card.csca_dir),
        warn_days=days.authorities_warn_days,
        old_days=days.authorities_old_days,
        now=local_now,
    )
    return {
        "card_authorities": LookedAt("card_authorities", folder, every_s=HOUR_S / 6),
        "backend_certificate": LookedAt(
            "backend_certificate",
            lambda: backend_certificate(config, days.backend_warn_days, now=local_now),
            every_s=6 * HOUR_S,
        ),
        "kiosk_key": LookedAt(
            "kiosk_key",
            lambda: kiosk_key(config.data_dir, days.key_old_days, now=local_now),
            every_s=HOUR_S / 60,
            again_s=HOUR_S / 60,
        ),
    }


def days_left(parts: Mapping[str, LookedAt]) -> Health:
    """Return `name_days` for each part that runs out, for a monitoring system."""
    left = {f"{name}_days": part.days() for name, part in parts.items()}
    return {name: days for name, days in left.items() if days is not None}


def backend_certificate(
    config: Config,
    warn_days: int,
    *,
    now: Callable[[], dt.datetime],
    context: Callable[[], ssl.SSLContext] | None = None,
) -> Seen:
    """Shake hands with the backend and see how long its certificate lasts.

    Where sending goes through a proxy, so does this.

    Args:
        config: Names the backend, where the enrolment does not.
        warn_days: Days before the end from which staff are told.
        now: The wall clock.
        context: Makes what is trusted; None trusts what sending trusts.
    """
    where = urlsplit(_backend_url(config))
    if where.scheme != "https" or not where.hostname:
        return Seen(state=DeviceState.DISABLED, cause="tls.none")
    try:
        with _line(where.hostname, where.port or _HTTPS_PORT, config.backend.proxy) as line:
            ends = _end_of(line, where.hostname, (context or _trusted_by_sending)())
    except ssl.SSLCertVerificationError as error:
        cause = _VERIFY_CAUSES.get(error.verify_code, "tls.untrusted")
        return Seen(state=DeviceState.FAULT, cause=cause, detail=str(error.verify_message))
    except ssl.SSLError as error:
        return Seen(state=DeviceState.FAULT, cause="tls.refused", detail=str(error.reason or "TLS"))
    except (OSError, http.client.HTTPException) as error:
        return Seen(state=DeviceState.CONNECTING, cause="tls.not_seen", detail=type(error).__name__)
    left = ends - now()
    ending = left < warn_days * _DAY
    return Seen(
        state=DeviceState.DEGRADED if ending else DeviceState.READY,
        cause="tls.ending" if ending else "ok",
        detail=f"{ends:%d/%m/%Y}",
        days=left.days,
    )


def _backend_url(config: Config) -> str:
    if config.backend.url:
        return config.backend.url
    try:
        return load_enrolment(config.data_dir).backend_url
    except NotEnrolledError:
        return ""


def _trusted_by_sending() -> ssl.SSLContext:
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _line(host: str, port: int, proxy: str) -> socket.socket:
    """Return a line to the backend, through the proxy where one is named."""
    if not proxy:
        return socket.create_connection((host, port), timeout=TLS_S)
    by = urlsplit(proxy)
    asked = http.client.HTTPConnection(by.hostname or "", by.port or http.client.HTTP_PORT, timeout=TLS_S)
    user = base64.b64encode(f"{unquote(by.username or '')}:{unquote(by.password or '')}".encode()).decode()
    asked.set_tunnel(host, port, {"Proxy-Authorization": f"Basic {user}"} if by.username else None)
    try:
        asked.connect()
    except BaseException:
        asked.close()
        raise
    line: socket.socket = asked.sock
    return line


def _end_of(line: socket.socket, host: str, context: ssl.SSLContext) -> dt.datetime:
    with context.wrap_socket(line, server_hostname=host) as shaken:
        certificate = shaken.getpeercert() or {}
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), dt.UTC)


def kiosk_key(data_dir: Path, old_days: int, *, now: Callable[[], dt.datetime]) -> Seen:
    """See whether this kiosk's key fits its enrolment, is whole, closed to others and not too old.

    Args:
        data_dir: The kiosk's data folder.
        old_days: Days after which a new key is due; 0 = never.
        now: The wall clock.
    """
    path = data_dir / "keys" / "kiosk.key"
    try:
        enrolment = load_enrolment(data_dir)
        seed = kept_seed(path)
    except NotEnrolledError as error:
        return Seen(state=DeviceState.DISABLED, cause=error.code)
    except (QueueLockedError, OSError) as error:
        return Seen(state=DeviceState.FAULT, cause="key.damaged", detail=type(error).__name__)
    if seed is None:
        return Seen(state=DeviceState.FAULT, cause="key.missing", detail=enrolment.kiosk_id)
    told = path.stat()
    age = (now().timestamp() - told.st_mtime) / _DAY.total_seconds()
    causes = (
        (bool(told.st_mode & _OPEN_TO_OTHERS), "key.open_to_others"),
        (path.with_name(NEXT_NAME).exists(), "key.rotation_unfinished"),
        (bool(old_days) and age > old_days, "key.old"),
    )
    cause = next((cause for holds, cause in causes if holds), "ok")
    return Seen(
        state=DeviceState.READY if cause == "ok" else DeviceState.DEGRADED,
        cause=cause,
        detail=enrolment.kiosk_id,
        days=round(old_days - age) if old_days else None,
    )
