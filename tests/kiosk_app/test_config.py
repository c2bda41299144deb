from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_app import config as configuration
from kiosk_app.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def _write(folder: Path, text: str) -> Path:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_overrides_only_what_it_names(tmp_path: Path) -> None:
    path = _write(tmp_path, 'data_dir = "/srv/kiosk"\n[centre]\nkiosk_number = 3\n')
    config = configuration.load(path)
    assert str(config.data_dir) == "/srv/kiosk"
    assert config.centre.kiosk_number == 3
    assert config.centre.unit_code == configuration.Config().centre.unit_code


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[centre]\nunit = 1\n", "unit"),
        ("colour = 'red'\n", "colour"),
        ("[session]\nidle_s = 'long'\n", "idle_s"),
        ("[centre\n", "TOML"),
    ],
)
def test_a_wrong_key_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    path = _write(tmp_path, text)
    with pytest.raises(configuration.ConfigError) as refused:
        configuration.load(path)
    assert named in str(refused.value)
    assert str(path) in str(refused.value)


def test_the_environment_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_CONFIG", str(_write(tmp_path, "[session]\nidle_s = 77\n")))
    assert configuration.load().session.idle_s == 77


def test_config_prints_every_key_and_masks_the_pin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _write(tmp_path, '[staff]\npin_hash = "$argon2id$secret"\n')
    assert main(["--config", str(path), "config"]) == 0
    printed = capsys.readouterr().out
    assert "secret" not in printed
    assert "[ticket_printer]" in printed
    assert configuration.load(_write(tmp_path, printed)).staff.pin_hash == "********"


def test_a_missing_file_is_said_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", "/nowhere/kiosk.toml", "config"]) == 1
    assert "/nowhere/kiosk.toml" in capsys.readouterr().err


def test_an_unknown_command_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly"])
    assert ended.value.code == 2


@given(st.integers(min_value=0, max_value=10**6))
def test_every_idle_time_survives_printing(idle_s: int) -> None:
    made = configuration.to_mapping(
        configuration.Config(session=configuration.Session(idle_s=idle_s)), mask_secrets=False
    )
    section = made["session"]
    assert isinstance(section, dict)
    assert section["idle_s"] == idle_s
