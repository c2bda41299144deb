"""Who speaks to a backend in tests: a kiosk by its own code (not the kiosk's), and a browser."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import importlib
import io
import json
import os
import re
import threading
import uuid
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.store.fleet import make_enrol_code
from backend.store.ingest import expected_of
from backend.store.lookup import dossier_list
from backend.store.opener import open_pending
from backend.store.staff import add_staff

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    from fastapi import FastAPI

    from backend.blobs.ports import Expected
    from backend.services import Services

PASSWORD = "correct horse battery"
START = dt.datetime(2026, 11, 22, 2, 30, tzinfo=dt.UTC)


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    moment: dt.datetime = START

    def __call__(self) -> dt.datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += dt.timedelta(**span)


@dataclass
class WireKiosk:
    """A kiosk written from the wire's description alone."""

    client: httpx.Client
    clock: Clock
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    kiosk_id: str = ""
    enrolled: dict[str, Any] = field(default_factory=dict)

    @property
    def public_key(self) -> str:
        return base64.urlsafe_b64encode(self.key.public_key().public_bytes_raw()).rstrip(b"=").decode()

    def enrol(self, code: str, name: str = "Kiosk 1") -> httpx.Response:
        answer = self.client.post(
            "/v1/enrol", json={"code": code, "kiosk_public_key": self.public_key, "name": name}
        )
        if answer.status_code == 201:
            self.enrolled = answer.json()
            self.kiosk_id = self.enrolled["kiosk_id"]
        return answer

    def claims(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        issued = int(self.clock().timestamp())
        return {
            "iss": self.kiosk_id,
            "iat": issued,
            "exp": issued + 60,
            "jti": uuid.uuid4().hex,
            "htm": method,
            "htu": path.partition("?")[0],
            "body_sha256": hashlib.sha256(body).hexdigest(),
        }

    def token(self, claims: Mapping[str, Any]) -> str:
        return jwt.encode(dict(claims), self.key, algorithm="EdDSA", headers={"kid": self.kiosk_id})

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        token: str | None = None,
        signed: bytes | None = None,
    ) -> httpx.Response:
        used = token or self.token(self.claims(method, path, body if signed is None else signed))
        return self.client.request(method, path, content=body, headers={"Authorization": f"Bearer {used}"})

    def deliver(self, dossier: WireDossier) -> httpx.Response:
        self.send("PUT", dossier.path, dossier.manifest)
        for part in dossier.parts:
            self.send("PUT", f"/v1/parts/{hashlib.sha256(part).hexdigest()}", part)
        return self.send("POST", f"{dossier.path}/commit")


@dataclass
class WireDossier:
    """A sealed dossier as the wire sees it."""

    parts: list[bytes] = field(default_factory=lambda: [os.urandom(1000), os.urandom(500)])
    dossier_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    receipt_code: str = "K01-261122-0001"
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def path(self) -> str:
        return f"/v1/dossiers/{self.dossier_id}"

    @property
    def digests(self) -> list[str]:
        return [hashlib.sha256(part).hexdigest() for part in self.parts]

    @property
    def expected(self) -> Expected:
        return expected_of(self.dossier_id, self.content)

    @property
    def content(self) -> dict[str, Any]:
        return {
            "procedure": "2.000635",
            "form_version": "1",
            "created_at": "2026-11-22T09:30:00+07:00",
            "sealed_sha256": hashlib.sha256(b"".join(self.parts)).hexdigest(),
            "size": sum(map(len, self.parts)),
            "parts": [
                {"sha256": digest, "size": len(part)}
                for digest, part in zip(self.digests, self.parts, strict=True)
            ],
            "receipt_code": self.receipt_code,
            "token_sha256": hashlib.sha256(self.token.encode()).hexdigest(),
            "consent": {
                "version": "1",
                "purpose": "dossier",
                "language": "vi",
                "given_at": "2026-11-22T09:29:00+07:00",
                "method": "touch",
            },
        }

    @property
    def manifest(self) -> bytes:
        return json.dumps(self.content).encode()


@dataclass
class Browser:
    """Somebody at the staff console: keeps the cookie, fills in forms as they were served."""

    client: httpx.Client
    cookies: dict[str, str] = field(default_factory=dict)
    csrf: str = ""

    def get(self, path: str) -> httpx.Response:
        answer = self.client.get(path, headers=self._headers())
        found = re.search(r'name="csrf" value="([^"]+)"', answer.text)
        self.csrf = found.group(1) if found else self.csrf
        return answer

    def post(self, path: str, **fields: str) -> httpx.Response:
        answer = self.client.post(path, data={"csrf": self.csrf, **fields}, headers=self._headers())
        cookie = answer.headers.get("set-cookie", "")
        if cookie:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            self.client.cookies.clear()  # the client is everybody's; this browser is not
        return answer

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}


@dataclass
class Bench:
    """One running backend under test."""

    client: httpx.Client
    services: Services
    clock: Clock
    app: FastAPI
    browsers: dict[str, Any] = field(default_factory=dict)

    def staff(self, role: str, *, unit: str = "H20.17", name: str = "") -> Browser:
        """Add a member of staff and sign in."""
        who = name or f"{role}-{uuid.uuid4().hex[:6]}"
        add_staff(self.services, name=who, password=PASSWORD, role=role, unit=unit)
        browser = Browser(self.client)
        assert browser.post("/staff/sign-in", name=who, password=PASSWORD).status_code == 303
        browser.get("/staff/fleet" if role == "technician" else "/staff")
        return browser

    def kiosk(self, *, unit: str = "H20.17", name: str = "Kiosk 1") -> WireKiosk:
        kiosk = WireKiosk(client=self.client, clock=self.clock)
        code = make_enrol_code(self.services, kiosk_name=name, unit=unit, unit_name="Trung tâm Sa Đéc")
        assert kiosk.enrol(code).status_code == 201
        return kiosk


def deliver_sealed(
    bench: Bench, *, id_number: str = "087194009412", kiosk: WireKiosk | None = None, unit: str = "H20.17"
) -> tuple[WireKiosk, str, str]:
    """Deliver a dossier that opens; gives kiosk, dossier id and official code."""
    sender, name = kiosk or bench.kiosk(unit=unit), str(uuid.uuid4())
    pdf = b"%PDF-1.4 canary"
    manifest = {
        "format": "kiosk-dossier",
        "version": 1,
        "dossier_id": name,
        "form_version": "1",
        "id_number": id_number,
        "card_proof": {"access": "PACE", "passive_auth": "valid"},
        "consent": {"version": "1", "given_at": "2026-11-22T09:29:00+07:00"},
        "documents": [{"name": "form.pdf", "media_type": "application/pdf", "sha256": "0", "size": len(pdf)}],
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        answers = {"nyc.hoTen": {"value": "NGUYỄN <b>CANARY</b> HOA", "source": "chip"}}
        archive.writestr("answers.json", json.dumps(answers))
        archive.writestr("documents/form.pdf", pdf)
    pyrage = importlib.import_module("pyrage")
    keys = [pyrage.x25519.Recipient.from_str(text) for text in sender.enrolled["recipients"]]
    dossier = WireDossier(parts=[pyrage.encrypt(buffer.getvalue(), keys)], dossier_id=name)
    code: str = sender.deliver(dossier).json()["official_code"]
    pause = threading.Event()
    for _ in range(200):
        open_pending(bench.services)
        if all(row["opened"] != "pending" for row in dossier_list(bench.services)):
            return sender, name, code
        pause.wait(0.05)
    pytest.fail("the dossier was not opened")
