"""A station and a database that the test holds in its hands."""

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
