"""The line to the backend: one signed request, one bounded answer, every wait with a deadline."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

import httpx

from offline_queue import pace
from offline_queue.errors import BackendUnreachableError
from offline_queue.signing import request_token

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 64 * 1024
TIMEOUT = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=5.0)
LOOK_UP_TIMEOUT = httpx.Timeout(connect=3.0, read=5.0, write=5.0, pool=3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: bytes = field(repr=False)
    retry_after_s: float | None = None


class Line(Protocol):
    """Something that carries requests to one backend."""

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        """Send one request and return its answer, whatever its status.

        Raises:
            BackendUnreachableError: No whole answer in time.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs requests, and with which clock and randomness."""

    kiosk_id: str
    seed: bytes = field(repr=False)
    now: Callable[[], dt.datetime]
    randomness: Callable[[int], bytes]


class HttpLine:
    """A line over HTTPS. Safe to share between threads; close it at the end.

    Args:
        base_url: The backend, without a slash at the end.
        signer: None where requests are not signed (enrolment).
        timeout: Deadlines of each step of a request.
        proxy: Where requests go first, `http://host:port`; empty = straight to the backend.
        limit_bytes_per_s: Most this kiosk may take of the line; None = all of it.
        rest: Waits so many seconds.
    """

    def __init__(
        self,
        base_url: str,
        signer: Signer | None,
        *,
        timeout: httpx.Timeout = TIMEOUT,
        proxy: str = "",
        limit_bytes_per_s: float | None = None,
        rest: Callable[[float], object] = time.sleep,
    ) -> None:
        self._limit_bytes_per_s = limit_bytes_per_s
        self._rest = rest
        self._base_url = base_url.rstrip("/")
        self._signer = signer
        # Proxies of the environment are not asked: a kiosk's way out is its configuration alone.
        self._client = httpx.Client(
            timeout=timeout, follow_redirects=False, trust_env=False, proxy=proxy or None
        )

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        """Send one request; see `Line.ask`."""
        headers = {"Content-Type": "application/octet-stream", "Accept": "application/json"}
        if signed and self._signer is not None:
            headers["Authorization"] = f"Bearer {self._token(self._signer, method, path, body)}"
        url = self._base_url + path + (f"?{urlencode(query)}" if query else "")
        started = time.monotonic()
        try:
            with self._client.stream(method, url, content=body, headers=headers) as response:
                received = _bounded(response)
                answer = Answer(
                    status=response.status_code,
                    body=received,
                    retry_after_s=_seconds(response.headers.get("Retry-After")),
                )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise BackendUnreachableError(
                "the backend did not answer; nothing is lost, sending goes on when the line is back"
            ) from error
        rest_s = pace.rest_s(len(body), time.monotonic() - started, self._limit_bytes_per_s)
        if rest_s > 0:
            self._rest(rest_s)
        return answer

    @staticmethod
    def _token(signer: Signer, method: str, path: str, body: bytes) -> str:
        return request_token(
            signer.seed,
            kiosk_id=signer.kiosk_id,
            method=method,
            path=path,
            body=body,
            now=signer.now(),
            jti=signer.randomness(16).hex(),
        )

    def close(self) -> None:
        """Let the connections go; safe to call twice."""
        self._client.close()


def _bounded(response: httpx.Response) -> bytes:
    received = bytearray()
    for piece in response.iter_bytes():
        received += piece
        if len(received) > MAX_ANSWER_BYTES:
            # No answer of ours is this long: somebody else speaks. Cut it; it will not decode.
            return bytes(received[:MAX_ANSWER_BYTES])
    return bytes(received)


def _seconds(header: str | None) -> float | None:
    # The date form of Retry-After is not used: the kiosk's clock may be wrong.
    return float(header) if header is not None and header.isascii() and header.isdigit() else None
