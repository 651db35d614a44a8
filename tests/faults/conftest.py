"""Every test here belongs to the fault suite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.bench.faults_scene import Scene, scene

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def short() -> Iterator[Scene]:
    """What all short forms share: a database to copy, made once."""
    with scene(is_small=True) as made:
        yield made
