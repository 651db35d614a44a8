import itertools
import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from shiboken6 import delete

from console.bridge.command_runner import CommandRunner, Job
from models.errors import Rejected
from tests.unit.console.bridge.bridge_parts import FakeDatabase


@pytest.fixture
def runner(qapp, database: FakeDatabase) -> Iterator[CommandRunner]:
    made = CommandRunner()
    made.use(database)
    yield made
    made.stop()


class Answers:
    def __init__(self) -> None:
        self.done: list = []
        self.failed: list[str] = []

    def job(self, question, owner: QObject) -> Job:
        return Job(question, self.done.append, self.failed.append, owner)


def test_a_question_runs_elsewhere_and_its_answer_comes_back_on_the_windows_thread(qtbot, runner):
    owner = QObject()
    where: list = []
    runner.run(
        Job(
            lambda _connection: threading.current_thread().name,
            lambda name: where.append((name, QThread.currentThread().isMainThread())),
            where.append,
            owner,
        )
    )
    assert where == []
    qtbot.waitUntil(lambda: bool(where))
    name, is_main = where[0]
    assert name.startswith("question")
    assert is_main


def test_a_slow_question_never_holds_up_the_windows_thread(qtbot, runner):
    answers, owner, enough = Answers(), QObject(), threading.Event()
    beats = itertools.count(1)
    pulse = QTimer(interval=5)
    pulse.timeout.connect(lambda: next(beats) < 5 or enough.set())
    pulse.start()
    # Answered when the window's thread has gone on so far; were it held up meanwhile, after five seconds.
    runner.run(answers.job(lambda _connection: enough.wait(5), owner))
    qtbot.waitUntil(lambda: bool(answers.done), timeout=10_000)
    pulse.stop()
    assert answers.done == [True]


def test_the_callbacks_of_a_dead_owner_are_dropped(qtbot, runner):
    answers, owner, other = Answers(), QObject(), QObject()
    go = threading.Event()
    runner.run(answers.job(lambda _connection: go.wait(5), owner))
    delete(owner)
    go.set()
    survivor = Answers()
    runner.run(survivor.job(lambda _connection: 2, other))
    qtbot.waitUntil(lambda: survivor.done == [2])
    runner.stop()
    assert answers.done == []
    assert answers.failed == []


def test_a_refusal_arrives_as_its_sentence(qtbot, runner):
    answers, owner = Answers(), QObject()

    def refuse(_connection):
        raise Rejected("Alert 7 was acknowledged by Eva at 14:03.")

    runner.run(answers.job(refuse, owner))
    qtbot.waitUntil(lambda: bool(answers.failed))
    assert answers.failed == ["Alert 7 was acknowledged by Eva at 14:03."]


def test_a_mistake_of_ours_is_said_without_its_jargon(qtbot, runner):
    answers, owner = Answers(), QObject()
    runner.run(answers.job(lambda _connection: 1 / 0, owner))
    qtbot.waitUntil(lambda: bool(answers.failed))
    assert "mistake in this program" in answers.failed[0]
    assert "ZeroDivision" not in answers.failed[0]


def test_questions_wait_for_the_database_to_be_opened(qtbot, database):
    runner, answers, owner = CommandRunner(), Answers(), QObject()
    runner.run(answers.job(lambda _connection: 1, owner))
    assert not answers.done
    runner.use(database)
    qtbot.waitUntil(lambda: answers.done == [1])
    runner.stop()


def test_waiting_questions_fail_with_the_reason_when_it_cannot_be_opened(qtbot):
    runner, answers, owner = CommandRunner(), Answers(), QObject()
    runner.run(answers.job(lambda _connection: 1, owner))
    runner.refuse_waiting("The disk is full.")
    qtbot.waitUntil(lambda: answers.failed == ["The disk is full."])
    runner.stop()


def test_nothing_comes_back_after_stop(qtbot, runner):
    answers, owner = Answers(), QObject()
    runner.run(answers.job(lambda _connection: 1, owner))
    runner.stop()
    runner.stop()
    runner.run(answers.job(lambda _connection: 2, owner))
    done = Answers()
    QTimer.singleShot(50, lambda: done.done.append(1))
    qtbot.waitUntil(lambda: bool(done.done))
    assert answers.done == []
