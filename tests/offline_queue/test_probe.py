"""A line of known width and delay, in simulated time, is measured as what it is."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline_queue import probe
from offline_queue.errors import BackendRefusedError
from offline_queue.messages import canonical_json
from offline_queue.transport import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = Ed25519PrivateKey.generate()
ENVELOPE_BYTES = 500
"""What a request and its answer weigh without their load."""


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class NarrowLine:
    """Carries bytes at a speed, after a delay; its clock is the only one."""

    def __init__(self, *, up_kbit_s: float, back_kbit_s: float, delay_s: float) -> None:
        self.up, self.back, self.delay_s = up_kbit_s, back_kbit_s, delay_s
        self.now = 0.0
        self.carried = 0
        self.status = 200
        self.damaged = False

    def clock(self) -> float:
        return self.now

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        query: Mapping[str, str] | None = None,
        signed: bool = True,
    ) -> Answer:
        assert (method, path, signed) == ("POST", "/v1/probe", True)
        filler = "x" * int((query or {}).get("back", "0"))
        self.carried += len(body) + len(filler)
        self.now += self.delay_s + ENVELOPE_BYTES * 8 / 1000 / self.up
        self.now += len(body) * 8 / 1000 / self.up + len(filler) * 8 / 1000 / self.back
        told = {
            "received": len(body),
            "sha256": hashlib.sha256(body + (b"!" if self.damaged else b"")).hexdigest(),
            "filler_sha256": hashlib.sha256(filler.encode()).hexdigest(),
        }
        signature = text(KEY.sign(canonical_json(told)))
        return Answer(
            status=self.status, body=json.dumps({**told, "filler": filler, "signature": signature}).encode()
        )


def measured(line: NarrowLine, key: Ed25519PrivateKey = KEY) -> probe.LineSpeed:
    verify = text(key.public_key().public_bytes_raw())
    return probe.measure(line, verify_key=verify, randomness=os.urandom, monotonic=line.clock)


@pytest.mark.parametrize("up", [32, 64, 512, 4_000, 40_000])
@pytest.mark.parametrize("delay_s", [0.01, 0.6])
def test_width_both_ways_and_delay_are_what_the_line_has(up: float, delay_s: float) -> None:
    line = NarrowLine(up_kbit_s=up, back_kbit_s=4 * up, delay_s=delay_s)
    speed = measured(line)
    assert speed.up_kbit_s == pytest.approx(up, rel=0.02)
    assert speed.back_kbit_s == pytest.approx(4 * up, rel=0.02)
    assert speed.answer_ms == pytest.approx((delay_s + 4 / up) * 1000, rel=0.01)
    assert speed.minutes_for(5_000_000) == pytest.approx(5_000_000 * 8 / 1000 / up / 60, rel=0.02)


def test_a_narrow_line_is_not_held_up_and_a_wide_one_pays_little() -> None:
    narrow = NarrowLine(up_kbit_s=64, back_kbit_s=64, delay_s=0.1)
    measured(narrow)
    assert narrow.now < 12
    assert narrow.carried <= 24 * 1024
    wide = NarrowLine(up_kbit_s=50_000, back_kbit_s=50_000, delay_s=0.02)
    measured(wide)
    assert wide.carried <= 400 * 1024


def test_a_page_in_the_backends_place_is_not_measured() -> None:
    with pytest.raises(BackendRefusedError):
        measured(NarrowLine(up_kbit_s=9, back_kbit_s=9, delay_s=0), key=Ed25519PrivateKey.generate())


def test_bytes_that_arrived_otherwise_are_not_a_measure() -> None:
    line = NarrowLine(up_kbit_s=900, back_kbit_s=900, delay_s=0)
    line.damaged = True
    with pytest.raises(BackendRefusedError):
        measured(line)


def test_a_backend_of_an_older_release_is_told_apart_from_a_dead_line() -> None:
    line = NarrowLine(up_kbit_s=900, back_kbit_s=900, delay_s=0)
    line.status = 404
    with pytest.raises(BackendRefusedError, match="404"):
        measured(line)
