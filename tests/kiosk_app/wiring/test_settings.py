"""What is set on the technician's screen: field by field, in one piece, over the file."""

from __future__ import annotations

import os
import tomllib
from typing import TYPE_CHECKING

import msgspec
import pytest

from kiosk_app.config import SETTINGS, Config, ConfigError, is_backend, is_proxy, load
from kiosk_app.flow.technician_tools import SettingsNotKeptError
from kiosk_app.wiring.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

GOOD = {
    "unit_code": "H15.50.05.13",
    "name": 'Trung tâm "Một cửa" phường Sa Đéc',
    "commune": "29905",
    "kiosk_number": "12",
    "hotline": "0277 3861 022",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f'data_dir = "{tmp_path}"\n[centre]\n# từ tỉnh\nunit_code = "H20.17"\nhotline = "1022"\n'
        "[backend]\nmax_kbit_s = 256\n",
        encoding="utf-8",
    )
    return path


def test_settings_count_over_the_file_from_the_next_start(file: Path) -> None:
    desk = Settings(load(file))
    assert desk.centre()["unit_code"] == "H20.17"
    assert desk.save_centre(GOOD) == {}
    assert desk.centre() == GOOD
    desk.save_backend(url="https://gateway.example", proxy="http://10.0.0.1:3128")
    again = load(file)
    assert msgspec.structs.asdict(again.centre) == {**GOOD, "kiosk_number": 12}
    assert (again.backend.url, again.backend.proxy) == ("https://gateway.example", "http://10.0.0.1:3128")
    assert again.backend.max_kbit_s == 256
    assert "# từ tỉnh" in file.read_text(encoding="utf-8")


def test_one_change_after_another_start_keeps_what_was_set_before(file: Path) -> None:
    Settings(load(file)).save_centre(GOOD)
    Settings(load(file)).save_backend(url="https://gateway.example", proxy="")
    Settings(load(file)).save_centre({**GOOD, "hotline": "1900"})
    written = tomllib.loads((file.parent / SETTINGS).read_text(encoding="utf-8"))
    assert written["backend"] == {"url": "https://gateway.example", "proxy": ""}
    assert written["centre"]["hotline"] == "1900"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("unit_code", "h20"),
        ("unit_code", "H20.17 "),
        ("name", "abc"),
        ("name", "Trung tâm\nhai dòng"),
        ("name", "x" * 121),
        ("commune", "29999"),
        ("commune", ""),
        ("kiosk_number", "0"),
        ("kiosk_number", "100"),
        ("kiosk_number", "²"),
        ("hotline", "12"),
        ("hotline", "gọi 1022"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(file: Path, name: str, value: str) -> None:
    desk = Settings(load(file))
    assert desk.save_centre({**GOOD, name: value}) == {name: f"setting.{name}"}
    assert not (file.parent / SETTINGS).exists()


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("", True),
        ("https://gateway.example", True),
        ("https://gateway.example:8443/kiosk", True),
        ("http://127.0.0.1:8470", True),
        ("http://gateway.example", False),
        ("https://", False),
        ("https://gate way.example", False),
        ("https://user:secret@gateway.example", False),
        ("https://gateway.example:99999", False),
        ("https://gateway.example?x=1", False),
        ("gateway.example", False),
        ("https://máy-chủ.example", False),
        ("https://gateway..example", False),
        ("https://gateway.example:84a3", False),
    ],
)
def test_a_backend_is_reached_over_tls_only(url: str, *, fits: bool) -> None:
    assert is_backend(url) is fits


@pytest.mark.parametrize(
    ("proxy", "fits"),
    [
        ("", True),
        ("http://10.0.0.1:3128", True),
        ("http://proxy.example/", True),
        ("https://proxy.example", False),
        ("http://proxy.example/path", False),
        ("10.0.0.1:3128", False),
    ],
)
def test_a_proxy_is_a_host_and_a_port(proxy: str, *, fits: bool) -> None:
    assert is_proxy(proxy) is fits


@pytest.mark.parametrize(
    "text",
    [
        "[staff]\npin_hash = 'x'\n",
        "[centre]\nnme = 'x'\n",
        "data_dir = '/tmp'\n",
        "[backend]\nmax_kbit_s = 1\n",
        "[centre]\nkiosk_number = 'one'\n",
        "[centre\n",
    ],
)
def test_what_may_not_be_set_there_keeps_the_kiosk_from_starting_and_is_named(file: Path, text: str) -> None:
    (file.parent / SETTINGS).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=SETTINGS):
        load(file)
    with pytest.raises(SettingsNotKeptError):
        Settings(msgspec.structs.replace(Config(), data_dir=file.parent)).centre()


def test_a_folder_that_cannot_be_written_is_said(file: Path) -> None:
    desk = Settings(load(file))
    (file.parent / f".{SETTINGS}.{os.getpid()}").mkdir()
    with pytest.raises(SettingsNotKeptError):
        desk.save_centre(GOOD)
    assert not (file.parent / SETTINGS).exists()
