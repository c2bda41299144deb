from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk_app.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_backend_without_https_is_not_believed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "kiosk.toml"
    config.write_text(f'data_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    words = ["--config", str(config), "enrol", "ABCD-1234", "--backend", "http://gateway.example"]
    assert main(words) == 1
    assert "https" in capsys.readouterr().err
