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


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("dark_warn = nan", "dark_warn"),
        ("glare_refuse = -1", "glare_refuse"),
        ("blurred_refuse = inf", "blurred_refuse"),
        ("shadow_refuse = 0", "shadow_refuse"),
        ("covered_refuse = 1.0", "covered_refuse"),
        ("small_refuse = 0", "small_refuse"),
        ("blurred_warn = 6.0", "blurred_warn = 6.0 must warn before blurred_refuse = 4.5"),
        ("dark_refuse = 40", "dark_warn = 30.0 must warn before dark_refuse = 40.0"),
    ],
)
def test_a_threshold_that_switches_a_gate_off_is_refused_by_name(
    tmp_path: Path, line: str, named: str
) -> None:
    path = _write(tmp_path, f"[page_quality]\n{line}\n")
    with pytest.raises(configuration.ConfigError) as refused:
        configuration.load(path)
    assert named in str(refused.value)


def test_sharper_thresholds_are_taken(tmp_path: Path) -> None:
    path = _write(tmp_path, "[page_quality]\nblurred_warn = 3\nblurred_refuse = 3\n")
    assert configuration.load(path).page_quality.blurred_refuse == 3


def test_each_kind_of_number_has_its_counter(tmp_path: Path) -> None:
    config = configuration.load(_write(tmp_path, '[counters]\na = "3"\nd = "Nhà B"\n'))
    assert (config.counters.a, config.counters.b, config.counters.d) == ("3", "", "Nhà B")
    assert configuration.to_mapping(config)["counters"] == {"a": "3", "b": "", "c": "", "d": "Nhà B"}


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


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://user:hunter2@10.0.0.1:3128", "http://********@10.0.0.1:3128"),
        ("http://hunter2@10.0.0.1:3128", "http://********@10.0.0.1:3128"),
        ("http://user:hun@ter2@10.0.0.1:3128", "http://********@10.0.0.1:3128"),
        ("http://user:hun/ter2@10.0.0.1:3128", "http://********@10.0.0.1:3128"),
        ("user:hunter2@10.0.0.1:3128", "********@10.0.0.1:3128"),
        ("http://10.0.0.1:3128", "http://10.0.0.1:3128"),
    ],
)
def test_a_password_in_an_address_is_masked_in_every_print(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str, shown: str
) -> None:
    text = (
        f'[backend]\nproxy = "{address}"\nurl = "https://a:hunter2@b/"\n[a4_printer]\nqueue = "{address}"\n'
    )
    path = _write(tmp_path, text)
    for words in (["config"], ["config", "--json"]):
        assert main(["--config", str(path), *words]) == 0
        printed = capsys.readouterr().out
        assert printed.count(f'"{shown}"') == 2
        assert "https://********@b/" in printed
        assert not any(part in printed for part in ("hunter2", "ter2"))
    assert configuration.load(path).backend.proxy == address


@pytest.mark.parametrize(
    "source",
    [
        "serial:///dev/serial/by-id/usb-a@b",
        "serial:///dev/ttyS0?baud=115200",
        "camera:0",
        "sane:airscan:e0:Room@3",
        "folder:/srv/a@b",
    ],
)
def test_an_address_without_a_password_is_printed_as_it_is(source: str) -> None:
    made = configuration.to_mapping(configuration.Config(qr_scanner=configuration.QrScanner(source=source)))
    assert made["qr_scanner"] == {"source": source}


def test_devices_whose_address_makes_no_sense_are_named_with_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = (
        '[qr_scanner]\nsource = "serial/dev/ttyACM0"\n'
        '[document_scanner]\nsource = "http://user:hunter2@cam/"\n'
        '[ticket_printer]\naddress = "serial:///dev/ttyS0?baud=9600"\n'
        '[a4_printer]\nqueue = "ipp://host:63l/printers/A4"\n'
    )
    assert main(["--config", str(_write(tmp_path, wrong)), "config"]) == 0
    first, second, third, fourth = capsys.readouterr().err.splitlines()
    assert "[qr_scanner] source = 'serial/dev/ttyACM0' is not known: write serial:///dev" in first
    assert "[document_scanner] source" in second
    assert "hunter2" not in second
    assert "ticket_printer.address asks for 9600 baud" in third
    assert "a4_printer.queue is 'ipp://host:63l/printers/A4'; write" in fourth
    right = (
        '[qr_scanner]\nsource = "wedge:"\n[document_scanner]\nsource = "sane:test?dpi=300"\n'
        '[ticket_printer]\naddress = "usb:///dev/usb/lp0"\n[a4_printer]\nqueue = "Máy-in-A4"\n'
    )
    for text in ("", right):
        assert main(["--config", str(_write(tmp_path, text)), "config"]) == 0
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "url",
    ["https://gateway..example", "https://gateway.example:84a3", "http://gateway.example", "gateway.example"],
)
def test_a_backend_that_nothing_can_be_sent_to_is_refused_by_name(tmp_path: Path, url: str) -> None:
    path = _write(tmp_path, f'[backend]\nurl = "{url}"\n')
    with pytest.raises(
        configuration.ConfigError, match=r"backend\.url is '.*'; write https://HOST"
    ) as refused:
        configuration.load(path)
    assert str(path) in str(refused.value)


def test_a_password_does_not_stand_in_the_refusal_of_a_backend(tmp_path: Path) -> None:
    path = _write(tmp_path, '[backend]\nurl = "https://a:hunter2@gateway..example"\n')
    with pytest.raises(configuration.ConfigError) as refused:
        configuration.load(path)
    assert "https://********@gateway..example" in str(refused.value)
    assert "hunter2" not in str(refused.value)


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
