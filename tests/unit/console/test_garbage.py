import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from console.garbage import GarbageCollection


class Knot(QObject):
    """A cycle, which only the collection can take apart; remembers on which thread that was."""

    ended_on: list[str] = []  # noqa: RUF012 - shared on purpose: the knot itself is gone by then

    def __init__(self) -> None:
        super().__init__()
        self.me = self
        weakref.finalize(self, lambda: self_ended(threading.current_thread().name))


def self_ended(name: str) -> None:
    Knot.ended_on.append(name)


@pytest.fixture
def garbage(qapp) -> Iterator[GarbageCollection]:
    Knot.ended_on.clear()
    made = GarbageCollection()
    made.start()
    yield made
    made.stop()
    made.stop()


def allocate_a_lot() -> None:
    kept = [[] for _ in range(5000)]
    del kept


def test_a_worker_that_allocates_a_lot_takes_nothing_apart_and_the_windows_thread_does(qtbot, garbage):
    Knot()
    worker = threading.Thread(target=allocate_a_lot, name="worker")
    worker.start()
    worker.join()
    assert Knot.ended_on == []
    hoard = [[] for _ in range(2000)]
    qtbot.waitUntil(lambda: bool(Knot.ended_on))
    assert Knot.ended_on == ["MainThread"]
    assert len(hoard) == 2000


def test_stopping_gives_collection_back_to_python(garbage):
    assert not gc.isenabled()
    garbage.settle()
    garbage.stop()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
