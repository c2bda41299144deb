from __future__ import annotations

import pytest

from drivers.ports import DeviceState, DeviceStatus
from kiosk_app import health, i18n
from offline_queue.ports import QueueStatus

QUEUE = QueueStatus(ready=0, sending=0, stored=3, quarantined=0, paused=None, oldest_age_s=0.0, bytes=0)


@pytest.mark.parametrize("state", list(DeviceState))
@pytest.mark.parametrize("cause", ["ok", "printer.paper_out", "never.heard_of"])
def test_every_state_has_a_word_and_a_next_step(state: DeviceState, cause: str) -> None:
    word, next_step = health.describe(DeviceStatus(device="ticket_printer", state=state, cause=cause))
    assert word
    assert next_step.endswith(".")


def test_a_device_that_may_not_be_used_is_not_called_unplugged() -> None:
    shut = DeviceStatus(device="ticket_printer", state=DeviceState.ABSENT, cause="device.forbidden")
    assert "bộ cài đặt" in health.describe(shut, "vi")[1]
    assert "installer" in health.describe(shut, "en")[1]
    assert "dây" not in health.describe(shut, "vi")[1]


def test_an_unknown_cause_is_never_called_working_unless_the_device_is_ready() -> None:
    sick = DeviceStatus(device="card_reader", state=DeviceState.FAULT, cause="never.heard_of")
    well = DeviceStatus(device="card_reader", state=DeviceState.READY, cause="never.heard_of")
    assert health.describe(sick)[1] != health.describe(well)[1]


@pytest.mark.parametrize("cause", ["ok", "card.starting"])
def test_a_device_that_is_being_connected_is_neither_working_nor_a_riddle(cause: str) -> None:
    coming = DeviceStatus(device="card_reader", state=DeviceState.CONNECTING, cause=cause)
    assert health.describe(coming, "vi") == ("Đang nối", "Đang nối với thiết bị. Một lát nữa sẽ rõ.")


def test_device_names_follow_the_language() -> None:
    vietnamese = health.device_name("card_reader")
    i18n.set_language("en")
    try:
        assert health.device_name("card_reader") == "Card reader"
        assert health.device_name("odd") == "odd"
    finally:
        i18n.set_language("vi")
    assert vietnamese == "Đầu đọc thẻ"
