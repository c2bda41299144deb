"""Schemathesis reads docs/openapi.json and asks everything: no 5xx, no answer the document does not name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("KIOSK_API_EXAMPLES", "15"))
"""For each operation, mode and asker; a campaign takes 500."""
DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=EXAMPLES == 15,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
OPERATIONS = [
    found.ok()
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    if isinstance(found, Ok)
]


class Signature(requests.auth.AuthBase):
    """Signs a request as it goes out, whatever is in it."""

    def __init__(self, kiosk: Any) -> None:
        self._kiosk = kiosk

    def __call__(self, asked: requests.PreparedRequest) -> requests.PreparedRequest:
        body = asked.body or b""
        sent = body.encode() if isinstance(body, str) else body
        path = unquote(asked.path_url.partition("?")[0])
        claims = self._kiosk.claims(asked.method, path, sent)
        asked.headers["Authorization"] = f"Bearer {self._kiosk.token(claims)}"
        return asked


def _askers(bench: Any) -> dict[str, Callable[[requests.Session], None]]:
    kiosk, clerk = bench.kiosk(), bench.staff("clerk")

    def signed(session: requests.Session) -> None:
        session.auth = Signature(kiosk)

    def staff(session: requests.Session) -> None:
        session.headers.update(clerk._headers())

    return {"kiosk": signed, "clerk": staff}


@pytest.mark.parametrize("bench", ["postgresql"], indirect=True)  # stricter than SQLite with what it takes
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_documented_door_answers_as_documented(bench: Any, mode: GenerationMode) -> None:
    base_url = str(bench.client.base_url)
    for asker, sign in _askers(bench).items():
        with requests.Session() as session:
            session.trust_env = False
            sign(session)
            for operation in OPERATIONS:
                _ask_everything(bench, operation, session, base_url=base_url, mode=mode, asker=asker)


def _ask_everything(
    bench: Any, operation: Any, session: requests.Session, *, base_url: str, mode: GenerationMode, asker: str
) -> None:
    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        bench.clock.forward(seconds=30)
        answer = case.call(base_url=base_url, session=session)
        case.validate_response(answer, checks=CHECKS)
        seen.add(answer.status_code)

    seen: set[int] = set()
    attempt()
    assert seen, (operation.label, mode, asker)


def test_text_a_database_cannot_hold_is_refused_not_a_fault(bench: Any) -> None:
    kiosk, clerk = bench.kiosk(), bench.staff("clerk")
    ticket = {
        "id": "0" * 36,
        "number": "A001",
        "series": "A",
        "service": "a\0b",
        "issued_at": "2026-11-22T09:00:00+07:00",
    }
    answers = [
        bench.client.get("/d/%00?t=%00"),
        kiosk.send("GET", "/v1/progress?code=%00&tail=1234"),
        kiosk.send("POST", "/v1/tickets", json.dumps(ticket).encode()),
        clerk.get("/staff?procedure=%00"),
        clerk.get("/staff/search?q=%00"),
        clerk.post("/staff/counter/next", desk="\0"),
        bench.client.get("/display/%00"),
        clerk.post("/staff/sign-in", name="\0", password="x"),
    ]
    assert [answer.status_code for answer in answers if answer.status_code >= 500] == []
