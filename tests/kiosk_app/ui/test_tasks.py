"""The door between blocking work and the Qt thread: once, in the right thread, in the right visit."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from pytestqt.qtbot import QtBot

from kiosk_app.ui.tasks import StallWatch, TaskRunner

WAIT_S = 10.0


class DeviceGoneError(Exception):
    code = "device.gone"


def never(_value: object) -> None:
    raise AssertionError("this callback belongs to another outcome")


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    del qtbot
    made = TaskRunner(expected=(DeviceGoneError,))
    yield made
    assert made.close(WAIT_S)


def deliver() -> None:
    """Let the Qt thread take in what is waiting for it."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.MetaCall.value)


def test_a_result_comes_back_once_in_the_qt_thread(qtbot: QtBot, runner: TaskRunner) -> None:
    worked, came = [], []

    def work() -> int:
        worked.append(threading.current_thread())
        return 42

    def done(value: int) -> None:
        came.append((value, threading.current_thread()))

    runner.run(work, done=done, failed=never, visit=runner.begin_visit())
    qtbot.waitUntil(lambda: bool(came))
    deliver()
    assert came == [(42, threading.main_thread())]
    assert worked[0] is not threading.main_thread()


def test_an_expected_error_comes_to_failed(qtbot: QtBot, runner: TaskRunner) -> None:
    failures: list[Exception] = []

    def work() -> None:
        raise DeviceGoneError

    runner.run(work, done=never, failed=failures.append, visit=None)
    qtbot.waitUntil(lambda: bool(failures))
    assert isinstance(failures[0], DeviceGoneError)


def test_any_other_error_reaches_the_excepthook(qtbot: QtBot, runner: TaskRunner) -> None:
    def work() -> None:
        raise KeyError("a bug")

    with qtbot.captureExceptions() as caught:
        runner.run(work, done=never, failed=never, visit=None)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is KeyError


def test_a_result_of_an_ended_visit_is_dropped(qtbot: QtBot, runner: TaskRunner) -> None:
    go = threading.Event()
    came: list[object] = []
    runner.run(lambda: go.wait(WAIT_S), done=never, failed=never, visit=runner.begin_visit())
    runner.end_visit()
    second = runner.begin_visit()
    go.set()
    runner.run(lambda: "second", done=came.append, failed=never, visit=second)
    qtbot.waitUntil(lambda: bool(came))
    assert runner.close(WAIT_S)
    deliver()
    assert came == ["second"]
    assert runner.visit is None


def test_a_result_already_on_its_way_is_dropped_when_the_visit_ends(qtbot: QtBot, runner: TaskRunner) -> None:
    del qtbot
    finished = threading.Event()
    call = runner.relay(never, visit=runner.begin_visit())

    def report() -> None:
        call("a name")
        finished.set()

    threading.Thread(target=report).start()
    assert finished.wait(WAIT_S)
    runner.end_visit()
    deliver()


def test_relayed_calls_arrive_in_order_in_the_qt_thread(qtbot: QtBot, runner: TaskRunner) -> None:
    came: list[tuple[float, threading.Thread]] = []
    call = runner.relay(lambda share: came.append((share, threading.current_thread())), visit=None)

    def report() -> None:
        for step in range(5):
            call(step / 4)

    thread = threading.Thread(target=report)
    thread.start()
    qtbot.waitUntil(lambda: len(came) == 5)
    thread.join()
    assert [share for share, _thread in came] == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert {thread for _share, thread in came} == {threading.main_thread()}


def test_closing_says_whether_the_work_ended(qtbot: QtBot) -> None:
    del qtbot
    go = threading.Event()
    started = threading.Event()
    runner = TaskRunner()

    def work() -> bool:
        started.set()
        return go.wait(WAIT_S)

    runner.run(work, done=never, failed=never, visit=None)
    assert started.wait(WAIT_S)
    assert runner.close(0.01) is False
    go.set()
    assert runner.close(WAIT_S) is True
    deliver()


def test_a_stall_is_measured_and_counted(qtbot: QtBot) -> None:
    watch = StallWatch(limit_ms=50)
    watch.start()
    hold = threading.Event()
    QTimer.singleShot(20, lambda: hold.wait(0.15))
    qtbot.waitUntil(lambda: watch.count > 0)
    watch.stop()
    assert watch.worst_ms >= 100
    assert watch.worst_cpu_ms < watch.worst_ms
    watch.reset()
    assert (watch.worst_ms, watch.count) == (0, 0)
