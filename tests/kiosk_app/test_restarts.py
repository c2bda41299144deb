from pathlib import Path

import pytest

from kiosk_app.restarts import MOST, WITHIN_S, Restarts


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_one_start_too_many_in_a_short_time_is_a_storm(tmp_path: Path) -> None:
    clock = Clock()
    assert not any(Restarts(tmp_path, clock).storm() for _ in range(MOST))
    assert Restarts(tmp_path, clock).storm()


def test_starts_of_long_ago_do_not_count(tmp_path: Path) -> None:
    clock = Clock()
    for _ in range(MOST):
        Restarts(tmp_path, clock).storm()
    clock.now += WITHIN_S
    assert not Restarts(tmp_path, clock).storm()


def test_an_orderly_end_is_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    for _ in range(MOST):
        Restarts(tmp_path, clock).storm()
    Restarts(tmp_path, clock).forget()
    assert not Restarts(tmp_path, clock).storm()


@pytest.mark.parametrize("left", ["", "12.5\nnonsense\n", "99999999.0\n" * 9])
def test_a_damaged_file_keeps_nobody_from_starting(tmp_path: Path, left: str) -> None:
    (tmp_path / "starts").write_text(left, encoding="ascii")
    assert not Restarts(tmp_path, Clock()).storm()


def test_a_folder_that_cannot_be_written_is_told_not_fatal(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert not Restarts(tmp_path / "missing", Clock()).storm()
    assert [record.message for record in caplog.records] == ["kiosk.starts_not_noted"]
