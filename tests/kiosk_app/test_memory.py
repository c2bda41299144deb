from __future__ import annotations

import linecache
import traceback
from typing import TYPE_CHECKING

import pytest

from kiosk_app import memory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linecache, "cache", {})


def test_the_sources_of_modules_are_not_kept(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("x = 1\n", encoding="utf-8")
    linecache.getlines(str(module))
    assert linecache.cache
    memory.keep_little()
    assert linecache.getlines(str(module)) == ["x = 1\n"]
    assert not linecache.cache


def test_a_traceback_still_shows_its_line() -> None:
    memory.keep_little()
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    assert "1 / 0" in "".join(traceback.format_exception(caught.value))
