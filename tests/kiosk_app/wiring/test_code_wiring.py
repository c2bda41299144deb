"""Which code scanner the configuration brings, and what it refuses."""

from __future__ import annotations

import pytest

from drivers.errors import DriverError
from kiosk_app.config import Config, QrScanner
from kiosk_app.wiring.codes import check_code_source, open_code_scanner


def config_for(source: str) -> Config:
    return Config(qr_scanner=QrScanner(source=source))


@pytest.mark.parametrize("query", ["", "?baud=9600", "?baud=115200"])
def test_a_speed_is_taken(query: str) -> None:
    check_code_source(config_for(f"serial:///dev/ttyACM0{query}"))


@pytest.mark.parametrize("query", ["baud=9600bps", "baudrate=9600", "baud=", "baud=99999999999"])
def test_a_speed_that_is_none_is_refused_with_the_key_and_what_to_write(query: str) -> None:
    config = config_for(f"serial:///dev/ttyACM0?{query}")
    for look in (check_code_source, lambda config: open_code_scanner(config, simulate=False)):
        with pytest.raises(DriverError, match=r"\[qr_scanner\] source: .*baud.*; write serial:///") as caught:
            look(config)
        assert caught.value.detail == query
