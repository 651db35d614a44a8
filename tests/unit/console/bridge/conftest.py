"""A station and a database that the test holds in its hands."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.console.bridge.bridge_parts import FakeDatabase, FakeStation


@pytest.fixture
def station(qapp, tmp_path: Path) -> Iterator[FakeStation]:
    made = FakeStation(tmp_path / "s.sock")
    made.open()
    yield made
    made.close()


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture(autouse=True)
def _collect_garbage_here() -> Iterator[None]:
    """Keep Python from taking apart a QObject on a worker thread, as `console.garbage` does in the window."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
