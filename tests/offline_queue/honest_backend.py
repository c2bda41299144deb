"""A backend that answers as wire v1 says, where a real one would hide what the sender does."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline_queue.messages import canonical_json

Answer = tuple[int, dict[str, str], bytes]


class HonestBackend:
    """Answers as wire v1 says, with one step replaced."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.replaced: dict[str, list[Answer | None]] = {}
        self.stored: list[str] = []
        self.parts: set[str] = set()
        self.manifests: dict[str, bytes] = {}
        self.last_id = ""

    @property
    def verify_key(self) -> str:
        return self._text(self.key.public_key().public_bytes_raw())

    @staticmethod
    def _text(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    def sign(self, content: dict[str, Any]) -> bytes:
        return json.dumps(
            {**content, "signature": self._text(self.key.sign(canonical_json(content)))}
        ).encode()

    def __call__(self, method: str, path: str, body: bytes) -> Answer | None:
        step = "commit" if path.endswith("/commit") else path.split("/")[2]
        waiting = self.replaced.get(step)
        if waiting:
            return waiting.pop(0)
        answer: Answer = getattr(self, f"_{step}")(method, path, body)
        return answer

    def _dossiers(self, _: str, path: str, body: bytes) -> Answer:
        self.last_id = path.split("/")[3]
        self.manifests[self.last_id] = body
        missing = [part["sha256"] for part in json.loads(body)["parts"] if part["sha256"] not in self.parts]
        return 201, {}, json.dumps({"state": "receiving", "missing": missing}).encode()

    def _parts(self, _: str, path: str, __: bytes) -> Answer:
        digest = path.split("/")[3]
        self.parts.add(digest)
        return 201, {}, json.dumps({"sha256": digest}).encode()

    def _commit(self, _: str, path: str, __: bytes) -> Answer:
        dossier_id = path.split("/")[3]
        self.stored.append(dossier_id)
        return 201, {}, self.sign(self.promise(dossier_id))

    def promise(self, dossier_id: str = "") -> dict[str, Any]:
        """Return what a receipt says of a dossier, unsigned; of the last one announced, if none is named."""
        dossier_id = dossier_id or self.last_id
        return {
            "dossier_id": dossier_id,
            "official_code": "H20.17-261122-0001",
            "tracking_url": "http://x/d/H20.17-261122-0001",
            "manifest_sha256": hashlib.sha256(self.manifests[dossier_id]).hexdigest(),
            "stored_at": "2026-11-22T02:30:00.000000+00:00",
        }

    def _heartbeat(self, _: str, __: str, body: bytes) -> Answer:
        return 200, {}, self.sign({"nonce": json.loads(body)["nonce"], "server_time": "now"})
