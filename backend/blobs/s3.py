"""Sealed bytes in an S3-compatible object store: the few requests that are needed, signed here.

Source: AWS Signature Version 4 (docs.aws.amazon.com, "Signing AWS API requests").
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx

from backend.blobs.ports import BlobMismatchError, PartsMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from backend.blobs.ports import Expected

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
AT_ONCE = 8
_FOUND = 200
_GONE = 404
_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class ObjectStoreError(OSError):
    """The object store did not do what it was asked; nothing is acknowledged, the kiosk tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Where objects lie and who may touch them."""

    endpoint: str
    name: str
    region: str
    access_key: str
    secret_key: str = field(repr=False)


def read_bucket(url: str) -> Bucket:
    """Return the bucket of `s3://NAME?endpoint=https://host:port&region=…`.

    The keys come from `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, never from the command line.

    Raises:
        ValueError: Endpoint or keys are missing; the message says what to give.
    """
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    access, secret = os.environ.get("AWS_ACCESS_KEY_ID", ""), os.environ.get("AWS_SECRET_ACCESS_KEY", "")
    if not parts.netloc or "endpoint" not in options:
        raise ValueError("give s3://BUCKET?endpoint=https://HOST:PORT")
    if not access or not secret:
        raise ValueError("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    return Bucket(
        endpoint=options["endpoint"].rstrip("/"),
        name=parts.netloc,
        region=options.get("region", "us-east-1"),
        access_key=access,
        secret_key=secret,
    )


class S3Blobs:
    """`parts/<sha256>` until the commit, `dossiers/<xx>/<id>.age` for good. Safe to use from many threads.

    Each body goes with its SHA-256, which the store checks before it answers; an answered PUT is durable.

    Args:
        bucket: Where.
        now: The wall clock, for signatures.
    """

    def __init__(self, bucket: Bucket, *, now: Callable[[], dt.datetime]) -> None:
        self._bucket = bucket
        self._now = now
        self._client = httpx.Client(timeout=TIMEOUT, trust_env=False)
        self._at_once = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="object-store")

    def put_part(self, sha256: str, data: bytes) -> bool:
        """Keep a part; see `BlobStore.put_part`."""
        if self._there(f"parts/{sha256}"):
            return False
        self._ask("PUT", f"parts/{sha256}", data)
        return True

    def expect(self, expected: Expected) -> list[str]:
        """Look what is there of a dossier; see `BlobStore.expect`."""
        wanted = list(dict.fromkeys(expected.digests))
        there = list(self._at_once.map(lambda digest: self._there(f"parts/{digest}"), wanted))
        return [digest for digest, found in zip(wanted, there, strict=True) if not found]

    def assemble(self, expected: Expected) -> None:
        """Put a dossier together; see `BlobStore.assemble`."""
        digests = expected.digests
        parts = list(self._at_once.map(self._read_part, digests))
        missing = [digest for digest, part in zip(digests, parts, strict=True) if part is None]
        if missing:
            raise PartsMissingError(list(dict.fromkeys(missing)))
        whole = b"".join(part for part in parts if part is not None)
        if len(whole) != expected.size or hashlib.sha256(whole).hexdigest() != expected.sealed_sha256:
            raise BlobMismatchError("the parts together are not the dossier of the manifest")
        self._ask("PUT", _dossier(expected.dossier_id), whole)

    def _read_part(self, digest: str) -> bytes | None:
        answer = self._ask("GET", f"parts/{digest}")
        if answer.status_code == _GONE:
            return None
        if hashlib.sha256(answer.content).hexdigest() != digest:
            self._ask("DELETE", f"parts/{digest}")
            return None
        return answer.content

    def settle(self, dossier_ids: Sequence[str]) -> None:
        """Nothing is left to do: the store answered for each; see `BlobStore.settle`."""

    def let_go(self, expected: Expected) -> None:
        """Forget parts; see `BlobStore.let_go`."""
        self._drop(expected.digests)

    def _drop(self, digests: Sequence[str]) -> None:
        list(self._at_once.map(lambda digest: self._ask("DELETE", f"parts/{digest}"), digests))

    def read(self, dossier_id: str) -> bytes:
        """Return a whole sealed dossier; see `BlobStore.read`."""
        answer = self._ask("GET", _dossier(dossier_id))
        if answer.status_code == _GONE:
            raise ObjectStoreError(f"dossier {dossier_id} is not in the object store")
        return answer.content

    def sweep(self, before: dt.datetime, *, coming: Collection[Expected]) -> int:
        """Drop what nobody waits for; see `BlobStore.sweep`."""
        wanted = {digest for one in coming for digest in one.digests}
        old = [digest for digest in self._kept_before(before) if digest not in wanted]
        self._drop(old)
        return len(old)

    def _kept_before(self, moment: dt.datetime) -> Iterator[str]:
        token = ""
        while True:
            query = {"list-type": "2", "prefix": "parts/", **({"continuation-token": token} if token else {})}
            page = ET.fromstring(self._ask("GET", "", query=query).content)  # noqa: S314 - our own store
            for entry in page.iter(f"{_NAMESPACE}Contents"):
                changed = dt.datetime.fromisoformat(entry.findtext(f"{_NAMESPACE}LastModified", ""))
                if changed < moment:
                    yield entry.findtext(f"{_NAMESPACE}Key", "").removeprefix("parts/")
            token = page.findtext(f"{_NAMESPACE}NextContinuationToken", "")
            if not token:
                return

    def make_bucket(self) -> None:
        """Make the bucket when it is not there (tests, a first start)."""
        if self._ask("HEAD", "").status_code == _GONE:
            self._ask("PUT", "")

    def close(self) -> None:
        """Let the connections go."""
        self._at_once.shutdown()
        self._client.close()

    def _there(self, key: str) -> bool:
        return self._ask("HEAD", key).status_code == _FOUND

    def _ask(
        self, method: str, key: str, body: bytes = b"", *, query: dict[str, str] | None = None
    ) -> httpx.Response:
        path = f"/{self._bucket.name}" + (f"/{quote(key)}" if key else "")
        shown = urlencode(sorted((query or {}).items()), quote_via=quote)
        url = f"{self._bucket.endpoint}{path}" + (f"?{shown}" if shown else "")
        headers = self._signed(method, urlsplit(url).path, shown, hashlib.sha256(body).hexdigest())
        try:
            answer = self._client.request(method, url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise ObjectStoreError(f"the object store does not answer: {type(error).__name__}") from error
        if answer.is_success or answer.status_code == _GONE:
            return answer
        raise ObjectStoreError(f"the object store said {answer.status_code} to {method}")

    def _signed(self, method: str, path: str, query: str, digest: str) -> dict[str, str]:
        bucket = self._bucket
        stamp = self._now().astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{bucket.region}/s3/aws4_request"
        headers = {
            "host": urlsplit(bucket.endpoint).netloc,
            "x-amz-content-sha256": digest,
            "x-amz-date": stamp,
        }
        names = ";".join(headers)
        lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
        canonical = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{digest}"
        signed = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"AWS4{bucket.secret_key}".encode()
        for word in scope.split("/"):
            key = hmac.digest(key, word.encode(), "sha256")
        signature = hmac.digest(key, signed.encode(), "sha256").hex()
        credential = f"AWS4-HMAC-SHA256 Credential={bucket.access_key}/{scope}"
        headers["Authorization"] = f"{credential}, SignedHeaders={names}, Signature={signature}"
        return headers


def _dossier(dossier_id: str) -> str:
    return f"dossiers/{dossier_id[-2:]}/{dossier_id}.age"
