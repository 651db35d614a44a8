import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, qWarning

from console.crash_guard import CrashGuard


@pytest.fixture
def guard(qapp, tmp_path: Path) -> Iterator[CrashGuard]:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    made = CrashGuard(tmp_path / "logs" / "window.log")
    made.install()
    yield made
    made.uninstall()
    made.uninstall()
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture
def told(guard: CrashGuard) -> list[str]:
    sentences: list[str] = []
    guard.told.connect(sentences.append)
    return sentences


def fail() -> None:
    raise ValueError("the pump is upside down")


@pytest.mark.qt_no_exception_capture
def test_a_failure_in_a_slot_is_logged_counted_and_said_and_the_program_goes_on(qtbot, guard, told, caplog):
    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: guard.failures == 1)
    assert "the pump is upside down" in caplog.text
    assert "fail" in caplog.text
    assert len(told) == 1
    assert "window.log" in told[0]
    assert "ValueError" not in told[0]


def test_a_failure_in_a_thread_is_caught_too(qtbot, guard, told, caplog):
    thread = threading.Thread(target=fail, name="poker")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(told))
    assert guard.failures == 1
    assert "poker" in caplog.text


def test_an_interrupt_is_no_failure(guard, told, capsys):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert guard.failures == 0
    assert told == []


@pytest.mark.qt_log_level_fail("NO")
def test_what_qt_says_goes_to_the_log(guard, caplog):
    with caplog.at_level(logging.WARNING):
        qWarning("the font is missing")
    assert "the font is missing" in caplog.text


def test_the_stacks_of_a_hard_crash_have_a_file(guard, tmp_path):
    assert (tmp_path / "logs" / "window.faults.txt").exists()
