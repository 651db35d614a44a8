"""What every test near a window needs."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def _set_aside_what_lives_on() -> None:
    """Spare each collection the search through all that was imported: it took most of these tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _collect_garbage_here() -> Iterator[None]:
    """Keep Python from taking apart a QObject on a worker thread, as `console.garbage` does in the window."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
