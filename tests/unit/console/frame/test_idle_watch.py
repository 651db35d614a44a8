from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLineEdit

from console.frame.idle_watch import IdleWatch, idle_limit_s
from models.records.person import Role


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(qapp, clock) -> IdleWatch:
    made = IdleWatch(QObject(qapp), clock)
    yield made
    made.stop()


@pytest.fixture
def idle(watch) -> list[bool]:
    heard: list[bool] = []
    watch.idle.connect(lambda: heard.append(True))
    return heard


@pytest.fixture
def field(qtbot) -> QLineEdit:
    made = QLineEdit()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.hasFocus)
    return made


def test_engineers_and_administrators_are_locked_after_half_an_hour_and_operators_never():
    assert [idle_limit_s(role) for role in Role] == [1_800.0, None, 1_800.0]


def test_nothing_touched_for_the_limit_is_idle_and_said_once(watch, idle, clock):
    watch.start(60.0)
    clock.now += 59
    watch.look()
    assert idle == []
    clock.now += 1
    watch.look()
    watch.look()
    assert idle == [True]


TOUCHES: dict[str, Callable] = {
    "key": lambda qtbot, field: qtbot.keyClick(field.windowHandle(), Qt.Key.Key_A),
    "mouse": lambda qtbot, field: qtbot.mouseMove(field.windowHandle(), field.rect().center()),
}


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES.keys())
def test_a_touch_of_the_window_begins_the_time_anew(qtbot, watch, idle, clock, field, touch):
    watch.start(60.0)
    clock.now += 59
    touch(qtbot, field)
    clock.now += 59
    watch.look()
    assert idle == []
    clock.now += 1
    watch.look()
    assert idle == [True]


def test_without_a_limit_nobody_is_idle(watch, idle, clock):
    watch.start(None)
    clock.now += 1e6
    watch.look()
    assert idle == []
