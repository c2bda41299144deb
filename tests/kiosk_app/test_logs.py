from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

import pytest

from kiosk_app import logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CANARY_ID = "087194000412"
CANARY_NAME = "NGUYỄN THỊ CANARY"


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    root.handlers = []
    yield root
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def _lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "kiosk.log").read_text(encoding="utf-8").splitlines()]


def test_only_allowed_fields_leave_the_process(root_logger: logging.Logger, tmp_path: Path) -> None:
    logs.configure(folder=tmp_path)
    logging.getLogger("kiosk.test").warning(
        "card.read_failed", extra={"code": "card.removed", "holder": CANARY_NAME, "tries": 2}
    )
    (line,) = _lines(tmp_path)
    assert line["event"] == "card.read_failed"
    assert line["code"] == "card.removed"
    assert line["tries"] == 2
    assert CANARY_NAME not in json.dumps(line, ensure_ascii=False)
    assert root_logger.handlers


def test_a_number_that_slips_in_is_masked(root_logger: logging.Logger, tmp_path: Path) -> None:
    logs.configure(folder=tmp_path)
    logging.getLogger("kiosk.test").warning("qr.read", extra={"reason": f"odd {CANARY_ID}"})
    assert CANARY_ID not in (tmp_path / "kiosk.log").read_text(encoding="utf-8")
    assert root_logger.handlers


def test_an_exception_is_logged_by_kind_and_place_only(root_logger: logging.Logger, tmp_path: Path) -> None:
    logs.configure(folder=tmp_path)
    try:
        int(f"{CANARY_NAME} {CANARY_ID}")
    except ValueError:
        logging.getLogger("kiosk.test").exception("kiosk.crashed")
    (line,) = _lines(tmp_path)
    assert line["error"] == "ValueError"
    assert str(line["where"]).startswith("['test_logs.py:")
    assert CANARY_NAME not in json.dumps(line, ensure_ascii=False)
    assert root_logger.handlers
